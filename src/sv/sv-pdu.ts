/** The APDU of sampled values (IEC 61850-9-2 §8.5.2, savPdu). */
import { DecodeError, LimitError } from '../errors.js';
import { MAX_SV_ASDUS, MAX_SV_NAME } from '../limits.js';
import { BerReader, berInteger, berVisibleString, tlv } from '../mms/wire.js';

/** One set of samples: all channels at one instant. */
export interface SvAsdu {
  svId: string;
  datSet?: string;
  /** 0 to 65,535; begins anew each second when the publisher is synchronised. */
  smpCnt: number;
  /** First octet of smpCnt in the frame; of one that is to be encoded it means nothing. */
  countAt: number;
  confRev: number;
  /** UtcTime, eight octets. */
  refrTm?: Buffer;
  /** 0 not synchronised, 1 by a local clock, 2 by a global one, 5 to 254 identity of a local clock (IEC 61869-9). */
  smpSynch: number;
  /** Samples a period, or a second, as smpMod says. */
  smpRate?: number;
  /** The values as they stand in the frame: `octets[start … end)`. Not copied. */
  start: number;
  end: number;
  /** 0 samples a nominal period, 1 samples a second, 2 seconds a sample. */
  smpMod?: number;
  /** Identity of the grandmaster, eight octets. */
  gmIdentity?: Buffer;
}

const SAV_PDU = 0x60;
const NUMBER_OF_ASDU = 0x80;
const SECURITY = 0x81;
const SEQUENCE_OF_ASDU = 0xa2;
const ASDU = 0x30;
const Tag = {
  svId: 0x80,
  datSet: 0x81,
  smpCnt: 0x82,
  confRev: 0x83,
  refrTm: 0x84,
  smpSynch: 0x85,
  smpRate: 0x86,
  samples: 0x87,
  smpMod: 0x88,
  gmIdentity: 0x89,
} as const;

/**
 * The ASDUs of the APDU in `octets[start … end)`.
 * @throws DecodeError, LimitError
 */
export function decodeSvPdu(octets: Buffer, start = 0, end = octets.length): SvAsdu[] {
  const fields = new BerReader(octets, start, end).expect(SAV_PDU, 'savPdu').enter();
  const count = fields.expect(NUMBER_OF_ASDU, 'noASDU').unsigned(0xffff);
  if (!fields.next()) throw new DecodeError('seqASDU is missing');
  if (fields.tag === SECURITY && !fields.next()) throw new DecodeError('seqASDU is missing');
  if (fields.tag !== SEQUENCE_OF_ASDU) throw new DecodeError('seqASDU is missing');
  if (count > MAX_SV_ASDUS) throw new LimitError(`the frame has ${count} ASDUs`);
  const list = fields.enter();
  const asdus: SvAsdu[] = [];
  while (list.next()) {
    if (list.tag !== ASDU) throw new DecodeError('where an ASDU should be stands something else');
    if (asdus.length >= count) throw new DecodeError(`the frame says ${count} ASDUs and has more`);
    asdus.push(decodeAsdu(list.enter()));
  }
  if (asdus.length !== count) throw new DecodeError(`the frame says ${count} ASDUs and has ${asdus.length}`);
  return asdus;
}

function decodeAsdu(fields: BerReader): SvAsdu {
  const svId = fields.expect(Tag.svId, 'svID').visibleString(MAX_SV_NAME);
  advance(fields, 'smpCnt');
  const datSet = fields.tag === Tag.datSet ? fields.visibleString(MAX_SV_NAME) : undefined;
  if (datSet !== undefined) advance(fields, 'smpCnt');
  const smpCnt = fixed(fields, Tag.smpCnt, 'smpCnt', 2);
  const countAt = fields.start;
  advance(fields, 'confRev');
  const confRev = fixed(fields, Tag.confRev, 'confRev', 4);
  advance(fields, 'smpSynch');
  const refrTm = fields.tag === Tag.refrTm ? octetsOf(fields, 'refrTm', 8) : undefined;
  if (refrTm) advance(fields, 'smpSynch');
  const smpSynch = fixed(fields, Tag.smpSynch, 'smpSynch', 1);
  advance(fields, 'the samples');
  const smpRate = fields.tag === Tag.smpRate ? fixed(fields, Tag.smpRate, 'smpRate', 2) : undefined;
  if (smpRate !== undefined) advance(fields, 'the samples');
  if (fields.tag !== Tag.samples) throw new DecodeError('the samples are missing');
  const asdu: SvAsdu = { svId, smpCnt, countAt, confRev, smpSynch, start: fields.start, end: fields.end };
  if (datSet !== undefined) asdu.datSet = datSet;
  if (refrTm) asdu.refrTm = refrTm;
  if (smpRate !== undefined) asdu.smpRate = smpRate;
  while (fields.next()) readTrailer(fields, asdu);
  return asdu;
}

/** The fields behind the samples; a later edition may add some, which say nothing of those before. */
function readTrailer(field: BerReader, asdu: SvAsdu): void {
  if (field.tag === Tag.smpMod) asdu.smpMod = fixed(field, Tag.smpMod, 'smpMod', 2);
  else if (field.tag === Tag.gmIdentity) asdu.gmIdentity = octetsOf(field, 'gmIdentity', 8);
}

function advance(fields: BerReader, what: string): void {
  if (!fields.next()) throw new DecodeError(`${what} is missing`);
}

/** Numbers are octet strings of fixed length here, without the sign that an INTEGER has. */
function fixed({ tag, octets, start, end }: BerReader, expected: number, what: string, length: number): number {
  if (tag !== expected) throw new DecodeError(`${what} is missing`);
  if (end - start !== length) throw new DecodeError(`${what} has ${end - start} octets`);
  return octets.readUIntBE(start, length);
}

function octetsOf(field: BerReader, what: string, length: number): Buffer {
  if (field.end - field.start !== length) throw new DecodeError(`${what} has ${field.end - field.start} octets`);
  return Buffer.from(field.content());
}

/** An APDU of ASDUs whose samples stand in `octets`. */
export function encodeSvPdu(asdus: readonly SvAsdu[], octets: Buffer): Buffer {
  return tlv(
    SAV_PDU,
    berInteger(NUMBER_OF_ASDU, asdus.length),
    tlv(SEQUENCE_OF_ASDU, ...asdus.map((asdu) => encodeAsdu(asdu, octets))),
  );
}

function encodeAsdu(asdu: SvAsdu, octets: Buffer): Buffer {
  const number = (tag: number, value: number, length: number): Buffer => {
    const content = Buffer.alloc(length);
    content.writeUIntBE(value, 0, length);
    return tlv(tag, content);
  };
  const parts = [berVisibleString(Tag.svId, asdu.svId)];
  if (asdu.datSet !== undefined) parts.push(berVisibleString(Tag.datSet, asdu.datSet));
  parts.push(number(Tag.smpCnt, asdu.smpCnt, 2), number(Tag.confRev, asdu.confRev, 4));
  if (asdu.refrTm) parts.push(tlv(Tag.refrTm, asdu.refrTm));
  parts.push(number(Tag.smpSynch, asdu.smpSynch, 1));
  if (asdu.smpRate !== undefined) parts.push(number(Tag.smpRate, asdu.smpRate, 2));
  parts.push(tlv(Tag.samples, octets.subarray(asdu.start, asdu.end)));
  if (asdu.smpMod !== undefined) parts.push(number(Tag.smpMod, asdu.smpMod, 2));
  if (asdu.gmIdentity) parts.push(tlv(Tag.gmIdentity, asdu.gmIdentity));
  return tlv(ASDU, ...parts);
}
