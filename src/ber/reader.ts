import { DecodeError } from '../errors.js';
import { MAX_BER_DEPTH } from '../limits.js';

const EOC_LENGTH = 2;

/**
 * Walks the elements of a BER encoding (ITU-T X.690 §8) without copying. After {@link next} the fields describe the
 * current element; its content is `octets[start … end)`. Everything that would read past the element around it throws
 * {@link DecodeError}.
 *
 * A tag is a number: its identifier octet, or for tag numbers over 30 the identifier octets in order
 * (`0xbf48` is `[72]` constructed). At most three identifier octets are read.
 */
export class BerReader {
  /** Identifier octets of the current element. */
  tag = -1;
  /** First content octet of the current element. */
  start: number;
  /** One past the last content octet of the current element. */
  end: number;
  /** First identifier octet of the current element. */
  header: number;
  private at: number;

  constructor(
    readonly octets: Buffer,
    at = 0,
    private readonly limit = octets.length,
    private readonly depth = 0,
  ) {
    this.at = at;
    this.start = at;
    this.end = at;
    this.header = at;
  }

  /** Whether no element follows the current one. */
  get done(): boolean {
    return this.at >= this.limit;
  }

  /** Position after the current element: {@link end}, or past its end-of-contents octets. */
  get after(): number {
    return this.at;
  }

  /** Moves to the next element; false when there is none. */
  next(): boolean {
    const { octets, limit } = this;
    let at = this.at;
    if (at >= limit) return false;
    this.header = at;
    let tag = octets[at++] as number;
    if ((tag & 0x1f) === 0x1f) {
      for (let i = 0; ; i++) {
        if (at >= limit || i === 2) throw new DecodeError('BER tag is cut off or has too many octets');
        const more = octets[at++] as number;
        if (i === 0 && more === 0x80) throw new DecodeError('BER tag number starts with a zero octet');
        tag = tag * 256 + more;
        if ((more & 0x80) === 0) break;
      }
    }
    if (at >= limit) throw new DecodeError('BER element has no length');
    let length = octets[at++] as number;
    this.tag = tag;
    if (length === 0x80) {
      this.start = at;
      this.end = this.findEndOfContents(at);
      this.at = this.end + EOC_LENGTH;
      return true;
    }
    if (length > 0x80) {
      const count = length & 0x7f;
      if (count > 4 || at + count > limit) throw new DecodeError('BER length is cut off or too long');
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + (octets[at++] as number);
    }
    if (length > limit - at) throw new DecodeError('BER element is longer than the one around it');
    this.start = at;
    this.end = at + length;
    this.at = this.end;
    return true;
  }

  /** Moves to the next element, which must have this tag. */
  expect(tag: number, what: string): this {
    if (!this.next()) throw new DecodeError(`${what} is missing`);
    if (this.tag !== tag) {
      throw new DecodeError(`${what} has tag 0x${this.tag.toString(16)} in place of 0x${tag.toString(16)}`);
    }
    return this;
  }

  /** A reader of the current element's content. */
  enter(): BerReader {
    if (this.depth >= MAX_BER_DEPTH) throw new DecodeError('BER nesting is too deep');
    return new BerReader(this.octets, this.start, this.end, this.depth + 1);
  }

  /** Content of the current element, not copied. */
  content(): Buffer {
    return this.octets.subarray(this.start, this.end);
  }

  /** The current element with its header, not copied. */
  element(): Buffer {
    return this.octets.subarray(this.header, this.at);
  }

  /** Content as INTEGER of up to six octets (a safe JavaScript integer). */
  integer(): number {
    const length = this.end - this.start;
    if (length < 1 || length > 6) throw new DecodeError(`INTEGER has ${length} octets`);
    return this.octets.readIntBE(this.start, length);
  }

  /** Content as an INTEGER that must not be negative nor pass `max`. */
  unsigned(max = Number.MAX_SAFE_INTEGER): number {
    const value = this.integer();
    if (value < 0 || value > max) throw new DecodeError(`INTEGER ${value} is out of range 0…${max}`);
    return value;
  }

  boolean(): boolean {
    if (this.end - this.start !== 1) throw new DecodeError(`BOOLEAN has ${this.end - this.start} octets`);
    return this.octets[this.start] !== 0;
  }

  /** Content as text in Latin-1, to which VisibleString belongs; real devices send more than it allows. */
  visibleString(maxLength: number): string {
    if (this.end - this.start > maxLength) throw new DecodeError(`a name is longer than ${maxLength} octets`);
    return this.octets.toString('latin1', this.start, this.end);
  }

  /** Content of a BIT STRING as text of 0 and 1, first bit first. */
  bitString(maxBits: number): string {
    return bitStringText(this.octets, this.start, this.end, maxBits);
  }

  private findEndOfContents(from: number): number {
    if (this.depth >= MAX_BER_DEPTH) throw new DecodeError('BER nesting is too deep');
    const inner = new BerReader(this.octets, from, this.limit, this.depth + 1);
    while (inner.next()) {
      if (inner.tag === 0 && inner.start === inner.end) return inner.header;
    }
    throw new DecodeError('BER element of indefinite length has no end');
  }
}

/** Text of 0 and 1 from the content octets of a BIT STRING, padding count first (X.690 §8.6). */
export function bitStringText(octets: Buffer, start: number, end: number, maxBits: number): string {
  if (end <= start) throw new DecodeError('BIT STRING is empty');
  // The padding count of real devices can be wrong; more padding than bits means no bits.
  const padding = octets[start] as number;
  if (padding > 7) throw new DecodeError(`BIT STRING has ${padding} padding bits`);
  const bits = Math.max(0, (end - start - 1) * 8 - padding);
  if (bits > maxBits) throw new DecodeError(`BIT STRING has ${bits} bits, more than ${maxBits}`);
  let text = '';
  for (let i = 0; i < bits; i++) text += ((octets[start + 1 + (i >> 3)] as number) >> (7 - (i & 7))) & 1;
  return text;
}
