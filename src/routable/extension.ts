/**
 * The security extension of GOOSE and sampled values on Ethernet (IEC 62351-6:2020 §8.2): octets behind the APDU whose number
 * stands in the first reserved word. What is authenticated reaches from the EtherType to the end of the APDU.
 */
import { randomBytes } from 'node:crypto';
import { DecodeError } from '../errors.js';
import {
  APPLICATION_HEADER_LENGTH,
  decodeApplicationHeader,
  encodeApplicationFrame,
  SECURITY_LENGTH,
} from '../mms/application-header.js';
import { BerReader, berInteger, tlv } from '../mms/wire.js';
import { authenticate, isAuthentic, IV_LENGTH, needsIv } from './algorithms.js';
import { keyTime, type FrameSecurity } from './bus-security.js';
import type { BusKey, BusKeys } from './keys.js';
import type { FrameVerdict } from './protection.js';

const EXTENSION = 0x30;
const AUTHENTICATION = 0xa4;
const Tag = { version: 0x80, timeOfCurrentKey: 0x81, timeToNextKey: 0x82, iv: 0x83, keyId: 0x84, mac: 0x85 } as const;
const VERSION = 1;

/** What an extension says. */
export interface SecurityExtension {
  timeOfCurrentKey: number;
  timeToNextKey: number;
  keyId: number;
  iv: Buffer;
  mac: Buffer;
}

/** A frame's parts. */
export interface ExtendedFrame {
  appId: number;
  simulated: boolean;
  apdu: Buffer;
  /** One past the APDU. */
  apduEnd: number;
  /** The extension as it came; undefined when there is none. */
  octets?: Buffer;
}

/** Whether the reserved words of the frame may tell of an extension. */
export function hasExtension(payload: Buffer): boolean {
  if (payload.length < APPLICATION_HEADER_LENGTH) return false;
  return (payload.readUInt16BE(4) & SECURITY_LENGTH) !== 0 || payload.readUInt16BE(6) !== 0;
}

/**
 * Finds the extension of what follows the EtherType; writers differ on whether the length counts it.
 * @throws DecodeError
 */
export function splitFrame(payload: Buffer): ExtendedFrame {
  const { appId, simulated, reserved1, reserved2, start, after } = decodeApplicationHeader(payload);
  const reader = new BerReader(payload, start);
  if (!reader.next()) throw new DecodeError('the frame has no APDU');
  const apduEnd = reader.after;
  // One writer has the length in the second word, where the standard has a check sum.
  const length = reserved1 & SECURITY_LENGTH || (reserved2 === after - apduEnd ? reserved2 : 0);
  if (apduEnd + length > payload.length) throw new DecodeError('the security extension is cut off');
  const frame = { appId, simulated, apdu: payload.subarray(start, apduEnd), apduEnd };
  return length === 0 ? frame : { ...frame, octets: payload.subarray(apduEnd, apduEnd + length) };
}

/** What an extension says; undefined when it is of another form, such as that of the edition of 2007. */
export function decodeExtension(octets: Buffer): SecurityExtension | undefined {
  try {
    const fields = new BerReader(octets).expect(EXTENSION, 'extension').enter();
    // A private part may come first.
    while (fields.next()) if (fields.tag === AUTHENTICATION) return decodeAuthentication(fields.enter());
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return undefined;
}

function decodeAuthentication(fields: BerReader): SecurityExtension | undefined {
  const found: SecurityExtension = { timeOfCurrentKey: 0, timeToNextKey: 0, keyId: 0, iv: NOTHING, mac: NOTHING };
  while (fields.next()) {
    const content = fields.content();
    if (fields.tag === Tag.timeOfCurrentKey) found.timeOfCurrentKey = number(content);
    else if (fields.tag === Tag.timeToNextKey) found.timeToNextKey = number(content);
    else if (fields.tag === Tag.keyId) found.keyId = number(content);
    else if (fields.tag === Tag.iv) found.iv = content;
    else if (fields.tag === Tag.mac) found.mac = content;
  }
  return found.mac.length > 0 ? found : undefined;
}

/** Numbers come as octets of fixed length and as integers alike; none is over 32 bits. */
function number(content: Buffer): number {
  const octets = content.length === 5 && content[0] === 0 ? content.subarray(1) : content;
  if (octets.length < 1 || octets.length > 4) throw new DecodeError(`a number has ${content.length} octets`);
  return octets.readUIntBE(0, octets.length);
}

const NOTHING = Buffer.alloc(0);

/** Checks the code of a frame. @param now ms since 1970 */
export function checkExtension(
  etherType: number,
  payload: Buffer,
  frame: ExtendedFrame,
  extension: SecurityExtension | undefined,
  keys: BusKeys,
  now: number,
): { verdict: FrameVerdict; key?: BusKey } {
  if (!frame.octets) return { verdict: 'unsigned' };
  if (keys.none) return { verdict: 'notChecked' };
  // An extension of another form names no key.
  if (!extension) return { verdict: 'unknownKey' };
  const found = keys.find(extension.keyId, now);
  if (typeof found === 'string') return { verdict: found };
  const { key } = found;
  const covered = coveredOctets(etherType, payload, frame.apduEnd);
  return isAuthentic(key.algorithm, key.secret, covered, extension.mac, extension.iv)
    ? { verdict: 'verified', key }
    : { verdict: 'badSignature' };
}

/** What a frame's details say of its extension. */
export function extensionDetails(
  verdict: FrameSecurity['verdict'],
  octets: Buffer,
  extension: SecurityExtension | undefined,
  key: BusKey | undefined,
): FrameSecurity {
  if (!extension) return { verdict, macLength: octets.length };
  const since = keyTime(extension.timeOfCurrentKey);
  return {
    verdict,
    keyId: extension.keyId,
    ...(key && { algorithm: key.algorithm }),
    macLength: extension.mac.length,
    ...(since !== undefined && { timeOfCurrentKey: since }),
    ...(extension.timeToNextKey !== 0 && { timeToNextKey: extension.timeToNextKey }),
  };
}

/** The frame without its extension, whatever its length counted. */
export function withoutExtension({ appId, simulated, apdu }: ExtendedFrame): Buffer {
  return encodeApplicationFrame(appId, simulated, apdu);
}

/**
 * The frame with an extension that authenticates it. The length does not count the extension, so that receivers that do
 * not know it read past it.
 * @param payload what follows the EtherType, without an extension
 */
export function signFrame(
  etherType: number,
  payload: Buffer,
  key: BusKey,
  times: { timeOfCurrentKey: number; timeToNextKey: number },
): Buffer {
  const { algorithm, secret } = key;
  const { apduEnd } = splitFrame(payload);
  const iv = needsIv(algorithm) ? randomBytes(IV_LENGTH) : undefined;
  const build = (mac: Buffer): Buffer =>
    tlv(
      EXTENSION,
      tlv(
        AUTHENTICATION,
        berInteger(Tag.version, VERSION),
        tlv(Tag.timeOfCurrentKey, uint32(times.timeOfCurrentKey)),
        berInteger(Tag.timeToNextKey, times.timeToNextKey),
        ...(iv ? [tlv(Tag.iv, iv)] : []),
        tlv(Tag.keyId, uint32(key.id)),
        tlv(Tag.mac, mac),
      ),
    );
  const frame = Buffer.from(payload.subarray(0, apduEnd));
  // The length of the extension is authenticated too, so it stands there before the code is made.
  const code = (): Buffer => authenticate(algorithm, secret, coveredOctets(etherType, frame, apduEnd), iv);
  frame.writeUInt16BE((frame.readUInt16BE(4) & ~SECURITY_LENGTH) | build(code()).length, 4);
  return Buffer.concat([frame, build(code())]);
}

function coveredOctets(etherType: number, payload: Buffer, apduEnd: number): Buffer {
  return Buffer.concat([Buffer.of(etherType >> 8, etherType & 0xff), payload.subarray(0, apduEnd)]);
}

function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
}
