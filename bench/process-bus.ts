/**
 * The process bus through a whole Node-RED: two streams of sampled values for `BENCH_SV_SECONDS` (20), and GOOSE from a message at
 * `goose-out` to the message of `goose-in` while 10,000 tags a second are polled beside it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { missingRow, type BenchPart, type BenchRow } from './bench-row.js';
import { layCable, type Cable } from './cable.js';
import { withFlow } from './fleet.js';
import { readFlow } from './flows.js';
import { watchLoop } from './measure.js';
import { tags, type Shape } from './models.js';
import { startIeds, startSvSource } from './processes/start.js';

const STREAMS = 2;
const SV_RATE = 4800;
const SV_SECONDS = Number(process.env.BENCH_SV_SECONDS ?? 20);
const PAIR_SECONDS = Number(process.env.BENCH_PAIR_SECONDS ?? 20);
const PAIR_INTERVAL_MS = 20;
const POLLED: Shape = { ied: 'IED0', devices: ['LD'], nodes: 1, objects: 10_000 };
const CHANGING = 0.02;
/** Transfer time type 1A of IEC 61850-5: what a trip may take. */
const TRIP_MS = 3;
const SETTLE_MS = 3000;
const NO_CABLE = 'interfaces may not be made here';

export const part: BenchPart = { name: 'process-bus', title: 'Process bus through Node-RED', run };

async function run(): Promise<BenchRow[]> {
  const cable = layCable('pn');
  if (!cable) return [missingRow('sampled values and GOOSE through Node-RED', 'ms', NO_CABLE)];
  try {
    return [...(await sampledValues(cable)), ...(await pairs(cable))];
  } finally {
    cable.remove();
  }
}

type Flow = Record<string, unknown>[];

const PLACE = { z: 'tab', x: 100, y: 100, wires: [] as string[][] };
const TAB: Flow = [
  { id: 'tab', type: 'tab', label: 'bench' },
  { id: 'counter', ...PLACE, type: 'bench-counter' },
];

function svFlow({ there }: Cable): Flow {
  return [
    ...TAB,
    {
      id: 'ask',
      ...PLACE,
      type: 'inject',
      props: [{ p: 'payload' }],
      payload: '',
      payloadType: 'str',
      repeat: '1',
      once: false,
      wires: [['sv']],
    },
    {
      id: 'sv',
      ...PLACE,
      type: 'sv-in',
      version: 1,
      source: 'interface',
      interface: there,
      mode: 'listen',
      frequency: '60',
      interval: '1000',
      waveform: true,
      before: '100',
      after: '200',
      trigger: 'rmsAbove',
      channels: 'Ia, Ib, Ic',
      level: '1000',
      wires: [['counter'], ['counter'], ['counter']],
    },
  ];
}

interface BusStatistics {
  interface?: { received: number; dropped: number };
  streams: { samples: number; lost: number; outOfOrder: number; incomplete: number }[];
}

async function sampledValues(cable: Cable): Promise<BenchRow[]> {
  const source = startSvSource();
  try {
    return await withFlow(svFlow(cable), async (nodeRed) => {
      await sleep(SETTLE_MS);
      await nodeRed.call.reset();
      const idle = watchLoop();
      const sent = await source.call.send({
        interface: cable.here,
        streams: STREAMS,
        rate: SV_RATE,
        seconds: SV_SECONDS,
      });
      const quiet = idle();
      const { delay, cores, messages } = await nodeRed.call.seen();
      // What is still in the kernel is taken, and the statistics are asked for once more.
      await sleep(SETTLE_MS);
      const { interface: port, streams = [] } = ((await nodeRed.call.bus()) ?? {}) as Partial<BusStatistics>;
      const sum = (look: (stream: BusStatistics['streams'][number]) => number): number =>
        streams.reduce((total, stream) => total + look(stream), 0);
      const name = `${STREAMS} streams of ${SV_RATE} frames/s for ${SV_SECONDS} s`;
      const { frames, refused, longestPause } = sent;
      const dropped = port?.dropped ?? 0;
      const samples = sum((stream) => stream.samples);
      return [
        {
          name: `${name}: frames lost in user space`,
          figure: frames - dropped - samples,
          unit: 'frames',
          atMost: 0,
          note: `${frames} sent, ${samples} measured, ${dropped} dropped by the kernel, ${sum(({ lost }) => lost)} missing by smpCnt, ${sum(({ incomplete }) => incomplete)} intervals given up; ${messages} messages; the sender paused ${longestPause.toFixed(0)} ms at the longest${refused > 0 ? `, and could not send ${refused}` : ''}`,
        },
        {
          name: `${name}: event-loop delay, p99`,
          figure: delay.p99,
          unit: 'ms',
          atMost: 10,
          note: `longest ${delay.max.toFixed(1)} ms; an idle process beside it ${quiet.p99.toFixed(1)} and ${quiet.max.toFixed(1)} ms`,
        },
        { name: `${name}: processor of Node-RED`, figure: cores, unit: 'cores' },
      ];
    });
  } finally {
    await source.stop();
  }
}

/** `goose-out` at one end of the cable, `goose-in` at the other. */
function pairFlow({ here, there }: Cable): Flow {
  const block = {
    sclFile: '@substation/node-red-iec61850/examples/scl/bay.cid',
    sclIed: 'BAY1',
    blocks: ['BAY1CTRL/LLN0.gcbPositions'],
  };
  return [
    { id: 'pair', ...PLACE, type: 'bench-pair', interval: PAIR_INTERVAL_MS, wires: [['out']] },
    {
      id: 'out',
      ...PLACE,
      ...block,
      type: 'goose-out',
      version: 1,
      allowed: true,
      interface: here,
      reference: 'BAY1CTRL/XCBR1.Pos[ST]',
    },
    {
      id: 'in',
      ...PLACE,
      ...block,
      type: 'goose-in',
      version: 1,
      source: 'interface',
      interface: there,
      mode: 'scl',
      output: 'single',
      wires: [['pair'], []],
    },
  ];
}

async function pairs(cable: Cable): Promise<BenchRow[]> {
  const alone = await withFlow([...TAB, ...pairFlow(cable)], (nodeRed) => watchPair(nodeRed, 'on an idle flow'));
  const ieds = startIeds();
  try {
    const [port = 0] = await ieds.call.start({ shapes: [POLLED], changing: CHANGING });
    const reader = { ied: POLLED.ied, port, tags: tags(POLLED), interval: 1000, onChange: true };
    const flow = [...readFlow([reader]), ...pairFlow(cable)];
    return [alone, await withFlow(flow, (nodeRed) => watchPair(nodeRed, 'while 10,000 tags/s are polled'))];
  } finally {
    await ieds.stop();
  }
}

async function watchPair(nodeRed: Parameters<Parameters<typeof withFlow>[1]>[0], where: string): Promise<BenchRow> {
  await sleep(SETTLE_MS);
  await nodeRed.call.reset();
  const idle = watchLoop();
  await sleep(PAIR_SECONDS * 1000);
  const { times, lost } = await nodeRed.call.pair();
  const { cycles, cores } = await nodeRed.call.seen();
  const quiet = idle();
  const name = `GOOSE pair ${where}: message to message, p99`;
  if (times.length === 0) return missingRow(name, 'ms', 'no change came through');
  times.sort((a, b) => a - b);
  const at = (share: number): string =>
    (times[Math.min(times.length - 1, Math.floor(times.length * share))] as number).toFixed(2);
  const late = times.filter((time) => time > TRIP_MS).length;
  return {
    name,
    figure: Number(at(0.99)),
    unit: 'ms',
    note: `${times.length} changes, ${lost} lost; median ${at(0.5)}, p99.9 ${at(0.999)}, longest ${at(1)} ms; ${((100 * late) / times.length).toFixed(2)} % over ${TRIP_MS} ms; ${cycles} polls, ${cores.toFixed(2)} of a core; event-loop delay of an idle process beside it ${quiet.p99.toFixed(1)} and ${quiet.max.toFixed(1)} ms (p99, longest)`,
  };
}
