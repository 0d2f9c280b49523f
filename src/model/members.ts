/** Whether a value that a flow gave is an object of named members, and no list, time or octets. */
export function isMembers<T = unknown>(value: unknown): value is Record<string, T> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array)
  );
}
