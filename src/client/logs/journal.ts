import { ArgumentError, DecodeError } from '../../errors.js';
import { DEFAULT_LOG_ENTRIES, MAX_LOG_ENTRIES, MAX_LOG_OCTETS, MAX_LOG_PAGES } from '../../limits.js';
import { binaryTimeToMs, isoTime, msToBinaryTime } from '../../model/timestamp.js';
import type { ObjectName } from '../../mms/object-name.js';
import {
  decodeServiceResponseAt,
  encodeServiceRequest,
  type JournalEntry,
  type ServiceRequest,
} from '../../mms/services.js';
import { rethrowNamed } from '../control-block.js';
import type { ServiceHost } from '../service-host.js';
import type { LogPosition } from './log-control-block.js';

type JournalRequest = Extract<ServiceRequest, { service: 'readJournal' }>;
/** Where in a journal to read; the three ways of ReadJournal. */
export type JournalRange = Pick<JournalRequest, 'start' | 'stop' | 'after'>;

/** Raw entries of a query. */
export interface JournalPages {
  entries: JournalEntry[];
  /** Whether the IED said that this was all, within the bounds that were asked for. */
  complete: boolean;
}

/** Name of a log. */
export interface LogName {
  /** `LD/LN.log`. */
  reference: string;
  domain: string;
  journal: ObjectName;
}

const FORM = /^([^/\s]{1,64})\/(\S{1,128})$/;

/**
 * Reads `LD/LN.log` or `LD/LN$log`; some IEDs have logs without a logical node, `LD/log`, and some name a log by its control
 * block, `LD/LN$LG$name`.
 * @throws ArgumentError
 */
export function logName(text: string): LogName {
  const [, domain, rest] = FORM.exec(text.trim()) ?? [];
  if (domain === undefined || rest === undefined || rest.includes('['))
    throw new ArgumentError(
      `"${text.slice(0, 120)}" names no log`,
      'Write LD/LN.log, such as BAY1CTRL/LLN0.EventLog; a control block of it ends in [LG].',
    );
  const item = rest.replace('.', '$');
  const shown = item.split('$').length > 2 ? item : item.replace('$', '.');
  return { reference: `${domain}/${shown}`, domain, journal: { scope: 'domain', domain, item } };
}

/** @throws ArgumentError for a bound that is none */
export function entryLimit(maxEntries = DEFAULT_LOG_ENTRIES): number {
  if (!Number.isInteger(maxEntries) || maxEntries < 1 || maxEntries > MAX_LOG_ENTRIES)
    throw new ArgumentError(`${String(maxEntries)} entries cannot be asked for`, `Give 1 to ${MAX_LOG_ENTRIES}.`);
  return maxEntries;
}

/** When an entry was made, in ms since 1970; undefined without a date. */
export function entryMs({ time }: JournalEntry): number | undefined {
  return time.days === undefined ? undefined : binaryTimeToMs(time.ms, time.days);
}

export function positionOf(entry: JournalEntry): LogPosition {
  return { entryId: entry.entryId?.toString('hex') ?? null, entryTime: isoTime(entryMs(entry) ?? NaN) };
}

/** The range behind an entry. @throws ArgumentError */
export function rangeAfter({ entryId, entryTime }: LogPosition): JournalRange {
  if (entryId === null || !/^([0-9a-f]{2}){1,64}$/i.test(entryId))
    throw new ArgumentError(
      `"${String(entryId).slice(0, 140)}" is no entry identifier`,
      'Give entryId as it was in the entry, hex text of 1 to 64 octets.',
    );
  const ms = entryTime === null ? 0 : Date.parse(entryTime);
  if (Number.isNaN(ms)) throw new ArgumentError(`"${String(entryTime).slice(0, 60)}" is no time`, 'Give ISO 8601.');
  return { after: { time: msToBinaryTime(ms), entry: Buffer.from(entryId, 'hex') } };
}

/** The range of a span of time, both ends included; all that the log holds without ends. */
export function rangeOfTime(from = -Infinity, to = Infinity): JournalRange {
  return { start: { time: msToBinaryTime(from) }, stop: { time: msToBinaryTime(to) } };
}

/**
 * Entries of a journal, page by page, until there are no more or `limit` are read. A page that brings nothing new while more is
 * promised ends the walk instead of going round for ever.
 * @param until ms since 1970 of the last entry that is wanted
 * @throws what the service fails with, naming the log
 */
export async function readJournal(
  { association }: ServiceHost,
  { journal, reference }: LogName,
  range: JournalRange,
  limit: number,
  until = Infinity,
): Promise<JournalPages> {
  const entries: JournalEntry[] = [];
  const seen = new Set<string>();
  let octetCount = 0;
  let next = range;
  for (let page = 0; page < MAX_LOG_PAGES && octetCount <= MAX_LOG_OCTETS; page++) {
    const request = encodeServiceRequest({ service: 'readJournal', journal, ...next });
    const { answer, size } = await association
      .exchange(request, (octets, start, end) => ({
        answer: decodeServiceResponseAt(octets, start, end),
        size: end - start,
      }))
      .catch((error: unknown) => rethrowNamed(error, reference));
    if (answer.service !== 'readJournal')
      throw new DecodeError(`${reference}: the IED answered readJournal with ${answer.service}`);
    octetCount += size;
    const before = entries.length;
    for (const entry of answer.entries) {
      if ((entryMs(entry) ?? -Infinity) > until) return { entries, complete: true };
      if (entry.entryId) {
        const key = `${entry.entryId.toString('hex')} ${entry.time.days ?? ''} ${entry.time.ms}`;
        if (seen.has(key)) continue;
        seen.add(key);
      }
      if (entries.length >= limit) return { entries, complete: false };
      entries.push(entry);
    }
    if (!answer.moreFollows) return { entries, complete: true };
    const last = entries.at(-1);
    if (entries.length === before || !last?.entryId) return { entries, complete: false };
    next = { after: { time: last.time, entry: last.entryId } };
  }
  return { entries, complete: false };
}
