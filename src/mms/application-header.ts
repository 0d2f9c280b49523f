/**
 * What stands between the EtherType and the APDU of GOOSE and sampled values (IEC 61850-8-1 Annex C, IEC 61850-9-2
 * Annex C): APPID, length, and two reserved words.
 */
import { DecodeError } from '../errors.js';

export const APPLICATION_HEADER_LENGTH = 8;

/** EtherTypes of the process bus. */
export const EtherType = { goose: 0x88b8, sampledValues: 0x88ba } as const;

const SIMULATED = 0x8000;

export interface ApplicationHeader {
  /** 0 to 65,535. */
  appId: number;
  /** S bit of the first reserved word: sent by a test set, or by a publisher in simulation. */
  simulated: boolean;
  /** Both reserved words as they came; without security and simulation they are 0. */
  reserved1: number;
  reserved2: number;
  /** The APDU is `octets[start … end)`. */
  start: number;
  end: number;
  /** Position after everything that the length counts; what follows is padding, or a security extension. */
  after: number;
}

/** Low bits of the first reserved word: octets of the security extension behind the APDU (IEC 62351-6). */
export const SECURITY_LENGTH = 0x0fff;

/** @throws DecodeError when the frame is too short or its length runs past the frame */
export function decodeApplicationHeader(octets: Buffer, start = 0, end = octets.length): ApplicationHeader {
  if (end - start < APPLICATION_HEADER_LENGTH) throw new DecodeError(`the frame has ${end - start} octets only`);
  const appId = octets.readUInt16BE(start);
  const length = octets.readUInt16BE(start + 2);
  const reserved1 = octets.readUInt16BE(start + 4);
  const reserved2 = octets.readUInt16BE(start + 6);
  if (length < APPLICATION_HEADER_LENGTH || length > end - start) {
    throw new DecodeError(`the frame says ${length} octets and has ${end - start}`);
  }
  const after = start + length;
  const security = reserved1 & SECURITY_LENGTH;
  return {
    appId,
    simulated: (reserved1 & SIMULATED) !== 0,
    reserved1,
    reserved2,
    start: start + APPLICATION_HEADER_LENGTH,
    // Writers differ on whether the extension is counted in the length; the APDU's own length tells where it ends.
    end: security > 0 && security < length - APPLICATION_HEADER_LENGTH ? after - security : after,
    after,
  };
}

/** Header and APDU as they follow the EtherType. */
export function encodeApplicationFrame(appId: number, simulated: boolean, apdu: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(APPLICATION_HEADER_LENGTH + apdu.length);
  frame.writeUInt16BE(appId, 0);
  frame.writeUInt16BE(frame.length, 2);
  frame.writeUInt16BE(simulated ? SIMULATED : 0, 4);
  frame.writeUInt16BE(0, 6);
  apdu.copy(frame, APPLICATION_HEADER_LENGTH);
  return frame;
}
