/** Clients that come and go in every way: none leaves anything behind. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { IedServer } from '../../src/server/index.js';
import { nameOf } from './loopback.js';
import { ControlClient, controlModel } from './control-fixture.js';
import { TcpClient } from './tcp-client.js';

const CLIENTS = 1000;
/** Clients before the first look: code is compiled and buffers have their size. */
const WARM_UP = 200;
const AT_A_TIME = 20;
const MB = 1 << 20;
/** What two looks at the same heap may differ by. */
const TOLERANCE = 1.5 * MB;

/** Octets of the heap and of buffers, after what nobody holds was thrown away. */
async function held(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('a thousand clients', function () {
  this.timeout(120_000);
  let server: IedServer;
  let port: number;
  let structure: ReturnType<ControlClient['structure']>;

  before(async () => {
    server = IedServer.fromModel(controlModel(), { port: 0, operate: 'simulate', maxClients: 50 });
    ({ port } = await server.listen());
    structure = ControlClient.connect().structure('GGIO1.SPCSO4', 'SBOw', {});
  });
  after(() => server.close());

  const open = (): Promise<TcpClient> => TcpClient.open(port);
  /** Each way to come and to go. */
  const visits: readonly (() => Promise<void>)[] = [
    async () => {
      const client = await open();
      await client.close();
    },
    async () => {
      const client = await open();
      await client.request({
        service: 'read',
        specificationWithResult: false,
        access: { list: [{ name: nameOf('CTLLD1/GGIO1$ST$SPCSO1') }] },
      });
      client.socket.destroy();
    },
    async () => {
      // Leaves with a selection, if it gets it.
      const client = await open();
      await client.request({
        service: 'write',
        access: { list: [{ name: nameOf('CTLLD1/GGIO1$CO$SPCSO4$SBOw') }] },
        data: [structure],
      });
      client.socket.destroy();
    },
    async () => {
      // Never associates.
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
    },
    async () => {
      // Is no client at all.
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.end('GET / HTTP/1.1\r\n\r\n');
      socket.resume();
      await once(socket, 'close');
    },
  ];

  async function visit(count: number): Promise<void> {
    for (let from = 0; from < count; from += AT_A_TIME) {
      await Promise.all(
        Array.from({ length: AT_A_TIME }, (_, i) => (visits[(from + i) % visits.length] as () => Promise<void>)()),
      );
    }
    while (server.connections > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  it('connect and disconnect, in order and not, and leave nothing behind', async () => {
    await visit(WARM_UP);
    const before = await held();
    await visit(CLIENTS);
    const after = await held();
    assert.ok(after - before < TOLERANCE, `${((after - before) / MB).toFixed(1)} MB are left`);
    assert.equal(server.read('CTLLD1/GGIO1.SPCSO4.stSeld[ST]').value, false);
    // And the next one is served.
    const client = await open();
    await client.close();
  });
});
