/** The server closes in the middle of each service: whichever request of it is the last one, nothing hangs. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { IedClient } from '../../src/client/index.js';
import { Iec61850Error } from '../../src/errors.js';
import { IedServer } from '../../src/server/index.js';

const BAY = path.join(__dirname, '..', '..', 'examples', 'scl', 'bay.cid');
const LN = 'BAY1CTRL/LLN0';
const OWN = `${LN}.Mine`;
const NAMES = ['BAY1CTRL/GGIO1.SPCSO1.d[DC]', 'BAY1CTRL/GGIO1.SPCSO2.d[DC]'];
const LOG = `${LN}.EventLog`;
/** More requests than any of the services below sends in one run, browsing excepted. */
const MOST_REQUESTS = 12;

type Service = [name: string, run: (client: IedClient) => Promise<unknown>];
const SERVICES: Service[] = [
  ['browse', (client) => client.browse()],
  ['read', (client) => client.read(['BAY1CTRL/XCBR1.Pos[ST]', 'BAY1MEAS/MMXU1.TotW[MX]'])],
  ['write', (client) => client.write(NAMES[0] as string, 'lamp')],
  ['data sets: list', ({ dataSets }) => dataSets.list()],
  ['data sets: directory', ({ dataSets }) => dataSets.directory(`${LN}.dsPositions`)],
  ['data sets: read', ({ dataSets }) => dataSets.read(`${LN}.dsPositions`)],
  [
    'data sets: create, write and delete',
    async ({ dataSets }) => {
      await dataSets.create(OWN, NAMES);
      await dataSets.write(OWN, ['lamp', 'heater']);
      await dataSets.delete(OWN);
    },
  ],
  ['setting groups: list', ({ settingGroups }) => settingGroups.list()],
  ['setting groups: values', ({ settingGroups }) => settingGroups.readValues('BAY1PROT', 2)],
  ['setting groups: activate', ({ settingGroups }) => settingGroups.activate('BAY1PROT', 2)],
  ['logs: list', ({ logs }) => logs.list()],
  ['logs: query', ({ logs }) => logs.queryByTime(LOG)],
  ['logs: configure', ({ logs }) => logs.configure(`${LN}.lcbEvents[LG]`, { integrityPeriod: 5000 })],
];

describe('the server closing in the middle of', () => {
  let server: IedServer;
  let relay: Server;
  let port: number;
  const sockets = new Set<Socket>();
  /** Requests that still come through; the one after them ends the connection. */
  let passes = Infinity;

  beforeEach(async () => {
    server = await IedServer.fromScl(BAY, { ied: 'BAY1', port: 0, writable: ['DC', 'SG', 'SE'] });
    const target = (await server.listen()).port;
    passes = Infinity;
    relay = createServer((near) => {
      const far = connect(target, '127.0.0.1');
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      far.pipe(near);
      near.on('data', (octets) => {
        if (passes-- > 0) far.write(octets);
        else near.destroy();
      });
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    ({ port } = relay.address() as AddressInfo);
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    relay.close();
    await server.close();
  });

  for (const [name, run] of SERVICES) {
    it(name, async () => {
      let whole = false;
      for (let last = 0; last < MOST_REQUESTS && !whole; last++) {
        const client = new IedClient({ host: '127.0.0.1', port, name: 'BAY1', timeout: 2000 });
        await client.connect();
        passes = last;
        // Services that answer with an error for each member tell of the loss there.
        const failure = await run(client).then(
          () => undefined,
          (error: unknown) => error,
        );
        whole = passes >= 0;
        if (!whole && failure !== undefined) {
          assert.ok(failure instanceof Iec61850Error);
          assert.match(failure.message, /connection|closed|lost/i);
        }
        if (whole) assert.equal(failure, undefined);
        passes = Infinity;
        await client.close();
        // Others are served as before, and what was half done is no hindrance.
        const next = new IedClient({ host: '127.0.0.1', port, name: 'BAY1' });
        await next.connect();
        if (await next.dataSets.list().then((all) => all.includes(OWN))) await next.dataSets.delete(OWN);
        await next.close();
      }
      if (name !== 'browse') assert.ok(whole, 'it was done in the end');
    });
  }
});
