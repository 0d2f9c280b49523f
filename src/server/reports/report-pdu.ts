/** Reports as InformationReport PDUs (IEC 61850-8-1 §17.2.3, ISO 9506-2 §14.8), in segments where one PDU is too small. */
import { BINARY_TIME_EPOCH_MS } from '../../model/timestamp.js';
import { DataTag } from '../../mms/data.js';
import { PduTag } from '../../mms/pdu.js';
import { headerLength, writeHeader } from '../../mms/wire.js';
import { OptFlds } from './bits.js';
import { ReportBody } from './report-body.js';

const DAY_MS = 86_400_000;
const INFORMATION_REPORT = 0xa0;
const ACCESS_RESULTS = 0xa0;
/** VariableAccessSpecification: the VMD-specific variable list `RPT`. */
const LIST_NAME = Buffer.from([0xa1, 5, 0x80, 3, 0x52, 0x50, 0x54]);
/** A value that is larger than any PDU that was agreed on: object-access-unsupported. */
const TOO_LARGE = Buffer.from([0x80, 1, 9]);
const REASON_LENGTH = 4;
export const ENTRY_ID_LENGTH = 8;
/** Octets of the fields before the inclusion bit string that are not texts, at the most. */
const FIXED_FIELDS = 64;
/** Octets of all headers around the access results, at the most. */
const ENVELOPE = 32;

/** What all reports of a control block have in common while it is enabled. */
export interface ReportFormat {
  /** RptID and DatSet, encoded. */
  readonly rptId: Buffer;
  readonly datSet: Buffer;
  /** Fields that are sent; without those that the kind of control block does not have. */
  readonly optFlds: number;
  readonly confRev: number;
  /** Encoded references of all members. */
  readonly references: readonly Buffer[];
  /** Bits of a reason for inclusion: 6 in Edition 1, 7 later. */
  readonly reasonBits: number;
  /** Octets that a PDU may have. */
  readonly maxPduSize: number;
}

/** What differs from one report to the next. */
export interface ReportHeading {
  sqNum: number;
  /** ms since 1970. */
  time: number;
  bufOvfl: boolean;
  /** Writes the EntryID's octets. */
  entryId?: { writeTo(target: Buffer, at: number): void };
}

/** Whether each member can be sent in a PDU of its own, at the least as an error. */
export function formatFits(format: ReportFormat): boolean {
  const reference =
    format.optFlds & OptFlds.dataRef ? Math.max(0, ...format.references.map(({ length }) => length)) : 0;
  const inclusion = inclusionLength(format.references.length);
  const texts = format.rptId.length + format.datSet.length;
  return (
    ENVELOPE + FIXED_FIELDS + texts + inclusion + reference + TOO_LARGE.length + REASON_LENGTH <= format.maxPduSize
  );
}

/** Gives the PDU of a report to `send`, or its segments one after the other. */
export function writeReport(
  format: ReportFormat,
  heading: ReportHeading,
  body: ReportBody,
  send: (pdu: Buffer) => void,
): void {
  const { maxPduSize } = format;
  const asked = (format.optFlds & OptFlds.segmentation) !== 0;
  const fields = writeFields(format, heading, asked ? { number: 0, more: false } : undefined);
  const whole = fields + contentLength(format, body, 0, body.count);
  if (pduLength(whole) <= maxPduSize) {
    send(writePdu(format, body, 0, body.count, fields, whole));
    return;
  }
  let number = 0;
  for (let from = 0; from < body.count; number++) {
    // Both forms of the boolean take the same room.
    const head = writeFields(format, heading, { number, more: false });
    let to = from + 1;
    let length = head + contentLength(format, body, from, to);
    if (pduLength(length) > maxPduSize) {
      const error = withoutValue(body, from);
      writeFields(format, heading, { number, more: to < body.count });
      send(writePdu(format, error, 0, 1, head, head + contentLength(format, error, 0, 1)));
      from = to;
      continue;
    }
    for (; to < body.count; to++) {
      const longer = length + memberLength(format, body, to);
      if (pduLength(longer) > maxPduSize) break;
      length = longer;
    }
    writeFields(format, heading, { number, more: to < body.count });
    send(writePdu(format, body, from, to, head, length));
    from = to;
  }
}

/** The fields before the inclusion bit string stand here until they are copied into a PDU. */
let fieldsBuffer = Buffer.alloc(1024);

interface Segment {
  number: number;
  more: boolean;
}

/** Writes RptID to MoreSegmentsFollow into {@link fieldsBuffer} and returns their length. */
function writeFields(format: ReportFormat, heading: ReportHeading, segment: Segment | undefined): number {
  const needed = format.rptId.length + format.datSet.length + FIXED_FIELDS;
  if (fieldsBuffer.length < needed) fieldsBuffer = Buffer.alloc(needed);
  const target = fieldsBuffer;
  const optFlds = format.optFlds | (segment ? OptFlds.segmentation : 0);
  let at = format.rptId.copy(target, 0);
  at = writeOptFlds(target, at, optFlds);
  if (optFlds & OptFlds.seqNum) at = writeUnsigned(target, at, heading.sqNum);
  if (optFlds & OptFlds.timeStamp) at = writeEntryTime(target, at, heading.time);
  if (optFlds & OptFlds.dataSet) at += format.datSet.copy(target, at);
  if (optFlds & OptFlds.bufOvfl) at = writeBoolean(target, at, heading.bufOvfl);
  if (optFlds & OptFlds.entryID) {
    target[at++] = DataTag.octetString;
    target[at++] = ENTRY_ID_LENGTH;
    heading.entryId?.writeTo(target, at);
    at += ENTRY_ID_LENGTH;
  }
  if (optFlds & OptFlds.configRef) at = writeUnsigned(target, at, format.confRev);
  if (segment) at = writeBoolean(target, writeUnsigned(target, at, segment.number), segment.more);
  return at;
}

function writeOptFlds(target: Buffer, at: number, optFlds: number): number {
  target[at++] = DataTag.bitString;
  target[at++] = 3;
  target[at++] = 6;
  target[at++] = optFlds >> 8;
  target[at++] = optFlds & 0xff;
  return at;
}

function writeBoolean(target: Buffer, at: number, value: boolean): number {
  target[at++] = DataTag.boolean;
  target[at++] = 1;
  target[at++] = value ? 1 : 0;
  return at;
}

function writeUnsigned(target: Buffer, at: number, value: number): number {
  let length = 1;
  while (value >= 2 ** (8 * length - 1)) length++;
  target[at++] = DataTag.unsigned;
  target[at++] = length;
  for (let shift = length - 1; shift >= 0; shift--) target[at++] = Math.floor(value / 2 ** (8 * shift)) & 0xff;
  return at;
}

/** EntryTime as BinaryTime of six octets. */
export function writeEntryTime(target: Buffer, at: number, time: number): number {
  const ms = Math.max(0, Math.floor(time) - BINARY_TIME_EPOCH_MS);
  target[at++] = DataTag.binaryTime;
  target[at++] = 6;
  at = target.writeUInt32BE(ms % DAY_MS, at);
  return target.writeUInt16BE(Math.min(0xffff, Math.floor(ms / DAY_MS)), at);
}

function inclusionLength(members: number): number {
  const content = 1 + ((members + 7) >> 3);
  return headerLength(DataTag.bitString, content) + content;
}

function memberLength(format: ReportFormat, body: ReportBody, i: number): number {
  let length = body.end(i) - body.start(i);
  if (format.optFlds & OptFlds.dataRef) length += (format.references[body.member(i)] as Buffer).length;
  if (format.optFlds & OptFlds.reasonCode) length += REASON_LENGTH;
  return length;
}

/** Inclusion, references, values and reasons of the members `from` up to `to`. */
function contentLength(format: ReportFormat, body: ReportBody, from: number, to: number): number {
  let length = inclusionLength(format.references.length) + body.end(to - 1) - body.start(from);
  if (format.optFlds & OptFlds.dataRef) {
    for (let i = from; i < to; i++) length += (format.references[body.member(i)] as Buffer).length;
  }
  if (format.optFlds & OptFlds.reasonCode) length += REASON_LENGTH * (to - from);
  return length;
}

function serviceLength(results: number): number {
  return LIST_NAME.length + headerLength(ACCESS_RESULTS, results) + results;
}

function pduLength(results: number): number {
  const service = serviceLength(results);
  const content = headerLength(INFORMATION_REPORT, service) + service;
  return headerLength(PduTag.unconfirmed, content) + content;
}

/** @param results octets of the access results, `fields` of them in {@link fieldsBuffer} */
function writePdu(
  format: ReportFormat,
  body: ReportBody,
  from: number,
  to: number,
  fields: number,
  results: number,
): Buffer {
  const service = serviceLength(results);
  const target = Buffer.allocUnsafe(pduLength(results));
  let at = writeHeader(target, 0, PduTag.unconfirmed, headerLength(INFORMATION_REPORT, service) + service);
  at = writeHeader(target, at, INFORMATION_REPORT, service);
  at += LIST_NAME.copy(target, at);
  at = writeHeader(target, at, ACCESS_RESULTS, results);
  at += fieldsBuffer.copy(target, at, 0, fields);
  at = writeInclusion(target, at, format.references.length, body, from, to);
  if (format.optFlds & OptFlds.dataRef) {
    for (let i = from; i < to; i++) at += (format.references[body.member(i)] as Buffer).copy(target, at);
  }
  at += body.octets.copy(target, at, body.start(from), body.end(to - 1));
  if (format.optFlds & OptFlds.reasonCode) {
    const padding = 8 - format.reasonBits;
    for (let i = from; i < to; i++) {
      target[at++] = DataTag.bitString;
      target[at++] = 2;
      target[at++] = padding;
      target[at++] = body.reason(i);
    }
  }
  return target;
}

function writeInclusion(
  target: Buffer,
  at: number,
  members: number,
  body: ReportBody,
  from: number,
  to: number,
): number {
  const octets = (members + 7) >> 3;
  let bits = writeHeader(target, at, DataTag.bitString, 1 + octets);
  target[bits++] = octets * 8 - members;
  target.fill(0, bits, bits + octets);
  for (let i = from; i < to; i++) {
    const member = body.member(i);
    const octet = bits + (member >> 3);
    target[octet] = (target[octet] as number) | (0x80 >> (member & 7));
  }
  return bits + octets;
}

function withoutValue(body: ReportBody, i: number): ReportBody {
  const error = ReportBody.layOut(1, TOO_LARGE.length);
  TOO_LARGE.copy(error.octets, error.valuesAt);
  error.set(0, body.member(i), body.reason(i), error.valuesAt + TOO_LARGE.length);
  return error;
}
