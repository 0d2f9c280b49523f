/** The buffer of a buffered report control block on disk, with the configuration that it was made by. */
import type { KeptList, KeptMap, Store } from '../persistence/store.js';
import type { BufferEntry, EventBuffer } from './event-buffer.js';
import { ReportBody } from './report-body.js';

/** Names in the store. */
const ENTRIES = 'report entries ';
const STATES = 'report states';
const CONFIGURATIONS = 'report configurations';
/** Entries that are read from disk at a time. */
const PAGE = 1000;

/** What entries in the buffer mean something for, and nothing for another one. */
export interface BlockConfiguration {
  /** What the file says of the control block and its data set. */
  readonly file: string;
  /** Encodings of attributes that clients have written, in hexadecimal digits. */
  readonly attributes: Readonly<Record<string, string>>;
  /** References of the data set's members, in one text. */
  readonly members: string;
}

export class BlockArchive {
  private readonly list: KeptList;
  private readonly states: KeptMap;
  private readonly configurations: KeptMap;
  private saved = '';

  /** @param reference of the control block */
  constructor(
    store: Store,
    private readonly reference: string,
  ) {
    this.list = store.list(ENTRIES + reference);
    this.states = store.map(STATES);
    this.configurations = store.map(CONFIGURATIONS);
  }

  append({ number, time, body, integrity }: BufferEntry): void {
    this.list.append({ number, time, octets: Buffer.concat([Buffer.of(integrity ? 1 : 0), body.octets]) });
  }

  /** Keeps what the buffer is besides its entries, and forgets entries that it has dropped. */
  save(buffer: EventBuffer): void {
    const state = JSON.stringify(buffer.state);
    if (state === this.saved) return;
    this.saved = state;
    this.states.put(this.reference, Buffer.from(state));
    const oldest = buffer.oldest?.number ?? buffer.last + 1;
    const first = this.list.first();
    if (first && first.number < oldest) this.list.drop(oldest - 1);
  }

  /** Appends what the buffer took in while the store was closed. */
  catchUp(buffer: EventBuffer): void {
    for (const entry of buffer) if (entry.number > this.list.last) this.append(entry);
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
      for (const { number, time, octets } of page) {
        const integrity = octets[0] === 1;
        const body = octets.subarray(1);
        if (ReportBody.isSound(body, members)) {
          buffer.put({ number, time, integrity, body: new ReportBody(Buffer.from(body)) });
        }
        after = number;
      }
      if (page.length < PAGE) break;
    }
    buffer.last = Math.max(buffer.last, this.list.last);
  }

  /** Forgets all entries; numbers go on. */
  clear(): void {
    this.list.drop(this.list.last);
    this.states.delete(this.reference);
    this.saved = '';
  }

  get last(): number {
    return this.list.last;
  }
}

function find<T>(map: KeptMap, key: string): T | undefined {
  const octets = map.entries().find(([name]) => name === key)?.[1];
  return octets && (JSON.parse(octets.toString()) as T);
}
