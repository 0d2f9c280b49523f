/** Network adapters of Windows by their friendly names (GetAdaptersAddresses of iphlpapi.dll). */
import type { Koffi } from '../load-koffi.js';
import { addressText } from '../frame.js';

export interface Adapter {
  index: number;
  /** As people know it: `Ethernet 2`. */
  name: string;
  /** As Npcap knows it: `\Device\NPF_{…}`. */
  device: string;
  /** `02-00-00-00-00-01`; empty for an adapter without one. */
  address: string;
  up: boolean;
}

const ANY_FAMILY = 0;
/** No unicast, anycast, multicast and DNS addresses: they are not asked for. */
const SKIP_ADDRESSES = 0x1 | 0x2 | 0x4 | 0x8;
const BUFFER_OVERFLOW = 111;
const FIRST_SIZE = 32 << 10;
const MAX_SIZE = 4 << 20;
const STATUS_UP = 1;

/** Places in IP_ADAPTER_ADDRESSES_LH where addresses have 64 bits, as on every Windows that Node.js runs on. */
const AT = {
  index: 4,
  next: 8,
  adapterName: 16,
  friendlyName: 72,
  physicalAddress: 80,
  physicalAddressLength: 88,
  status: 104,
  end: 108,
} as const;

type GetAdapters = (family: number, flags: number, reserved: null, target: bigint, size: Buffer) => number;

export class Adapters {
  private readonly get: GetAdapters;

  constructor(private readonly koffi: typeof Koffi) {
    const signature = 'uint32 GetAdaptersAddresses(uint32, uint32, void *, uintptr_t, void *)';
    this.get = koffi.load('iphlpapi.dll').func(signature) as GetAdapters;
  }

  /** Those with an address of Ethernet. */
  list(): Adapter[] {
    const { koffi } = this;
    for (let size = FIRST_SIZE; size <= MAX_SIZE; size *= 4) {
      const memory = koffi.alloc('uint8', size) as bigint;
      try {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(size, 0);
        const outcome = this.get(ANY_FAMILY, SKIP_ADDRESSES, null, memory, length);
        if (outcome === BUFFER_OVERFLOW) continue;
        return outcome === 0 ? parseAdapters(Buffer.from(koffi.view(memory, size)), memory) : [];
      } finally {
        koffi.free(memory);
      }
    }
    return [];
  }
}

/** @param base address of the first octet: the list refers to itself by addresses */
export function parseAdapters(octets: Buffer, base: bigint): Adapter[] {
  const adapters: Adapter[] = [];
  const placeOf = (pointerAt: number): number | undefined => {
    const place = octets.readBigUInt64LE(pointerAt) - base;
    return place >= 0n && place < BigInt(octets.length) ? Number(place) : undefined;
  };
  const seen = new Set<number>();
  for (let at: number | undefined = 0; at !== undefined && !seen.has(at); at = placeOf(at + AT.next)) {
    if (at + AT.end > octets.length) break;
    seen.add(at);
    const nameAt = placeOf(at + AT.adapterName);
    const friendlyAt = placeOf(at + AT.friendlyName);
    const hasAddress = octets.readUInt32LE(at + AT.physicalAddressLength) === 6;
    if (nameAt !== undefined && friendlyAt !== undefined && hasAddress) {
      adapters.push({
        index: octets.readUInt32LE(at + AT.index),
        name: wideText(octets, friendlyAt),
        device: `\\Device\\NPF_${narrowText(octets, nameAt)}`,
        address: addressText(octets, at + AT.physicalAddress),
        up: octets.readUInt32LE(at + AT.status) === STATUS_UP,
      });
    }
  }
  return adapters;
}

function narrowText(octets: Buffer, at: number): string {
  const end = octets.indexOf(0, at);
  return octets.toString('latin1', at, end < 0 ? octets.length : end);
}

function wideText(octets: Buffer, at: number): string {
  let end = at;
  while (end + 1 < octets.length && octets.readUInt16LE(end) !== 0) end += 2;
  return octets.toString('utf16le', at, end);
}
