/** Part: reports into tag values, from a second process that sends what it made before. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as ReportsModule from '../src/client/reports/index.js';
import type * as PublicModule from '../src/index.js';
import type { BenchPart, BenchRow } from './bench-row.js';
import { ROOT } from './built.js';
import { Child } from './child.js';
import { reportFlow } from './flows.js';
import { cpuNote, round, rounds } from './measure.js';
import type { ReportSourceOperations } from './processes/report-source.js';
import { startNodeRed } from './processes/start.js';

const requireBuilt = createRequire(path.join(ROOT, 'dist', 'src', 'index.js'));
const { IedSession } = requireBuilt('./index.js') as typeof PublicModule;
const { ReportHub } = requireBuilt('./client/reports/index.js') as typeof ReportsModule;

const MEMBERS = 100;
const ENTRIES = 250_000;
const SLOW_ENTRIES = 1000;
const SLOW_MEMBERS = 10;
const IEDS = 20;
const CONTROL_BLOCKS = 32;
const TICK_MS = 50;
/** For how long the messages of Node-RED are watched, and waited for, in ms. */
const WATCH_MS = 5000;
const PATIENCE_MS = 15_000;

type Session = PublicModule.IedSession;
type Lease = ReportsModule.ReportLease;

function open(port: number, name: string): Session {
  const session = new IedSession({ name, endpoints: [{ host: '127.0.0.1', port }] });
  session.start();
  return session;
}

function subscribe(session: Session, number: number): Lease {
  const reference = `BENCH/LLN0.urcb${String(number).padStart(2, '0')}[RP]`;
  return ReportHub.of(session).subscribe({ reference, interrogate: false });
}

async function armed(lease: Lease): Promise<void> {
  while (lease.status.phase !== 'armed') await once(lease.consumer, 'state');
}

async function rates(source: Child<ReportSourceOperations>, port: number): Promise<BenchRow[]> {
  const session = open(port, 'BENCH');
  const lease = subscribe(session, 1);
  await armed(lease);
  let entries = 0;
  const ages: number[] = [];
  let measuring = false;
  lease.consumer.on('report', ({ values }) => {
    entries += values.length;
    if (measuring) ages.push(Date.now() - Date.parse(values[0]?.timestamp ?? ''));
  });
  const count = async (): Promise<number> => {
    const before = entries;
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    return entries - before;
  };
  await source.call.send({ perSecond: 1_000_000, included: MEMBERS });
  const fast = await rounds(count);
  await source.call.send({ perSecond: ENTRIES / MEMBERS, included: MEMBERS });
  await round(count, 1);
  const paced = await rounds(count);
  await source.call.send({ perSecond: SLOW_ENTRIES / SLOW_MEMBERS, included: SLOW_MEMBERS });
  await round(count, 1);
  measuring = true;
  await round(count, 10);
  await source.call.send({ perSecond: 0, included: 0 });
  await lease.release();
  await session.close();
  ages.sort((a, b) => a - b);
  return [
    {
      name: 'report entries into tag values, one association',
      figure: fast.perSecond,
      unit: 'entries/s',
      atLeast: ENTRIES,
      note: `${MEMBERS} to a report; ${cpuNote(fast, 'entry')}`,
    },
    {
      name: 'processor at 250,000 entries/s',
      figure: paced.cores,
      unit: 'cores',
      atMost: 0.5,
      note: `${Math.round(paced.perSecond)} entries/s came`,
    },
    {
      name: 'from the IED to the report event at 1,000 entries/s, p99',
      figure: ages[Math.floor(ages.length * 0.99)],
      unit: 'ms',
      atMost: 5,
      note: `${ages.length} reports, median ${ages[ages.length >> 1]} ms; the way over loopback is in it`,
    },
  ];
}

/** The same pace through a report node of Node-RED, until the next node has the message. */
async function messages(source: Child<ReportSourceOperations>, port: number): Promise<BenchRow> {
  const folder = mkdtempSync(path.join(tmpdir(), 'iec61850-bench-'));
  const nodeRed = startNodeRed(folder);
  try {
    await nodeRed.call.start({ flow: reportFlow('BENCH', port, 'BENCH/LLN0.urcb01[RP]') });
    await source.call.send({ perSecond: SLOW_ENTRIES / SLOW_MEMBERS, included: SLOW_MEMBERS });
    const deadline = Date.now() + PATIENCE_MS;
    while ((await nodeRed.call.seen()).messages === 0 && Date.now() < deadline) await sleep(100);
    await nodeRed.call.reset();
    await sleep(WATCH_MS);
    const { reportAge, messages: count, seconds } = await nodeRed.call.seen();
    await source.call.send({ perSecond: 0, included: 0 });
    return {
      name: 'from the IED to the Node-RED message at 1,000 entries/s, p99',
      figure: count > 0 ? reportAge.p99 : undefined,
      unit: 'ms',
      atMost: 5,
      note: `${Math.round(count / seconds)} messages/s, median ${reportAge.median} ms; the way over loopback is in it`,
    };
  } finally {
    await nodeRed.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function arming(ports: readonly number[]): Promise<BenchRow> {
  const sessions = ports.map((port, i) => open(port, `BENCH${i}`));
  const start = performance.now();
  const leases = sessions.flatMap((session) =>
    Array.from({ length: CONTROL_BLOCKS }, (_, number) => subscribe(session, number + 1)),
  );
  await Promise.all(leases.map(armed));
  const seconds = (performance.now() - start) / 1000;
  await Promise.all(leases.map((lease) => lease.release()));
  await Promise.all(sessions.map((session) => session.close()));
  return {
    name: `${CONTROL_BLOCKS} control blocks on each of ${IEDS} IEDs armed`,
    figure: seconds,
    unit: 's',
    atMost: 5,
    note: 'from the start of the connections on',
  };
}

async function run(): Promise<BenchRow[]> {
  const source = new Child<ReportSourceOperations>(path.join(__dirname, 'processes', 'report-source.ts'));
  try {
    const ports = await source.call.start({ ieds: IEDS, members: MEMBERS });
    const rows = await rates(source, ports[0] as number);
    return [...rows, await messages(source, ports[0] as number), await arming(ports)];
  } finally {
    await source.stop();
  }
}

export const part: BenchPart = { name: 'reports', title: 'Reports', run };
