/** Setting groups and logs between our client and our server, which keeps both over a restart. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedClient, IedSession, LogFollower, type LogQuery } from '../../src/client/index.js';
import { IedServer } from '../../src/server/index.js';

const BAY = path.join(__dirname, '..', '..', 'examples', 'scl', 'bay.cid');
const LOG = 'BAY1CTRL/LLN0.EventLog';
const SWITCH = 'BAY1CTRL/XCBR1.Pos.stVal[ST]';
const PICKUP = 'BAY1PROT/PTOC1.StrVal';

describe('setting groups and logs of our own server', () => {
  let dataDir: string;
  let server: IedServer;
  let port = 0;
  const clients: IedClient[] = [];

  beforeEach(async () => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'iec61850-own-'));
    port = 0;
    await serve();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function serve(): Promise<void> {
    server = await IedServer.fromScl(BAY, { ied: 'BAY1', port, dataDir, writable: ['SE', 'SG'] });
    ({ port } = await server.listen());
  }
  async function connect(): Promise<IedClient> {
    const client = new IedClient({ host: '127.0.0.1', port, name: 'BAY1' });
    clients.push(client);
    await client.connect();
    return client;
  }
  const positions = ({ entries }: LogQuery): unknown[] =>
    entries.flatMap(({ values }) => values.filter(({ tag }) => tag === 'BAY1CTRL.XCBR1.Pos').map(({ text }) => text));

  it('an edited group is active after a restart, with what was set in it', async () => {
    const { settingGroups } = await connect();
    await settingGroups.edit('BAY1PROT', 3, { [PICKUP]: 3210 });
    await settingGroups.activate('BAY1PROT', 3);
    await server.close();
    await serve();
    const again = (await connect()).settingGroups;
    const { active, values } = await again.readValues('BAY1PROT', 3, { references: [PICKUP] });
    assert.deepEqual([active, values[0]?.value], [true, 3210]);
    const other = await again.readValues('BAY1PROT', 1, { references: [PICKUP] });
    assert.deepEqual([other.active, other.values[0]?.value, other.released], [false, 2000, true]);
  });

  it('what one client edits is busy for another, and free when it has gone', async () => {
    const [one, two] = [await connect(), await connect()];
    await one.write('BAY1PROT/LLN0.SGCB.EditSG[SP]', 2);
    await assert.rejects(two.settingGroups.edit('BAY1PROT', 3, { [PICKUP]: 1 }), { code: 'IEC61850_SETTINGS_BUSY' });
    await one.close();
    assert.equal((await two.settingGroups.edit('BAY1PROT', 3, { [PICKUP]: 3000 })).released, true);
  });

  it('two flows of one session edit one after the other', async () => {
    const session = new IedSession({ name: 'BAY1', endpoints: [{ host: '127.0.0.1', port }] });
    try {
      const online = new Promise((resolve) => session.on('state', ({ state }) => state === 'online' && resolve(state)));
      session.start();
      await online;
      const done = await Promise.all([
        session.settingGroups.edit('BAY1PROT', 2, { [PICKUP]: 2222 }),
        session.settingGroups.readValues('BAY1PROT', 3, { references: [PICKUP] }),
        session.settingGroups.edit('BAY1PROT', 4, { [PICKUP]: 4444 }),
      ]);
      assert.deepEqual(
        done.map(({ released }) => released),
        [true, true, true],
      );
    } finally {
      await session.close();
    }
  });

  it('a log is followed over a restart of the server, each event once and in order', async () => {
    const client = await connect();
    const follower = new LogFollower(client.logs, LOG, { start: 'newest' });
    const take = async (): Promise<unknown[]> => {
      const found = await follower.next();
      follower.delivered(found);
      assert.equal(found.gap, false);
      return positions(found);
    };
    assert.deepEqual(await take(), []);
    for (const value of ['off', 'on', 'off']) server.update([{ reference: SWITCH, value }]);
    assert.deepEqual(await take(), ['Open', 'Closed', 'Open']);
    server.update([{ reference: SWITCH, value: 'on' }]);
    await server.close();
    await assert.rejects(follower.next());
    await serve();
    await client.connect();
    server.update([{ reference: SWITCH, value: 'off' }]);
    const [first, ...rest] = await take();
    assert.equal(first, 'Closed', 'what was logged before the restart');
    assert.ok(rest.includes('Open'));
    const [block] = await client.logs.controlBlocksOf(LOG);
    assert.deepEqual(block?.newest, follower.last);
  });

  it('a control block is switched, and its configuration kept', async () => {
    const client = await connect();
    const block = 'BAY1CTRL/LLN0.lcbEvents[LG]';
    await client.logs.configure(block, { triggerOptions: ['dchg'], integrityPeriod: 60_000 });
    const state = await client.logs.configure(block, { enabled: false });
    assert.deepEqual([state.enabled, state.triggerOptions, state.integrityPeriod], [false, ['dchg'], 60_000]);
    const before = (await client.logs.queryByTime(LOG)).entries.length;
    server.update([{ reference: SWITCH, value: 'off' }]);
    assert.equal((await client.logs.queryByTime(LOG)).entries.length, before);
  });
});
