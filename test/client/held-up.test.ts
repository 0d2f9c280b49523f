/** The process itself stands still for longer than an answer may take. */
import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import path from 'node:path';
import sinon from 'sinon';
import { IedClient } from '../../src/client/index.js';
import { IedServer } from '../../src/server/index.js';

const BAY = path.join(__dirname, '..', '..', 'examples', 'scl', 'bay.cid');
const TIME_LIMIT_MS = 300;

describe('a process that is held up', () => {
  let server: IedServer;
  let client: IedClient;

  before(async () => {
    server = await IedServer.fromScl(BAY, { ied: 'BAY1', port: 0 });
    const { port } = await server.listen();
    client = new IedClient({ host: '127.0.0.1', port, timeout: TIME_LIMIT_MS });
    await client.connect();
    // Types are known then, so that the next read is one request.
    await client.read(['BAY1CTRL/XCBR1.Pos[ST]']);
  });
  after(async () => {
    sinon.restore();
    await client.close();
    await server.close();
  });

  it('takes an answer that came in the meantime, and calls nobody late', async () => {
    const write = sinon.stub(Socket.prototype, 'write');
    let writes = 0;
    write.callsFake(function (this: Socket, ...given: unknown[]) {
      const sent = write.wrappedMethod.apply(this, given as never);
      // The first write is the request, the second is the answer: nothing runs until its time is over.
      if (++writes === 2) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * TIME_LIMIT_MS);
      return sent;
    });
    const [position] = await client.read(['BAY1CTRL/XCBR1.Pos[ST]']);
    write.restore();
    assert.ok(writes >= 2);
    assert.equal(position?.status, 'live');
    assert.equal(position?.error, undefined);
  });
});
