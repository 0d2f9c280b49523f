/**
 * What one report brings: members of a data set with the reasons for their inclusion and the octets of their values, as
 * they were at one moment. It is made once and shared by all control blocks that report it, and is one piece of memory,
 * which is also what is kept on disk: a count, then member numbers, reasons and ends of the values, then the values.
 */
const COUNT = 2;
const MEMBER = 2;
const REASON = 1;
const END = 4;
/** What an entry takes in memory beside its octets, about. */
const OVERHEAD = 200;

export class ReportBody {
  /** Number of members. */
  readonly count: number;
  private readonly reasonsAt: number;
  private readonly endsAt: number;
  /** First octet of the values. */
  readonly valuesAt: number;

  /** @param octets as {@link layOut} made them, filled in */
  constructor(readonly octets: Buffer) {
    this.count = octets.readUInt16BE(0);
    this.reasonsAt = COUNT + MEMBER * this.count;
    this.endsAt = this.reasonsAt + REASON * this.count;
    this.valuesAt = this.endsAt + END * this.count;
  }

  /** A body of `count` members whose values take `length` octets together; to be filled by {@link set}. */
  static layOut(count: number, length: number): ReportBody {
    // Not of the pool: a body may live long, and would keep its neighbours there alive.
    const octets = Buffer.allocUnsafeSlow(COUNT + (MEMBER + REASON + END) * count + length);
    octets.writeUInt16BE(count, 0);
    return new ReportBody(octets);
  }

  /** Octets that it counts for in a bounded buffer. */
  get size(): number {
    return this.octets.length + OVERHEAD;
  }

  /** Number in the data set of the `i`th member that is included; they rise. */
  member(i: number): number {
    const at = COUNT + MEMBER * i;
    return ((this.octets[at] as number) << 8) | (this.octets[at + 1] as number);
  }

  /** Octet of the `i`th reason for inclusion. */
  reason(i: number): number {
    return this.octets[this.reasonsAt + i] as number;
  }

  /** Where the `i`th value starts in {@link octets}. */
  start(i: number): number {
    return i === 0 ? this.valuesAt : this.end(i - 1);
  }

  /** Where the `i`th value ends in {@link octets}. */
  end(i: number): number {
    return this.valuesAt + this.octets.readUInt32BE(this.endsAt + END * i);
  }

  /** @param end position in {@link octets} after the value, which the caller writes */
  set(i: number, member: number, reason: number, end: number): void {
    const { octets } = this;
    const at = COUNT + MEMBER * i;
    octets[at] = member >> 8;
    octets[at + 1] = member & 0xff;
    octets[this.reasonsAt + i] = reason;
    octets.writeUInt32BE(end - this.valuesAt, this.endsAt + END * i);
  }

  /** Octets of the header for a body that comes from outside: whether all positions lie within it. */
  static isSound(octets: Buffer, members: number): boolean {
    if (octets.length < COUNT) return false;
    const count = octets.readUInt16BE(0);
    if (octets.length < COUNT + (MEMBER + REASON + END) * count) return false;
    const body = new ReportBody(octets);
    let last = -1;
    let end = body.valuesAt;
    for (let i = 0; i < count; i++) {
      if (body.member(i) <= last || body.member(i) >= members || body.end(i) < end) return false;
      last = body.member(i);
      end = body.end(i);
    }
    return end === octets.length;
  }
}

/** The members of a body for which one of the reasons in `mask` is given, with those reasons; undefined for none. */
export function filtered(body: ReportBody, mask: number): ReportBody | undefined {
  let count = 0;
  let length = 0;
  for (let i = 0; i < body.count; i++) {
    if ((body.reason(i) & mask) === 0) continue;
    count++;
    length += body.end(i) - body.start(i);
  }
  if (count === 0) return undefined;
  const target = ReportBody.layOut(count, length);
  let at = target.valuesAt;
  for (let i = 0, to = 0; i < body.count; i++) {
    const reason = body.reason(i) & mask;
    if (reason === 0) continue;
    at += body.octets.copy(target.octets, at, body.start(i), body.end(i));
    target.set(to++, body.member(i), reason, at);
  }
  return target;
}

/** One body of several: of a member that comes twice the later value, with the reasons of both. */
export function merged(bodies: readonly ReportBody[]): ReportBody {
  if (bodies.length === 1) return bodies[0] as ReportBody;
  const found = new Map<number, { body: ReportBody; i: number; reason: number }>();
  for (const body of bodies) {
    for (let i = 0; i < body.count; i++) {
      const member = body.member(i);
      const before = found.get(member);
      found.set(member, { body, i, reason: body.reason(i) | (before?.reason ?? 0) });
    }
  }
  let length = 0;
  for (const { body, i } of found.values()) length += body.end(i) - body.start(i);
  const target = ReportBody.layOut(found.size, length);
  let at = target.valuesAt;
  [...found.entries()]
    .sort(([a], [b]) => a - b)
    .forEach(([member, { body, i, reason }], to) => {
      at += body.octets.copy(target.octets, at, body.start(i), body.end(i));
      target.set(to, member, reason, at);
    });
  return target;
}
