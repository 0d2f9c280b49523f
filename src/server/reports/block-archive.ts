/** The buffer of a buffered report control block on disk, with the configuration that it was made by. */
import type { KeptList, KeptMap, Store } from '../persistence/store.js';
import type { BufferEntry, EventBuffer } from './event-buffer.js';
import { ReportBody } from './report-body.js';

/** Names in the store. */
const ENTRIES = 'report entries ';
const STATES = 'report states';
const CONFIGURATIONS = 'report configurations';
/** Pieces that are read from disk at a time. */
const PAGE = 100;
/** Octets of entries that wait for the next commit. */
const MAX_PENDING = 1 << 20;
const HEADER = 8 + 8 + 1 + 4;

/** What entries in the buffer mean something for, and nothing for another one. */
export interface BlockConfiguration {
  /** What the file says of the control block and its data set. */
  readonly file: string;
  /** Encodings of attributes that clients have written, in hexadecimal digits. */
  readonly attributes: Readonly<Record<string, string>>;
  /** References of the data set's members, in one text. */
  readonly members: string;
}

/** Archives that have something to write before the next commit. */
export type Unwritten = Set<{ flush(): void }>;

export class BlockArchive {
  private readonly list: KeptList;
  private readonly states: KeptMap;
  private readonly configurations: KeptMap;
  private saved = '';
  /** Entries that are not in the list yet; they go there in one piece, under the number of the last one. */
  private pending: BufferEntry[] = [];
  private pendingOctets = 0;
  /** Entries up to this one are no more in the list. */
  private dropped = 0;

  /** @param reference of the control block */
  constructor(
    store: Store,
    private readonly reference: string,
    private readonly unwritten: Unwritten,
  ) {
    this.list = store.list(ENTRIES + reference);
    this.states = store.map(STATES);
    this.configurations = store.map(CONFIGURATIONS);
  }

  append(entry: BufferEntry): void {
    this.pending.push(entry);
    this.pendingOctets += entry.body.octets.length;
    this.unwritten.add(this);
    if (this.pendingOctets > MAX_PENDING) this.flush();
  }

  /** Puts into the list what was appended. */
  flush(): void {
    const last = this.pending.at(-1);
    if (!last) return;
    this.list.append({ number: last.number, time: last.time, octets: encode(this.pending) });
    this.forget();
  }

  /** Keeps what the buffer is besides its entries, and forgets entries that it has dropped. */
  save(buffer: EventBuffer): void {
    const state = JSON.stringify(buffer.state);
    if (state === this.saved) return;
    this.saved = state;
    this.states.put(this.reference, Buffer.from(state));
    if (buffer.length === 0) this.forget();
    const through = (buffer.oldest?.number ?? buffer.last + 1) - 1;
    if (through <= this.dropped) return;
    this.dropped = through;
    this.list.drop(through);
  }

  /** Appends what the buffer took in while the store was closed. */
  catchUp(buffer: EventBuffer): void {
    const last = this.pending.at(-1)?.number ?? this.list.last;
    for (const entry of buffer) if (entry.number > last) this.append(entry);
    this.saved = '';
    this.save(buffer);
  }

  configure(configuration: BlockConfiguration): void {
    this.configurations.put(this.reference, Buffer.from(JSON.stringify(configuration)));
  }

  /** The configuration that was kept last. */
  get configuration(): BlockConfiguration | undefined {
    return find<BlockConfiguration>(this.configurations, this.reference);
  }

  /** Fills an empty buffer with what was kept. @param members of the data set, whose reports the entries are */
  restore(buffer: EventBuffer, members: number): void {
    const state = find<EventBuffer['state']>(this.states, this.reference);
    buffer.restore({ known: 0, next: 1, overflow: false, ...state, last: this.list.last });
    for (let after = 0; ;) {
      const page = this.list.read({ after, limit: PAGE });
      for (const { number, octets } of page) {
        for (const entry of decode(octets, members)) buffer.put(entry);
        after = number;
      }
      if (page.length < PAGE) break;
    }
    buffer.last = Math.max(buffer.last, this.list.last);
  }

  /** Forgets all entries; numbers go on. */
  clear(): void {
    this.forget();
    this.list.drop(this.list.last);
    this.states.delete(this.reference);
    this.saved = '';
  }

  private forget(): void {
    this.pending = [];
    this.pendingOctets = 0;
  }

  get last(): number {
    return this.list.last;
  }
}

/** Entries one after the other: number, time, whether it is a scan, length and octets of the body. */
function encode(entries: readonly BufferEntry[]): Buffer {
  const length = entries.reduce((sum, { body }) => sum + HEADER + body.octets.length, 0);
  const target = Buffer.allocUnsafe(length);
  let at = 0;
  for (const { number, time, integrity, body } of entries) {
    at = target.writeDoubleBE(number, at);
    at = target.writeDoubleBE(time, at);
    at = target.writeUInt8(integrity ? 1 : 0, at);
    at = target.writeUInt32BE(body.octets.length, at);
    at += body.octets.copy(target, at);
  }
  return target;
}

/** The entries of a piece, up to what is not one of a data set with so many members. */
function* decode(octets: Buffer, members: number): Generator<BufferEntry> {
  for (let at = 0; at + HEADER <= octets.length;) {
    const number = octets.readDoubleBE(at);
    const time = octets.readDoubleBE(at + 8);
    const integrity = octets[at + 16] === 1;
    const start = at + HEADER;
    at = start + octets.readUInt32BE(start - 4);
    const body = octets.subarray(start, at);
    if (at > octets.length || !ReportBody.isSound(body, members)) return;
    yield { number, time, integrity, body: new ReportBody(Buffer.from(body)) };
  }
}

function find<T>(map: KeptMap, key: string): T | undefined {
  const octets = map.entries().find(([name]) => name === key)?.[1];
  return octets && (JSON.parse(octets.toString()) as T);
}
