/** Frames of Modbus TCP: the MBAP header of MODBUS Messaging on TCP/IP V1.0b §3.1.3 and what follows it. */
import type { ModbusExceptionCode } from './exceptions.js';

/** Transaction id, protocol id and length; the unit id counts as the first octet of the body. */
const HEADER_LENGTH = 6;
/** Unit id and function code. */
const MIN_BODY = 2;
/** Unit id and the longest PDU, 253 octets. */
const MAX_BODY = 254;
const NOTHING: Buffer = Buffer.alloc(0);

/** Cuts what a socket brings into frames; holds back less than one frame. */
export class FrameSplitter {
  private rest = NOTHING;

  /**
   * @returns whole frames, each with its MBAP header; undefined when the octets are not Modbus TCP, after which
   * nothing that follows can be trusted
   */
  push(chunk: Buffer): Buffer[] | undefined {
    let data = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    const frames: Buffer[] = [];
    while (data.length >= HEADER_LENGTH) {
      const length = data.readUInt16BE(4);
      if (data.readUInt16BE(2) !== 0 || length < MIN_BODY || length > MAX_BODY) return undefined;
      const end = HEADER_LENGTH + length;
      if (data.length < end) break;
      frames.push(data.subarray(0, end));
      data = data.subarray(end);
    }
    // A copy, so that a large chunk is not kept alive by its last octets.
    this.rest = data.length > 0 ? Buffer.from(data) : NOTHING;
    return frames;
  }
}

/** The body of a frame: unit id and PDU. */
export const frameBody = (frame: Buffer): Buffer => frame.subarray(HEADER_LENGTH);

/** The answer to a frame: its transaction and unit id, the function code and `data`. */
export function answerFrame(frame: Buffer, functionCode: number, data: Uint8Array): Buffer {
  const answer = Buffer.alloc(HEADER_LENGTH + MIN_BODY + data.length);
  frame.copy(answer, 0, 0, 4);
  answer.writeUInt16BE(MIN_BODY + data.length, 4);
  answer[HEADER_LENGTH] = frame[HEADER_LENGTH] as number;
  answer[HEADER_LENGTH + 1] = functionCode;
  answer.set(data, HEADER_LENGTH + MIN_BODY);
  return answer;
}

export function exceptionFrame(frame: Buffer, code: ModbusExceptionCode): Buffer {
  return answerFrame(frame, (frame[HEADER_LENGTH + 1] as number) | 0x80, Uint8Array.of(code));
}
