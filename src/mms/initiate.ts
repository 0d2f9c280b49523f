import type { BerReader } from '../ber/reader.js';
import { berBitString, berInteger, tlv } from '../ber/encode.js';
import { DecodeError } from '../errors.js';

/** Parameters of Initiate (ISO 9506-2 §8.2), the same in request and response. */
export interface InitiateParameters {
  /** Largest MMS PDU in octets; absent means that the sender names no bound. */
  maxPduSize?: number;
  maxOutstandingCalling: number;
  maxOutstandingCalled: number;
  nestingLevel?: number;
  version: number;
  /** Parameter conformance building blocks, text of 0 and 1: bit 0 str1, 1 str2, 2 vnam, 3 valt, 4 vadr, 5 vsca, 6 tpy, 7 vlis, … */
  parameterCbb: string;
  /** Supported services, text of 0 and 1 by {@link SERVICE_BITS}. */
  servicesSupported: string;
}

/** Bits of servicesSupported (ISO 9506-2 §8.2.1.2.1) that IEC 61850-8-1 uses. */
export const SERVICE_BITS: Readonly<Record<string, number>> = {
  status: 0,
  getNameList: 1,
  identify: 2,
  read: 4,
  write: 5,
  getVariableAccessAttributes: 6,
  defineNamedVariableList: 11,
  getNamedVariableListAttributes: 12,
  deleteNamedVariableList: 13,
  obtainFile: 46,
  readJournal: 65,
  initializeJournal: 67,
  reportJournalStatus: 68,
  fileOpen: 72,
  fileRead: 73,
  fileClose: 74,
  fileRename: 75,
  fileDelete: 76,
  fileDirectory: 77,
  informationReport: 79,
  conclude: 83,
  cancel: 84,
};
const SERVICES_LENGTH = 85;
/** str1, str2, vnam, valt, vlis: structures, arrays, named variables, alternate access, named variable lists. */
export const PARAMETER_CBB = '11110001000';

export function servicesSupported(names: readonly string[]): string {
  const bits = new Array<string>(SERVICES_LENGTH).fill('0');
  for (const name of names) {
    const bit = SERVICE_BITS[name];
    if (bit !== undefined) bits[bit] = '1';
  }
  return bits.join('');
}

const MAX_CBB_BITS = 64;
const MAX_SERVICE_BITS = 256;

/** Reads the content of an Initiate request or response. @throws DecodeError (CVE-2026-49035, CVE-2024-45969) */
export function decodeInitiate(body: BerReader): InitiateParameters {
  const result: Partial<InitiateParameters> = {};
  while (body.next()) {
    switch (body.tag) {
      case 0x80:
        result.maxPduSize = body.unsigned(0x7fffffff);
        break;
      case 0x81:
        result.maxOutstandingCalling = body.unsigned(0x7fff);
        break;
      case 0x82:
        result.maxOutstandingCalled = body.unsigned(0x7fff);
        break;
      case 0x83:
        result.nestingLevel = body.unsigned(0x7f);
        break;
      case 0xa4:
        Object.assign(result, decodeDetail(body.enter()));
        break;
      default:
        break;
    }
  }
  const { maxOutstandingCalling, maxOutstandingCalled, version } = result;
  if (maxOutstandingCalling === undefined || maxOutstandingCalled === undefined || version === undefined) {
    throw new DecodeError('MMS Initiate is incomplete');
  }
  return { parameterCbb: '', servicesSupported: '', ...result, maxOutstandingCalling, maxOutstandingCalled, version };
}

function decodeDetail(detail: BerReader): Partial<InitiateParameters> {
  const result: Partial<InitiateParameters> = {};
  while (detail.next()) {
    if (detail.tag === 0x80) result.version = detail.integer();
    else if (detail.tag === 0x81) result.parameterCbb = detail.bitString(MAX_CBB_BITS);
    else if (detail.tag === 0x82) result.servicesSupported = detail.bitString(MAX_SERVICE_BITS);
  }
  return result;
}

/** Content of an Initiate request or response, without the PDU tag. */
export function encodeInitiate(parameters: InitiateParameters): Buffer {
  return Buffer.concat([
    ...(parameters.maxPduSize === undefined ? [] : [berInteger(0x80, parameters.maxPduSize)]),
    berInteger(0x81, parameters.maxOutstandingCalling),
    berInteger(0x82, parameters.maxOutstandingCalled),
    ...(parameters.nestingLevel === undefined ? [] : [berInteger(0x83, parameters.nestingLevel)]),
    tlv(
      0xa4,
      berInteger(0x80, parameters.version),
      berBitString(0x81, parameters.parameterCbb),
      berBitString(0x82, parameters.servicesSupported),
    ),
  ]);
}
