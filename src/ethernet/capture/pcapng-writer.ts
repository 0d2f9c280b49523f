/** Frames as a pcapng file (draft-ietf-opsawg-pcapng): one section, one Ethernet interface, times in microseconds. */

export interface FrameToWrite {
  /** ms since 1970, with fractions. */
  time: number;
  octets: Buffer;
}

export interface CaptureNotes {
  /** What made the file; dissectors show it with the properties of the file. */
  application?: string;
  /** What somebody who opens the file should know. */
  comment?: string;
  /** Name of the interface. */
  interfaceName?: string;
}

const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const ETHERNET = 1;
/** Options of a section and of an interface. */
const OPTION = { comment: 1, interfaceName: 2, application: 4 } as const;
/** The length of a section that nobody counted. */
const UNKNOWN_LENGTH = Buffer.alloc(8, 0xff);

/** The whole file. */
export function encodePcapng(frames: Iterable<FrameToWrite>, notes: CaptureNotes = {}): Buffer {
  const blocks = [sectionHeader(notes), interfaceDescription(notes)];
  for (const frame of frames) blocks.push(enhancedPacket(frame));
  return Buffer.concat(blocks);
}

function sectionHeader({ application, comment }: CaptureNotes): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  fixed.writeUInt16LE(1, 4);
  const options = [textOption(OPTION.comment, comment), textOption(OPTION.application, application)];
  return block(SECTION_HEADER, fixed, UNKNOWN_LENGTH, ...options, ...endOf(application, comment));
}

function interfaceDescription({ interfaceName }: CaptureNotes): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16LE(ETHERNET, 0);
  return block(INTERFACE_DESCRIPTION, fixed, textOption(OPTION.interfaceName, interfaceName), ...endOf(interfaceName));
}

function enhancedPacket({ time, octets }: FrameToWrite): Buffer {
  const fixed = Buffer.alloc(20);
  const microseconds = BigInt(Math.round(time * 1000));
  fixed.writeUInt32LE(Number(microseconds >> 32n), 4);
  fixed.writeUInt32LE(Number(microseconds & 0xffffffffn), 8);
  fixed.writeUInt32LE(octets.length, 12);
  fixed.writeUInt32LE(octets.length, 16);
  return block(ENHANCED_PACKET, fixed, padded(octets));
}

function textOption(code: number, text: string | undefined): Buffer {
  if (text === undefined) return Buffer.alloc(0);
  const value = Buffer.from(text, 'utf8');
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

/** Options end with one of no content, where there are any. */
function endOf(...texts: readonly (string | undefined)[]): Buffer[] {
  return texts.some((text) => text !== undefined) ? [Buffer.alloc(4)] : [];
}

function padded(octets: Buffer): Buffer {
  const missing = (4 - (octets.length % 4)) % 4;
  return missing === 0 ? octets : Buffer.concat([octets, Buffer.alloc(missing)]);
}

function block(type: number, ...contents: readonly Buffer[]): Buffer {
  const length = 12 + contents.reduce((sum, { length: size }) => sum + size, 0);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(length, 0);
  return Buffer.concat([head, ...contents, tail], length);
}
