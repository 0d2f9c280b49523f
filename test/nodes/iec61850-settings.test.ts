import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { NodeMessage } from 'node-red';
import type { SettingGroupState } from '../../src/client/index.js';
import type { IedServer } from '../../src/server/ied-server.js';
import { FakeSettings, type FakeSettingsOptions } from '../support/fake-settings.js';
import {
  BAY_IN_PACKAGE,
  helper,
  message,
  node,
  nodeModule,
  nodes,
  PLACE,
  startBay,
  startRed,
  stopRed,
  watchers,
  type Caught,
  type Properties,
  type Status,
} from './support/red.js';

const settings = nodeModule('../../../nodes/iec61850-settings/iec61850-settings.js');
const STRVAL = 'LD/PTOC1.StrVal';

interface Answer extends NodeMessage {
  settings: { group: number; active?: boolean; released?: boolean; values?: unknown };
  written?: string[];
}

describe('iec61850-settings', () => {
  let fake: FakeSettings | undefined;
  let server: IedServer | undefined;
  let port = 0;

  before(startRed);
  after(stopRed);
  afterEach(async () => {
    await helper.unload();
    await fake?.ied.close();
    await server?.close();
    fake = server = undefined;
  });

  async function useFake(options: FakeSettingsOptions = {}): Promise<FakeSettings> {
    fake = new FakeSettings(options);
    await fake.ied.listen();
    ({ port } = fake.ied);
    return fake;
  }

  async function start(config: Properties = {}): Promise<void> {
    const flow = [
      ...watchers(['settings']),
      {
        id: 'ied',
        type: 'iec61850-ied',
        version: 1,
        name: 'IED',
        host: '127.0.0.1',
        port: String(port),
        timeout: '500',
      },
      {
        id: 'settings',
        ...PLACE,
        type: 'iec61850-settings',
        version: 1,
        ied: 'ied',
        logicalDevice: 'LD',
        action: 'state',
        ...config,
        wires: [['out']],
      },
      { id: 'out', ...PLACE, type: 'helper' },
    ];
    await helper.load([nodes.ied, settings, nodes.catch, nodes.status], flow as never);
    if (config.ied !== '') await message<Status>('statuses', ({ status }) => status.text === 'ready');
  }
  const done = async (msg: object): Promise<Answer> => {
    const answer = message<Answer>('out');
    node('settings').receive(msg as NodeMessage);
    return answer;
  };
  const failed = async (msg: object): Promise<Caught['error']> => {
    const answer = message<Caught>('caught');
    node('settings').receive(msg as NodeMessage);
    return (await answer).error;
  };

  it('reads the control block, or all of them', async () => {
    await useFake();
    await start();
    const status = message<Status>('statuses', (msg) => msg.status.text === 'group 1 of 3');
    const state = (await done({ payload: '', ticket: 3 })).payload as SettingGroupState;
    assert.deepEqual([state.reference, state.groups, state.active], ['LD/LLN0.SGCB[SP]', 3, 1]);
    assert.equal((await status).status.fill, 'green');
    await helper.unload();
    await start({ logicalDevice: '' });
    const all = (await done({})).payload as SettingGroupState[];
    assert.deepEqual(
      all.map(({ logicalDevice }) => logicalDevice),
      ['LD'],
    );
  });

  it('reads the values of the active group, and of another one, without being allowed to change any', async () => {
    const ied = await useFake();
    await start({ action: 'values' });
    const active = await done({});
    assert.deepEqual(active.payload, { 'LD/PTOC1.StrVal': 1, 'LD/PTOC1.OpDlTmms': 100, 'LD/PTOC1.RsDlTmms': 10 });
    assert.deepEqual([active.settings.group, active.settings.active, active.settings.values], [1, true, undefined]);
    assert.deepEqual(ied.writes, []);
    const other = await done({ group: 3, references: [STRVAL] });
    assert.deepEqual([other.payload, other.settings.released], [{ [STRVAL]: 3 }, true]);
    assert.deepEqual(ied.groups[3]?.StrVal$setMag$f, 3);
  });

  it('gives values one by one or as a table', async () => {
    await useFake();
    await start({ action: 'values', output: 'single', group: '2' });
    const message1 = await done({ references: STRVAL });
    assert.deepEqual([message1.topic, message1.payload], [`IED/${STRVAL}`, 2]);
    await helper.unload();
    await start({ action: 'values', output: 'table', group: '2' });
    const { payload } = await done({ references: [STRVAL] });
    assert.deepEqual(
      (payload as { value: unknown }[]).map(({ value }) => value),
      [2],
    );
  });

  it('is off for changes until a person says that this flow may make them', async () => {
    const ied = await useFake();
    for (const allowed of [false, undefined, 'true']) {
      await start({ allowed });
      const status = message<Status>('statuses', (msg) => msg.status.text === 'not allowed');
      for (const msg of [
        { action: 'activate', payload: 2 },
        { action: 'edit', group: 2, payload: { [STRVAL]: 1 } },
      ]) {
        const error = await failed(msg);
        assert.equal(error.code, 'IEC61850_SETTINGS_NOT_ALLOWED');
        assert.match(error.message, /may not change settings.*Tick/);
      }
      await status;
      await helper.unload();
    }
    assert.deepEqual(ied.writes, []);
  });

  it('refuses retained messages, and those that are too old or undated', async () => {
    const ied = await useFake();
    await start({ allowed: true, maxAge: '10', action: 'activate' });
    assert.equal((await failed({ payload: 2, retain: true })).code, 'IEC61850_SETTINGS_RETAINED');
    assert.equal((await failed({ payload: 2 })).code, 'IEC61850_SETTINGS_TOO_OLD');
    assert.match((await failed({ payload: 2, timestamp: '2020-01-01T00:00:00Z' })).message, /s old; the limit is 10 s/);
    assert.deepEqual(ied.writes, []);
    assert.equal((await done({ payload: 2, timestamp: Date.now() })).payload, 2);
    assert.equal(ied.active, 2);
  });

  it('activates a group that the message or the node names', async () => {
    const ied = await useFake();
    await start({ allowed: true, action: 'activate', group: '3' });
    assert.equal((await done({ payload: 'go' })).settings.group, 3);
    assert.equal((await done({ payload: '2' })).settings.group, 2);
    assert.equal((await done({ group: 1 })).settings.group, 1);
    assert.equal(ied.active, 1);
    assert.match((await failed({ group: 7 })).message, /has no setting group 7: it has 1 to 3/);
    assert.match((await failed({ group: 'x' })).message, /setting group "x" is not a whole number/);
  });

  it('edits a group as one action', async () => {
    const ied = await useFake();
    await start({ allowed: true, action: 'edit', group: '2' });
    const status = message<Status>('statuses', (msg) => msg.status.text === '2 set in 2');
    const msg = await done({ payload: { [STRVAL]: 1.5, 'LD/PTOC1.OpDlTmms': 222 }, ticket: 1 });
    assert.deepEqual(msg.written, ['LD/PTOC1.StrVal.setMag.f[SE]', 'LD/PTOC1.OpDlTmms.setVal[SE]']);
    assert.deepEqual([msg.settings.group, msg.settings.released], [2, true]);
    assert.deepEqual(ied.groups[2], { StrVal$setMag$f: 1.5, OpDlTmms$setVal: 222, RsDlTmms$setVal: 20 });
    await status;
  });

  it('a refused setting fails as a whole, once, with IED and setting named', async () => {
    const ied = await useFake({ refuse: (item) => (item.startsWith('OpDl') ? 3 : undefined) });
    await start({ allowed: true, action: 'edit', group: '2' });
    const status = message<Status>('statuses', (msg) => msg.status.text === 'not confirmed');
    const error = await failed({ payload: { [STRVAL]: 1.5, 'LD/PTOC1.OpDlTmms': 222 } });
    assert.equal(error.code, 'IEC61850_SETTINGS_NOT_CONFIRMED');
    assert.match(
      error.message,
      /IED: group 2 of LD was not confirmed: LD\/PTOC1\.OpDlTmms\.setVal\[SE\] was refused.*No setting has changed/,
    );
    assert.deepEqual([ied.editing, ied.groups[2]?.StrVal$setMag$f], [0, 2]);
    await status;
  });

  it('every change and every attempt stands in the log of Node-RED', async () => {
    await useFake({ refuse: (item) => (item.startsWith('OpDl') ? 3 : undefined) });
    await start({ allowed: true, action: 'edit', group: '2' });
    await done({ payload: { [STRVAL]: 1.5 } });
    await done({ action: 'activate', payload: 2 });
    await failed({ payload: { 'LD/PTOC1.OpDlTmms': 7 } });
    const lines = (helper.log() as unknown as { args: { msg: unknown }[][] }).args.flat().map(({ msg }) => String(msg));
    for (const line of [
      'IED: group 2 of LD was confirmed with LD/PTOC1.StrVal = 1.5',
      'IED: setting group 2 of LD is active, before it 1',
      /^IED: edit group 2 of LD: .*was not confirmed/,
    ])
      assert.ok(
        lines.some((one) => (typeof line === 'string' ? one === line : line.test(one))),
        String(line),
      );
  });

  it('a busy control block and an unknown outcome are told as such', async () => {
    await useFake({ heldByOther: 3 });
    await start({ allowed: true, action: 'edit', group: '2' });
    const busy = message<Status>('statuses', (msg) => msg.status.text === 'busy');
    assert.match((await failed({ payload: { [STRVAL]: 1 } })).message, /being edited by another client, group 3/);
    await busy;
    await helper.unload();
    await fake?.ied.close();
    await useFake({ instead: (_service, item) => (item === 'SGCB$CnfEdit' ? 'silent' : undefined) });
    await start({ allowed: true, action: 'edit', group: '2' });
    const unknown = message<Status>('statuses', (msg) => msg.status.text === 'unknown');
    assert.equal((await failed({ payload: { [STRVAL]: 1 } })).code, 'IEC61850_SETTINGS_UNKNOWN');
    assert.equal((await unknown).status.fill, 'red');
  });

  it('says what is missing in a message', async () => {
    await useFake();
    await start({ allowed: true, logicalDevice: '', action: 'edit' });
    for (const [msg, why] of [
      [{ payload: {} }, /No logical device is named/],
      [{ logicalDevice: 'LD', payload: 1 }, /does not say what to set/],
      [{ logicalDevice: 'LD', payload: { [STRVAL]: 1 } }, /No setting group is named/],
      [{ logicalDevice: 'LD', group: 2, payload: {} }, /there are 0 settings/],
      [{ action: 'erase' }, /action is none of state, values, activate, edit/],
      [{ action: 'values', logicalDevice: 'LD', references: [1] }, /msg\.references is no list/],
    ] as const)
      assert.match((await failed(msg)).message, why);
    await helper.unload();
    await start();
    assert.match((await failed({ logicalDevice: 'OTHER' })).message, /another one than that of the node/);
  });

  it('says at once what its configuration lacks', async () => {
    await useFake();
    await start({ ied: '' });
    assert.match((await failed({})).message, /has no IED/);
  });

  it('nothing waits for an IED that is away', async () => {
    const ied = await useFake();
    await start({ allowed: true, action: 'activate' });
    const offline = message<Status>('statuses', (msg) => msg.status.text === 'offline');
    await ied.ied.close();
    await offline;
    assert.equal((await failed({ payload: 2 })).code, 'IEC61850_CONNECTION');
    assert.deepEqual(ied.writes, []);
  });

  it('with the simulated IED: values of its file, another group, an edit', async () => {
    ({ server, port } = await startBay({ writable: ['SE', 'SG'] }));
    await start({ allowed: true, logicalDevice: 'BAY1PROT' });
    const STR = 'BAY1PROT/PTOC1.StrVal';
    assert.deepEqual((await done({ action: 'values', group: 3, references: [STR] })).payload, { [STR]: 3000 });
    await done({ action: 'activate', payload: 2 });
    const told = once(server, 'settingGroup');
    await done({ action: 'edit', group: 2, payload: { [STR]: 2600 } });
    await told;
    assert.deepEqual((await done({ action: 'values', references: [STR] })).payload, { [STR]: 2600 });
  });

  it('the editor lists control blocks of a live IED and of a file', async () => {
    ({ server, port } = await startBay());
    await start({ logicalDevice: '' });
    const ask = (body: object) =>
      helper
        .request()
        .post('/iec61850/services')
        .send({ kind: 'settings', ...body });
    const live = await ask({
      source: 'live',
      node: 'ied',
      form: { name: 'IED', host: '127.0.0.1', port: String(port) },
    });
    assert.deepEqual(live.body, { names: [{ name: 'BAY1PROT', groups: 4, active: 1 }] });
    const file = await ask({ source: 'scl', sclFile: BAY_IN_PACKAGE, ied: 'BAY1' });
    assert.deepEqual(file.body, { names: [{ name: 'BAY1PROT', groups: 4 }] });
    assert.equal((await ask({ kind: 'files', source: 'scl' })).status, 400);
  });
});
