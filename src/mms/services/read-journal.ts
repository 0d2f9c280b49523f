import type { BerReader } from '../../ber/reader.js';
import { berBoolean, berInteger, berVisibleString, tlv } from '../../ber/encode.js';
import { DecodeError, Iec61850Error, LimitError } from '../../errors.js';
import { MAX_ENTRY_ID_LENGTH, MAX_IDENTIFIER_LENGTH, MAX_JOURNAL_TEXT, MAX_LIST_LENGTH } from '../../limits.js';
import type { MmsData } from '../data.js';
import { decodeData, encodeData } from '../data-codec.js';
import { decodeObjectName, encodeObjectName, type ObjectName } from '../object-name.js';
import { decodeTimeOfDay, encodeTimeOfDay, type TimeOfDay } from '../time-of-day.js';
import { insideChoice } from './choice.js';

/**
 * ReadJournal (ISO 9506-2 §16.2): entries of a log. QueryLogByTime has a starting and an ending time, QueryLogAfter the
 * time and the identifier of the entry after which to go on (IEC 61850-8-1 §18.3).
 */
export interface ReadJournalRequest {
  service: 'readJournal';
  journal: ObjectName;
  start?: { time: TimeOfDay } | { entry: Buffer };
  /** A negative number of entries would be those before the start; IEC 61850 does not ask so. */
  stop?: { time: TimeOfDay } | { entries: number };
  /** Tags of the variables that are wanted; all of them when absent. */
  variables?: string[];
  after?: { time: TimeOfDay; entry: Buffer };
}

/** One value of an entry; what `data` cannot be decoded to is `other`, with its own tag. */
export interface JournalVariable {
  tag: string;
  data: MmsData;
}

export interface JournalEntry {
  /** Mandatory, and yet left out by some; then an entry after which nobody can go on. */
  entryId?: Buffer;
  /** The ApplicationReference, octets and all; absent when it is empty, as IEC 61850 leaves it. */
  originatingApplication?: Buffer;
  time: TimeOfDay;
  /** Content of additionalDetail and of the event condition, which IEC 61850 does not use. */
  additionalDetail?: Buffer;
  event?: Buffer;
  variables?: JournalVariable[];
  /** Text in place of variables. */
  annotation?: string;
}

export interface ReadJournalResponse {
  service: 'readJournal';
  entries: JournalEntry[];
  /** DEFAULT FALSE, unlike in GetNameList. */
  moreFollows: boolean;
}

export const READ_JOURNAL_TAG = { request: 0xbf41, response: 0xbf41 } as const;

const MAX_INTEGER_32 = 0x7fffffff;
const VISIBLE_STRING = 0x1a;
const SEQUENCE = 0x30;
const NO_APPLICATION = tlv(SEQUENCE);

export function decodeReadJournalRequest(reader: BerReader): ReadJournalRequest {
  const body = reader.enter();
  const journal = decodeObjectName(insideChoice(body.expect(0xa0, 'journal name'), 'journal name'));
  const request: ReadJournalRequest = { service: 'readJournal', journal };
  while (body.next()) {
    switch (body.tag) {
      case 0xa1:
        request.start = decodeStart(insideChoice(body, 'start of the range'));
        break;
      case 0xa2:
        request.stop = decodeStop(insideChoice(body, 'end of the range'));
        break;
      case 0xa4:
        request.variables = decodeTags(body.enter());
        break;
      case 0xa5: {
        const after = body.enter();
        const time = decodeTimeOfDay(after.expect(0x80, 'time to start after'));
        request.after = { time, entry: entryIdOf(after.expect(0x81, 'entry to start after')) };
        break;
      }
      default:
        break;
    }
  }
  return request;
}

function decodeStart(choice: BerReader): NonNullable<ReadJournalRequest['start']> {
  if (choice.tag === 0x80) return { time: decodeTimeOfDay(choice) };
  if (choice.tag === 0x81) return { entry: entryIdOf(choice) };
  throw new DecodeError(`the start of a journal's range has unknown tag 0x${choice.tag.toString(16)}`);
}

function decodeStop(choice: BerReader): NonNullable<ReadJournalRequest['stop']> {
  if (choice.tag === 0x80) return { time: decodeTimeOfDay(choice) };
  if (choice.tag === 0x81) return { entries: integer32(choice) };
  throw new DecodeError(`the end of a journal's range has unknown tag 0x${choice.tag.toString(16)}`);
}

function integer32(reader: BerReader): number {
  const value = reader.integer();
  if (value < -MAX_INTEGER_32 - 1 || value > MAX_INTEGER_32) throw new DecodeError(`${value} entries are no Integer32`);
  return value;
}

function decodeTags(list: BerReader): string[] {
  const tags: string[] = [];
  while (list.next()) {
    if (tags.length >= MAX_LIST_LENGTH) throw new LimitError('too many variables in a journal request');
    tags.push(list.visibleString(MAX_IDENTIFIER_LENGTH));
  }
  return tags;
}

function entryIdOf(reader: BerReader): Buffer {
  const octets = reader.content();
  if (octets.length > MAX_ENTRY_ID_LENGTH) throw new LimitError(`an entry identifier has ${octets.length} octets`);
  return Buffer.from(octets);
}

export function encodeReadJournalRequest(request: ReadJournalRequest): Buffer {
  const { start, stop, variables, after } = request;
  return tlv(
    READ_JOURNAL_TAG.request,
    tlv(0xa0, encodeObjectName(request.journal)),
    ...(start ? [tlv(0xa1, 'time' in start ? encodeTimeOfDay(0x80, start.time) : tlv(0x81, start.entry))] : []),
    ...(stop ? [tlv(0xa2, 'time' in stop ? encodeTimeOfDay(0x80, stop.time) : berInteger(0x81, stop.entries))] : []),
    ...(variables ? [tlv(0xa4, ...variables.map((tag) => berVisibleString(VISIBLE_STRING, tag)))] : []),
    ...(after ? [tlv(0xa5, encodeTimeOfDay(0x80, after.time), tlv(0x81, after.entry))] : []),
  );
}

export function decodeReadJournalResponse(reader: BerReader): ReadJournalResponse {
  const body = reader.enter();
  const list = body.expect(0xa0, 'journal entries').enter();
  const entries: JournalEntry[] = [];
  while (list.next()) {
    if (list.tag !== SEQUENCE) throw new DecodeError('a journal entry is no SEQUENCE');
    if (entries.length >= MAX_LIST_LENGTH) throw new LimitError('too many journal entries in one answer');
    entries.push(decodeEntry(list.enter()));
  }
  let moreFollows = false;
  while (body.next()) if (body.tag === 0x81) moreFollows = body.boolean();
  return { service: 'readJournal', entries, moreFollows };
}

function decodeEntry(body: BerReader): JournalEntry {
  let entryId: Buffer | undefined;
  let application: Buffer | undefined;
  while (body.next()) {
    if (body.tag === 0x80) entryId = entryIdOf(body);
    else if (body.tag === 0xa1 && !body.content().equals(NO_APPLICATION)) application = Buffer.from(body.content());
    else if (body.tag === 0xa2)
      return {
        ...(entryId && { entryId }),
        ...(application && { originatingApplication: application }),
        ...decodeContent(body.enter()),
      };
  }
  throw new DecodeError('a journal entry has no content');
}

type EntryContent = Pick<JournalEntry, 'time' | 'additionalDetail' | 'event' | 'variables' | 'annotation'>;

function decodeContent(body: BerReader): EntryContent {
  const content: EntryContent = { time: decodeTimeOfDay(body.expect(0x80, 'occurrence time of a journal entry')) };
  while (body.next()) {
    if (body.tag === 0xa1) content.additionalDetail = Buffer.from(body.content());
    else if (body.tag === 0xa2) Object.assign(content, decodeEntryData(body.enter()));
    else if (body.tag === 0x83 || body.tag === 0xa3) content.annotation = text(body, 'annotation', MAX_JOURNAL_TEXT);
  }
  return content;
}

function decodeEntryData(body: BerReader): Pick<JournalEntry, 'event' | 'variables'> {
  const data: Pick<JournalEntry, 'event' | 'variables'> = {};
  while (body.next()) {
    if (body.tag === 0xa0) data.event = Buffer.from(body.content());
    else if (body.tag === 0xa1) data.variables = decodeVariables(body.enter());
  }
  return data;
}

function decodeVariables(list: BerReader): JournalVariable[] {
  const variables: JournalVariable[] = [];
  while (list.next()) {
    if (list.tag !== SEQUENCE) throw new DecodeError('a variable of a journal entry is no SEQUENCE');
    if (variables.length >= MAX_LIST_LENGTH) throw new LimitError('too many variables in one journal entry');
    const member = list.enter();
    if (!member.next() || (member.tag !== 0x80 && member.tag !== 0xa0))
      throw new DecodeError('a variable of a journal entry has no tag');
    const tag = text(member, 'variable tag', MAX_JOURNAL_TEXT);
    variables.push({ tag, data: anyData(insideChoice(member.expect(0xa1, `value of ${tag}`), 'a logged value')) });
  }
  return variables;
}

/** A log keeps what firmware of another day wrote: a value that is no Data must not hide the others. */
function anyData(reader: BerReader): MmsData {
  try {
    return decodeData(reader);
  } catch (error) {
    if (!(error instanceof Iec61850Error)) throw error;
    return { type: 'other', tag: reader.tag, octets: Buffer.from(reader.content()) };
  }
}

/** Texts are tagged implicitly by most, and explicitly by some. */
function text(reader: BerReader, what: string, maxLength: number): string {
  const inner = (reader.tag & 0x20) === 0 ? reader : reader.enter().expect(VISIBLE_STRING, what);
  return inner.visibleString(maxLength);
}

export function encodeReadJournalResponse({ entries, moreFollows }: ReadJournalResponse): Buffer {
  return encodeJournalPage(entries.map(encodeEntry), moreFollows);
}

/** An answer of entries that {@link encodeEntry} made: a server keeps them so. */
export function encodeJournalPage(entries: readonly Buffer[], moreFollows: boolean): Buffer {
  return tlv(READ_JOURNAL_TAG.response, tlv(0xa0, ...entries), ...(moreFollows ? [berBoolean(0x81, true)] : []));
}

/** One entry as it stands in an answer; a server measures with it how many fit a PDU. */
export function encodeEntry(entry: JournalEntry): Buffer {
  const { event, variables, additionalDetail, annotation } = entry;
  const data = [
    ...(event ? [tlv(0xa0, event)] : []),
    ...(variables ? [tlv(0xa1, ...variables.map(encodeVariable))] : []),
  ];
  return tlv(
    SEQUENCE,
    ...(entry.entryId ? [tlv(0x80, entry.entryId)] : []),
    tlv(0xa1, entry.originatingApplication ?? NO_APPLICATION),
    tlv(
      0xa2,
      encodeTimeOfDay(0x80, entry.time),
      ...(additionalDetail ? [tlv(0xa1, additionalDetail)] : []),
      annotation === undefined ? tlv(0xa2, ...data) : berVisibleString(0x83, annotation),
    ),
  );
}

function encodeVariable({ tag, data }: JournalVariable): Buffer {
  return tlv(SEQUENCE, berVisibleString(0x80, tag), tlv(0xa1, encodeData(data)));
}
