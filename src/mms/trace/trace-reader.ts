/** Turns the packets of one association, as they were looked at, into lines of a trace: no clock, nothing is answered. */
import { Iec61850Error } from '../../errors.js';
import { MAX_TRACED_REQUESTS } from '../../limits.js';
import { PacketReader, type PacketUnit } from '../../osi/packet-reader.js';
import { decodeMmsPdu, PduTag } from '../pdu.js';
import { summarizePdu, type PduSummary } from './pdu-summary.js';

export type TraceDirection = 'sent' | 'received';

export interface TraceLine extends Omit<PduSummary, 'kind'> {
  kind: PduSummary['kind'] | 'transport' | 'session' | 'unreadable';
  direction: TraceDirection;
  /** ms since 1970, with fractions: when the last packet of it went or came. */
  time: number;
  /** Octets of the MMS PDU, or of the packet where there is none. */
  octets: number;
  /** Answers: ms since the request that they answer; absent when that was not seen. */
  duration?: number;
  /** Selectors, diagnostics, or why it cannot be read. */
  detail?: string;
}

interface SeenRequest {
  time: number;
  service: string;
  objects: string[];
  objectCount: number;
}

export class TraceReader {
  private readonly readers = { sent: new PacketReader(), received: new PacketReader() };
  /** Requests of either end that wait for their answers, by the end that asked and the invokeID. */
  private readonly requests = new Map<string, SeenRequest>();

  /** Packets before the next one are missing. */
  skip(): void {
    this.readers.sent.skip();
    this.readers.received.skip();
  }

  /** Reads packets that went or came at one time. Never throws: what cannot be read is a line of its own. */
  read(direction: TraceDirection, packets: Buffer, time: number): TraceLine[] {
    let units: PacketUnit[];
    try {
      units = this.readers[direction].read(packets);
    } catch (error) {
      this.readers[direction].skip();
      return [this.unreadable(direction, packets.length, time, error)];
    }
    return units.flatMap((unit) => this.lines(direction, unit, packets.length, time));
  }

  private lines(direction: TraceDirection, unit: PacketUnit, size: number, time: number): TraceLine[] {
    if (unit.kind === 'data') return [this.pdu(direction, unit.octets.subarray(unit.start, unit.end), time)];
    const { kind, type, detail } = unit;
    const line: TraceLine = { ...blank(kind, type), direction, time, octets: size, ...(detail !== '' && { detail }) };
    const mms = unit.kind === 'session' ? unit.mms : undefined;
    return mms ? [line, this.pdu(direction, mms, time)] : [line];
  }

  private pdu(direction: TraceDirection, octets: Buffer, time: number): TraceLine {
    let summary: PduSummary;
    try {
      summary = summarizePdu(decodeMmsPdu(octets));
    } catch (error) {
      return this.unreadable(direction, octets.length, time, error);
    }
    const line: TraceLine = { ...summary, direction, time, octets: octets.length };
    if (summary.invokeId === undefined) return line;
    if (octets[0] === PduTag.confirmedRequest) this.remember(direction, summary, time);
    else this.answer(direction, line);
    return line;
  }

  private remember(direction: TraceDirection, summary: PduSummary, time: number): void {
    const { service, objects, objectCount, invokeId } = summary;
    if (this.requests.size >= MAX_TRACED_REQUESTS) this.requests.delete(this.requests.keys().next().value as string);
    this.requests.set(`${direction} ${invokeId}`, { time, service, objects, objectCount });
  }

  /** An answer shows what was asked. */
  private answer(direction: TraceDirection, line: TraceLine): void {
    const key = `${direction === 'sent' ? 'received' : 'sent'} ${line.invokeId}`;
    const request = this.requests.get(key);
    if (!request) return;
    this.requests.delete(key);
    line.duration = line.time - request.time;
    line.service = request.service;
    line.objects = request.objects;
    line.objectCount = request.objectCount;
  }

  private unreadable(direction: TraceDirection, octets: number, time: number, error: unknown): TraceLine {
    if (!(error instanceof Iec61850Error)) throw error;
    return { ...blank('unreadable', ''), direction, time, octets, failures: 1, error: error.message };
  }
}

function blank(kind: TraceLine['kind'], service: string): Omit<TraceLine, 'direction' | 'time' | 'octets'> {
  return { kind, service, objects: [], objectCount: 0, values: [], valueCount: 0, failures: 0 };
}
