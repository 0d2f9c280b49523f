/** Part 5: the whole model of an IED of 10,000 attributes, asked for online. */
import { performance } from 'node:perf_hooks';
import type { DataAttribute, DataObject, IedModel } from '../src/index.js';
import { peerMissing, startPeerServer } from '../test/interop/peers/index.js';
import { missingRow, type BenchPart, type BenchRow } from './bench-row.js';
import { IedClient } from './built.js';
import { medianBy, ROUNDS } from './measure.js';
import { ATTRIBUTES_PER_OBJECT, cfgText, objectCount, withFile, type Shape } from './models.js';
import { startIeds } from './processes/start.js';

/** 100 logical nodes of 34 data objects: 10,200 attributes that have a value. */
const SHAPE: Shape = { ied: 'BENCH', devices: ['LD1', 'LD2', 'LD3', 'LD4'], nodes: 25, objects: 34 };
const LIMIT_MS = 1000;

function leaves(attributes: readonly DataAttribute[]): number {
  return attributes.reduce((sum, one) => sum + (one.attributes.length > 0 ? leaves(one.attributes) : 1), 0);
}

function attributesOf(objects: readonly DataObject[]): number {
  return objects.reduce((sum, one) => sum + leaves(one.attributes) + attributesOf(one.dataObjects), 0);
}

function attributeCount(model: IedModel): number {
  return model.logicalDevices.reduce(
    (sum, { logicalNodes }) =>
      sum + logicalNodes.reduce((inner, { dataObjects }) => inner + attributesOf(dataObjects), 0),
    0,
  );
}

async function browseRow(name: string, port: number): Promise<BenchRow> {
  const times: number[] = [];
  let attributes = 0;
  for (let i = 0; i < ROUNDS; i++) {
    // A new association each time: nothing is known of the IED.
    const client = new IedClient({ host: '127.0.0.1', port, name: 'BENCH' });
    await client.connect();
    const start = performance.now();
    const model = await client.browse();
    times.push(performance.now() - start);
    attributes = attributeCount(model);
    await client.close();
  }
  const wanted = objectCount(SHAPE) * ATTRIBUTES_PER_OBJECT;
  if (attributes < wanted) throw new Error(`the browse found ${attributes} of ${wanted} attributes`);
  return {
    name,
    figure: medianBy(times, (ms) => ms),
    unit: 'ms',
    atMost: LIMIT_MS,
    note: `${attributes.toLocaleString('en-US')} attributes; the first time ${Math.round(times[0] as number)} ms`,
  };
}

async function ownServer(): Promise<BenchRow> {
  const ieds = startIeds();
  try {
    const [port] = (await ieds.call.start({ shapes: [SHAPE] })) as [number];
    return await browseRow('browse of our own server', port);
  } finally {
    await ieds.stop();
  }
}

async function peerServer(): Promise<BenchRow> {
  const name = "browse of libiec61850's server";
  const why = peerMissing('libiec61850');
  if (why !== undefined) return missingRow(name, 'ms', why);
  return withFile('bench.cfg', cfgText(SHAPE), async (model) => {
    const server = await startPeerServer('libiec61850', { model });
    try {
      return await browseRow(name, server.port);
    } finally {
      await server.stop();
    }
  });
}

async function run(): Promise<BenchRow[]> {
  return [await ownServer(), await peerServer()];
}

export const part: BenchPart = { name: 'browse', title: 'Browse of a model of 10,000 attributes', run };
