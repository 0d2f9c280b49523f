/** GeneralizedTime (ITU-T X.680 §46, X.690 §11.7) as file times have it: `20261120134500.123Z`. */

const PATTERN = /^(\d{4})(\d{2})(\d{2})(\d{2})(?:(\d{2})(?:(\d{2}))?)?(?:[.,](\d{1,9}))?(Z|[+-]\d{2}(?:\d{2})?)?$/;

/**
 * Milliseconds since 1970 UTC. A time without a zone is local to the device by X.680; IEC 61850 has UTC throughout, and so it is read.
 * @returns undefined for a text that is no time
 */
export function parseGeneralizedTime(text: string): number | undefined {
  const match = PATTERN.exec(text.replace(/\0+$/, '').trim());
  if (!match) return undefined;
  const [year, month, day, hour, minute = 0, second = 0] = match.slice(1, 7).map((one) => Number(one ?? 0)) as [
    number,
    number,
    number,
    number,
    number?,
    number?,
  ];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  // A fraction belongs to the last unit that is written.
  const unit = match[6] !== undefined ? 1000 : match[5] !== undefined ? 60_000 : 3_600_000;
  const fraction = match[7] === undefined ? 0 : Math.round(Number(`0.${match[7]}`) * unit);
  const ms = Date.UTC(year, month - 1, day, hour, minute, second) + fraction - zoneMs(match[8]);
  return Number.isFinite(ms) ? ms : undefined;
}

function zoneMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const ms = (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3) || 0)) * 60_000;
  return zone.startsWith('-') ? -ms : ms;
}

/** `YYYYMMDDhhmmss.mmmZ` of milliseconds since 1970; undefined for what is no time of the years 0 to 9999. */
export function formatGeneralizedTime(ms: number): string | undefined {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 0 || date.getUTCFullYear() > 9999) return undefined;
  return date.toISOString().replace(/[-:T]/g, '');
}
