/** One AF_PACKET socket that is bound to one interface (packet(7)). */
import type { node as KoffiNode } from 'koffi' with { 'resolution-mode': 'import' };
import { EthernetError } from '../../errors.js';
import { RAW_SOCKET_BUFFER } from '../../limits.js';
import { parseAddress } from '../frame.js';
import type { LinkFilter } from '../frame-link.js';
import type { FrameSocket, SocketHandler } from '../medium.js';
import type { Libc } from './libc.js';
import { packetFilter } from './packet-filter.js';
import { BATCH, ReceiveRing } from './receive-ring.js';

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const ETH_P_ALL = 3;
const MSG_DONTWAIT = 0x40;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_ATTACH_FILTER = 26;
const SO_RCVBUFFORCE = 33;
const SO_TIMESTAMPNS = 35;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_STATISTICS = 6;
const PACKET_AUXDATA = 8;
const PACKET_IGNORE_OUTGOING = 23;
const MR_MULTICAST = 0;
const MR_ALLMULTI = 2;
/** Batches that are taken before other work of the process has its turn. */
const BATCHES_AT_A_TIME = 8;

export class PacketSocket implements FrameSocket {
  private readonly ring: ReceiveRing;
  private poll: KoffiNode.PollHandle | undefined;
  private closed = false;
  private droppedBefore = 0;

  private constructor(
    private readonly libc: Libc,
    private readonly fd: number,
    private readonly index: number,
    private readonly handler: SocketHandler,
  ) {
    this.ring = new ReceiveRing(libc);
  }

  /** @throws EthernetError, above all without the privilege */
  static open(libc: Libc, index: number, handler: SocketHandler): PacketSocket {
    // Protocol 0 receives nothing until the filter stands.
    const fd = libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) throw failure(libc, 'a raw socket cannot be opened');
    return new PacketSocket(libc, fd, index, handler);
  }

  /** Begins to receive what the filter names. Called once; another filter takes another socket. */
  listen(filter: LinkFilter): void {
    const program = packetFilter(filter);
    const word = this.libc.koffi.sizeof('size_t');
    const { koffi } = this.libc;
    const native = koffi.alloc('uint8', program.length) as bigint;
    try {
      program.copy(Buffer.from(koffi.view(native, program.length)));
      const fprog = Buffer.alloc(2 * word);
      fprog.writeUInt16LE(program.length / 8, 0);
      if (word === 8) fprog.writeBigUInt64LE(native, 8);
      else fprog.writeUInt32LE(Number(native), 4);
      this.option(SOL_SOCKET, SO_ATTACH_FILTER, fprog, true);
    } finally {
      koffi.free(native);
    }
    this.option(SOL_PACKET, PACKET_AUXDATA, int(1), true);
    this.option(SOL_PACKET, PACKET_IGNORE_OUTGOING, int(1), false);
    this.option(SOL_SOCKET, SO_TIMESTAMPNS, int(1), false);
    // More than the system's limit needs a privilege that the process may not have.
    if (!this.option(SOL_SOCKET, SO_RCVBUFFORCE, int(RAW_SOCKET_BUFFER), false)) {
      this.option(SOL_SOCKET, SO_RCVBUF, int(RAW_SOCKET_BUFFER), false);
    }
    this.join(filter.destinations ?? []);
    this.bind(ETH_P_ALL);
    this.poll = koffi.node.poll(this.fd, { readable: true }, () => this.receive());
  }

  /** Binds for sending alone. */
  bindForSending(): void {
    this.bind(0);
  }

  /** @throws EthernetError */
  send(frame: Buffer): void {
    if (this.libc.send(this.fd, frame, frame.length, MSG_DONTWAIT) < 0)
      throw failure(this.libc, 'a frame was not sent');
  }

  /** Frames that the kernel threw away since the socket was opened. */
  dropped(): number {
    if (this.closed) return this.droppedBefore;
    const value = Buffer.alloc(8);
    const length = int(value.length);
    // Reading the counters sets them to zero.
    if (this.libc.getsockopt(this.fd, SOL_PACKET, PACKET_STATISTICS, value, length) === 0) {
      this.droppedBefore += value.readUInt32LE(4);
    }
    return this.droppedBefore;
  }

  close(): void {
    if (this.closed) return;
    this.dropped();
    this.closed = true;
    this.poll?.close();
    this.libc.close(this.fd);
    this.ring.free();
  }

  private receive(): void {
    for (let batch = 0; batch < BATCHES_AT_A_TIME && !this.closed; batch++) {
      this.ring.reset();
      const count = this.libc.recvmmsg(this.fd, this.ring.messages, BATCH, MSG_DONTWAIT, null);
      if (count < 0) {
        const { errno } = this.libc.koffi.os;
        const error = this.libc.koffi.errno();
        if (error !== errno.EAGAIN && error !== errno.EINTR) this.handler.lost();
        return;
      }
      // A handler may close the socket, and the memory is gone then.
      for (let i = 0; i < count && !this.closed; i++) this.handler.frame(this.ring.frame(i));
      if (count < BATCH) return;
    }
  }

  private bind(protocol: number): void {
    const address = Buffer.alloc(20);
    address.writeUInt16LE(AF_PACKET, 0);
    address.writeUInt16BE(protocol, 2);
    address.writeInt32LE(this.index, 4);
    if (this.libc.bind(this.fd, address, address.length) < 0) {
      throw failure(this.libc, 'the raw socket cannot be bound to its interface');
    }
  }

  private join(destinations: readonly string[]): void {
    const groups = destinations.map(parseAddress).filter((address) => ((address[0] as number) & 1) === 1);
    const request = (type: number, address: Buffer): Buffer => {
      const octets = Buffer.alloc(16);
      octets.writeInt32LE(this.index, 0);
      octets.writeUInt16LE(type, 4);
      octets.writeUInt16LE(address.length, 6);
      address.copy(octets, 8);
      return octets;
    };
    if (destinations.length === 0) {
      this.option(SOL_PACKET, PACKET_ADD_MEMBERSHIP, request(MR_ALLMULTI, Buffer.alloc(6)), true);
    }
    for (const group of groups) {
      this.option(SOL_PACKET, PACKET_ADD_MEMBERSHIP, request(MR_MULTICAST, group), true);
    }
  }

  private option(level: number, option: number, value: Buffer, needed: boolean): boolean {
    if (this.libc.setsockopt(this.fd, level, option, value, value.length) === 0) return true;
    if (needed) throw failure(this.libc, `the raw socket does not take option ${option}`);
    return false;
  }
}

function int(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeInt32LE(value);
  return octets;
}

function failure({ koffi }: Libc, what: string): EthernetError {
  const number = koffi.errno();
  const name = Object.entries(koffi.os.errno).find(([, value]) => value === number)?.[0] ?? String(number);
  if (name === 'EPERM' || name === 'EACCES') {
    return new EthernetError(
      'IEC61850_NO_PRIVILEGE',
      `${what}: the process may not open raw sockets`,
      'Give Node.js the privilege: sudo setcap cap_net_raw+ep "$(readlink -f "$(command -v node)")", or run the container with --cap-add=NET_RAW.',
    );
  }
  return new EthernetError('IEC61850_ETHERNET', `${what}: ${name}`, 'Check that the interface is there and up.');
}
