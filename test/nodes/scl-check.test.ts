import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import type { IedServer } from '../../src/server/ied-server.js';
import type { AdminError } from '../../nodes/shared/admin.js';
import type { SclCheckAnswer } from '../../nodes/shared/scl-check-route.js';
import { BAY, helper, nodes, startBay, startRed, stopRed, userDirectory, type Properties } from './support/red.js';

describe('live SCL check in the editor', () => {
  let server: IedServer;
  let port: number;

  beforeEach(async () => {
    ({ server, port } = await startBay());
    await startRed();
    await helper.load([nodes.ied], [] as never);
  });
  afterEach(async () => {
    await stopRed();
    await server.close();
  });

  async function call<T>(body: unknown, status = 200, what = 'scl-check'): Promise<T> {
    const response = await helper
      .request()
      .post(`/iec61850/${what}`)
      .send(body as object);
    assert.equal(response.status, status, JSON.stringify(response.body));
    return response.body as T;
  }
  const ask = (sclFile: unknown, ied = 'BAY1'): Properties => ({
    form: { name: 'BAY1', host: '127.0.0.1', port, timeout: '5000' },
    password: { state: 'none' },
    scl: { sclFile, ied },
  });
  async function file(name: string, change: (scl: string) => string): Promise<string> {
    await mkdir(userDirectory(), { recursive: true });
    await writeFile(path.join(userDirectory(), name), change(await readFile(BAY, 'utf8')));
    return name;
  }

  it('finds nothing where the device is what the file says, and says what it compared', async () => {
    const answer = await call<SclCheckAnswer>(ask(await file('bay.cid', (scl) => scl)));
    assert.deepEqual(answer.findings, []);
    assert.equal(answer.compared.logicalDevices, 3);
    assert.match(answer.checked, /^\d{4}-.*Z$/);
  });

  it('finds another revision of a report and of a GOOSE control block, and a data set that holds more', async () => {
    const name = await file('old.cid', (scl) =>
      scl
        .replace(/(name="urcbAlarms"[^>]*confRev=")1"/, '$17"')
        .replace(/(name="gcbPositions"[^>]*confRev=")1"/, '$19"')
        .replace(/(<DataSet name="dsGoose"[^>]*>)/, '$1<FCDA ldInst="CTRL" lnClass="LLN0" doName="Beh" fc="ST"/>'),
    );
    const { findings } = await call<SclCheckAnswer>(ask(name));
    const goose = findings.find(({ part }) => part === 'gooseControl');
    assert.deepEqual(goose, {
      kind: 'confRev',
      part: 'gooseControl',
      severity: 'error',
      reference: 'BAY1CTRL/LLN0.gcbPositions',
      attribute: 'ConfRev',
      file: '9',
      device: '1',
    });
    assert.ok(findings.some(({ kind, reference }) => kind === 'confRev' && /urcbAlarms01$/.test(reference)));
    assert.ok(findings.some(({ kind, reference }) => kind === 'members' && reference === 'BAY1CTRL/LLN0.dsGoose'));
    const { csv } = await call<{ csv: string }>({ findings }, 200, 'scl-check/csv');
    assert.equal(csv.trim().split('\n').length, findings.length + 1);
  });

  it('lets go of the IED when nobody waits any longer', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      const { port: hanging } = silent.address() as AddressInfo;
      const body = ask(await file('bay.cid', (scl) => scl));
      const form = { name: 'BAY1', host: '127.0.0.1', port: hanging, timeout: '60000' };
      const request = helper
        .request()
        .post('/iec61850/scl-check')
        .send({ ...body, form });
      request.end(() => undefined);
      const [socket] = (await once(silent, 'connection')) as [Socket];
      socket.resume();
      const closed = once(socket, 'close');
      request.abort();
      await closed;
    } finally {
      silent.close();
    }
  });

  it('says which half is missing: the file, its IED, or the device', async () => {
    assert.match((await call<AdminError>(ask(''), 400)).message, /No IED of an SCL file/);
    const name = await file('bay.cid', (scl) => scl);
    assert.match((await call<AdminError>(ask(name, 'BAY9'), 400)).message, /BAY9/);
    const away = { ...ask(name), form: { name: 'BAY1', host: '127.0.0.1', port: 1, timeout: '1000' } };
    assert.notEqual((await call<AdminError>(away, 400)).hint, '');
  });
});
