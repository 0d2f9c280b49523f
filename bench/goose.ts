/**
 * The process bus: GOOSE and sampled values decoded a second, and over a cable between two interfaces of this machine the time from a value to the
 * frame on the wire, and from the wire to the tag value.
 */
import path from 'node:path';
import { openLink } from '../src/ethernet/open-link.js';
import {
  GoosePublishing,
  GooseReceiver,
  gooseBlock,
  pointsOf,
  SvReceiver,
  type GooseCarrier,
} from '../src/gateway/process-bus/index.js';
import { encodeApplicationFrame, EtherType } from '../src/mms/application-header.js';
import { GooseDecoder } from '../src/goose/goose-decoder.js';
import { encodeGoosePdu, type GoosePdu } from '../src/goose/goose-pdu.js';
import type { MmsData } from '../src/mms/data.js';
import { SvFrameDecoder } from '../src/sv/sv-frame.js';
import { encodeSvPdu } from '../src/sv/sv-pdu.js';
import { loadScl } from '../src/scl/index.js';
import { IedServer } from '../src/server/ied-server.js';
import { missingRow, type BenchPart, type BenchRow } from './bench-row.js';
import { layCable } from './cable.js';
import { cpuNote, round } from './measure.js';

const MEMBERS = 20;
const FRAMES = 20_000;
const BLOCKS = 100;
/** Four octets in every frame, so that it can be counted up in its place. */
const FIRST_SQ_NUM = 0x0100_0000;
const CHANGES = 2000;
const SV_RATE = 4000;
const BAY = path.join(__dirname, '../examples/scl/bay.cid');
const POSITION = 'BAY1CTRL/XCBR1.Pos[ST]';

export const part: BenchPart = { name: 'goose', title: 'Process bus', run: benchGoose };

async function benchGoose(): Promise<BenchRow[]> {
  return [...(await decoding()), ...(await receiving()), ...(await svDecoding()), ...(await overTheWire())];
}

function pdu(stNum: number, sqNum: number): GoosePdu {
  const allData = Array.from({ length: MEMBERS }, (_, i): MmsData => {
    if (i % 2 === 1) return { type: 'bit-string', bits: '0000000000000' };
    return { type: 'boolean', value: (stNum + i) % 4 === 0 };
  });
  return {
    gocbRef: 'BAY1CTRL/LLN0$GO$gcbTrip',
    timeAllowedToLive: 2000,
    datSet: 'BAY1CTRL/LLN0$dsTrip',
    goId: 'trip',
    t: { seconds: 1_700_000_000 + stNum, fraction: 0, quality: 10 },
    stNum: 1000 + stNum,
    sqNum,
    simulation: false,
    confRev: 1,
    ndsCom: false,
    allData,
  };
}

async function decoding(): Promise<BenchRow[]> {
  const changes = Array.from({ length: 64 }, (_, i) => encodeGoosePdu(pdu(i, 0)));
  const repeats = Array.from({ length: 64 }, (_, i) => encodeGoosePdu(pdu(0, i + 1)));
  const rows: BenchRow[] = [];
  for (const [name, frames, atLeast] of [
    [`decode, ${MEMBERS} members, each frame a change of half of them`, changes, 500_000],
    [`decode, ${MEMBERS} members, repeats`, repeats, undefined],
  ] as const) {
    const decoder = new GooseDecoder();
    const all = (): Promise<number> => {
      for (let i = 0; i < FRAMES; i++) decoder.decode(frames[i % frames.length] as Buffer);
      return Promise.resolve(FRAMES);
    };
    await round(all, 0.5);
    const measured = await round(all);
    rows.push({
      name,
      figure: measured.perSecond,
      unit: 'frames/s',
      ...(atLeast !== undefined && { atLeast }),
      note: cpuNote(measured, 'frame'),
    });
  }
  return rows;
}

/** Frames through a receiver that follows many control blocks: repeats of them, and what nobody subscribed. */
async function receiving(): Promise<BenchRow[]> {
  const named = (i: number): string => `BAY${i}CTRL/LLN0$GO$gcbTrip`;
  const frames = (first: number): { carrier: GooseCarrier; sqNumAt: number }[] =>
    Array.from({ length: BLOCKS }, (_, i) => {
      const apdu = encodeGoosePdu({ ...pdu(0, FIRST_SQ_NUM), gocbRef: named(first + i) });
      const payload = encodeApplicationFrame(1, false, apdu);
      const sqNumAt = payload.indexOf('860401000000', 0, 'hex') + 2;
      return { carrier: { source: '02-00-00-00-00-01', destination: '01-0C-CD-01-00-01', payload }, sqNumAt };
    });
  const rows: BenchRow[] = [];
  for (const [name, first] of [
    [`received, repeats of ${BLOCKS} control blocks with one APPID`, 0],
    [`received, of control blocks that nobody subscribed, with the APPID of ${BLOCKS} that are`, BLOCKS],
  ] as const) {
    const receiver = new GooseReceiver({
      subscriptions: Array.from({ length: BLOCKS }, (_, i) => ({
        ied: `BAY${i}`,
        appId: 1,
        expected: { gocbRef: named(i) },
      })),
    });
    const sent = frames(first);
    let sqNum = FIRST_SQ_NUM;
    const all = (): Promise<number> => {
      sqNum++;
      for (const { carrier, sqNumAt } of sent) {
        carrier.payload.writeUInt32BE(sqNum, sqNumAt);
        receiver.receive(carrier, 0);
      }
      return Promise.resolve(sent.length);
    };
    await round(all, 0.5);
    const measured = await round(all);
    receiver.close();
    rows.push({ name, figure: measured.perSecond, unit: 'frames/s', note: cpuNote(measured, 'frame') });
  }
  return rows;
}

/** One stream of 9-2LE, decoded and measured. */
async function svDecoding(): Promise<BenchRow[]> {
  const samples = Buffer.alloc(64, 1);
  const payloads = Array.from({ length: SV_RATE }, (_, smpCnt) =>
    encodeApplicationFrame(
      0x4000,
      false,
      encodeSvPdu(
        [{ svId: 'MU01', smpCnt, confRev: 1, smpSynch: 2, countAt: 0, start: 0, end: samples.length }],
        samples,
      ),
    ),
  );
  const receiver = new SvReceiver({ subscriptions: [], listen: true, nominal: 50, interval: 200 });
  const all = (): Promise<number> => {
    for (const payload of payloads) receiver.receive({ source: '02-00-00-00-00-01', payload });
    return Promise.resolve(payloads.length);
  };
  const decoder = new SvFrameDecoder();
  let sum = 0;
  const decodeAll = (): Promise<number> => {
    for (const payload of payloads) {
      for (const { start, end } of decoder.decode(payload).asdus) {
        for (let at = start; at < end; at += 8) sum += payload.readInt32BE(at) + payload.readUInt32BE(at + 4);
      }
    }
    return Promise.resolve(payloads.length);
  };
  try {
    await round(decodeAll, 0.5);
    const decoded = await round(decodeAll);
    if (sum === 0) throw new Error('nothing was decoded');
    await round(all, 0.5);
    const measured = await round(all);
    return [
      {
        name: 'sampled values decoded, 8 channels with quality',
        figure: decoded.perSecond,
        unit: 'ASDUs/s',
        atLeast: 500_000,
        note: cpuNote(decoded, 'ASDU'),
      },
      {
        name: 'sampled values decoded, watched and measured (RMS, THD to the 40th)',
        figure: measured.perSecond,
        unit: 'ASDUs/s',
        note: cpuNote(measured, 'ASDU'),
      },
    ];
  } finally {
    receiver.close();
  }
}

/** ms since 1970 with fractions, as the kernel's receive times are. */
const wallClock = (): number => performance.timeOrigin + performance.now();

async function overTheWire(): Promise<BenchRow[]> {
  const cable = layCable('gb');
  if (!cable) return [missingRow('from value to wire to value', 'ms', 'interfaces may not be made here')];
  try {
    return await measureCable(cable.here, cable.there);
  } finally {
    cable.remove();
  }
}

async function measureCable(here: string, there: string): Promise<BenchRow[]> {
  const server = await IedServer.fromScl(await loadScl(BAY, { path: true }), { ied: 'BAY1' });
  const block = gooseBlock(server.model, 'BAY1CTRL/LLN0.gcbPositions');
  const receiver = new GooseReceiver({
    subscriptions: [{ ied: 'BAY1', expected: { gocbRef: block.gocbRef }, points: pointsOf(server.model, block) }],
  });
  const [toWire, toValue]: [number[], number[]] = [[], []];
  let updated = 0;
  let arrived = 0;
  let next: (() => void) | undefined;
  receiver.on('values', () => {
    toValue.push(wallClock() - arrived);
    next?.();
  });
  const receiving = await openLink(there, {
    frame(frame, time) {
      arrived = time;
      if (updated > 0) toWire.push(time - updated);
      updated = 0;
      receiver.receive(frame, time);
    },
  });
  receiving.listen({ etherTypes: [EtherType.goose] });
  const sending = await openLink(here, { frame: () => undefined });
  const publishing = new GoosePublishing(
    server,
    {},
    {
      send: (frame) => sending.send(frame),
      failed: (error) => console.error(error.message),
    },
  );
  try {
    for (let i = 0; i < CHANGES; i++) {
      const seen = new Promise<void>((resolve) => (next = resolve));
      updated = wallClock();
      server.update([{ reference: POSITION, value: i % 2 === 0 ? 'Open' : 'Closed' }]);
      await seen;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } finally {
    publishing.close();
    receiver.close();
    await Promise.all([sending.close(), receiving.close()]);
  }
  return [latency('value to frame on the wire, p99', toWire), latency('frame on the wire to tag values, p99', toValue)];
}

function latency(name: string, times: number[]): BenchRow {
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
  return {
    name,
    figure: at(0.99),
    unit: 'ms',
    atMost: 1,
    note: `${sorted.length} changes; median ${at(0.5).toFixed(3)} ms, p99.9 ${at(0.999).toFixed(2)} ms, longest ${at(1).toFixed(2)} ms`,
  };
}
