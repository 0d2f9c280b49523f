/** Setting groups of foreign servers, by our client (UCA group cSg). */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedClient } from '../../src/client/index.js';
import { BAY_CID } from './fixtures.js';
import { needPeer, ROOT, startDriver, startPeerServer, type Peer } from './peers/index.js';
import { Recorder } from './recorder.js';
import { complaints } from './tshark.js';

const MODEL = path.join(ROOT, 'test', 'interop', 'models', 'settings.cfg');
const LD = 'SETTPROT';
const LN = `${LD}/PTOC1`;

interface State {
  groups: Record<string, Record<string, number>>;
  /** What the server's application was told, since the last time that it was asked. */
  seen: [what: string, group: number][];
}

describe('Setting groups of a libiec61850 server', function () {
  this.timeout(60_000);
  let server: Peer;
  let client: IedClient;
  const opened: IedClient[] = [];

  before(async function () {
    needPeer(this, 'libiec61850');
    server = await startDriver('libiec61850_settings_server.py', '--model', MODEL);
  });
  beforeEach(async () => {
    client = await open();
    await server.call('refuse', { what: [] });
    await server.call('state');
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
  });
  after(async () => {
    await server?.stop();
  });

  async function open(port = server.port): Promise<IedClient> {
    const one = new IedClient({ host: '127.0.0.1', port, name: 'SETT' });
    opened.push(one);
    await one.connect();
    return one;
  }
  const state = (): Promise<State> => server.call<State>('state');

  it('cSg1: the control block', async () => {
    const [block, ...others] = await client.settingGroups.list();
    assert.deepEqual([block?.logicalDevice, block?.groups, block?.edited, others], [LD, 3, 0, []]);
    await assert.rejects(client.settingGroups.read('SETTMEAS'), /SETTMEAS\/LLN0\.SGCB\[SP\]/);
  });

  it('cSg2: another group becomes active, its values with it, and the time is told', async () => {
    for (const group of [2, 1]) {
      const done = await client.settingGroups.activate(LD, group);
      assert.equal(done.state.active, group);
      assert.ok(Math.abs(Date.now() - Date.parse(done.state.activatedAt ?? '')) < 60_000);
      const [value] = await client.read([`${LN}.StrVal[SG]`]);
      assert.equal(value?.value, group);
    }
    assert.deepEqual((await state()).seen, [
      ['activate', 2],
      ['activate', 1],
    ]);
  });

  it('cSg2N: a group that there is not, and one that the application refuses', async () => {
    await assert.rejects(client.settingGroups.activate(LD, 4), { code: 'IEC61850_ARGUMENT' });
    await server.call('refuse', { what: ['activate'] });
    await assert.rejects(client.settingGroups.activate(LD, 2), {
      code: 'IEC61850_SETTINGS_REFUSED',
      message: /ActSG = 2 was refused: object-access-denied/,
    });
    assert.equal((await client.settingGroups.read(LD)).active, 1);
  });

  it('cSg3: the values of every group, and the edit buffer is free thereafter', async () => {
    for (const group of [1, 2, 3]) {
      const { values, released, active } = await client.settingGroups.readValues(LD, group);
      assert.deepEqual([released, active], [true, group === 1]);
      assert.deepEqual(
        values.map(({ reference, fc, type, value }) => [reference, fc, type, value]),
        [
          [`${LN}.DirMod`, group === 1 ? 'SG' : 'SE', 'Enum', group],
          [`${LN}.OpDlTmms`, group === 1 ? 'SG' : 'SE', 'Int32', 100 * group],
          [`${LN}.StrVal`, group === 1 ? 'SG' : 'SE', 'Float32', group],
        ],
      );
    }
    assert.equal((await client.settingGroups.read(LD)).edited, 0);
  });

  it('cSg4: an edit reaches the application as one confirmation, and the active group follows at once', async () => {
    const edited = await client.settingGroups.edit(LD, 1, { [`${LN}.StrVal`]: 1.5, [`${LN}.OpDlTmms.setVal`]: 150 });
    assert.deepEqual([edited.released, edited.state?.edited], [true, 0]);
    const { groups, seen } = await state();
    assert.deepEqual(groups['1'], { 'StrVal.setMag.f': 1.5, 'OpDlTmms.setVal': 150, 'DirMod.setVal': 1 });
    assert.deepEqual(seen, [
      ['edit', 1],
      ['confirm', 1],
    ]);
    const [value] = await client.read([`${LN}.StrVal[SG]`]);
    assert.equal(value?.value, 1.5);
    await client.settingGroups.edit(LD, 1, { [`${LN}.StrVal`]: 1, [`${LN}.OpDlTmms`]: 100 });
  });

  it('cSg4N: a wrong value is refused before the group is selected; a refused group is left alone', async () => {
    await assert.rejects(client.settingGroups.edit(LD, 2, { [`${LN}.StrVal`]: 2, [`${LN}.OpDlTmms`]: 1.5 }), {
      code: 'IEC61850_ARGUMENT',
    });
    assert.deepEqual((await state()).seen, []);
    await server.call('refuse', { what: ['edit'] });
    await assert.rejects(client.settingGroups.edit(LD, 2, { [`${LN}.StrVal`]: 2 }), {
      code: 'IEC61850_SETTINGS_REFUSED',
    });
  });

  it('cSg5N: what another client edits is busy until it ends', async () => {
    const other = await open();
    await other.write(`${LD}/LLN0.SGCB.EditSG[SP]`, 2);
    await assert.rejects(client.settingGroups.edit(LD, 3, { [`${LN}.StrVal`]: 9 }), {
      code: 'IEC61850_SETTINGS_BUSY',
      message: /SETTPROT\/LLN0\.SGCB\[SP\] is being edited by another client, group 2 for \d+ s more/,
    });
    await assert.rejects(client.settingGroups.edit(LD, 3, { [`${LN}.StrVal`]: 9 }, { takeOver: true }), {
      code: 'IEC61850_SETTINGS_BUSY',
    });
    await other.close();
    assert.equal((await client.settingGroups.edit(LD, 3, { [`${LN}.StrVal`]: 3 })).released, true);
  });

  it('cSg6N: a client that goes in the middle of an edit leaves nothing behind', async () => {
    const other = await open();
    await other.write(`${LD}/LLN0.SGCB.EditSG[SP]`, 2);
    await other.write(`${LN}.StrVal.setMag.f[SE]`, 99);
    await other.close();
    const { values } = await client.settingGroups.readValues(LD, 2, { references: [`${LN}.StrVal`] });
    assert.deepEqual(
      values.map(({ value }) => value),
      [2],
    );
  });

  it('a session of it all has no malformed packet', async function () {
    needPeer(this, 'tshark');
    const folder = mkdtempSync(path.join(tmpdir(), 'iec61850-settings-'));
    const recorder = new Recorder();
    try {
      const one = await open(await recorder.listen(server.port));
      await one.settingGroups.list();
      await one.settingGroups.activate(LD, 2);
      await one.settingGroups.readValues(LD, 3);
      await one.settingGroups.edit(LD, 1, { [`${LN}.StrVal`]: 1 });
      await one.settingGroups.activate(LD, 1);
      await assert.rejects(one.settingGroups.read('SETTMEAS'));
      await one.close();
      const file = path.join(folder, 'session.pcapng');
      recorder.write(file);
      assert.deepEqual(complaints(file), []);
    } finally {
      await recorder.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('Setting groups of the Rust server, which keeps no values of them', function () {
  this.timeout(60_000);
  let server: Peer;
  let client: IedClient;

  before(async function () {
    needPeer(this, 'rust');
    server = await startDriver('rust_settings_server.py', '--model', BAY_CID, '--ied', 'BAY1');
    client = new IedClient({ host: '127.0.0.1', port: server.port, name: 'BAY1' });
    await client.connect();
  });
  after(async () => {
    await client?.close();
    await server?.stop();
  });

  it('cSg1: a control block whose type leaves out ResvTms is read attribute by attribute', async () => {
    const [block] = await client.settingGroups.list();
    assert.deepEqual(
      [block?.reference, block?.groups, block?.active, block?.edited, block?.reservationTime],
      ['BAY1PROT/LLN0.SGCB[SP]', 4, 1, 0, 30],
    );
  });

  it('cSg2: another group becomes active; one that there is not, or that is refused, does not', async () => {
    assert.equal((await client.settingGroups.activate('BAY1PROT', 2)).state.active, 2);
    await assert.rejects(client.settingGroups.activate('BAY1PROT', 5), { code: 'IEC61850_ARGUMENT' });
    await server.call('refuse', { what: ['activate'] });
    await assert.rejects(client.settingGroups.activate('BAY1PROT', 3), { code: 'IEC61850_SETTINGS_REFUSED' });
    assert.deepEqual((await server.call<State>('state')).seen, [
      ['activate', 2],
      ['activate', 3],
    ]);
  });

  it('cSg3: values of the active group; those of another, which it has not, fail by name, and it is released', async () => {
    const active = await client.settingGroups.readValues('BAY1PROT', 2, { references: ['BAY1PROT/PTOC1.StrVal'] });
    assert.deepEqual(
      active.values.map(({ value }) => value),
      [2000],
    );
    const other = await client.settingGroups.readValues('BAY1PROT', 3, { references: ['BAY1PROT/PTOC1.StrVal'] });
    assert.deepEqual([other.values[0]?.value, other.values[0]?.status, other.released], [null, 'error', true]);
    assert.equal((await client.settingGroups.read('BAY1PROT')).edited, 0);
  });

  it('cSg4N: a setting that it does not have is refused before the group is selected', async () => {
    await server.call('state');
    await assert.rejects(
      client.settingGroups.edit('BAY1PROT', 3, { 'BAY1PROT/PTOC1.StrVal': 1 }),
      /PTOC1\.StrVal\[SE\]/,
    );
    assert.deepEqual((await server.call<State>('state')).seen, []);
  });
});

describe('Setting groups of the Java server', function () {
  this.timeout(60_000);
  let server: Peer;

  before(async function () {
    needPeer(this, 'java');
    server = await startPeerServer('java', { model: BAY_CID });
  });
  after(async () => {
    await server?.stop();
  });

  it('are none, which is told by name', async () => {
    const client = new IedClient({ host: '127.0.0.1', port: server.port, name: 'BAY1' });
    await client.connect();
    try {
      assert.deepEqual(await client.settingGroups.list(), []);
      await assert.rejects(client.settingGroups.read('BAY1PROT'), /BAY1PROT\/LLN0\.SGCB\[SP\]/);
    } finally {
      await client.close();
    }
  });
});
