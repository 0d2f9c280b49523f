/**
 * The session PDU that carries GOOSE and sampled values over UDP (IEC 61850-90-5 §11.3 as version 1; version 2 is that of
 * IEC 61850-8-1 Amendment 1 with IEC 62351-6:2020), with the header of the connectionless transport in front of it
 * (RFC 1240). Octets are taken apart and put together here; {@link ./protection.ts} signs and encrypts.
 */
import { DecodeError } from '../errors.js';
import { MAX_ROUTABLE_PAYLOAD } from '../limits.js';

/** Session identifiers. */
export const SpduType = { tunnelled: 0xa0, goose: 0xa1, sampledValues: 0xa2, management: 0xa3 } as const;

export type SpduVersion = 1 | 2;

export interface Spdu {
  /** Header of the transport; `01 40` where nothing is added to it. */
  transport: Buffer;
  type: number;
  /** Lengths as they stand there; writers differ on what they count, and readers do not need them. */
  headerLength: number;
  commonLength: number;
  spduLength: number;
  /** Counts the SPDUs of a publisher, 0 to 4,294,967,295. */
  number: number;
  version: SpduVersion;
  /** When the key became the current one, in seconds since 1970; 0 when that is not said. */
  timeOfCurrentKey: number;
  /** Minutes until the next key, from -32,768 on; 0 when that is not said. */
  timeToNextKey: number;
  /** Version 1: numbers of the algorithms, 0 for none. In version 2 the key tells. */
  encryption: number;
  signature: number;
  /** 0 for no key. */
  keyId: number;
  /** Version 2: initialization vector, empty when there is none. */
  iv: Buffer;
  /** Payload elements, encrypted or plain. */
  payload: Buffer;
  /** Padding behind the payload (tag 0xAF), without its tag and length. */
  padding?: Buffer;
  /** Authentication code, empty or absent when there is none. */
  mac?: Buffer;
  /** Length of the code as it is said; one publisher says 16 for 32 octets. */
  macSaid?: number;
}

const CLTP_UNIT_DATA = 0x40;
const COMMON_HEADER = 0x80;
const PADDING = 0xaf;
const SIGNATURE = 0x85;
/** Octets of SPDU length, number and version. */
const COMMON = 10;

/** The SPDU with the places that authentication needs to know. */
export interface LocatedSpdu extends Spdu {
  /** First octet of the SPDU: what is before it belongs to the transport. */
  sessionStart: number;
  payloadStart: number;
  /** One past the last octet that an authentication code covers. */
  coveredEnd: number;
}

/** Takes the octets of a datagram one after the other. */
class Cursor {
  constructor(
    readonly octets: Buffer,
    public at = 0,
  ) {}

  take(count: number, what: string): Buffer {
    const { octets, at } = this;
    if (count > octets.length - at) throw new DecodeError(`${what} is cut off`);
    this.at += count;
    return octets.subarray(at, at + count);
  }

  number(count: 1 | 2 | 4, what: string): number {
    return this.take(count, what).readUIntBE(0, count);
  }

  expect(value: number, what: string): void {
    const found = this.number(1, what);
    if (found !== value) throw new DecodeError(`where ${what} should be stands 0x${found.toString(16)}`);
  }
}

/**
 * The SPDU of a datagram; buffers are parts of it, not copies.
 * @throws DecodeError
 */
export function decodeSpdu(datagram: Buffer): LocatedSpdu {
  const at = new Cursor(datagram);
  const transportLength = at.number(1, 'the transport header');
  if (at.number(1, 'the transport header') !== CLTP_UNIT_DATA || transportLength < 1) {
    throw new DecodeError('the datagram has no connectionless transport header');
  }
  at.take(transportLength - 1, 'the transport header');
  const sessionStart = at.at;
  const type = at.number(1, 'the session identifier');
  if (type < SpduType.tunnelled || type > SpduType.management) {
    throw new DecodeError(`the session identifier 0x${type.toString(16)} is none of IEC 61850-90-5`);
  }
  const headerLength = at.number(1, 'the session header');
  at.expect(COMMON_HEADER, 'the common session header');
  const commonLength = at.number(1, 'the common session header');
  if (commonLength < COMMON || headerLength < COMMON) throw new DecodeError('the session header is too short');
  const spduLength = at.number(4, 'the SPDU length');
  if (spduLength > datagram.length - at.at) throw new DecodeError('the SPDU says more octets than the datagram has');
  const number = at.number(4, 'the SPDU number');
  const version = at.number(2, 'the version');
  if (version !== 1 && version !== 2) throw new DecodeError(`session protocol version ${version} is not known`);
  const security = decodeSecurity(at, version);
  const payloadLength = at.number(4, 'the payload length');
  if (payloadLength > MAX_ROUTABLE_PAYLOAD) throw new DecodeError(`the payload says ${payloadLength} octets`);
  const payloadStart = at.at;
  const payload = at.take(payloadLength, 'the payload');
  const padding = datagram[at.at] === PADDING ? paddingOf(at) : undefined;
  const coveredEnd = at.at;
  return {
    transport: datagram.subarray(0, sessionStart),
    type,
    headerLength,
    commonLength,
    spduLength,
    number,
    version,
    ...security,
    payload,
    ...(padding && { padding }),
    ...decodeMac(at),
    sessionStart,
    payloadStart,
    coveredEnd,
  };
}

type SecurityInformation = Pick<
  Spdu,
  'timeOfCurrentKey' | 'timeToNextKey' | 'encryption' | 'signature' | 'keyId' | 'iv'
>;

function decodeSecurity(at: Cursor, version: SpduVersion): SecurityInformation {
  const timeOfCurrentKey = at.number(4, 'TimeOfCurrentKey');
  const timeToNextKey = at.take(2, 'TimeToNextKey').readInt16BE(0);
  const encryption = version === 1 ? at.number(1, 'the encryption algorithm') : 0;
  const signature = version === 1 ? at.number(1, 'the signature algorithm') : 0;
  const keyId = at.number(4, 'the key id');
  const iv = version === 1 ? NOTHING : at.take(at.number(1, 'the initialization vector'), 'the initialization vector');
  return { timeOfCurrentKey, timeToNextKey, encryption, signature, keyId, iv };
}

function paddingOf(at: Cursor): Buffer {
  at.take(1, 'the padding');
  return at.take(at.number(1, 'the padding'), 'the padding');
}

/** All that is left: a code's length is that of its algorithm, whatever the publisher says. */
function decodeMac(at: Cursor): { mac?: Buffer; macSaid?: number } {
  if (at.at === at.octets.length) return {};
  at.expect(SIGNATURE, 'the signature');
  const macSaid = at.number(1, 'the signature');
  const mac = at.take(at.octets.length - at.at, 'the signature');
  if (mac.length < macSaid) throw new DecodeError('the signature is cut off');
  return { mac, macSaid };
}

/** The octets as they were, or as they are to be. */
export function encodeSpdu(spdu: Spdu): Buffer {
  const { padding, mac } = spdu;
  return Buffer.concat([
    encodeSpduHeader(spdu),
    spdu.payload,
    ...(padding ? [Buffer.of(PADDING, padding.length), padding] : []),
    ...(mac ? [Buffer.of(SIGNATURE, spdu.macSaid ?? mac.length), mac] : []),
  ]);
}

/** Everything before the payload. */
export function encodeSpduHeader(spdu: Spdu): Buffer {
  const { transport, version, iv } = spdu;
  const header = Buffer.alloc(transport.length + headerOctets(version, iv.length));
  let at = transport.copy(header);
  at = header.writeUInt8(spdu.type, at);
  at = header.writeUInt8(spdu.headerLength, at);
  at = header.writeUInt8(COMMON_HEADER, at);
  at = header.writeUInt8(spdu.commonLength, at);
  at = header.writeUInt32BE(spdu.spduLength, at);
  at = header.writeUInt32BE(spdu.number, at);
  at = header.writeUInt16BE(version, at);
  at = header.writeUInt32BE(spdu.timeOfCurrentKey, at);
  at = header.writeInt16BE(spdu.timeToNextKey, at);
  if (version === 1) {
    at = header.writeUInt8(spdu.encryption, at);
    at = header.writeUInt8(spdu.signature, at);
  }
  at = header.writeUInt32BE(spdu.keyId, at);
  if (version === 2) {
    at = header.writeUInt8(iv.length, at);
    at += iv.copy(header, at);
  }
  header.writeUInt32BE(spdu.payload.length, at);
  return header;
}

/** What of a new SPDU is not computed. */
export type NewSpdu = Pick<Spdu, 'type' | 'number' | 'version' | 'timeOfCurrentKey' | 'timeToNextKey' | 'keyId'> &
  Partial<Pick<Spdu, 'encryption' | 'signature' | 'iv'>> & { payload: Buffer; macLength?: number };

/** An SPDU with its lengths; a code of `macLength` octets is still to follow. */
export function newSpdu({ macLength = 0, ...given }: NewSpdu): Spdu {
  const { iv = NOTHING, version, payload } = given;
  const octets = headerOctets(version, iv.length);
  return {
    transport: TRANSPORT,
    encryption: 0,
    signature: 0,
    ...given,
    iv,
    // Both count what follows them and belongs to the header; the payload's own length does not.
    headerLength: octets - PAYLOAD_LENGTH - 2,
    commonLength: octets - PAYLOAD_LENGTH - 4,
    spduLength: octets - TO_SPDU_LENGTH + payload.length + (macLength > 0 ? 2 + macLength : 0),
  };
}

const NOTHING = Buffer.alloc(0);
const TRANSPORT = Buffer.of(1, CLTP_UNIT_DATA);
const PAYLOAD_LENGTH = 4;
/** Octets of an SPDU up to the end of its length. */
const TO_SPDU_LENGTH = 8;

/** Octets from the session identifier to the end of the payload's length. */
function headerOctets(version: SpduVersion, ivLength: number): number {
  const security = version === 1 ? 12 : 11 + ivLength;
  return 4 + COMMON + security + PAYLOAD_LENGTH;
}
