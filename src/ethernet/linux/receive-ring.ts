/** Native memory for a batch of messages, and how the kernel fills it (recvmmsg(2), packet(7)). */
import type { RawFrame } from '../medium.js';
import type { Libc } from './libc.js';

/** Frames that one system call brings at most. */
export const BATCH = 64;
/** Jumbo frames are cut: nothing of the process bus is that long. */
const FRAME_OCTETS = 2048;
const ADDRESS_OCTETS = 20;
const CONTROL_OCTETS = 128;

const SOL_SOCKET = 1;
const SOL_PACKET = 263;
const SCM_TIMESTAMPNS = 35;
const PACKET_AUXDATA = 8;
const VLAN_VALID = 1 << 4;
const OUTGOING = 4;

export class ReceiveRing {
  readonly messages: bigint;
  private readonly headers: Buffer;
  private readonly names: Buffer;
  private readonly controls: Buffer;
  private readonly frames: Buffer;
  private readonly allocated: bigint[] = [];
  private readonly stride: number;
  private readonly lengthAt: number;
  private readonly controlLengthAt: number;
  private readonly word: number;

  constructor(private readonly libc: Libc) {
    const { koffi } = libc;
    const messageHeader = koffi.struct({
      name: 'uintptr_t',
      nameLength: 'uint32',
      vector: 'uintptr_t',
      vectorLength: 'size_t',
      control: 'uintptr_t',
      controlLength: 'size_t',
      flags: 'int',
    });
    const message = koffi.struct({ header: messageHeader, length: 'uint32' });
    this.word = koffi.sizeof('size_t');
    this.stride = koffi.sizeof(message);
    this.lengthAt = koffi.offsetof(message, 'length');
    this.controlLengthAt = koffi.offsetof(messageHeader, 'controlLength');
    const frames = this.allocate(BATCH * FRAME_OCTETS);
    const names = this.allocate(BATCH * ADDRESS_OCTETS);
    const controls = this.allocate(BATCH * CONTROL_OCTETS);
    const vectors = this.allocate(BATCH * 2 * this.word);
    const messages = this.allocate(BATCH * this.stride);
    this.frames = frames.octets;
    this.names = names.octets;
    this.controls = controls.octets;
    this.headers = messages.octets;
    this.messages = messages.at;
    const of = (field: string): number => koffi.offsetof(messageHeader, field);
    for (let i = 0; i < BATCH; i++) {
      this.writeWord(vectors.octets, i * 2 * this.word, frames.at + BigInt(i * FRAME_OCTETS));
      this.writeWord(vectors.octets, (i * 2 + 1) * this.word, BigInt(FRAME_OCTETS));
      const at = i * this.stride;
      this.writeWord(this.headers, at + of('name'), names.at + BigInt(i * ADDRESS_OCTETS));
      this.headers.writeUInt32LE(ADDRESS_OCTETS, at + of('nameLength'));
      this.writeWord(this.headers, at + of('vector'), vectors.at + BigInt(i * 2 * this.word));
      this.writeWord(this.headers, at + of('vectorLength'), 1n);
      this.writeWord(this.headers, at + of('control'), controls.at + BigInt(i * CONTROL_OCTETS));
    }
    this.reset();
  }

  /** Makes the whole room for control messages free again, which every call takes from. */
  reset(): void {
    for (let i = 0; i < BATCH; i++) {
      this.writeWord(this.headers, i * this.stride + this.controlLengthAt, BigInt(CONTROL_OCTETS));
    }
  }

  /** The frame at a place of the batch; its octets are valid until the next batch is received. */
  frame(i: number): RawFrame {
    const length = this.headers.readUInt32LE(i * this.stride + this.lengthAt);
    const start = i * FRAME_OCTETS;
    const frame: RawFrame = {
      octets: this.frames.subarray(start, start + Math.min(length, FRAME_OCTETS)),
      vlan: undefined,
      time: undefined,
      // sll_pkttype of sockaddr_ll.
      outgoing: this.names[i * ADDRESS_OCTETS + 10] === OUTGOING,
    };
    this.readControl(i, frame);
    return frame;
  }

  free(): void {
    for (const at of this.allocated) this.libc.koffi.free(at);
    this.allocated.length = 0;
  }

  private readControl(i: number, frame: RawFrame): void {
    const { controls, word } = this;
    const base = i * CONTROL_OCTETS;
    const used = Math.min(this.readWord(this.headers, i * this.stride + this.controlLengthAt), CONTROL_OCTETS);
    const header = word + 8;
    for (let at = base; at + header <= base + used;) {
      const length = this.readWord(controls, at);
      if (length < header) return;
      const level = controls.readInt32LE(at + word);
      const type = controls.readInt32LE(at + word + 4);
      const data = at + header;
      if (level === SOL_PACKET && type === PACKET_AUXDATA && (controls.readUInt32LE(data) & VLAN_VALID) !== 0) {
        const tci = controls.readUInt16LE(data + 16);
        frame.vlan = { priority: tci >> 13, id: tci & 0xfff };
      }
      if (level === SOL_SOCKET && type === SCM_TIMESTAMPNS && length - header === 2 * word) {
        const seconds = word === 8 ? Number(controls.readBigInt64LE(data)) : controls.readInt32LE(data);
        const nanoseconds = word === 8 ? Number(controls.readBigInt64LE(data + 8)) : controls.readInt32LE(data + 4);
        frame.time = seconds * 1000 + nanoseconds / 1e6;
      }
      at += Math.ceil(length / word) * word;
    }
  }

  private allocate(octets: number): { at: bigint; octets: Buffer } {
    const { koffi } = this.libc;
    const at = koffi.alloc('uint8', octets) as bigint;
    this.allocated.push(at);
    const view = Buffer.from(koffi.view(at, octets));
    view.fill(0);
    return { at, octets: view };
  }

  private writeWord(target: Buffer, at: number, value: bigint): void {
    if (this.word === 8) target.writeBigUInt64LE(value, at);
    else target.writeUInt32LE(Number(value), at);
  }

  private readWord(source: Buffer, at: number): number {
    return this.word === 8 ? Number(source.readBigUInt64LE(at)) : source.readUInt32LE(at);
  }
}
