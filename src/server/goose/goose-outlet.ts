import type { GooseControlBlock } from '../../model/ied-model.js';

/** A GOOSE control block that this server publishes, as frames name it. */
export interface ServedGoose {
  /** `LD/LN.name`. */
  readonly reference: string;
  /** `LD/LN$GO$name`. */
  readonly gocbRef: string;
  /** `LD/LN$dataSet`. */
  readonly datSet: string;
  readonly block: GooseControlBlock;
}

/** Where values of GOOSE control blocks go: the frames are made by the one who has the interface. */
export interface GooseOutlet {
  /**
   * A control block was enabled, or a member of its data set changed.
   * @param values encodings of the members one after the other, as the wire has them
   * @param now ms since 1970
   */
  publish(goose: ServedGoose, values: { octets: Buffer; entries: number }, now: number): void;
  /** A control block was disabled. */
  retract(goose: ServedGoose): void;
}
