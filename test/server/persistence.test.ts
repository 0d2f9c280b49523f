/** What survives a restart of a server, and what happens to the files when it is ended at any moment. */
import assert from 'node:assert/strict';
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sinon from 'sinon';
import { ArgumentError, ServiceError, StoreError } from '../../src/errors.js';
import { MAX_KEPT_REVISIONS, STORE_OWNER_WAIT_MS } from '../../src/limits.js';
import type { MmsData } from '../../src/mms/data.js';
import { IedServer } from '../../src/server/index.js';
import type { IedServerOptions } from '../../src/server/options.js';
import { SqliteStore } from '../../src/server/persistence/sqlite-store.js';
import { MemoryStore } from '../../src/server/persistence/memory-store.js';
import { type ServerCore } from '../../src/server/server-core.js';
import { Loopback } from './loopback.js';
import { settingsModel } from './settings-model.js';

const LIMIT = 'RELAYPROT/GGIO1$SP$Lim$setVal';
const SGCB = 'RELAYPROT/LLN0$SP$SGCB';
const EDITED = 'RELAYPROT/PTOC1$SE$StrVal$setMag$f';
const ACTIVE = 'RELAYPROT/PTOC1$SG$StrVal$setMag$f';
const WRITABLE = ['SP', 'SG', 'SE', 'CF', 'DC', 'SV', 'BL'] as const;

const integer = (value: number): MmsData => ({ type: 'integer', value });
const unsigned = (value: number): MmsData => ({ type: 'unsigned', value });
const float = (value: number): MmsData => ({ type: 'float', value, width: 32 });
const text = (value: string): MmsData => ({ type: 'visible-string', value });
const TRUE: MmsData = { type: 'boolean', value: true };
const plain = (data: MmsData | number): unknown => (typeof data === 'object' && 'value' in data ? data.value : data);

describe('What a server keeps over a restart', () => {
  let folder: string;
  const cores: ServerCore[] = [];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-store-'));
  });
  afterEach(async () => {
    for (const core of cores.splice(0)) await core.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A server after its start, and a client of it. */
  async function started(
    model: Parameters<typeof settingsModel>[0] = {},
    options: IedServerOptions = {},
  ): Promise<Loopback> {
    const client = new Loopback({
      iedModel: settingsModel(model),
      writable: [...WRITABLE],
      dataDir: folder,
      ...options,
    });
    cores.push(client.core);
    await client.core.prepare();
    client.connect();
    return client;
  }

  async function stopped(): Promise<void> {
    for (const core of cores.splice(0)) await core.stop();
  }

  const file = (): string => {
    const found = readdirSync(folder).find((name) => name.endsWith('.sqlite'));
    return path.join(folder, found ?? 'none');
  };

  it('is nothing, unless the owner gives a folder', async () => {
    const client = Loopback.open({ iedModel: settingsModel(), writable: ['SP'] });
    await client.core.prepare();
    assert.equal(client.write(LIMIT, integer(7)), undefined);
    await client.core.stop();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('is what clients wrote to SP, CF and DC, array elements too, and not substitution', async () => {
    const first = await started();
    assert.equal(first.write(LIMIT, integer(7)), undefined);
    assert.equal(first.write('RELAYPROT/PTOC1$CF$StrVal$minVal', float(0.5)), undefined);
    assert.equal(first.write('RELAYPROT/GGIO1$DC$Ind1$d', text('gate')), undefined);
    assert.equal(first.write('RELAYPROT/GGIO1$SV$Ind1$subEna', TRUE), undefined);
    const element = { select: 'index', index: 1 } as const;
    const component = { select: 'component', name: 'xVal' } as const;
    assert.equal(first.write('RELAYPROT/GGIO1$SP$Curve$crvPts', float(4), element, component), undefined);
    await stopped();
    const again = await started();
    assert.equal(plain(again.value(LIMIT)), 7);
    assert.equal(plain(again.value('RELAYPROT/PTOC1$CF$StrVal$minVal')), 0.5);
    assert.equal(plain(again.value('RELAYPROT/GGIO1$DC$Ind1$d')), 'gate');
    assert.equal(plain(again.value('RELAYPROT/GGIO1$SV$Ind1$subEna')), false);
    assert.equal(plain(again.value('RELAYPROT/GGIO1$SP$Curve$crvPts', element, component)), 4);
    assert.deepEqual(again.core.problems.list, []);
  });

  it('is on disk before the client has its answer: the process may be killed then', async () => {
    const first = await started();
    first.write(LIMIT, integer(8));
    first.write(`${SGCB}$EditSG`, unsigned(2));
    first.write(EDITED, float(6));
    first.write(`${SGCB}$CnfEdit`, TRUE);
    first.write(`${SGCB}$ActSG`, unsigned(2));
    // What a killed process leaves, in a folder of its own: nothing was closed.
    const left = mkdtempSync(path.join(tmpdir(), 'iec61850-left-'));
    for (const name of readdirSync(folder)) {
      if (name.endsWith('.lock')) mkdirSync(path.join(left, name));
      else writeFileSync(path.join(left, name), readFileSync(path.join(folder, name)));
    }
    await stopped();
    const owner = readdirSync(left).find((name) => name.endsWith('.owner')) as string;
    const old = JSON.parse(readFileSync(path.join(left, owner), 'utf8')) as { pid: number };
    writeFileSync(path.join(left, owner), JSON.stringify({ ...old, pid: 2 ** 22 + 1 }));
    const again = await started({}, { dataDir: left });
    assert.equal(plain(again.value(LIMIT)), 8);
    assert.equal(plain(again.value(`${SGCB}$ActSG`)), 2);
    assert.equal(plain(again.value(ACTIVE)), 6);
    assert.ok((again.value(`${SGCB}$LActTm`) as MmsData & { seconds: number }).seconds > 1_600_000_000);
    await stopped();
    rmSync(left, { recursive: true });
  });

  it('leaves out an edit session that was not confirmed', async () => {
    const first = await started();
    first.write(`${SGCB}$EditSG`, unsigned(2));
    first.write(EDITED, float(6));
    await stopped();
    const again = await started();
    again.write(`${SGCB}$EditSG`, unsigned(2));
    assert.equal(plain(again.value(EDITED)), 2.5);
  });

  it('follows the owner where he sets what a client wrote before', async () => {
    const first = await started();
    first.write(LIMIT, integer(7));
    first.core.update([{ reference: 'RELAYPROT/GGIO1.Lim.setVal[SP]', value: 9 }], 0);
    first.core.update([{ reference: 'RELAYPROT/PTOC1.StrVal.minVal[CF]', value: 9 }], 0);
    await stopped();
    const again = await started();
    assert.equal(plain(again.value(LIMIT)), 9);
    // His own settings are in his hand.
    assert.ok(Math.abs((plain(again.value('RELAYPROT/PTOC1$CF$StrVal$minVal')) as number) - 0.1) < 1e-6);
  });

  it('drops what does not fit the model any more, and says so', async () => {
    const first = await started();
    first.write(LIMIT, integer(7));
    first.write('RELAYPROT/GGIO1$DC$Ind1$d', text('gate'));
    first.write(`${SGCB}$ActSG`, unsigned(3));
    await stopped();
    const model = settingsModel({ groups: 2 });
    const ggio = model.logicalDevices[0]?.logicalNodes.find(({ name }) => name === 'GGIO1');
    const limit = ggio?.dataObjects.find(({ name }) => name === 'Lim');
    if (limit) limit.attributes = limit.attributes.map((one) => ({ ...one, basicType: 'FLOAT32', type: 'Float32' }));
    const again = await started({}, { iedModel: model } as IedServerOptions);
    assert.equal(plain(again.value(LIMIT)), 5);
    assert.equal(plain(again.value('RELAYPROT/GGIO1$DC$Ind1$d')), 'gate');
    assert.equal(plain(again.value(`${SGCB}$ActSG`)), 1);
    assert.deepEqual(
      again.core.problems.list.map(({ reference }) => reference),
      ['active RELAYPROT', 'RELAYPROT/GGIO1.Lim.setVal[SP]'],
    );
    await stopped();
    const third = await started();
    assert.equal(plain(third.value(LIMIT)), 5);
  });

  it('belongs to a configuration revision: another one starts from its file, and says so', async () => {
    const first = await started({ configRev: '1' });
    first.write(LIMIT, integer(7));
    await stopped();
    const second = await started({ configRev: '2' });
    assert.equal(plain(second.value(LIMIT)), 5);
    assert.match(second.core.problems.list[0]?.message ?? '', /another configuration revision/);
    second.write(LIMIT, integer(11));
    await stopped();
    const back = await started({ configRev: '1' });
    assert.equal(plain(back.value(LIMIT)), 7);
  });

  it('is forgotten for the configuration that was not served for longest, when there are many', async () => {
    const valueOf = async (configRev: string): Promise<unknown> => {
      const client = await started({ configRev });
      const value = plain(client.value(LIMIT));
      await stopped();
      return value;
    };
    for (let i = 1; i <= MAX_KEPT_REVISIONS; i++) {
      const client = await started({ configRev: String(i) });
      client.write(LIMIT, integer(100 + i));
      await stopped();
      // Their order is that of their times.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    assert.equal(await valueOf('1'), 101);
    assert.equal(await valueOf('new'), 5);
    assert.equal(await valueOf('1'), 101);
    assert.equal(await valueOf('2'), 5);
    assert.equal(await valueOf(String(MAX_KEPT_REVISIONS)), 100 + MAX_KEPT_REVISIONS);
  });

  it('belongs to an IED and its access point', async () => {
    const first = await started();
    first.write(LIMIT, integer(7));
    const other = await started({}, { iedModel: { ...settingsModel(), accessPoint: 'AP2' } } as IedServerOptions);
    assert.equal(plain(other.value(LIMIT)), 5);
    assert.equal(readdirSync(folder).filter((name) => name.endsWith('.sqlite')).length, 2);
  });

  it('is used by one server at a time', async () => {
    await started();
    await assert.rejects(started(), StoreError);
    await stopped();
    await started();
  });

  it('does not take a later process with the number of a killed one for its owner', async function () {
    if (process.platform !== 'linux') this.skip();
    const first = await started();
    first.write(LIMIT, integer(7));
    const owner = `${file()}.owner`;
    const claim = JSON.parse(readFileSync(owner, 'utf8')) as { started: string };
    await stopped();
    // The same number, another start.
    writeFileSync(owner, JSON.stringify({ ...claim, started: '1' }));
    mkdirSync(`${file()}.lock`);
    const again = await started();
    assert.equal(plain(again.value(LIMIT)), 7);
  });

  it('is taken over at once after the machine was started anew', async function () {
    if (process.platform !== 'linux') this.skip();
    const first = await started();
    first.write(LIMIT, integer(7));
    const owner = `${file()}.owner`;
    const claim = JSON.parse(readFileSync(owner, 'utf8')) as object;
    await stopped();
    writeFileSync(owner, JSON.stringify({ ...claim, where: 'an earlier start' }));
    const minute = new Date(Date.now() - 60_000);
    utimesSync(owner, minute, minute);
    const before = performance.now();
    const again = await started();
    assert.ok(performance.now() - before < STORE_OWNER_WAIT_MS / 2);
    assert.equal(plain(again.value(LIMIT)), 7);
  });

  it('puts a damaged file aside and says so, and goes on with an empty one', async () => {
    const first = await started();
    first.write(LIMIT, integer(7));
    await stopped();
    writeFileSync(file(), 'this was a database');
    const again = await started();
    assert.equal(plain(again.value(LIMIT)), 5);
    assert.match(again.core.problems.list[0]?.message ?? '', /put aside/);
    again.write(LIMIT, integer(6));
    await stopped();
    const third = await started();
    assert.equal(plain(third.value(LIMIT)), 6);
    assert.ok(readdirSync(folder).some((name) => name.includes('.damaged-')));
  });

  it('refuses a folder that cannot be used, with what to do', async () => {
    const blocked = path.join(folder, 'file');
    writeFileSync(blocked, '');
    await assert.rejects(started({}, { dataDir: path.join(blocked, 'below') }), (error: StoreError) => {
      assert.equal(error.code, 'IEC61850_STORE');
      assert.match(error.hint, /folder/);
      return true;
    });
    assert.throws(() => new Loopback({ dataDir: ' ' }), ArgumentError);
    assert.throws(() => new Loopback({ dataDir: 'a\0b' }), ArgumentError);
  });

  it('answers a write with an error when it cannot be kept, tells its owner once, and goes on', async () => {
    const first = await started();
    const full = sinon.stub(fs, 'writeSync').throws(Object.assign(new Error('no room'), { code: 'ENOSPC' }));
    try {
      assert.throws(() => first.write(LIMIT, integer(7)), ServiceError);
      assert.throws(() => first.write(`${SGCB}$ActSG`, unsigned(2)), ServiceError);
    } finally {
      full.restore();
    }
    assert.ok(first.failures.length > 0);
    assert.ok(first.failures.every((error) => error instanceof StoreError));
    assert.equal(first.write(LIMIT, integer(8)), undefined);
    await stopped();
    const again = await started();
    assert.equal(plain(again.value(LIMIT)), 8);
    assert.equal(plain(again.value(`${SGCB}$ActSG`)), 1);
  });

  it('keeps no client waiting for what others have to keep', async () => {
    const first = await started();
    first.core.update([{ reference: 'RELAYPROT/GGIO1.Ind1', value: true }], Date.now());
    const commit = sinon.spy(SqliteStore.prototype, 'commit');
    try {
      assert.equal(first.write('RELAYPROT/GGIO1$SV$Ind1$subEna', TRUE), undefined);
      assert.equal(commit.callCount, 0);
      assert.equal(first.write(LIMIT, integer(7)), undefined);
      assert.equal(commit.callCount, 1);
    } finally {
      commit.restore();
    }
  });

  it('waits for a sign of life of an owner that it cannot see, and is closed meanwhile when its owner wants', async () => {
    await started();
    await stopped();
    const owner = `${file()}.owner`;
    writeFileSync(owner, JSON.stringify({ id: 'other', pid: 1, machine: 'another', where: '', started: '' }));
    const server = IedServer.fromModel(settingsModel(), { port: 0, dataDir: folder });
    const listening = server.listen();
    const refused = assert.rejects(listening, StoreError);
    await server.close();
    await refused;
    assert.ok(existsSync(owner));
    // It does live.
    const again = IedServer.fromModel(settingsModel(), { port: 0, dataDir: folder });
    const second = assert.rejects(again.listen(), /process 1 uses these files/);
    const beat = setInterval(() => utimesSync(owner, new Date(), new Date()), 100);
    await second;
    clearInterval(beat);
    await again.close();
  });

  it('keeps the numbering of a list that has lost all its entries', async () => {
    const open = async (): Promise<SqliteStore> => {
      const store = new SqliteStore(path.join(folder, 'numbers.sqlite'), {
        failed: (error) => assert.fail(error),
        replaced: (name) => assert.fail(name),
      });
      await store.open();
      return store;
    };
    const store = await open();
    const list = store.list('buffer');
    list.append({ number: 41, time: 1, octets: Buffer.of(1) });
    list.append({ number: 42, time: 1, octets: Buffer.of(1) });
    list.drop(42);
    store.close();
    const again = await open();
    assert.deepEqual([again.list('buffer').last, again.list('buffer').count], [42, 0]);
    again.list('buffer').append({ number: 50, time: 1, octets: Buffer.of(1) });
    again.close();
    const third = await open();
    assert.equal(third.list('buffer').last, 50);
    third.close();
  });

  it('leaves no lock and no owner behind after an orderly stop', async () => {
    await started();
    await stopped();
    assert.deepEqual(readdirSync(folder), [path.basename(file())]);
    assert.ok(existsSync(file()));
  });

  it('stays within its folder, whatever the IED is called', async () => {
    const model = { ...settingsModel(), name: '../../../etc/x', accessPoint: '..\\y' };
    await started({}, { iedModel: model } as IedServerOptions);
    assert.ok(readdirSync(folder).length > 0);
    assert.ok(readdirSync(folder).every((name) => /^[\w.-]+$/.test(name)));
  });

  for (const kind of ['memory', 'sqlite'] as const) {
    it(`lists (${kind}) give entries after a number, in a time and up to a limit, and drop the oldest`, async () => {
      const failures: unknown[] = [];
      const store =
        kind === 'memory'
          ? new MemoryStore()
          : new SqliteStore(path.join(folder, 'lists.sqlite'), {
              failed: (error) => failures.push(error),
              replaced: (name) => failures.push(name),
            });
      await store.open();
      try {
        const list = store.list('log');
        assert.deepEqual([list.count, list.last, list.first(), list.newest()], [0, 0, undefined, undefined]);
        for (let number = 1; number <= 3000; number++) {
          list.append({ number: number * 10, time: 1000 + number, octets: Buffer.of(number & 255, 7) });
        }
        assert.deepEqual([list.count, list.octets, list.last], [3000, 6000, 30_000]);
        list.drop(20_000);
        assert.deepEqual([list.count, list.octets, list.first()?.number], [1000, 2000, 20_010]);
        const numbers = (range: Parameters<typeof list.read>[0]): number[] =>
          list.read(range).map(({ number }) => number);
        assert.deepEqual(numbers({ after: 29_980, limit: 10 }), [29_990, 30_000]);
        assert.deepEqual(numbers({ from: 3500, to: 3502, limit: 2 }), [25_000, 25_010]);
        assert.deepEqual(numbers({ to: 5, limit: 2 }), []);
        list.drop(30_000);
        assert.deepEqual([list.count, list.octets, list.last], [0, 0, 30_000]);
        list.append({ number: 30_001, time: 1, octets: Buffer.of(1) });
        assert.deepEqual(store.list('log').newest()?.octets, Buffer.of(1));
        assert.deepEqual(store.list('other').count, 0);
        store.commit();
        assert.deepEqual(failures, []);
      } finally {
        store.close();
      }
      // Whoever speaks too late is not heard, and nothing breaks.
      if (kind === 'sqlite') store.list('log').append({ number: 30_002, time: 2, octets: Buffer.of(2) });
    });
  }
});
