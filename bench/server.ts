/** The server alone: a client that sends requests which were built once and only counts the answers. */
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { MmsAssociation, type PreparedRequest } from '../src/mms/association.js';
import { encodeServiceRequest } from '../src/mms/services.js';
import type { BenchPart, BenchRow } from './bench-row.js';
import { rounds } from './measure.js';
import { references, type Shape } from './models.js';
import { startIeds } from './processes/start.js';

const SHAPE: Shape = { ied: 'BENCH', devices: ['MEAS'], nodes: 1, objects: 1000 };
const BATCH = 100;
const OUTSTANDING = 10;
const CLIENTS = 5;
/** Answers of one call of `work`, so that the clock is not read for each. */
const ANSWERS = 500;

interface FastClient {
  /** Reads batches of so many data objects and gives the data objects that came. */
  read(batch: number, outstanding: number): Promise<number>;
  close(): void;
}

function openClient(port: number): Promise<FastClient> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const association = new MmsAssociation(
      'client',
      {
        osi: { local: {}, remote: {} },
        maxPduSize: 65_000,
        maxOutstanding: OUTSTANDING,
        nestingLevel: 10,
        services: [],
        timeout: 10_000,
      },
      {
        send: (octets) => socket.write(octets),
        associated: () =>
          resolve({
            read: (batch, outstanding) => read(association, batch, outstanding),
            close: () => socket.destroy(),
          }),
        closed: (error) => reject(error ?? new Error('the server closed the association')),
      },
    );
    socket.on('error', reject);
    socket.on('data', (octets) => {
      socket.cork();
      association.receive(octets, performance.now());
      socket.uncork();
    });
    socket.on('connect', () => association.transportConnected(performance.now()));
  });
}

function requestOf(association: MmsAssociation, from: number, batch: number): PreparedRequest {
  const all = references(SHAPE);
  const list = Array.from({ length: batch }, (_, i) => {
    const [domain = '', path = ''] = (all[(from + i) % all.length] as string).split('/');
    return { name: { scope: 'domain', domain, item: path.replace('.', '$MX$') } as const };
  });
  return association.prepare(
    encodeServiceRequest({ service: 'read', specificationWithResult: false, access: { list } }),
  );
}

function read(association: MmsAssociation, batch: number, outstanding: number): Promise<number> {
  const requests = Array.from({ length: outstanding }, (_, i) => requestOf(association, i * batch, batch));
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answered = 0;
    const send = (request: PreparedRequest): void => {
      sent++;
      const response = (): void => {
        answered++;
        if (sent < ANSWERS) send(request);
        else if (answered === sent) resolve(answered * batch);
      };
      association.sendPrepared(request, { response, failed: reject }, performance.now());
    };
    for (const request of requests) send(request);
  });
}

async function run(): Promise<BenchRow[]> {
  const ieds = startIeds();
  try {
    const [port] = (await ieds.call.start({ shapes: [SHAPE] })) as [number];
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => openClient(port)));
    const [first] = clients as [FastClient];
    const one = await rounds(() => first.read(BATCH, OUTSTANDING));
    const together = await rounds(async () => {
      const counts = await Promise.all(clients.map((client) => client.read(BATCH, OUTSTANDING)));
      return counts.reduce((sum, count) => sum + count, 0);
    });
    const single = await rounds(() => first.read(1, 1));
    for (const client of clients) client.close();
    return [
      {
        name: `data objects to one client, batches of ${BATCH}`,
        figure: one.perSecond,
        unit: 'objects/s',
        atLeast: 300_000,
      },
      {
        name: `to ${CLIENTS} clients at once, in sum`,
        figure: together.perSecond,
        unit: 'objects/s',
        ratio: { value: together.perSecond / one.perSecond, to: 'one client' },
      },
      { name: 'data objects to one client, one by one', figure: single.perSecond, unit: 'objects/s', atLeast: 25_000 },
    ];
  } finally {
    await ieds.stop();
  }
}

export const part: BenchPart = { name: 'server', title: 'The server alone, to a client that only counts', run };
