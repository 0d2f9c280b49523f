/** A transient record as COMTRADE has it (IEEE C37.111-2013, IEC 60255-24:2013). */

/** How the data file holds its numbers; BINARY has 16 bits, BINARY32 32 bits. */
export type ComtradeFormat = 'ASCII' | 'BINARY' | 'BINARY32' | 'FLOAT32';

export const COMTRADE_FORMATS: readonly ComtradeFormat[] = ['ASCII', 'BINARY', 'BINARY32', 'FLOAT32'];

export interface ComtradeAnalog {
  name: string;
  /** Phase, such as `A`; empty when it is not known. */
  phase?: string;
  unit: string;
  /** In `unit`, one for each sample; NaN where a sample is missing. */
  values: ArrayLike<number>;
  /** What the numbers of the source were multiplied by, and then added to: integers are kept as they were, where they fit. */
  scale?: number;
  offset?: number;
}

export interface ComtradeStatus {
  name: string;
  /** 0 or 1, one for each sample. */
  values: ArrayLike<number>;
}

export interface ComtradeRecord {
  station: string;
  device: string;
  analogs: readonly ComtradeAnalog[];
  statuses: readonly ComtradeStatus[];
  /** Nominal frequency of the grid in Hz. */
  frequency: number;
  /** Samples a second. */
  rate: number;
  /** UTC of the first sample and of the trigger, in ms since 1970, with fractions. */
  start: number;
  trigger: number;
  /** Whether a global clock stands behind the times. */
  synchronised: boolean;
}

/** Both files of a record. */
export interface ComtradeFiles {
  cfg: Buffer;
  /** The data file in parts, which can be taken once. */
  dat: Iterable<Buffer>;
}
