/** Part 2: our client and our own server in a second process. */
import type { BenchPart, BenchRow } from './bench-row.js';
import { cpuNote, rounds } from './measure.js';
import { references, tags, type Shape } from './models.js';
import { startIeds } from './processes/start.js';
import { openSubject, readAll } from './read-rates.js';

const SHAPE: Shape = { ied: 'BENCH', devices: ['MEAS'], nodes: 1, objects: 1000 };
/** Share of the values that change each second, so that there are changes to find. */
const CHANGING = 0.02;

async function run(): Promise<BenchRow[]> {
  const ieds = startIeds();
  try {
    const [port] = (await ieds.call.start({ shapes: [SHAPE], changing: CHANGING })) as [number];
    const subject = await openSubject(port, tags(SHAPE));
    const all = references(SHAPE).map((reference) => `${reference}[MX]`);
    const plain = references(SHAPE).map((reference) => `${reference}.mag.f[MX]`);
    const polled = await rounds(() => subject.poll());
    const read = await rounds(() => readAll(subject.client, all));
    const readPlain = await rounds(() => readAll(subject.client, plain));
    const single = await rounds(() => readAll(subject.client, all.slice(0, 1)));
    await subject.close();
    return [
      {
        name: 'poll into the tag table, one association',
        figure: polled.perSecond,
        unit: 'tags/s',
        atLeast: 300_000,
        note: cpuNote(polled, 'tag'),
      },
      {
        name: 'client.read, whole data objects, same references',
        figure: read.perSecond,
        unit: 'tag values/s',
        atLeast: 150_000,
        note: cpuNote(read, 'value'),
      },
      {
        name: 'client.read, single attributes, same references',
        figure: readPlain.perSecond,
        unit: 'tag values/s',
        note: cpuNote(readPlain, 'value'),
      },
      { name: 'client.read, one by one', figure: single.perSecond, unit: 'tags/s', note: cpuNote(single, 'tag') },
    ];
  } finally {
    await ieds.stop();
  }
}

export const part: BenchPart = { name: 'own', title: 'Client, from our own server in a second process', run };
