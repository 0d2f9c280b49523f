/** What an SPDU carries: GOOSE and sampled-value APDUs one after the other (IEC 61850-90-5 §11.3.3). */
import { DecodeError, LimitError } from '../errors.js';
import { MAX_ROUTABLE_ELEMENTS } from '../limits.js';
import { BerReader } from '../mms/wire.js';

/** Tags of the elements. */
export const ElementTag = { goose: 0x81, sampledValues: 0x82, tunnelled: 0x83, management: 0x84 } as const;

export interface PayloadElement {
  tag: number;
  /** Octet as it came; each but 0 is true. */
  simulation: number;
  /** 0 to 65,535. */
  appId: number;
  /** Address, VLAN tag and EtherType of a tunnelled frame, octet for octet. */
  tunnel?: { address: Buffer; tag: Buffer; etherType: number };
  apdu: Buffer;
  /** What the length says more than the APDU has: some writers count the two octets of the length itself. */
  excess: number;
}

/** Octets of tag, simulation, APPID and length. */
const HEADER = 6;
/** Octets that a tunnelled element has between APPID and length: address and VLAN tag. */
const TUNNEL = 10;
/** What some writers add to the length. */
const OWN_LENGTH = 2;

/** @throws DecodeError, LimitError */
export function decodePayload(octets: Buffer): PayloadElement[] {
  const elements: PayloadElement[] = [];
  let at = 0;
  while (at < octets.length) {
    if (elements.length >= MAX_ROUTABLE_ELEMENTS) throw new LimitError('the SPDU has too many payload elements');
    const element = decodeElement(octets, at);
    elements.push(element);
    at += elementLength(element);
  }
  return elements;
}

export function encodePayload(elements: readonly PayloadElement[]): Buffer {
  const octets = Buffer.alloc(elements.reduce((sum, element) => sum + elementLength(element), 0));
  let at = 0;
  for (const { tag, simulation, appId, tunnel, apdu, excess } of elements) {
    at = octets.writeUInt8(tag, at);
    at = octets.writeUInt8(simulation, at);
    at = octets.writeUInt16BE(appId, at);
    if (tunnel) {
      at += tunnel.address.copy(octets, at);
      at += tunnel.tag.copy(octets, at);
    }
    at = octets.writeUInt16BE(apdu.length + excess, at);
    if (tunnel) at = octets.writeUInt16BE(tunnel.etherType, at);
    at += apdu.copy(octets, at);
  }
  return octets;
}

function elementLength({ tunnel, apdu }: PayloadElement): number {
  return HEADER + (tunnel ? TUNNEL + 2 : 0) + apdu.length;
}

function decodeElement(octets: Buffer, start: number): PayloadElement {
  const tag = octets[start] as number;
  const tunnelled = tag === ElementTag.tunnelled;
  if (tag < ElementTag.goose || tag > ElementTag.management) {
    throw new DecodeError(`where a payload element should be stands tag 0x${tag.toString(16)}`);
  }
  const begin = start + HEADER + (tunnelled ? TUNNEL + 2 : 0);
  if (begin > octets.length) throw new DecodeError('a payload element is cut off');
  const said = octets.readUInt16BE(start + (tunnelled ? 4 + TUNNEL : 4));
  const length = apduLength(octets, begin, said, tag);
  return {
    tag,
    simulation: octets[start + 1] as number,
    appId: octets.readUInt16BE(start + 2),
    ...(tunnelled && {
      tunnel: {
        address: octets.subarray(start + 4, start + 10),
        tag: octets.subarray(start + 10, start + 14),
        etherType: octets.readUInt16BE(begin - 2),
      },
    }),
    apdu: octets.subarray(begin, begin + length),
    excess: said - length,
  };
}

/** GOOSE and sampled values say by their own BER length where they end, so that it is known what the writer counted. */
function apduLength(octets: Buffer, begin: number, said: number, tag: number): number {
  if (tag !== ElementTag.goose && tag !== ElementTag.sampledValues) {
    if (begin + said > octets.length) throw new DecodeError('a payload element is longer than the payload');
    return said;
  }
  const apdu = new BerReader(octets, begin);
  if (!apdu.next()) throw new DecodeError('a payload element has no APDU');
  const length = apdu.after - begin;
  if (said !== length && said !== length + OWN_LENGTH) {
    throw new DecodeError(`a payload element says ${said} octets, and its APDU has ${length}`);
  }
  return length;
}
