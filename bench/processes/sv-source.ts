/** Merging units in a process of their own: streams of 9-2LE at a steady rate. */
import { openLink } from '../../src/ethernet/open-link.js';
import { encodeApplicationFrame, EtherType } from '../../src/mms/application-header.js';
import { decodeSvFrame } from '../../src/sv/sv-frame.js';
import { encodeSvPdu } from '../../src/sv/sv-pdu.js';
import { serve } from '../child.js';

export interface SvLoad {
  interface: string;
  streams: number;
  /** Frames a second of each. */
  rate: number;
  seconds: number;
}

export interface SvSent {
  frames: number;
  /** Frames that the interface did not take. */
  refused: number;
  /** Longest time in ms in which this process did not get to send. */
  longestPause: number;
}

const FREQUENCY = 60;

/** A frame whose count and samples are written anew each time. */
function streamOf(number: number): { destination: string; payload: Buffer; countAt: number; samplesAt: number } {
  const samples = Buffer.alloc(64);
  const svId = `MU0${number}`;
  const asdu = { svId, smpCnt: 0, confRev: 1, smpSynch: 2, countAt: 0, start: 0, end: samples.length };
  const payload = encodeApplicationFrame(0x4000 + number, false, encodeSvPdu([asdu], samples));
  const [{ countAt = 0, start: samplesAt = 0 } = {}] = decodeSvFrame(payload).asdus;
  return { destination: `01-0C-CD-04-00-0${number}`, payload, countAt, samplesAt };
}

/** Samples of one period: currents of 400 A, voltages of 63.5 kV. */
function periodOf(rate: number): Buffer[] {
  return Array.from({ length: rate / FREQUENCY }, (_, count) => {
    const octets = Buffer.alloc(64);
    for (let i = 0; i < 8; i++) {
      const peak = (i < 4 ? 400_000 : 6_350_000) * Math.SQRT2;
      octets.writeInt32BE(Math.round(peak * Math.cos(2 * Math.PI * ((FREQUENCY * count) / rate - (i % 4) / 3))), i * 8);
    }
    return octets;
  });
}

async function send({ interface: name, streams, rate, seconds }: SvLoad): Promise<SvSent> {
  const link = await openLink(name, { frame: () => undefined });
  const made = Array.from({ length: streams }, (_, i) => streamOf(i + 1));
  const period = periodOf(rate);
  const sent: SvSent = { frames: 0, refused: 0, longestPause: 0 };
  const total = rate * seconds;
  const begin = performance.now();
  let last = begin;
  try {
    for (let count = 0; count < total;) {
      const now = performance.now();
      sent.longestPause = Math.max(sent.longestPause, now - last);
      last = now;
      for (const due = Math.min(total, Math.floor(((now - begin) * rate) / 1000)); count < due; count++) {
        for (const { destination, payload, countAt, samplesAt } of made) {
          payload.writeUInt16BE(count % rate, countAt);
          (period[count % period.length] as Buffer).copy(payload, samplesAt);
          try {
            link.send({ destination, etherType: EtherType.sampledValues, payload });
            sent.frames++;
          } catch {
            sent.refused++;
          }
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } finally {
    await link.close();
  }
  return sent;
}

const operations = { send };
export type SvSourceOperations = typeof operations;
serve(operations);
