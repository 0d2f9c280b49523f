/** An IED with a log, for tests of the client: entries by number, pages of a few, and whatever a test wants to be wrong. */
import { binaryTimeToMs, msToBinaryTime } from '../../src/model/timestamp.js';
import type { MmsData } from '../../src/mms/data.js';
import {
  ObjectClass,
  type JournalEntry,
  type JournalVariable,
  type ServiceRequest,
  type ServiceResponse,
} from '../../src/mms/services.js';
import type { TypeDescription } from '../../src/mms/type-description.js';
import { FakeIed, spsType, sps } from './fake-ied.js';

/** When the first entry was made; the others follow by the second. */
export const FIRST_MS = Date.UTC(2026, 0, 1);
export const LOG = 'LD/LLN0.EventLog';
const BLOCK = 'LLN0$LG$Events';

const TEXT: TypeDescription = { type: 'visible-string', size: -129 };
const ID: TypeDescription = { type: 'octet-string', size: 8 };
const TIME: TypeDescription = { type: 'binary-time', withDate: true };
const BLOCK_TYPE: Record<string, TypeDescription> = {
  LogEna: { type: 'boolean' },
  LogRef: TEXT,
  DatSet: TEXT,
  OldEntrTm: TIME,
  NewEntrTm: TIME,
  OldEntr: ID,
  NewEntr: ID,
  TrgOps: { type: 'bit-string', size: -6 },
  IntgPd: { type: 'unsigned', size: 32 },
};

export interface FakeLogOptions {
  /** Entries of one page; 3 when absent. */
  page?: number;
  /** Does not have a control block for its log. */
  withoutBlock?: boolean;
  /** DataAccessError by attribute of the control block that is written. */
  refuse?(attribute: string): number | undefined;
  /** Answers in place of the log. */
  answer?(request: ServiceRequest): ServiceResponse | 'silent' | 'close' | 'error' | undefined;
}

type JournalRequest = Extract<ServiceRequest, { service: 'readJournal' }>;

export class FakeLog {
  readonly ied: FakeIed;
  entries: JournalEntry[] = [];
  /** Attributes of the control block that were written, in order. */
  readonly writes: string[] = [];
  readonly block: Record<string, MmsData> = {
    LogEna: { type: 'boolean', value: true },
    LogRef: { type: 'visible-string', value: 'LD/LLN0$EventLog' },
    DatSet: { type: 'visible-string', value: 'LD/LLN0$Events' },
    TrgOps: { type: 'bit-string', bits: '011000' },
    IntgPd: { type: 'unsigned', value: 0 },
  };
  private next = 1;

  constructor(readonly options: FakeLogOptions = {}) {
    this.ied = new FakeIed({
      variables: {
        'LD/GGIO1$ST$Ind1': { type: spsType, data: sps(true) },
        ...(!options.withoutBlock && {
          [`LD/${BLOCK}`]: {
            type: {
              type: 'structure',
              components: Object.entries(BLOCK_TYPE).map(([name, type]) => ({ name, type })),
            },
            data: () => this.blockData(),
          },
        }),
      },
      answer: (request) => options.answer?.(request) ?? this.answer(request),
    });
  }

  /** Adds entries, one a second, of these variables. */
  add(count: number, variables: readonly JournalVariable[] = [indication(true)]): void {
    for (let i = 0; i < count; i++) {
      const number = this.next++;
      this.entries.push({
        entryId: idOf(number),
        time: msToBinaryTime(FIRST_MS + (number - 1) * 1000),
        variables: [...variables],
      });
    }
  }

  get queries(): JournalRequest[] {
    return this.ied.requests.filter((request) => request.service === 'readJournal');
  }

  private blockData(): MmsData {
    const [first, last] = [this.entries[0], this.entries.at(-1)];
    const time = (entry: JournalEntry | undefined): MmsData => ({
      type: 'binary-time',
      ...(entry ? entry.time : { ms: 0, days: 0 }),
    });
    const id = (entry: JournalEntry | undefined): MmsData => ({
      type: 'octet-string',
      octets: entry?.entryId ?? Buffer.alloc(8),
    });
    const all: Record<string, MmsData> = {
      ...this.block,
      OldEntrTm: time(first),
      NewEntrTm: time(last),
      OldEntr: id(first),
      NewEntr: id(last),
    };
    return { type: 'structure', items: Object.keys(BLOCK_TYPE).map((name) => all[name] as MmsData) };
  }

  private answer(request: ServiceRequest): ServiceResponse | undefined {
    switch (request.service) {
      case 'getNameList': {
        const names =
          request.objectClass === ObjectClass.journal
            ? ['LLN0$EventLog']
            : request.objectClass === ObjectClass.namedVariable
              ? ['LLN0', ...(this.options.withoutBlock ? [] : [BLOCK, `${BLOCK}$LogEna`])]
              : undefined;
        return names && { service: 'getNameList', names, moreFollows: false };
      }
      case 'write': {
        if (!('list' in request.access)) return undefined;
        const attribute = request.access.list[0]?.name.item.slice(BLOCK.length + 1) ?? '';
        this.writes.push(attribute);
        const error = this.options.refuse?.(attribute);
        if (error === undefined) this.block[attribute] = request.data[0] as MmsData;
        return { service: 'write', results: [error === undefined ? { success: true } : { success: false, error }] };
      }
      case 'readJournal':
        return this.page(request);
      default:
        return undefined;
    }
  }

  private page({ start, stop, after }: JournalRequest): ServiceResponse {
    const { entries } = this;
    const ms = ({ time }: JournalEntry): number => binaryTimeToMs(time.ms, time.days ?? 0);
    const from = start && 'time' in start ? binaryTimeToMs(start.time.ms, start.time.days ?? 0) : -Infinity;
    const to = stop && 'time' in stop ? binaryTimeToMs(stop.time.ms, stop.time.days ?? 0) : Infinity;
    const at = after ? entries.findIndex((entry) => entry.entryId?.equals(after.entry)) : -1;
    const wanted = entries.slice(at + 1).filter((entry) => ms(entry) >= from && ms(entry) <= to);
    const page = this.options.page ?? 3;
    return { service: 'readJournal', entries: wanted.slice(0, page), moreFollows: wanted.length > page };
  }
}

export function idOf(number: number): Buffer {
  const id = Buffer.alloc(8);
  id.writeUInt32BE(number, 4);
  return id;
}

export const indication = (value: boolean): JournalVariable => ({ tag: 'LD/GGIO1$ST$Ind1', data: sps(value) });
/** A reason for inclusion, six bits. */
export const reasonCode = (bits: string, tag = 'ReasonCode'): JournalVariable => ({
  tag,
  data: { type: 'bit-string', bits },
});
