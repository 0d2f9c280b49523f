/** SqNum of a buffered control block has 16 bits, that of an unbuffered one 8 (IEC 61850-7-2 §17.2); some use 16. */
const WIDTHS = { buffered: [0x10000], unbuffered: [0x100, 0x10000] } as const;

/** Counts the reports that SqNum shows as missing. */
export class SequenceCheck {
  private last: number | undefined;

  constructor(private readonly buffered: boolean) {}

  /** The control block was enabled; its numbers start anew. */
  restart(): void {
    this.last = undefined;
  }

  /** How many reports are missing before this one; 0 for the first. */
  missedBefore(sqNum: number): number {
    const { last } = this;
    this.last = sqNum;
    if (last === undefined || sqNum === last + 1) return 0;
    if (sqNum > last) return sqNum - last - 1;
    // It rolled over, to 0 or, in some stacks, to 1; the smallest width that held the last number is meant.
    const width = WIDTHS[this.buffered ? 'buffered' : 'unbuffered'].find((one) => last < one) ?? 0x10000;
    const missed = width - 1 - last + sqNum;
    return missed === 1 && sqNum === 1 ? 0 : missed;
  }
}
