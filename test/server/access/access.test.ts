/** Who may do what: expected clients, roles, limits and the access log. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  Controls,
  IedClient,
  IedServer,
  IedSession,
  type AccessEvent,
  type ExpectedClient,
  type IedServerOptions,
} from '../../../src/index.js';
import { AccessLogFile } from '../../../src/server/access/log-file.js';
import { loadClientList, parseClientList } from '../../../src/server/access/client-file.js';
import { WorkBudget } from '../../../src/server/work-budget.js';
import { own, Pki } from '../../security/pki.js';
import { controlModel } from '../control-fixture.js';
import { testModel } from '../fixture.js';

const SETTING = 'TESTLD1/GGIO1.SINT32.setVal[SP]';

describe('who may do what', () => {
  const servers: IedServer[] = [];
  const clients: IedClient[] = [];
  let events: AccessEvent[];

  beforeEach(() => {
    events = [];
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  const serve = async (options: IedServerOptions): Promise<number> => {
    const server = IedServer.fromModel(testModel(), { port: 0, writable: ['CF', 'SP'], ...options });
    servers.push(server);
    server.on('access', (event) => events.push(event));
    return (await server.listen()).port;
  };
  const client = async (
    port: number,
    options: Partial<ConstructorParameters<typeof IedClient>[0]> = {},
  ): Promise<IedClient> => {
    const made = new IedClient({ host: '127.0.0.1', port, timeout: 2000, ...options });
    clients.push(made);
    await made.connect();
    return made;
  };
  /** The first event of a refusal, which can come after the client has heard of it. */
  const refusal = async (): Promise<AccessEvent> => {
    for (;;) {
      const found = events.find(({ result }) => result === 'refused');
      if (found) return found;
      await new Promise((resolve) => servers[0]?.once('access', resolve));
    }
  };
  const expected = (entry: Partial<ExpectedClient>): ExpectedClient[] => [
    { name: 'SCADA', role: 'engineer', ...entry },
  ];

  describe('an expected client', () => {
    const cases: Array<[string, Partial<ExpectedClient>, Partial<ConstructorParameters<typeof IedClient>[0]>]> = [
      ['its address', { address: '127.0.0.0/8' }, {}],
      ['its AP-title', { apTitle: '1.2.3.4' }, { selectors: { local: { apTitle: '1.2.3.4' } } }],
      ['its AE-qualifier', { aeQualifier: 77 }, { selectors: { local: { aeQualifier: 77 } } }],
      ['its T-selector', { tSelector: '00 07' }, { selectors: { local: { tSelector: '0007' } } }],
      ['its S-selector', { sSelector: '0008' }, { selectors: { local: { sSelector: '0008' } } }],
      ['its P-selector', { pSelector: '00000009' }, { selectors: { local: { pSelector: '00000009' } } }],
      ['its password', { password: 'secret' }, { password: 'secret' }],
    ];
    for (const [what, entry, options] of cases) {
      it(`is known by ${what}`, async () => {
        const port = await serve({ clients: expected(entry) });
        await client(port, options);
        assert.equal(events[0]?.result, 'accepted');
        assert.equal(events[0].client.name, 'SCADA');
        assert.equal(events[0].client.role, 'engineer');
        assert.equal(events[0].client.identifiedBy, entry.password ? 'password' : 'address');
      });
    }

    it('is known by its TLS certificate, before any entry by address', async () => {
      const pki = new Pki();
      const port = await serve({
        tls: { ...own(pki.server), ca: pki.ca.cert },
        clients: [
          { name: 'anybody', role: 'viewer', address: '127.0.0.1' },
          { name: 'SCADA', role: 'engineer', certificate: pki.client.fingerprint.toUpperCase() },
        ],
      });
      await client(port, { tls: { ...own(pki.client), ca: pki.ca.cert } });
      assert.equal(events[0]?.client.name, 'SCADA');
      assert.equal(events[0].client.identifiedBy, 'tls');
      assert.deepEqual(events[0].client.certificate, {
        subject: 'O=IEC 61850 sample, CN=client',
        fingerprint: pki.client.fingerprint,
      });
    });

    it('must fit in everything that is given', async () => {
      const port = await serve({ clients: expected({ address: '127.0.0.1', apTitle: '1.9.9.9', password: 'secret' }) });
      await assert.rejects(client(port, { password: 'secret' }));
      await client(port, { password: 'secret', selectors: { local: { apTitle: '1.9.9.9' } } });
    });

    it('with a wrong password does not come in as a stranger', async () => {
      const port = await serve({
        unknownClients: 'viewer',
        clients: expected({ address: '127.0.0.1', password: 'secret' }),
      });
      await assert.rejects(client(port, { password: 'wrong' }), /authentication failed/);
      assert.match((await refusal()).reason ?? '', /wrong password/);
    });

    it('that is known by its password alone lets others look on, and nobody in with a wrong password', async () => {
      const port = await serve({ unknownClients: 'viewer', clients: expected({ password: 'secret' }) });
      await client(port);
      await client(port, { password: 'secret' });
      assert.deepEqual(
        events.map((event) => event.client.role),
        ['viewer', 'engineer'],
      );
      await assert.rejects(client(port, { password: 'wrong' }), /authentication failed/);
      const strict = await serve({ clients: expected({ password: 'secret' }) });
      await assert.rejects(client(strict), /authentication required/);
    });

    it('has to have something that it is known by, a name and a role', async () => {
      const wrong: Array<[Partial<ExpectedClient>, RegExp]> = [
        [{}, /would be anybody/],
        [{ name: ' ', address: '::1' }, /has no name/],
        [{ role: 'root' as never, address: '::1' }, /has no role.*|role/],
        [{ address: 'somewhere' }, /no address of clients/],
        [{ certificate: 'abc' }, /fingerprint that is none/],
        [{ apTitle: 'one' }, /AP-title that is none/],
        [{ tSelector: 'xy' }, /T-selector that is none/],
        [{ certificate: 'a'.repeat(64) }, /nothing asks for one/],
      ];
      for (const [entry, words] of wrong) {
        await assert.rejects(serve({ clients: expected(entry) }), words, JSON.stringify(entry));
      }
      const twice = expected({ address: '::1' });
      await assert.rejects(serve({ clients: [...twice, ...twice] }), /two expected clients/);
    });
  });

  describe('an unknown client', () => {
    it('is refused by default, and that is written down', async () => {
      const port = await serve({ clients: expected({ address: '10.0.0.1' }) });
      await assert.rejects(client(port), /refused/);
      const { action, reason } = await refusal();
      assert.equal(action, 'connect');
      assert.match(reason ?? '', /none of the expected clients/);
    });

    it('may look on where the server says so', async () => {
      const port = await serve({ unknownClients: 'viewer', clients: expected({ address: '10.0.0.1' }) });
      const viewer = await client(port);
      assert.equal((await viewer.read([SETTING]))[0]?.status, 'live');
      await assert.rejects(viewer.write(SETTING, 5), /denied/);
      assert.equal(events[0]?.client.role, 'viewer');
    });
  });

  it('without a list every client may do what the options allow, as before', async () => {
    const port = await serve({});
    await (await client(port)).write(SETTING, 5);
    assert.deepEqual(
      events.map(({ action, result, object, value }) => [action, result, object, value]),
      [
        ['connect', 'accepted', '', undefined],
        ['write', 'accepted', SETTING, 5],
      ],
    );
  });

  for (const role of ['viewer', 'operator', 'engineer'] as const) {
    it(`a write to a setting by the role ${role} is ${role === 'engineer' ? 'taken' : 'refused'}, and written down`, async () => {
      const port = await serve({ clients: expected({ role, address: '127.0.0.1' }) });
      const made = await client(port);
      if (role === 'engineer') await made.write(SETTING, 7);
      else await assert.rejects(made.write(SETTING, 7), /denied/);
      const event = events.find(({ action }) => action === 'write');
      assert.equal(event?.result, role === 'engineer' ? 'accepted' : 'refused');
      assert.equal(event?.object, SETTING);
      assert.equal(event?.client.name, 'SCADA');
      if (role !== 'engineer') assert.match(event?.reason ?? '', new RegExp(`the role ${role} does not allow it`));
    });
  }

  for (const role of ['viewer', 'operator', 'engineer'] as const) {
    it(`a command by the role ${role} is ${role === 'viewer' ? 'refused with its AddCause' : 'taken'}, and written down once`, async () => {
      const server = IedServer.fromModel(controlModel(), {
        port: 0,
        operate: 'simulate',
        clients: expected({ role, address: '127.0.0.1' }),
      });
      servers.push(server);
      server.on('access', (event) => events.push(event));
      const { port } = await server.listen();
      const session = new IedSession({ name: 'CTL', endpoints: [{ host: '127.0.0.1', port }], timeout: 2000 });
      try {
        const online = new Promise<void>((resolve) =>
          session.on('state', ({ state }) => {
            if (state === 'online') resolve();
          }),
        );
        session.start();
        await online;
        const reference = 'CTLLD1/GGIO1.SPCSO1';
        const { outcome, addCause } = await Controls.of(session).command({ reference, value: true });
        assert.equal(outcome, role === 'viewer' ? 'refused' : 'done');
        if (role === 'viewer') assert.equal(addCause?.name, 'No-access-authority');
      } finally {
        await session.close();
      }
      const commands = events.filter(({ action }) => action === 'control');
      assert.deepEqual(
        commands.map(({ operation, object, result }) => [operation, object, result]),
        role === 'viewer'
          ? [['operate refused', 'CTLLD1/GGIO1.SPCSO1', 'refused']]
          : [['operate', 'CTLLD1/GGIO1.SPCSO1', 'accepted']],
      );
    });
  }

  it('limits the connections from one address', async () => {
    const port = await serve({ maxClientsPerAddress: 2 });
    const first = await client(port);
    await client(port);
    await assert.rejects(client(port));
    assert.match((await refusal()).reason ?? '', /2 clients are connected from its address already/);
    const gone = new Promise((resolve) => servers[0]?.once('clientDisconnected', resolve));
    await first.close();
    await gone;
    await client(port);
  });

  describe('a list as a file', () => {
    const list: ExpectedClient[] = [
      { name: 'SCADA', role: 'operator', address: '10.0.0.5', apTitle: '1.1.1.999', aeQualifier: 12 },
      { name: 'A & B', role: 'viewer', password: 'x<y' },
    ];
    it('is JSON: an array, or an object', () => {
      assert.deepEqual(parseClientList(JSON.stringify(list)), { clients: list });
      const whole = { unknownClients: 'viewer' as const, clients: list };
      assert.deepEqual(parseClientList(JSON.stringify(whole)), whole);
    });
    it('is XML with the same names', () => {
      const xml = `<?xml version="1.0"?>
        <Clients unknownClients="viewer">
          <!-- the control centre -->
          <Client name="SCADA" role="operator" address="10.0.0.5" apTitle="1.1.1.999" aeQualifier="12"/>
          <Client name="A &amp; B" role="viewer" password="x&lt;y"/>
        </Clients>`;
      assert.deepEqual(parseClientList(xml), { unknownClients: 'viewer', clients: list });
    });
    it('says what is wrong with it', async () => {
      const wrong: Array<[string, RegExp]> = [
        ['', /neither JSON nor XML/],
        ['{}', /holds none/],
        ['[5]', /expected client 1 is no object/],
        ['[{"name":"a","role":"viewer","adress":"10.0.0.1"}]', /has "adress"/],
        ['[{"name":"a","role":"viewer","address":5}]', /address is no text/],
        ['<Clients><Client name="a" role="admin" address="::1"/></Clients>', /no role/],
        ['<Clients>', /XML|closed/i],
        ['<!DOCTYPE a [<!ENTITY b "c">]><Clients/>', /document type/],
        ['<SCL/>', /no root <Clients>/],
      ];
      for (const [text, words] of wrong) assert.throws(() => parseClientList(text), words, text);
      await assert.rejects(loadClientList('/nowhere/clients.json'), /cannot be read/);
    });
  });

  describe('the access log', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'iec61850-access-'));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));
    const event = (object: string): AccessEvent => ({
      time: '2026-01-02T03:04:05.678Z',
      client: { address: '10.0.0.1', port: 5 },
      action: 'write',
      object,
      result: 'accepted',
    });

    it('is a line of JSON for each event, in order, and is appended to', async () => {
      const file = path.join(folder, 'logs', 'access.log');
      const port = await serve({ accessLog: { file } });
      const made = await client(port);
      await made.write(SETTING, 9);
      await made.close();
      await servers[0]?.close();
      const lines = readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as AccessEvent);
      assert.deepEqual(
        lines.map(({ action, result }) => [action, result]),
        [
          ['connect', 'accepted'],
          ['write', 'accepted'],
          ['disconnect', 'accepted'],
        ],
      );
      await serve({ accessLog: { file } });
      await assert.rejects(client(1));
      await servers[1]?.close();
      assert.equal(readFileSync(file, 'utf8').trim().split('\n').length >= 3, true);
    });

    it('goes on in a new file when one is full, and keeps as many as it should', async () => {
      const file = path.join(folder, 'access.log');
      const log = new AccessLogFile({ file, maxOctets: 4096, files: 3 }, (error) => assert.ifError(error));
      for (let i = 0; i < 200; i++) log.append(event(`object ${i}`));
      await log.flush();
      assert.deepEqual(readdirSync(folder).sort(), ['access.log', 'access.log.1', 'access.log.2']);
      const last = readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';
      assert.equal((JSON.parse(last) as AccessEvent).object, 'object 199');
      for (const name of readdirSync(folder)) assert.ok(readFileSync(path.join(folder, name)).length <= 4096, name);
    });

    it('tells a disk that does not take it once, drops what it cannot keep and says how many', async () => {
      const blocked = path.join(folder, 'blocked');
      writeFileSync(blocked, '');
      const failures: unknown[] = [];
      const file = path.join(blocked, 'access.log');
      const log = new AccessLogFile({ file }, (error) => failures.push(error));
      log.append(event('lost'));
      await log.flush();
      log.append(event('lost too'));
      await log.flush();
      assert.equal(failures.length, 1);
      rmSync(blocked);
      log.append(event('kept'));
      await log.flush();
      const lines = readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { object?: string; dropped?: number });
      assert.equal(lines[0]?.object, 'kept');
      assert.equal(lines[1]?.dropped, 2);
    });

    it('does not grow without bound while the disk is slow', async () => {
      const file = path.join(folder, 'access.log');
      const log = new AccessLogFile({ file }, (error) => assert.ifError(error));
      for (let i = 0; i < 12_000; i++) log.append(event('many'));
      await log.flush();
      const lines = readFileSync(file, 'utf8').trim().split('\n');
      assert.equal(lines.length, 10_001);
      assert.equal((JSON.parse(lines.at(-1) ?? '') as { dropped?: number }).dropped, 2000);
    });
  });

  describe('the work budget', () => {
    it('has no limit by default', () => {
      const budget = new WorkBudget();
      budget.spent(1e6, 0);
      assert.equal(budget.delay(0), 0);
    });
    it('lets work wait that would pass it, for as long as it takes', () => {
      const budget = new WorkBudget(100);
      assert.equal(budget.delay(0), 0);
      budget.spent(150, 0);
      assert.equal(budget.delay(0), 500);
      assert.equal(budget.delay(400), 100);
      assert.equal(budget.delay(501), 0);
    });
    it('takes a number of ms within a second', () => {
      for (const wrong of [0, -1, 1001, Number.NaN]) assert.throws(() => new WorkBudget(wrong), /work budget/);
    });
  });

  it('tells of a client that leaves why it is gone', async () => {
    const port = await serve({});
    const made = await client(port);
    const gone = once(servers[0] as never, 'clientDisconnected');
    await made.close();
    await gone;
    assert.deepEqual(
      events.map(({ action }) => action),
      ['connect', 'disconnect'],
    );
  });
});
