import { ArgumentError, DecodeError } from '../errors.js';

const MAX_ARCS = 64;

/** Content octets of an OBJECT IDENTIFIER (X.690 §8.19) from dotted text; commas, as SCL writes them, are taken too. */
export function encodeOid(text: string): Buffer {
  // Number takes an empty text for 0, and hexadecimal.
  const arcs = text
    .trim()
    .split(/[.,]/)
    .map((arc) => (/^\d{1,10}$/.test(arc) ? Number(arc) : Number.NaN));
  const [first, second] = arcs as [number, number];
  if (
    arcs.length < 2 ||
    arcs.length > MAX_ARCS ||
    arcs.some((arc) => !(arc <= 0xffffffff)) ||
    first > 2 ||
    (first < 2 && second > 39)
  ) {
    throw new ArgumentError(`"${text}" is not an object identifier`, 'Write it as numbers with dots: 1.1.1.999.1');
  }
  const octets: number[] = [];
  for (const arc of [first * 40 + second, ...arcs.slice(2)]) {
    const group = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) group.unshift((rest % 128) | 0x80);
    octets.push(...group);
  }
  return Buffer.from(octets);
}

/** Dotted text from the content octets of an OBJECT IDENTIFIER. */
export function decodeOid(content: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of content) {
    arc = arc * 128 + (octet & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128 || arcs.length > MAX_ARCS)
      throw new DecodeError('object identifier is too long');
    if ((octet & 0x80) === 0) {
      if (arcs.length === 0) {
        const first = Math.min(2, Math.floor(arc / 40));
        arcs.push(first, arc - first * 40);
      } else arcs.push(arc);
      arc = 0;
    }
  }
  if (arcs.length === 0 || ((content[content.length - 1] as number) & 0x80) !== 0) {
    throw new DecodeError('object identifier is empty or cut off');
  }
  return arcs.join('.');
}
