/** More clients at once than the server takes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { IedServer } from '../../src/server/index.js';
import { testModel } from './fixture.js';
import { TcpClient } from './tcp-client.js';

const ALLOWED = 100;
const COMING = 200;

describe('200 clients at once where 100 are allowed', () => {
  it('100 are served, the others are refused with the reason, and their places are free again', async () => {
    const server = IedServer.fromModel(testModel(), { port: 0, maxClients: ALLOWED, associationTimeout: 60_000 });
    const { port } = await server.listen();
    const reasons: string[] = [];
    server.on('clientRefused', (_, reason) => reasons.push(reason));
    const crowd = async (): Promise<TcpClient[]> => {
      const all = await Promise.allSettled(Array.from({ length: COMING }, () => TcpClient.open(port)));
      return all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    };
    const leave = async (clients: readonly TcpClient[]): Promise<void> => {
      await Promise.all(clients.map((client) => client.close()));
      while (server.connections > 0) await once(server, 'clientDisconnected');
    };
    try {
      for (const _ of [1, 2]) {
        reasons.length = 0;
        const served = await crowd();
        assert.equal(served.length, ALLOWED);
        assert.equal(server.connections, ALLOWED);
        assert.equal(reasons.length, COMING - ALLOWED);
        for (const reason of reasons) assert.match(reason, /100 clients are connected/);
        const answers = await Promise.all(served.map((client) => client.read('TESTLD1/XCBR1$ST$Pos')));
        for (const answer of answers) assert.ok(answer.service === 'read' && answer.results[0]?.success);
        await leave(served);
      }
    } finally {
      await server.close();
    }
  }).timeout(60_000);
});
