import { DecodeError } from '../../errors.js';
import { MAX_ENTRY_ID_LENGTH, MAX_IDENTIFIER_LENGTH } from '../../limits.js';
import { BINARY_TIME_EPOCH_MS } from '../../model/timestamp.js';
import { DataTag } from '../../mms/data.js';
import { BerReader } from '../../mms/wire.js';
import { OptFld, type OptionalField } from './control-block-bits.js';

const DAY_MS = 86_400_000;
/** OptFlds has ten bits; some stacks pad it to more. */
const MAX_OPT_FLDS_BITS = 32;

/** The fields before the inclusion bit string (IEC 61850-8-1 §17.2.3.1): those that the report's own OptFlds names. */
export interface ReportHeader {
  rptId: string;
  optFlds: string;
  sqNum?: number;
  /** TimeOfEntry in ms since 1970. */
  timeOfEntry?: number;
  datSet?: string;
  bufOvfl?: boolean;
  /** As hex text. */
  entryId?: string;
  confRev?: number;
  subSqNum: number;
  moreSegments: boolean;
  /** First octet of the inclusion bit string. */
  inclusionAt: number;
  end: number;
}

/**
 * Reads a report's fields in their one order: RptID, OptFlds, SqNum, TimeOfEntry, DatSet, BufOvfl, EntryID, ConfRev,
 * SubSqNum, MoreSegmentsFollow.
 * @throws DecodeError
 */
export function readReportHeader(octets: Buffer, start: number, end: number): ReportHeader {
  const reader = new BerReader(octets, start, end);
  const rptId = text(reader, 'RptID');
  const optFlds = reader.expect(DataTag.bitString, 'OptFlds of the report').bitString(MAX_OPT_FLDS_BITS);
  const has = (field: OptionalField): boolean => optFlds[OptFld[field]] === '1';
  const header: ReportHeader = {
    rptId,
    optFlds,
    subSqNum: 0,
    moreSegments: false,
    inclusionAt: start,
    end,
  };
  if (has('seqNum')) header.sqNum = count(reader, 'SqNum');
  if (has('timeStamp')) header.timeOfEntry = entryTime(reader);
  if (has('dataSet')) header.datSet = text(reader, 'DatSet');
  if (has('bufOvfl')) header.bufOvfl = reader.expect(DataTag.boolean, 'BufOvfl of the report').boolean();
  if (has('entryID')) {
    const content = reader.expect(DataTag.octetString, 'EntryID of the report').content();
    if (content.length > MAX_ENTRY_ID_LENGTH) throw new DecodeError(`EntryID has ${content.length} octets`);
    header.entryId = content.toString('hex');
  }
  if (has('configRef')) header.confRev = count(reader, 'ConfRev');
  if (has('segmentation')) {
    header.subSqNum = count(reader, 'SubSqNum');
    header.moreSegments = reader.expect(DataTag.boolean, 'MoreSegmentsFollow of the report').boolean();
  }
  header.inclusionAt = reader.expect(DataTag.bitString, 'inclusion bit string of the report').header;
  return header;
}

/** The report's RptID alone, by which its control block is found. @throws DecodeError */
export function readReportId(octets: Buffer, start: number, end: number): string {
  return text(new BerReader(octets, start, end), 'RptID');
}

function text(reader: BerReader, what: string): string {
  const value = reader.expect(DataTag.visibleString, `${what} of the report`).visibleString(MAX_IDENTIFIER_LENGTH);
  const end = value.indexOf('\0');
  return end < 0 ? value : value.slice(0, end);
}

/** Stacks send these numbers as unsigned, as the standard says, and as INTEGER. */
function count(reader: BerReader, what: string): number {
  if (!reader.next() || (reader.tag !== DataTag.unsigned && reader.tag !== DataTag.integer))
    throw new DecodeError(`${what} of the report is missing`);
  return reader.integer();
}

/** EntryTime, BinaryTime6: ms of the day and days since 1984-01-01. */
function entryTime(reader: BerReader): number {
  const { start, end } = reader.expect(DataTag.binaryTime, 'TimeOfEntry of the report');
  if (end - start !== 6) throw new DecodeError(`TimeOfEntry has ${end - start} octets in place of 6`);
  return BINARY_TIME_EPOCH_MS + reader.octets.readUInt16BE(start + 4) * DAY_MS + reader.octets.readUInt32BE(start);
}
