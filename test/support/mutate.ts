/** Octets that nobody would send on purpose, the same at every run. */

/** A whole number from 0 to below its argument. */
export type Random = (below: number) => number;

/** Octets at which decoders take different ways: bounds of lengths, of signs and of tags. */
const TELLING = [0, 0x7f, 0x80, 0x81, 0x84, 0xff, 0xa0, 0x30];

/** A repeatable generator, so that a failure can be run again (mulberry32). */
export function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** One to four changes: octets changed, put in, taken out or doubled, or the end cut off. */
export function mutated(octets: Buffer, random: Random): Buffer {
  let result = Buffer.from(octets);
  for (let changes = 1 + random(4); changes > 0 && result.length > 0; changes--) {
    const at = random(result.length);
    const [before, after] = [result.subarray(0, at), result.subarray(at)];
    switch (random(7)) {
      case 0:
        result = before;
        break;
      case 1:
        result = Buffer.concat([before, Buffer.of(random(256)), after]);
        break;
      case 2:
        result = Buffer.concat([before, after.subarray(1)]);
        break;
      case 3:
        result = Buffer.concat([before, after.subarray(0, random(40)), after]);
        break;
      case 4:
        result[at] = TELLING[random(TELLING.length)] as number;
        break;
      default:
        result[at] = random(256);
    }
  }
  return result;
}
