import { setImmediate as nextTurn } from 'node:timers/promises';
import { ArgumentError } from '../../errors.js';
import { MAX_LOG_PAGES } from '../../limits.js';
import { ObjectClass, type JournalEntry } from '../../mms/services.js';
import type { ClientAssociation } from '../client-association.js';
import { nameList } from '../name-list.js';
import { unlessRefused, type ServiceHost } from '../service-host.js';
import { EntryDecoder, type LogEntry } from './entry-decoder.js';
import {
  entryLimit,
  logName,
  positionOf,
  rangeAfter,
  rangeOfTime,
  readJournal,
  type JournalRange,
  type LogName,
} from './journal.js';
import {
  configureLog,
  logControlBlockName,
  readLogControlBlock,
  type LogControlBlockState,
  type LogPosition,
  type LogWishes,
} from './log-control-block.js';

/** The logs of an IED and the control blocks that write them. */
export interface LogDirectory {
  /** `LD/LN.log`. */
  logs: string[];
  controlBlocks: LogControlBlockState[];
}

/** What a query brought. */
export interface LogQuery {
  /** `LD/LN.log`. */
  log: string;
  /** In the order of the log. */
  entries: LogEntry[];
  /** Whether this was all; false when the bound was reached, or the IED promises more and does not give it. */
  complete: boolean;
  /** Behind which to go on; null without entries. */
  last: LogPosition | null;
}

export interface QueryOptions {
  /** 1 to 100 000; 1000 when absent. */
  maxEntries?: number;
}

/** A span of time, both ends included: ISO 8601, ms since 1970 or Date; an end that is absent is that of the log. */
export interface TimeRange extends QueryOptions {
  from?: string | number | Date;
  to?: string | number | Date;
}

/** Decoders of one association that are kept for the next query. */
const MAX_DECODERS = 64;
/** Entries that are decoded before others have their turn. */
const ENTRIES_A_TURN = 200;
const LOG_CONTROL_BLOCK = /^[^$]+\$LG\$[^$]+$/;

/** Logs of one IED (IEC 61850-7-2 §17.3, 8-1 §18). A log is named `LD/LN.log`, its control block `LD/LN.name[LG]`. */
export class Logs {
  private decoders = new Map<string, EntryDecoder>();
  private decodersOf: ClientAssociation | undefined;

  /** @param host rejects with ConnectionError while there is no association */
  constructor(readonly host: () => Promise<ServiceHost>) {}

  /** All logs and log control blocks. What the IED refuses to show is left out. */
  async list(): Promise<LogDirectory> {
    const host = await this.host();
    const { association } = host;
    const found: LogDirectory = { logs: [], controlBlocks: [] };
    for (const domain of await nameList(association, ObjectClass.domain, { scope: 'vmd' })) {
      const journals = await unlessRefused(() =>
        nameList(association, ObjectClass.journal, { scope: 'domain', domain }),
      );
      found.logs.push(...(journals ?? []).map((item) => logName(`${domain}/${item}`).reference));
      found.controlBlocks.push(...(await controlBlocksOf(host, domain)));
    }
    return found;
  }

  /** State of a log control block and of the log that it writes. @throws ArgumentError, DataAccessError */
  async status(controlBlock: string): Promise<LogControlBlockState> {
    const name = logControlBlockName(controlBlock);
    return readLogControlBlock(await this.host(), name);
  }

  /** State of all control blocks that write a log. */
  async controlBlocksOf(log: string): Promise<LogControlBlockState[]> {
    const { reference, domain } = logName(log);
    return (await controlBlocksOf(await this.host(), domain)).filter((block) => block.log === reference);
  }

  /**
   * Configures, enables or disables a log control block: only what differs is written, and an enabled one is disabled for it.
   * @returns its state thereafter
   * @throws ArgumentError; DataAccessError that names the attribute which the IED refuses
   */
  async configure(controlBlock: string, wishes: LogWishes): Promise<LogControlBlockState> {
    const name = logControlBlockName(controlBlock);
    return configureLog(await this.host(), name, wishes);
  }

  /** Entries of a span of time (QueryLogByTime). @throws ArgumentError, and what the IED refuses it with, naming the log */
  async queryByTime(log: string, { from, to, maxEntries }: TimeRange = {}): Promise<LogQuery> {
    const name = logName(log);
    const [begin, end] = [timeOf(from, 'from'), timeOf(to, 'to')];
    if (begin !== undefined && end !== undefined && begin > end)
      throw new ArgumentError('the query ends before it begins', 'Exchange from and to.');
    const range = rangeOfTime(begin, end);
    return this.query(name, range, entryLimit(maxEntries), end);
  }

  /**
   * Entries behind one that is known (QueryLogAfter).
   * @throws ArgumentError; what the IED refuses it with, as when it no longer knows the entry
   */
  async queryAfter(log: string, position: LogPosition, { maxEntries }: QueryOptions = {}): Promise<LogQuery> {
    return this.query(logName(log), rangeAfter(position), entryLimit(maxEntries));
  }

  /** The last entry that a log holds, by reading through it without decoding; null when it is empty. */
  async last(log: string): Promise<LogPosition | null> {
    const name = logName(log);
    const host = await this.host();
    let range = rangeOfTime();
    let last: JournalEntry | undefined;
    for (let read = 0; read < MAX_LOG_PAGES; read++) {
      const { entries, complete } = await readJournal(host, name, range, entryLimit());
      const newest = entries.at(-1);
      const onward = newest?.entryId && !(last?.entryId && newest.entryId.equals(last.entryId));
      last = newest ?? last;
      if (complete || !newest?.entryId || !onward) break;
      range = { after: { time: newest.time, entry: newest.entryId } };
    }
    return last ? positionOf(last) : null;
  }

  private async query(name: LogName, range: JournalRange, limit: number, until?: number): Promise<LogQuery> {
    const host = await this.host();
    const { entries, complete } = await readJournal(host, name, range, limit, until);
    const decoder = this.decoder(host, name);
    const decoded: LogEntry[] = [];
    for (const entry of entries) {
      decoded.push(await decoder.decode(entry));
      // Thousands of entries at a time must not hold up everybody else's traffic.
      if (decoded.length % ENTRIES_A_TURN === 0) await nextTurn();
    }
    const last = entries.at(-1);
    return { log: name.reference, entries: decoded, complete, last: last ? positionOf(last) : null };
  }

  private decoder(host: ServiceHost, name: LogName): EntryDecoder {
    if (this.decodersOf !== host.association) {
      this.decodersOf = host.association;
      this.decoders.clear();
    }
    let decoder = this.decoders.get(name.reference);
    if (!decoder) {
      if (this.decoders.size >= MAX_DECODERS) this.decoders.clear();
      this.decoders.set(name.reference, (decoder = new EntryDecoder(host, name)));
    }
    return decoder;
  }
}

async function controlBlocksOf(host: ServiceHost, domain: string): Promise<LogControlBlockState[]> {
  const names = await nameList(host.association, ObjectClass.namedVariable, { scope: 'domain', domain });
  const found: LogControlBlockState[] = [];
  for (const item of names.filter((one) => LOG_CONTROL_BLOCK.test(one))) {
    const state = await unlessRefused(() => readLogControlBlock(host, logControlBlockName(`${domain}/${item}`)));
    if (state) found.push(state);
  }
  return found;
}

function timeOf(time: string | number | Date | undefined, what: string): number | undefined {
  if (time === undefined) return undefined;
  const ms = time instanceof Date ? time.getTime() : typeof time === 'number' ? time : Date.parse(time);
  if (Number.isNaN(ms))
    throw new ArgumentError(
      `${what} "${String(time).slice(0, 60)}" is no time`,
      'Give ISO 8601, ms since 1970 or a Date.',
    );
  return ms;
}
