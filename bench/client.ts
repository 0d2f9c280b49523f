/** Part 1: our client and libiec61850's C client, one after the other, on the same libiec61850 server. */
import { peerMissing, startPeerClient, startPeerServer } from '../test/interop/peers/index.js';
import { missingRow, type BenchPart, type BenchRow } from './bench-row.js';
import { cpuNote, medianBy, round, ROUND_SECONDS, ROUNDS, type Round } from './measure.js';
import { cfgText, references, tags, withFile, type Shape } from './models.js';
import { openSubject, readAll, type Subject } from './read-rates.js';

/**
 * 1000 tags in nodes of 100: this server looks names up one after the other, so that a node of 1000 data objects, which
 * no real IED has, makes it three times slower, for both clients alike.
 */
const SHAPE: Shape = { ied: 'BENCH', devices: ['MEAS'], nodes: 10, objects: 100 };
const BATCH = 100;
const C_CLIENT = "libiec61850's C client";

interface Pair {
  ours: Round;
  theirs: number;
}

/** One round of ours, on an association of its own. */
async function ours(port: number, work: (subject: Subject) => Promise<number>): Promise<Round> {
  const subject = await openSubject(port, tags(SHAPE));
  try {
    await round(() => work(subject), ROUND_SECONDS / 4);
    return await round(() => work(subject));
  } finally {
    await subject.close();
  }
}

/** The C client reads the same data objects, on an association of its own; gives objects a second. */
async function theirs(port: number, batch: number): Promise<number> {
  const client = await startPeerClient('libiec61850', { port });
  try {
    const items = references(SHAPE).map((reference) => reference.replace(/^.*\/(.*)\.(.*)$/, '$1$MX$$$2'));
    const bench = { domain: `${SHAPE.ied}${SHAPE.devices[0]}`, items, batch, seconds: ROUND_SECONDS };
    const { perSecond } = await client.call<{ perSecond: number }>('bench', bench);
    return perSecond;
  } finally {
    await client.stop();
  }
}

/**
 * Both take turns, so that whatever else the machine does meets both; and never at one time, because this server
 * becomes ten times slower as soon as it has two clients, an idle one included.
 */
async function inTurn(port: number, batch: number, work: (subject: Subject) => Promise<number>): Promise<Pair> {
  const pairs: Pair[] = [];
  for (let i = 0; i < ROUNDS; i++) pairs.push({ ours: await ours(port, work), theirs: await theirs(port, batch) });
  return {
    ours: medianBy(pairs, (pair) => pair.ours.perSecond).ours,
    theirs: medianBy(pairs, (pair) => pair.theirs).theirs,
  };
}

async function compare(port: number): Promise<BenchRow[]> {
  const batches = await inTurn(port, BATCH, (subject) => subject.poll());
  const single = [`${references(SHAPE)[0]}[MX]`];
  const singles = await inTurn(port, 1, (subject) => readAll(subject.client, single));
  return [
    {
      name: 'poll into the tag table, one association',
      figure: batches.ours.perSecond,
      unit: 'tags/s',
      atLeast: 500_000,
      ratio: { value: batches.ours.perSecond / batches.theirs, to: `${C_CLIENT}, batches of ${BATCH}`, atLeast: 1.3 },
      note: cpuNote(batches.ours, 'tag'),
    },
    { name: `${C_CLIENT}, batches of ${BATCH}`, figure: batches.theirs, unit: 'tags/s' },
    {
      name: 'client.read, one by one',
      figure: singles.ours.perSecond,
      unit: 'tags/s',
      atLeast: 25_000,
      ratio: { value: singles.ours.perSecond / singles.theirs, to: `${C_CLIENT}, one by one` },
      note: cpuNote(singles.ours, 'tag'),
    },
    { name: `${C_CLIENT}, one by one`, figure: singles.theirs, unit: 'tags/s' },
  ];
}

async function run(): Promise<BenchRow[]> {
  const why = peerMissing('libiec61850');
  if (why !== undefined) return [missingRow('poll into the tag table, one association', 'tags/s', why)];
  return withFile('bench.cfg', cfgText(SHAPE), async (model) => {
    const server = await startPeerServer('libiec61850', { model });
    try {
      return await compare(server.port);
    } finally {
      await server.stop();
    }
  });
}

export const part: BenchPart = { name: 'client', title: "Client, from libiec61850's C server", run };
