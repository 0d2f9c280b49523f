/** TLS and expected clients through the nodes: by Node-RED's own tls-config and by files. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedClient } from '../../src/client/index.js';
import type { ServerNode } from '../../nodes/shared/server-node.js';
import type { IedNode } from '../../nodes/shared/ied-node.js';
import { own, Pki } from '../security/pki.js';
import { BAY_IN_PACKAGE, helper, node, nodeModule, nodes, startRed, stopRed, type Properties } from './support/red.js';

const SERVER = nodeModule('../../../nodes/iec61850-server/iec61850-server.js');
const TLS = nodeModule('@node-red/nodes/core/network/05-tls.js');
const POSITION = 'BAY1CTRL/XCBR1.Pos[ST]';

describe('security in the nodes', function () {
  this.timeout(20_000);
  const pki = new Pki();
  const clients: IedClient[] = [];
  let folder: string;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-tls-'));
    const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);
    write('ca.pem', pki.ca.cert);
    write('server.pem', pki.server.cert);
    write('server.key', pki.server.keyPem);
    write('client.pem', pki.client.cert);
    write('client.key', pki.client.keyPem);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => startRed());
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await stopRed();
  });

  const file = (name: string): string => path.join(folder, name);
  const serverFiles = (): Properties => ({
    tlsCert: file('server.pem'),
    tlsKey: file('server.key'),
    tlsCa: file('ca.pem'),
  });
  const load = (flows: Properties[], credentials: Properties = {}): Promise<void> =>
    helper.load([SERVER, TLS, nodes.ied] as never, flows as never, credentials as never) as unknown as Promise<void>;
  const server = (fields: Properties): Properties => ({
    id: 'server',
    type: 'iec61850-server',
    version: 1,
    sclFile: BAY_IN_PACKAGE,
    port: '0',
    ...fields,
  });
  /** Opens the server, and gives its port or why it does not listen. */
  const opened = (): Promise<{ port?: number; error?: Error }> => {
    const { host } = node('server') as ServerNode;
    return new Promise((resolve) => {
      const look = (): void => {
        if (host.state === 'listening') resolve({ port: host.address?.port ?? 0 });
        if (host.state === 'failed') resolve({ error: host.error ?? new Error('failed') });
      };
      host.acquire(look);
      look();
    });
  };
  const connect = async (port: number | undefined, options: object): Promise<IedClient> => {
    const client = new IedClient({ host: '127.0.0.1', port: port ?? 0, timeout: 2000, ...options });
    clients.push(client);
    await client.connect();
    return client;
  };

  it('a server with files lets in who has a certificate of its CA', async () => {
    await load([server({ secure: true, ...serverFiles() })]);
    const { port } = await opened();
    const client = await connect(port, { tls: { ...own(pki.client), ca: pki.ca.cert } });
    assert.equal((await client.read([POSITION]))[0]?.status, 'live');
    await assert.rejects(connect(port, {}));
  });

  it("both nodes work with Node-RED's own tls-config", async () => {
    const config = (id: string, cert: string): Properties => ({
      id,
      type: 'tls-config',
      cert: file(`${cert}.pem`),
      key: file(`${cert}.key`),
      ca: file('ca.pem'),
      verifyservercert: true,
    });
    await load([
      config('tls1', 'server'),
      config('tls2', 'client'),
      server({ secure: true, tls: 'tls1' }),
      {
        id: 'ied',
        type: 'iec61850-ied',
        version: 1,
        name: 'BAY1',
        host: '127.0.0.1',
        port: '1',
        secure: true,
        tls: 'tls2',
      },
    ]);
    const { port } = await opened();
    const settings = (node('ied') as unknown as IedNode).settings();
    assert.ok(settings.tls);
    await connect(port, { tls: settings.tls });
  });

  it('a tls-config that does not verify needs known peers', async () => {
    const config = { id: 'tls1', type: 'tls-config', cert: file('server.pem'), key: file('server.key'), ca: '' };
    await load([{ ...config, verifyservercert: false }, server({ secure: true, tls: 'tls1' })]);
    assert.match((await opened()).error?.message ?? '', /nobody would be known/);
  });

  it('the usual port is 3782 with TLS', async () => {
    await load([
      { id: 'ied', type: 'iec61850-ied', version: 1, host: '10.0.0.1', port: '', secure: true, ...serverFiles() },
    ]);
    assert.deepEqual((node('ied') as unknown as IedNode).settings().endpoints, [{ host: '10.0.0.1', port: 3782 }]);
  });

  it('a server without certificates does not listen, and says why', async () => {
    await load([server({ secure: true })]);
    assert.match((await opened()).error?.message ?? '', /certificate and its key are needed/);
  });

  it('expected clients of form and file have their roles, and passwords are credentials', async () => {
    writeFileSync(
      file('clients.xml'),
      '<Clients unknownClients="viewer"><Client name="Fault records" role="viewer" apTitle="1.2.3"/></Clients>',
    );
    const log = file('access.log');
    await load(
      [
        server({
          clients: [{ name: 'SCADA', role: 'operator', address: '127.0.0.1' }],
          clientsFile: file('clients.xml'),
          accessLog: log,
        }),
      ],
      { server: { clientPasswords: JSON.stringify({ SCADA: 'secret' }) } },
    );
    const { port } = await opened();
    const scada = await connect(port, { password: 'secret' });
    await assert.rejects(connect(port, { password: 'wrong' }), /authentication/);
    await scada.close();
    await (node('server') as ServerNode).host.close();
    const events = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(events.map(({ action, result }) => [action, result]).slice(0, 2), [
      ['connect', 'accepted'],
      ['connect', 'refused'],
    ]);
    assert.equal((events[0]?.client as Record<string, unknown>).role, 'operator');
    assert.doesNotMatch(JSON.stringify(events), /secret/);
  });

  it('a work budget is a number of ms within a second', async () => {
    await load([server({ workBudget: '200' })]);
    assert.ok((await opened()).port);
    await helper.unload();
    await load([server({ workBudget: '2000' })]);
    assert.match((await opened()).error?.message ?? '', /workBudget/);
  });

  it('a list of clients that cannot be used keeps the server from listening', async () => {
    await load([server({ clients: [{ name: 'SCADA', role: 'operator' }] })]);
    assert.match((await opened()).error?.message ?? '', /"SCADA" would be anybody/);
  });
});
