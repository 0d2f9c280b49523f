/** The GOOSE APDU (IEC 61850-8-1 Annex A, IECGoosePdu). */
import { DecodeError, LimitError } from '../errors.js';
import { MAX_GOOSE_ENTRIES, MAX_GOOSE_NAME } from '../limits.js';
import type { MmsData } from '../mms/data.js';
import { decodeData, encodeData } from '../mms/data-codec.js';
import { BerReader, berBoolean, berInteger, berVisibleString, tlv } from '../mms/wire.js';

export interface UtcTime {
  /** Seconds since 1970. */
  seconds: number;
  /** 24-bit fraction of a second. */
  fraction: number;
  /** Time quality octet (IEC 61850-8-1 §8.1.3.7). */
  quality: number;
}

export interface GoosePdu {
  gocbRef: string;
  /** ms within which the next frame is due. */
  timeAllowedToLive: number;
  datSet: string;
  goId?: string;
  /** When the state number last changed. */
  t: UtcTime;
  stNum: number;
  sqNum: number;
  simulation: boolean;
  confRev: number;
  /** The publisher's data set is not as it should be: needs commissioning. */
  ndsCom: boolean;
  allData: MmsData[];
}

/** Everything of a PDU but its values, which stand undecoded in `octets[dataStart … dataEnd)`. */
export interface GooseHeader extends Omit<GoosePdu, 'allData'> {
  numDatSetEntries: number;
  dataStart: number;
  dataEnd: number;
}

const GOOSE_PDU = 0x61;
const Tag = {
  gocbRef: 0x80,
  timeAllowedToLive: 0x81,
  datSet: 0x82,
  goId: 0x83,
  t: 0x84,
  stNum: 0x85,
  sqNum: 0x86,
  simulation: 0x87,
  confRev: 0x88,
  ndsCom: 0x89,
  numDatSetEntries: 0x8a,
  allData: 0xab,
} as const;
const UINT32 = 0xffff_ffff;

/** How the names of a PDU become text; those of one publisher are the same in every frame. */
export interface NameReader {
  /** @param field is at its element */
  read(name: 'gocbRef' | 'datSet' | 'goId', field: BerReader): string;
}

const PLAIN_NAMES: NameReader = { read: (_name, field) => field.visibleString(MAX_GOOSE_NAME) };

/**
 * Reads the fields of the PDU in `octets[start … end)`, in their order and none twice.
 * @throws DecodeError for anything that does not follow the standard
 */
export function decodeGooseHeader(
  octets: Buffer,
  start = 0,
  end = octets.length,
  names: NameReader = PLAIN_NAMES,
): GooseHeader {
  const outer = new BerReader(octets, start, end).expect(GOOSE_PDU, 'GOOSE PDU');
  const fields = outer.enter();
  const gocbRef = names.read('gocbRef', fields.expect(Tag.gocbRef, 'gocbRef'));
  const timeAllowedToLive = fields.expect(Tag.timeAllowedToLive, 'timeAllowedtoLive').unsigned(UINT32);
  const datSet = names.read('datSet', fields.expect(Tag.datSet, 'datSet'));
  advance(fields, Tag.t, 't', Tag.goId);
  let goId: string | undefined;
  if (fields.tag === Tag.goId) {
    goId = names.read('goId', fields);
    advance(fields, Tag.t, 't');
  }
  const t = timeOf(fields);
  const stNum = fields.expect(Tag.stNum, 'stNum').unsigned(UINT32);
  const sqNum = fields.expect(Tag.sqNum, 'sqNum').unsigned(UINT32);
  advance(fields, Tag.confRev, 'confRev', Tag.simulation);
  const simulation = optionalBoolean(fields, Tag.simulation, Tag.confRev, 'confRev');
  const confRev = fields.unsigned(UINT32);
  advance(fields, Tag.numDatSetEntries, 'numDatSetEntries', Tag.ndsCom);
  const ndsCom = optionalBoolean(fields, Tag.ndsCom, Tag.numDatSetEntries, 'numDatSetEntries');
  const numDatSetEntries = fields.unsigned(UINT32);
  fields.expect(Tag.allData, 'allData');
  return {
    gocbRef,
    timeAllowedToLive,
    datSet,
    ...(goId !== undefined && { goId }),
    t,
    stNum,
    sqNum,
    simulation,
    confRev,
    ndsCom,
    numDatSetEntries,
    dataStart: fields.start,
    dataEnd: fields.end,
  };
}

/**
 * Name of the control block alone, with which a PDU begins, for those who want to know whether the rest concerns them.
 * @throws DecodeError
 */
export function gocbRefOf(octets: Buffer, start = 0, end = octets.length): string {
  const fields = new BerReader(octets, start, end).expect(GOOSE_PDU, 'GOOSE PDU').enter();
  return fields.expect(Tag.gocbRef, 'gocbRef').visibleString(MAX_GOOSE_NAME);
}

/** Moves to the next field, which has `tag`, or the tag of the optional one before it. */
function advance(fields: BerReader, tag: number, what: string, optional = tag): void {
  if (!fields.next()) throw new DecodeError(`${what} is missing`);
  if (fields.tag !== tag && fields.tag !== optional) {
    throw new DecodeError(`where ${what} should be stands tag 0x${fields.tag.toString(16)}`);
  }
}

function optionalBoolean(fields: BerReader, tag: number, next: number, what: string): boolean {
  if (fields.tag !== tag) return false;
  const value = fields.boolean();
  advance(fields, next, what);
  return value;
}

function timeOf({ octets, start, end }: BerReader): UtcTime {
  if (end - start !== 8) throw new DecodeError(`t has ${end - start} octets`);
  return {
    seconds: octets.readUInt32BE(start),
    fraction: octets.readUIntBE(start + 4, 3),
    quality: octets[start + 7] as number,
  };
}

/**
 * Header and values of a PDU.
 * @throws DecodeError, also when there are not as many values as the PDU says; LimitError
 */
export function decodeGoosePdu(octets: Buffer, start = 0, end = octets.length): GoosePdu {
  const { numDatSetEntries, dataStart, dataEnd, ...fields } = decodeGooseHeader(octets, start, end);
  const reader = new BerReader(octets, dataStart, dataEnd);
  const allData: MmsData[] = [];
  while (reader.next()) {
    if (allData.length >= MAX_GOOSE_ENTRIES) throw new LimitError('the GOOSE data set has too many entries');
    allData.push(decodeData(reader));
  }
  checkEntries(numDatSetEntries, allData.length);
  return { ...fields, allData };
}

/** @throws DecodeError */
export function checkEntries(said: number, there: number): void {
  if (said !== there) throw new DecodeError(`the PDU says ${said} entries and has ${there}`);
}

export function encodeGoosePdu(pdu: GoosePdu): Buffer {
  return encodeGooseFrame(pdu, Buffer.concat(pdu.allData.map(encodeData)), pdu.allData.length);
}

/**
 * A PDU around values that are encoded already.
 * @param fixed numbers have five octets whatever their value, so that all stands at the same place in every frame (§A.3)
 */
export function encodeGooseFrame(
  header: Omit<GoosePdu, 'allData'>,
  data: Buffer,
  entries: number,
  fixed = false,
): Buffer {
  const number = fixed ? fixedUnsigned : berInteger;
  const { seconds, fraction, quality } = header.t;
  const t = Buffer.allocUnsafe(8);
  t.writeUInt32BE(seconds, 0);
  t.writeUIntBE(fraction, 4, 3);
  t[7] = quality;
  return tlv(
    GOOSE_PDU,
    berVisibleString(Tag.gocbRef, header.gocbRef),
    number(Tag.timeAllowedToLive, header.timeAllowedToLive),
    berVisibleString(Tag.datSet, header.datSet),
    header.goId === undefined ? NOTHING : berVisibleString(Tag.goId, header.goId),
    tlv(Tag.t, t),
    number(Tag.stNum, header.stNum),
    number(Tag.sqNum, header.sqNum),
    berBoolean(Tag.simulation, header.simulation),
    number(Tag.confRev, header.confRev),
    berBoolean(Tag.ndsCom, header.ndsCom),
    number(Tag.numDatSetEntries, entries),
    tlv(Tag.allData, data),
  );
}

/** INT32U with the leading zero that it needs at most. */
function fixedUnsigned(tag: number, value: number): Buffer {
  const octets = Buffer.of(tag, 5, 0, 0, 0, 0, 0);
  octets.writeUInt32BE(value, 3);
  return octets;
}

const NOTHING = Buffer.alloc(0);
