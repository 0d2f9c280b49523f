/** One capture handle of libpcap (pcap(3PCAP)) on one interface. */
import { EthernetError } from '../../errors.js';
import { PCAP_WAIT_MS, RAW_SOCKET_BUFFER } from '../../limits.js';
import { parseAddress } from '../frame.js';
import type { LinkFilter } from '../frame-link.js';
import type { FrameSocket, InterfaceInfo, SocketHandler } from '../medium.js';
import { pcapFilter } from './pcap-filter.js';
import type { Address, Pcap } from './pcap-library.js';

/** Jumbo frames are cut: nothing of the process bus is that long. */
const SNAPSHOT_LENGTH = 2048;
const ERROR_OCTETS = 256;
const ETHERNET = 1;
const PERMISSION_DENIED = new Set([-8, -11]);
const UNKNOWN_NETMASK = 0xffffffff;
/** Frames that are taken before other work of the process has its turn. */
const FRAMES_AT_A_TIME = 512;
const SOURCE_AT = 6;

export class PcapSocket implements FrameSocket {
  private readonly own: Buffer;
  private readonly pointers = { header: Buffer.alloc(8), data: Buffer.alloc(8) };
  private closed = false;
  private waiting: Promise<void> | undefined;
  private lastDropped = 0;

  private constructor(
    private readonly pcap: Pcap,
    private readonly handle: Address,
    info: InterfaceInfo,
    private readonly handler: SocketHandler,
  ) {
    this.own = parseAddress(info.address);
  }

  /** @throws EthernetError */
  static open(pcap: Pcap, info: InterfaceInfo, handler: SocketHandler): PcapSocket {
    const error = Buffer.alloc(ERROR_OCTETS);
    const handle = pcap.create(info.device ?? '', error);
    if (!handle) throw failure('the interface cannot be opened', textOf(error));
    try {
      pcap.setSnapshotLength(handle, SNAPSHOT_LENGTH);
      // Multicast groups are not joined: what the interface hears is filtered.
      pcap.setPromiscuous(handle, 1);
      pcap.setTimeout(handle, PCAP_WAIT_MS);
      pcap.setImmediate(handle, 1);
      pcap.setBufferSize(handle, RAW_SOCKET_BUFFER);
      const code = pcap.activate(handle);
      if (code < 0)
        throw failure('the interface cannot be opened', pcap.errorText(handle), PERMISSION_DENIED.has(code));
      if (pcap.linkType(handle) !== ETHERNET) throw failure('the interface cannot be used', 'it is no Ethernet');
      if (pcap.setNonBlocking(handle, 1, error) !== 0) throw failure('the interface cannot be used', textOf(error));
      return new PcapSocket(pcap, handle, info, handler);
    } catch (cause) {
      pcap.close(handle);
      throw cause;
    }
  }

  listen(filter: LinkFilter): void {
    const program = Buffer.alloc(2 * 8);
    if (this.pcap.compile(this.handle, program, pcapFilter(filter), 1, UNKNOWN_NETMASK) !== 0) {
      throw failure('the filter cannot be made', this.pcap.errorText(this.handle));
    }
    const taken = this.pcap.setFilter(this.handle, program);
    this.pcap.freeCode(program);
    if (taken !== 0) throw failure('the filter is not taken', this.pcap.errorText(this.handle));
    this.waitForMore();
  }

  /** A filter that no frame passes: this handle is never read. */
  bindForSending(): void {
    const { koffi } = this.pcap;
    const refuseAll = koffi.alloc('uint8', 8) as bigint;
    try {
      const instruction = Buffer.from(koffi.view(refuseAll, 8));
      instruction.fill(0);
      instruction.writeUInt16LE(0x06, 0);
      const program = Buffer.alloc(16);
      program.writeUInt32LE(1, 0);
      if (koffi.sizeof('size_t') === 8) program.writeBigUInt64LE(refuseAll, 8);
      else program.writeUInt32LE(Number(refuseAll), 4);
      if (this.pcap.setFilter(this.handle, program) !== 0) {
        throw failure('the filter is not taken', this.pcap.errorText(this.handle));
      }
    } finally {
      koffi.free(refuseAll);
    }
  }

  send(frame: Buffer): void {
    if (this.pcap.send(this.handle, frame, frame.length) !== 0) {
      throw failure('a frame was not sent', this.pcap.errorText(this.handle));
    }
  }

  dropped(): number {
    if (this.closed) return this.lastDropped;
    const counts = Buffer.alloc(64);
    // Received, dropped for want of room, dropped by the interface.
    if (this.pcap.statistics(this.handle, counts) === 0) this.lastDropped = counts.readUInt32LE(4);
    return this.lastDropped;
  }

  /** A thread may still wait on the handle, for {@link PCAP_WAIT_MS} at the most. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.dropped();
    this.closed = true;
    await this.waiting;
    this.pcap.close(this.handle);
  }

  private waitForMore(): void {
    this.waiting = new Promise((resolve) => {
      this.pcap.wait(this.handle, PCAP_WAIT_MS, () => {
        resolve();
        this.readAndGoOn();
      });
    });
  }

  private readAndGoOn(): void {
    if (this.closed) return;
    const all = this.read();
    // The handler may have closed it, or it is broken: the interface is looked at then.
    if (this.closed || all === 'lost') return;
    if (all === 'all') this.waitForMore();
    else this.waiting = new Promise((resolve) => setImmediate(() => (resolve(), this.readAndGoOn())));
  }

  private read(): 'all' | 'more' | 'lost' {
    const { header, data } = this.pointers;
    for (let i = 0; i < FRAMES_AT_A_TIME && !this.closed; i++) {
      const outcome = this.pcap.next(this.handle, header, data);
      if (outcome === 0) return 'all';
      if (outcome !== 1) {
        this.handler.lost();
        return 'lost';
      }
      this.give(header.readBigUInt64LE(0), data.readBigUInt64LE(0));
    }
    return 'more';
  }

  private give(headerAt: bigint, dataAt: bigint): void {
    const { koffi, timeOctets } = this.pcap;
    const header = bufferOf(koffi.decode(headerAt, 'uint8_t', timeOctets + 8) as Uint8Array);
    const octets = bufferOf(koffi.decode(dataAt, 'uint8_t', header.readUInt32LE(timeOctets)) as Uint8Array);
    const half = timeOctets / 2;
    const seconds = half === 8 ? Number(header.readBigInt64LE(0)) : header.readUInt32LE(0);
    const microseconds = header.readUInt32LE(half);
    // libpcap shows what this machine sends as well, and on Windows does not say so.
    const outgoing = this.own.equals(octets.subarray(SOURCE_AT, SOURCE_AT + this.own.length));
    this.handler.frame({ octets, vlan: undefined, time: seconds * 1000 + microseconds / 1000, outgoing });
  }
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function textOf(octets: Buffer): string {
  const end = octets.indexOf(0);
  return octets.toString('utf8', 0, end < 0 ? octets.length : end);
}

function failure(what: string, why: string, privilege = /permi|denied|privilege/i.test(why)): EthernetError {
  if (!privilege) {
    return new EthernetError('IEC61850_ETHERNET', `${what}: ${why}`, 'Check that the interface is there and up.');
  }
  const hint =
    process.platform === 'win32'
      ? 'Npcap is for administrators only: run Node-RED as one, or install Npcap without that restriction.'
      : 'Give Node.js the privilege: sudo setcap cap_net_raw+ep "$(readlink -f "$(command -v node)")".';
  return new EthernetError('IEC61850_NO_PRIVILEGE', `${what}: ${why}`, hint);
}
