/** TimeStamp of IEC 61850-7-2 §6.1.2.9 (UtcTime of IEC 61850-8-1 §8.1.3.7) as numbers. */

const TimeQualityBit = {
  leapSecondsKnown: 0x80,
  clockFailure: 0x40,
  clockNotSynchronized: 0x20,
  /** Low five bits: significant bits of the fraction, 31 = unspecified. */
  accuracyMask: 0x1f,
} as const;

export interface TimeQuality {
  leapSecondsKnown: boolean;
  clockFailure: boolean;
  clockNotSynchronized: boolean;
  /** Significant bits of the fraction of a second, 0–24; 31 means unspecified. */
  accuracy: number;
}

export function timeQualityFromOctet(octet: number): TimeQuality {
  return {
    leapSecondsKnown: (octet & TimeQualityBit.leapSecondsKnown) !== 0,
    clockFailure: (octet & TimeQualityBit.clockFailure) !== 0,
    clockNotSynchronized: (octet & TimeQualityBit.clockNotSynchronized) !== 0,
    accuracy: octet & TimeQualityBit.accuracyMask,
  };
}

export function timeQualityToOctet(quality: Partial<TimeQuality>): number {
  return (
    (quality.leapSecondsKnown ? TimeQualityBit.leapSecondsKnown : 0) |
    (quality.clockFailure ? TimeQualityBit.clockFailure : 0) |
    (quality.clockNotSynchronized ? TimeQualityBit.clockNotSynchronized : 0) |
    ((quality.accuracy ?? 31) & TimeQualityBit.accuracyMask)
  );
}

/** Milliseconds since 1970 of UtcTime's seconds and 24-bit fraction; rounds so that every millisecond survives. */
export function utcTimeToMs(seconds: number, fraction: number): number {
  return seconds * 1000 + Math.round((fraction * 1000) / 0x1000000);
}

/** Seconds and 24-bit fraction of milliseconds since 1970. */
export function msToUtcTime(ms: number): { seconds: number; fraction: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds, fraction: Math.min(0xffffff, Math.ceil(((ms - seconds * 1000) * 0x1000000) / 1000)) };
}

/** ISO 8601 UTC with milliseconds; null when the number is no time. */
export function isoTime(ms: number): string | null {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null;
}

/** Milliseconds from 1970-01-01 to 1984-01-01, from where BinaryTime6 counts (ISO 9506-2, TimeOfDay). */
export const BINARY_TIME_EPOCH_MS = 441_763_200_000;

const DAY_MS = 86_400_000;

/** Milliseconds since 1970 of BinaryTime6's milliseconds of the day and days since 1984. */
export function binaryTimeToMs(ms: number, days: number): number {
  return BINARY_TIME_EPOCH_MS + days * DAY_MS + ms;
}

/** BinaryTime6 of milliseconds since 1970; a time outside of 1984 to 2163 becomes the nearest that it can say. */
export function msToBinaryTime(ms: number): { ms: number; days: number } {
  const since = Math.min(Math.max(0, Math.round(ms) - BINARY_TIME_EPOCH_MS), 0x10000 * DAY_MS - 1);
  return { ms: since % DAY_MS, days: Math.floor(since / DAY_MS) };
}
