import assert from 'node:assert/strict';
import type { TraceAnswer } from '../../nodes/shared/trace-routes.js';
import { readCapture } from '../../src/ethernet/capture/capture-file.js';
import type { IedServer } from '../../src/server/ied-server.js';
import { helper, nodes, PLACE, startBay, startRed, stopRed, type Properties } from './support/red.js';

const SECRET = 'very-secret-word';

describe('the trace of an IED, as the editor asks for it', function () {
  this.timeout(30_000);
  let server: IedServer;
  let port = 0;

  beforeEach(async () => {
    await startRed();
    ({ server, port } = await startBay({ password: SECRET }));
  });
  afterEach(async () => {
    await stopRed();
    await server.close();
  });

  const load = (more: Properties[] = []): Promise<void> =>
    helper.load(
      [nodes.ied, nodes.read],
      [
        { id: 'tab', type: 'tab' },
        { id: 'ied', type: 'iec61850-ied', name: 'BAY 1/<x>', host: '127.0.0.1', port: String(port), timeout: '5000' },
        ...more,
      ] as never,
      { ied: { password: SECRET } } as never,
    );
  const READ = {
    ...{ id: 'read', ...PLACE, type: 'iec61850-read', ied: 'ied', mode: 'poll', interval: '100', output: 'single' },
    tags: [{ tag: 'Pos', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST' }],
  };
  async function call<T>(method: 'get' | 'post', path: string, status = 200): Promise<T> {
    const request = helper.request()[method](`/iec61850/trace/${path}`);
    const response = await (method === 'post' ? request.send({}) : request);
    assert.equal(response.status, status, JSON.stringify(response.body));
    return response.body as T;
  }
  /** Looks until a line fits. */
  async function seen(service: string): Promise<TraceAnswer> {
    for (;;) {
      const answer = await call<TraceAnswer>('get', 'ied');
      if (answer.lines.some((line) => line.service === service && line.kind === 'response')) return answer;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('begins, shows lines, ends, and gives a file that has no password in it', async () => {
    await load([READ]);
    await call('post', 'ied/start');
    const { ied, used, state, lines } = await seen('read');
    assert.deepEqual([ied, used, state?.active], ['BAY 1/<x>', true, true]);
    assert.ok(!JSON.stringify(lines).includes(SECRET));
    const after = lines.at(-1)?.number ?? 0;
    const later = await call<TraceAnswer>('get', `ied?after=${after}`);
    assert.ok(later.lines.every(({ number }) => number > after));
    const stopped = await call<{ state: TraceAnswer['state'] }>('post', 'ied/stop');
    assert.equal(stopped.state?.active, false);
    const response = await helper
      .request()
      .get('/iec61850/trace/ied/capture')
      .buffer(true)
      .parse((stream, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => done(null, Buffer.concat(chunks)));
      });
    assert.equal(response.status, 200);
    assert.match(response.headers['content-disposition'] as string, /filename="BAY_1_x_-mms\.pcapng"/);
    const file = response.body as Buffer;
    assert.ok([...readCapture(file)].length > 8);
    assert.ok(!file.includes(SECRET));
  });

  it('says why there is nothing to trace', async () => {
    await load();
    const { code, message } = await call<{ code: string; message: string }>('post', 'ied/start', 400);
    assert.match(code, /^IEC61850_/);
    assert.match(message, /No node uses this IED/);
    assert.equal((await call<TraceAnswer>('get', 'ied')).used, false);
    assert.match((await call<{ message: string }>('get', 'ied/capture', 400)).message, /no trace/);
    assert.match((await call<{ message: string }>('get', 'nobody', 400)).message, /no such IED/);
    assert.match((await call<{ message: string }>('get', 'tab', 400)).message, /no such IED/);
  });

  it('takes JSON alone, so that no foreign page can begin one', async () => {
    await load([READ]);
    const asked = await helper.request().post('/iec61850/trace/ied/start').type('form').send('a=1');
    assert.equal(asked.status, 400);
  });
});
