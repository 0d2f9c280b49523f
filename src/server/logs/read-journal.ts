/** ReadJournal: QueryLogByTime and QueryLogAfter (ISO 9506-2 §16.2, IEC 61850-8-1 §18.3). */
import { LOG_READ_CHUNK } from '../../limits.js';
import { binaryTimeToMs } from '../../model/timestamp.js';
import {
  decodeServiceResponseAt,
  encodeJournalPage,
  encodeServiceResponse,
  type ServiceRequest,
} from '../../mms/services.js';
import type { TimeOfDay } from '../../mms/time-of-day.js';
import type { EntryRange } from '../persistence/store.js';
import { PDU_SIZE, type Answer } from '../services/answer.js';
import { numberOf, type Log } from './log.js';

type Request = Extract<ServiceRequest, { service: 'readJournal' }>;

const DAY_MS = 86_400_000;
/** Tags and lengths around the entries, at the most. */
const ENVELOPE = 24;

/** Entries from the oldest that was asked for on, as many as fit; moreFollows tells whether others wait. */
export function readJournal(log: Log, request: Request, maxLength: number, now: number): Answer {
  const wanted = rangeOf(log, request, now);
  const entries: Buffer[] = [];
  let length = ENVELOPE;
  let moreFollows = false;
  let { after } = wanted;
  while (entries.length < wanted.limit && !moreFollows) {
    const limit = Math.min(LOG_READ_CHUNK, wanted.limit - entries.length);
    const chunk = log.read({ ...wanted, ...(after !== undefined && { after }), limit });
    for (const { number, octets } of chunk) {
      length += octets.length;
      moreFollows = length > maxLength;
      if (moreFollows) break;
      entries.push(octets);
      after = number;
    }
    if (chunk.length < limit) break;
  }
  // Nothing comes of asking again: the entry itself is larger than what the client takes.
  if (moreFollows && entries.length === 0) return PDU_SIZE;
  const response = encodeJournalPage(entries, moreFollows);
  return { response: request.variables ? only(response, request.variables) : response };
}

function rangeOf(log: Log, { start, stop, after }: Request, now: number): EntryRange {
  const limit = stop && 'entries' in stop ? stop.entries : Number.MAX_SAFE_INTEGER;
  const to = stop && 'time' in stop ? { to: timeOf(stop.time, now) } : {};
  if (after) {
    const number = numberOf(after.entry);
    const known = number !== undefined && number <= log.last;
    // An EntryID that is none of ours says nothing; the time that came with it does.
    return { ...to, limit, ...(known ? { after: number } : { from: timeOf(after.time, now) }) };
  }
  if (start && 'entry' in start) return { ...to, limit, after: (numberOf(start.entry) ?? 0) - 1 };
  return { ...to, limit, ...(start && { from: timeOf(start.time, now) }) };
}

/** ms since 1970; a time without a date is one of today. */
function timeOf({ ms, days }: TimeOfDay, now: number): number {
  return days === undefined ? now - (now % DAY_MS) + ms : binaryTimeToMs(ms, days);
}

/** The same entries with those variables alone that were asked for. */
function only(response: Buffer, variables: readonly string[]): Buffer {
  const page = decodeServiceResponseAt(response, 0, response.length);
  if (page.service !== 'readJournal') return response;
  const entries = page.entries.map((entry) => ({
    ...entry,
    variables: (entry.variables ?? []).filter(({ tag }) => variables.includes(tag)),
  }));
  return encodeServiceResponse({ ...page, entries });
}
