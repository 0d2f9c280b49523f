/** Setting groups of an IED of our own making: what the client does when the IED refuses, is late, or goes away. */
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { IedClient } from '../../../src/client/index.js';
import { Iec61850Error, SettingGroupError } from '../../../src/errors.js';
import { MAX_WAITING_EDITS } from '../../../src/limits.js';
import { FakeSettings, type FakeSettingsOptions } from '../../support/fake-settings.js';

const STRVAL = 'LD/PTOC1.StrVal';
const VALUES = { [STRVAL]: 1.25, 'LD/PTOC1.OpDlTmms': 333, 'LD/PTOC1.RsDlTmms.setVal[SG]': 44 };

describe('setting groups', () => {
  let fake: FakeSettings;
  let client: IedClient;

  async function connect(options: FakeSettingsOptions = {}, timeout = 2000): Promise<IedClient> {
    fake = new FakeSettings(options);
    await fake.ied.listen();
    client = new IedClient({ host: '127.0.0.1', port: fake.ied.port, name: 'IED', timeout });
    await client.connect();
    return client;
  }
  afterEach(async () => {
    await client.close();
    await fake.ied.close();
  });

  const failure = async (work: Promise<unknown>): Promise<SettingGroupError> => {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof SettingGroupError, String(error));
    return error;
  };
  const items = (): string[] => fake.writes.map(([item, value]) => `${item}=${String(value)}`);

  it('the control block is read with the reservation time of Edition 2, and without it in Edition 1', async () => {
    assert.deepEqual(await (await connect()).settingGroups.list(), [
      {
        logicalDevice: 'LD',
        reference: 'LD/LLN0.SGCB[SP]',
        groups: 3,
        active: 1,
        edited: 0,
        confirming: false,
        activatedAt: '2023-11-14T22:13:20.000Z',
        reservationTime: 0,
      },
    ]);
    await client.close();
    await fake.ied.close();
    await connect({ edition1: true });
    for (const name of ['LD', 'LD/LLN0', 'LD/LLN0.SGCB', 'LD/LLN0.SGCB[SP]', 'LD/LLN0$SP$SGCB'])
      assert.equal('reservationTime' in (await client.settingGroups.read(name)), false);
    await assert.rejects(client.settingGroups.read('LD/LLN0.Mod'), { code: 'IEC61850_ARGUMENT' });
    await assert.rejects(client.settingGroups.read('OTHER'), /OTHER\/LLN0\.SGCB\[SP\]/);
  });

  it('an edit selects, writes, reads back, confirms and releases, in this order', async () => {
    const edited = await (await connect()).settingGroups.edit('LD', 2, VALUES);
    assert.deepEqual(items(), [
      'SGCB$EditSG=2',
      'StrVal$setMag$f=1.25',
      'OpDlTmms$setVal=333',
      'RsDlTmms$setVal=44',
      'SGCB$CnfEdit=true',
    ]);
    assert.deepEqual(edited.written, [
      'LD/PTOC1.StrVal.setMag.f[SE]',
      'LD/PTOC1.OpDlTmms.setVal[SE]',
      'LD/PTOC1.RsDlTmms.setVal[SE]',
    ]);
    assert.deepEqual([edited.released, edited.state?.edited], [true, 0]);
    assert.deepEqual(fake.groups[2], { StrVal$setMag$f: 1.25, OpDlTmms$setVal: 333, RsDlTmms$setVal: 44 });
  });

  it('an IED that does not release by itself is told to', async () => {
    const edited = await (await connect({ keepsEditing: true })).settingGroups.edit('LD', 2, VALUES);
    assert.deepEqual(items().slice(-2), ['SGCB$CnfEdit=true', 'SGCB$EditSG=0']);
    assert.deepEqual([edited.released, fake.editing], [true, 0]);
  });

  it('an IED that shows its group numbers as signed gets signed ones', async () => {
    await connect({ signed: true });
    await client.settingGroups.activate('LD', 2);
    await client.settingGroups.edit('LD', 3, VALUES);
    assert.deepEqual([fake.active, fake.groups[3]?.OpDlTmms$setVal], [2, 333]);
  });

  it('one refused setting: the group is not confirmed, and released, and what was taken before is named', async () => {
    await connect({ refuse: (item) => (item.startsWith('OpDlTmms') ? 3 : undefined) });
    const error = await failure(client.settingGroups.edit('LD', 2, VALUES));
    assert.equal(error.code, 'IEC61850_SETTINGS_NOT_CONFIRMED');
    assert.match(error.message, /group 2 of LD was not confirmed: LD\/PTOC1\.OpDlTmms\.setVal\[SE\].*access-denied/);
    assert.match(error.message, /taken before it: LD\/PTOC1\.StrVal\.setMag\.f\[SE\]; it was released/);
    assert.match(error.hint, /^No setting has changed/);
    assert.deepEqual(items().slice(-1), ['SGCB$EditSG=0']);
    assert.ok(!items().includes('SGCB$CnfEdit=true'));
    assert.deepEqual(fake.groups[2], { StrVal$setMag$f: 2, OpDlTmms$setVal: 200, RsDlTmms$setVal: 20 });
  });

  it('a setting that the IED holds otherwise than it was written is not confirmed, unless that is not asked for', async () => {
    await connect({ keeps: (item, value) => (item.startsWith('StrVal') ? Math.round(value) : value) });
    const error = await failure(client.settingGroups.edit('LD', 2, VALUES));
    assert.match(error.message, /StrVal\.setMag\.f\[SE\]: the IED holds 1 in place of what was written/);
    assert.deepEqual([fake.editing, fake.groups[2]?.StrVal$setMag$f], [0, 2]);
    await client.settingGroups.edit('LD', 2, VALUES, { verify: false });
    assert.equal(fake.groups[2]?.StrVal$setMag$f, 1);
  });

  it('a refused confirmation changes nothing and releases', async () => {
    await connect({ refuse: (item) => (item === 'SGCB$CnfEdit' ? 1 : undefined) });
    const error = await failure(client.settingGroups.edit('LD', 2, VALUES));
    assert.equal(error.failure, 'NOT_CONFIRMED');
    assert.equal(fake.editing, 0);
  });

  it('a confirmation without an answer is unknown, and nothing is sent again', async () => {
    await connect({ instead: (_service, item) => (item === 'SGCB$CnfEdit' ? 'silent' : undefined) }, 200);
    const error = await failure(client.settingGroups.edit('LD', 2, VALUES));
    assert.equal(error.failure, 'UNKNOWN');
    assert.match(error.message, /whether group 2 of LD was confirmed is not known/);
    assert.equal(items().filter((item) => item.startsWith('SGCB$CnfEdit')).length, 1);
  });

  for (const [where, item, failed] of [
    ['the selection', 'SGCB$EditSG', 'NOT_CONFIRMED'],
    ['a write', 'OpDlTmms$setVal', 'NOT_CONFIRMED'],
    ['the confirmation', 'SGCB$CnfEdit', 'UNKNOWN'],
  ] as const) {
    it(`an IED that closes in the middle of ${where}: ${failed}, and whether it released is not known`, async () => {
      await connect({ instead: (service, one) => (service === 'write' && one === item ? 'close' : undefined) });
      const error = await failure(client.settingGroups.edit('LD', 2, VALUES));
      assert.equal(error.failure, failed);
      assert.match(error.message, /whether the IED released it is not known/);
      assert.equal(error.ied, 'IED');
    });
  }

  it('a late selection is released before anybody is told', async () => {
    await connect(
      {
        instead: (service, item, value) =>
          service === 'write' && item === 'SGCB$EditSG' && value === 2 ? 'silent' : undefined,
      },
      200,
    );
    const error = await failure(client.settingGroups.edit('LD', 2, VALUES));
    assert.match(error.message, /group 2 was not selected for editing.*it was released/);
    assert.equal(fake.editing, 0);
  });

  it('the time limit of an edit ends it without a confirmation', async () => {
    const limit = 20;
    await connect({
      keeps(_item, value) {
        for (const began = performance.now(); performance.now() < began + 1.5 * limit;);
        return value;
      },
    });
    const error = await failure(client.settingGroups.edit('LD', 2, VALUES, { timeout: limit }));
    assert.match(error.message, /not confirmed: .*OpDlTmms.*was not written within the time limit.*it was released/);
    assert.ok(!items().includes('SGCB$CnfEdit=true'));
  });

  it('another client’s edit is reported as busy, by name, and nothing is written', async () => {
    await connect({ heldByOther: 3 });
    const error = await failure(client.settingGroups.edit('LD', 2, VALUES));
    assert.equal(error.code, 'IEC61850_SETTINGS_BUSY');
    assert.match(error.message, /LD\/LLN0\.SGCB\[SP\] is being edited by another client, group 3 for 300 s more/);
    assert.deepEqual(items(), []);
    const taken = await failure(client.settingGroups.edit('LD', 2, VALUES, { takeOver: true }));
    assert.equal(taken.failure, 'BUSY');
    assert.deepEqual(items(), ['SGCB$EditSG=2']);
    assert.equal((await failure(client.settingGroups.readValues('LD', 2))).failure, 'BUSY');
  });

  it('a control block that refuses for another reason says which', async () => {
    await connect({ refuse: (item) => (item.startsWith('SGCB') ? 3 : undefined) });
    assert.match(
      (await failure(client.settingGroups.edit('LD', 2, VALUES))).message,
      /EditSG = 2 was refused: object-access-denied/,
    );
    assert.match(
      (await failure(client.settingGroups.activate('LD', 2))).message,
      /ActSG = 2 was refused: object-access-denied/,
    );
  });

  it('what cannot be is refused before anything is written', async () => {
    await connect();
    const { settingGroups } = client;
    for (const [work, why] of [
      [() => settingGroups.activate('LD', 0), /0 is no setting group/],
      [() => settingGroups.activate('LD', 4), /has no setting group 4: it has 1 to 3/],
      [() => settingGroups.edit('LD', 4, VALUES), /has no setting group 4/],
      [() => settingGroups.edit('LD', 2.5, VALUES), /2\.5 is no setting group/],
      [() => settingGroups.edit('LD', 2, {}), /there are 0 settings/],
      [() => settingGroups.edit('LD', 2, { [STRVAL]: 'x' }), /StrVal\.setMag\.f\[SE\]: "x" is no number/],
      [() => settingGroups.edit('LD', 2, { ...VALUES, 'LD/PTOC1.Nope': 1 }), /LD\/PTOC1\.Nope\[SE\]/],
      [() => settingGroups.edit('LD', 2, { 'LD/PTOC1.TmACrv[SP]': 1 }), /is no setting of a group/],
      [() => settingGroups.edit('LD', 2, { 'OTHER/PTOC1.StrVal': 1 }), /is no setting of LD/],
      [() => settingGroups.edit('LD', 2, { LD: 1 }), /is not a reference/],
      [() => settingGroups.edit('LD', 2, VALUES, { timeout: 0 }), /an edit of 0 ms is none/],
      [() => settingGroups.readValues('LD', 9), /has no setting group 9/],
    ] as const)
      await assert.rejects(
        work(),
        (error: unknown) => error instanceof Iec61850Error && why.test(error.message),
        String(why),
      );
    assert.deepEqual(items(), []);
  });

  it('values of the active group are read without selecting anything; those of another are, and it is released', async () => {
    await connect();
    const active = await client.settingGroups.readValues('LD', 1);
    assert.deepEqual(items(), []);
    assert.deepEqual([active.active, active.released], [true, true]);
    const other = await client.settingGroups.readValues('LD', 3, { references: [STRVAL, 'LD/PTOC1.OpDlTmms.setVal'] });
    assert.deepEqual(items(), ['SGCB$EditSG=3', 'SGCB$EditSG=0']);
    assert.deepEqual(
      other.values.map(({ reference, fc, value, status }) => [reference, fc, value, status]),
      [
        [STRVAL, 'SE', 3, 'live'],
        ['LD/PTOC1.OpDlTmms.setVal', 'SE', 300, 'live'],
      ],
    );
    const again = await client.settingGroups.readValues('LD', 2, { references: [STRVAL] });
    assert.deepEqual(
      again.values.map(({ value }) => value),
      [2],
    );
  });

  it('a value that was not read is not that of the group before', async () => {
    let silent = false;
    await connect(
      {
        instead: (service, item) => (silent && service === 'read' && item.startsWith('StrVal') ? 'silent' : undefined),
      },
      200,
    );
    const references = [STRVAL];
    assert.deepEqual(
      (await client.settingGroups.readValues('LD', 2, { references })).values.map(({ value }) => value),
      [2],
    );
    silent = true;
    const [value] = (await client.settingGroups.readValues('LD', 3, { references })).values;
    assert.deepEqual([value?.value, value?.status, value?.error?.code], [null, 'error', 'IEC61850_TIMEOUT']);
    assert.equal(fake.editing, 0);
  });

  it('what is read of a group can be written to another one', async () => {
    await connect();
    const { values } = await client.settingGroups.readValues('LD', 3);
    await client.settingGroups.edit(
      'LD',
      1,
      Object.fromEntries(values.map(({ tag, value }) => [tag, value as number])),
    );
    assert.deepEqual(fake.groups[1], fake.groups[3]);
  });

  it('an activation waits until the IED shows it, and leaves an active group alone', async () => {
    await connect({ activationReads: 2 });
    const done = await client.settingGroups.activate('LD', 2);
    assert.deepEqual([done.before, done.group, done.state.active], [1, 2, 2]);
    assert.equal((await client.settingGroups.activate('LD', 2)).before, 2);
    assert.deepEqual(items(), ['SGCB$ActSG=2']);
  });

  it('an activation without an answer, and one over a lost connection, are unknown', async () => {
    await connect({ instead: (_service, item) => (item === 'SGCB$ActSG' ? 'silent' : undefined) }, 200);
    assert.equal((await failure(client.settingGroups.activate('LD', 2))).failure, 'UNKNOWN');
    await client.close();
    await fake.ied.close();
    await connect({ instead: (_service, item) => (item === 'SGCB$ActSG' ? 'close' : undefined) });
    assert.equal((await failure(client.settingGroups.activate('LD', 2))).failure, 'UNKNOWN');
  });

  it('two edits of one flow come one after the other, and not too many wait', async () => {
    await connect();
    const edits = Array.from({ length: MAX_WAITING_EDITS + 4 }, (_, i) =>
      client.settingGroups.edit('LD', 2, { [STRVAL]: i }, { verify: false }).then(
        () => 'done',
        (error: unknown) => (error as Iec61850Error).code,
      ),
    );
    const ends = await Promise.all(edits);
    assert.deepEqual(new Set(ends), new Set(['done', 'IEC61850_SETTINGS_BUSY']));
    const order = items().map((item) => item.replace(/=.*/, ''));
    for (let i = 0; i < order.length; i += 3)
      assert.deepEqual(order.slice(i, i + 3), ['SGCB$EditSG', 'StrVal$setMag$f', 'SGCB$CnfEdit']);
  });
});
