/** Ethernet II frames with and without a VLAN tag (IEEE 802.3, IEEE 802.1Q). */
import { ArgumentError, DecodeError } from '../errors.js';

export interface VlanTag {
  /** 0 to 7. */
  priority: number;
  /** 0 to 4095; 0 is a frame with a priority alone. */
  id: number;
}

export interface EthernetFrame {
  /** `01-0C-CD-01-00-01`. */
  destination: string;
  source: string;
  vlan?: VlanTag;
  etherType: number;
  /** What follows the EtherType, padding included; not copied. */
  payload: Buffer;
}

const VLAN = 0x8100;
const ADDRESSES = 12;
/** Octets of a frame without its check sequence, at least. */
const MIN_FRAME = 60;

/** @throws DecodeError when the frame is too short for its header */
export function decodeFrame(octets: Buffer): EthernetFrame {
  let at = ADDRESSES;
  const word = (): number => {
    if (at + 2 > octets.length) throw new DecodeError(`the Ethernet frame has ${octets.length} octets only`);
    at += 2;
    return octets.readUInt16BE(at - 2);
  };
  let etherType = word();
  let vlan: VlanTag | undefined;
  while (etherType === VLAN) {
    const tci = word();
    // The inner one of two tags is that of the sender.
    vlan = { priority: tci >> 13, id: tci & 0xfff };
    etherType = word();
  }
  return {
    destination: addressText(octets, 0),
    source: addressText(octets, 6),
    ...(vlan && { vlan }),
    etherType,
    payload: octets.subarray(at),
  };
}

/** A frame as it leaves, padded to the shortest that Ethernet has. @throws ArgumentError for a wrong address or tag */
export function encodeFrame({ destination, source, vlan, etherType, payload }: EthernetFrame): Buffer {
  const header = ADDRESSES + (vlan ? 4 : 0) + 2;
  const frame = Buffer.alloc(Math.max(MIN_FRAME, header + payload.length));
  parseAddress(destination).copy(frame, 0);
  parseAddress(source).copy(frame, 6);
  let at = ADDRESSES;
  if (vlan) {
    const { priority, id } = vlan;
    if (!(priority >= 0 && priority <= 7 && id >= 0 && id <= 4095)) {
      throw new ArgumentError(`VLAN ${id} with priority ${priority} is none`, 'Give 0 to 4095, and 0 to 7.');
    }
    at = frame.writeUInt16BE(VLAN, at);
    at = frame.writeUInt16BE((priority << 13) | id, at);
  }
  at = frame.writeUInt16BE(etherType, at);
  payload.copy(frame, at);
  return frame;
}

const TEXTS = Array.from({ length: 256 }, (_, octet) => octet.toString(16).toUpperCase().padStart(2, '0'));

/** `01-0C-CD-01-00-01`, as SCL writes it. */
export function addressText(octets: Uint8Array, at: number): string {
  const of = (i: number): string => TEXTS[octets[at + i] as number] as string;
  return `${of(0)}-${of(1)}-${of(2)}-${of(3)}-${of(4)}-${of(5)}`;
}

/** Six octets of an address with `-`, `:` or nothing between them. @throws ArgumentError */
export function parseAddress(text: string): Buffer {
  const hex = text.trim().replace(/[-:]/g, '');
  if (!/^[0-9a-f]{12}$/i.test(hex)) {
    throw new ArgumentError(`"${text}" is no MAC address`, 'Write it as 01-0C-CD-01-00-01.');
  }
  return Buffer.from(hex, 'hex');
}
