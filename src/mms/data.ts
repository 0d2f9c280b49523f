/** MMS Data (ISO 9506-2 §14.4.2) as a tree, and the tags that Data and TypeDescription share. */
export type MmsData =
  | { type: 'structure' | 'array'; items: MmsData[] }
  /** `octet` is there when TRUE was not sent as 01 or FF came, so that a capture re-encodes as it was. */
  | { type: 'boolean'; value: boolean; octet?: number }
  | { type: 'bit-string'; bits: string }
  /** Beyond 2^53 a bigint. `unpadded` unsigned numbers have the top bit set without the zero octet that must lead it. */
  | { type: 'integer' | 'unsigned'; value: number | bigint; unpadded?: boolean }
  | { type: 'float'; value: number; width: 32 | 64 }
  | { type: 'octet-string'; octets: Buffer }
  /** Latin-1 text; `mms-string` is UTF-8. */
  | { type: 'visible-string' | 'mms-string'; value: string }
  /** `days` since 1984-01-01 are absent in the four-octet form (BinaryTime4). */
  | { type: 'binary-time'; ms: number; days?: number }
  /** Seconds since 1970, 24-bit fraction and quality octet (IEC 61850-8-1 §8.1.3.7). */
  | { type: 'utc-time'; seconds: number; fraction: number; quality: number }
  /** Kinds that IEC 61850 does not use, kept as they came: generalized-time, bcd, boolean array, object identifier. */
  | { type: 'other'; tag: number; octets: Buffer };

/** Context tags of Data and, less the constructed bit where it applies, of TypeDescription. */
export const DataTag = {
  array: 0xa1,
  structure: 0xa2,
  boolean: 0x83,
  bitString: 0x84,
  integer: 0x85,
  unsigned: 0x86,
  float: 0x87,
  octetString: 0x89,
  visibleString: 0x8a,
  generalizedTime: 0x8b,
  binaryTime: 0x8c,
  bcd: 0x8d,
  booleanArray: 0x8e,
  objectIdentifier: 0x8f,
  mmsString: 0x90,
  utcTime: 0x91,
} as const;

/** One result of a Read or member of a report: Data, or the number of a DataAccessError. */
export type AccessResult = { success: true; data: MmsData } | { success: false; error: number };
