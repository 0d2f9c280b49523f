/** DataAccessErrors that a flow may refuse a write with (ISO 9506-2 §14.5.1), by number or name. */
export const OBJECT_ACCESS_DENIED = 3;

const NAMES: Readonly<Record<string, number>> = {
  'hardware-fault': 1,
  'temporarily-unavailable': 2,
  'object-access-denied': OBJECT_ACCESS_DENIED,
  'type-inconsistent': 7,
  'object-access-unsupported': 9,
  'object-non-existent': 10,
  'object-value-invalid': 11,
};

/** The number of an error; undefined for what is none. */
export function accessErrorNumber(cause: string | number): number | undefined {
  if (typeof cause === 'number') return Object.values(NAMES).includes(cause) ? cause : undefined;
  const name = cause
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-');
  return Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
}
