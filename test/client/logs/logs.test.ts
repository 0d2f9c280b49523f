/** Logs of an IED of our own making: values of every kind, pages without end, entries that are gone, and an IED that goes away. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedClient, LogFollower, ResumeFile, type LogEntry, type LogQuery } from '../../../src/client/index.js';
import { Iec61850Error } from '../../../src/errors.js';
import { msToBinaryTime } from '../../../src/model/timestamp.js';
import type { JournalVariable, ServiceResponse } from '../../../src/mms/services.js';
import { isUsable } from '../../../src/model/tag-value.js';
import { FakeLog, FIRST_MS, idOf, indication, LOG, reasonCode, type FakeLogOptions } from '../../support/fake-log.js';

const iso = (number: number): string => new Date(FIRST_MS + (number - 1) * 1000).toISOString();
const numbers = ({ entries }: LogQuery): number[] => entries.map(({ entryId }) => Number.parseInt(entryId ?? '', 16));
const up = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('logs', () => {
  let fake: FakeLog;
  let client: IedClient;

  async function connect(options: FakeLogOptions = {}, timeout = 2000): Promise<IedClient> {
    fake = new FakeLog(options);
    await fake.ied.listen();
    client = new IedClient({ host: '127.0.0.1', port: fake.ied.port, name: 'IED', timeout });
    await client.connect();
    return client;
  }
  afterEach(async () => {
    await client.close();
    await fake.ied.close();
  });

  async function entryOf(...variables: JournalVariable[]): Promise<LogEntry> {
    await connect();
    fake.add(1, variables);
    const [entry] = (await client.logs.queryByTime(LOG)).entries;
    assert.ok(entry);
    return entry;
  }

  it('logs and control blocks are listed with the ends of their logs', async () => {
    await connect();
    assert.deepEqual((await client.logs.list()).controlBlocks[0]?.oldest, null);
    fake.add(4);
    assert.deepEqual(await client.logs.list(), {
      logs: [LOG],
      controlBlocks: [
        {
          reference: 'LD/LLN0.Events[LG]',
          log: LOG,
          enabled: true,
          dataSet: 'LD/LLN0.Events',
          triggerOptions: ['dchg', 'qchg'],
          integrityPeriod: 0,
          oldest: { entryId: '0000000000000001', entryTime: iso(1) },
          newest: { entryId: '0000000000000004', entryTime: iso(4) },
        },
      ],
    });
  });

  it('a whole data object is one tag value, with its reasons, its entry and its history told', async () => {
    const entry = await entryOf(indication(true), reasonCode('010000'));
    assert.deepEqual([entry.entryId, entry.entryTime, entry.values.length], ['0000000000000001', iso(1), 1]);
    const [value] = entry.values;
    assert.ok(value);
    assert.deepEqual(
      [value.ied, value.tag, value.reference, value.fc, value.type, value.value, value.quality?.text],
      ['IED', 'LD.GGIO1.Ind1', 'LD/GGIO1.Ind1', 'ST', 'Boolean', true, 'good'],
    );
    assert.deepEqual([value.reason, value.entryId, value.entryTime], [['data-change'], entry.entryId, entry.entryTime]);
    assert.deepEqual([value.source, value.status], ['log', 'stale']);
    assert.equal(isUsable(value), false, 'a value of the past is not to drive anything');
  });

  it('value, quality and time that were logged one by one are one tag value', async () => {
    const entry = await entryOf(
      { tag: 'LD/GGIO1$ST$Ind1$stVal', data: { type: 'boolean', value: true } },
      reasonCode('010000'),
      { tag: 'LD/GGIO1$ST$Ind1$q', data: { type: 'bit-string', bits: '0100000000000' } },
      reasonCode('001000'),
      { tag: 'LD/GGIO1$ST$Ind1$t', data: { type: 'utc-time', seconds: 1_700_000_000, fraction: 0, quality: 10 } },
    );
    const [value] = entry.values;
    assert.equal(entry.values.length, 1);
    assert.deepEqual(
      [value?.value, value?.quality?.validity, value?.timestamp, value?.reason],
      [true, 'invalid', '2023-11-14T22:13:20.000Z', ['data-change', 'quality-change']],
    );
  });

  it('a quality of an earlier entry is not that of a later one', async () => {
    await connect();
    fake.add(1, [
      { tag: 'LD/GGIO1$ST$Ind1$stVal', data: { type: 'boolean', value: true } },
      { tag: 'LD/GGIO1$ST$Ind1$q', data: { type: 'bit-string', bits: '0000000000000' } },
    ]);
    fake.add(1, [{ tag: 'LD/GGIO1$ST$Ind1$stVal', data: { type: 'boolean', value: false } }]);
    const [first, second] = (await client.logs.queryByTime(LOG)).entries;
    assert.equal(first?.values[0]?.quality?.text, 'good');
    assert.deepEqual([second?.values[0]?.value, second?.values[0]?.quality], [false, null]);
  });

  it('reason codes that name their value belong to it, and those of nothing to nothing', async () => {
    const entry = await entryOf(
      reasonCode('000100'),
      indication(true),
      { tag: 'LD/GGIO1$ST$Ind1$stVal', data: { type: 'boolean', value: false } },
      reasonCode('000010', 'LD/GGIO1$ST$Ind1$ReasonCode'),
    );
    assert.deepEqual(entry.values[0]?.reason, ['integrity']);
  });

  it('log entries of unknown type: what does not fit the model, or no type at all, is shown as it came', async () => {
    const entry = await entryOf(
      { tag: 'LD/GGIO1$ST$Ind1', data: { type: 'visible-string', value: 'was a text once' } },
      { tag: 'LD/GGIO7$ST$Gone', data: { type: 'structure', items: [{ type: 'integer', value: 7 }] } },
      reasonCode('000010'),
      { tag: 'no name of IEC 61850', data: { type: 'float', value: 1.5, width: 32 } },
      { tag: 'LD/GGIO1$ST$Ind1$stVal', data: { type: 'other', tag: 0x9f02, octets: Buffer.from('cafe', 'hex') } },
      { tag: '', data: { type: 'boolean', value: true } },
    );
    assert.deepEqual(
      entry.values.map(({ tag, type, value, quality, reason }) => [tag, type, value, quality, reason]),
      [
        ['LD.GGIO1.Ind1', 'VisibleString', 'was a text once', null, undefined],
        ['LD.GGIO7.Gone', 'Structure', { 0: 7 }, null, ['integrity']],
        ['LD.no name of IEC 61850', 'Float64', 1.5, null, undefined],
        ['LD.GGIO1.Ind1.stVal', 'OctetString', 'cafe', null, undefined],
        ['LD.', 'Boolean', true, null, undefined],
      ],
    );
  });

  it('an entry without values, and one that is a text', async () => {
    await connect();
    fake.entries.push({ entryId: idOf(1), time: msToBinaryTime(FIRST_MS) });
    fake.entries.push({ entryId: idOf(2), time: msToBinaryTime(FIRST_MS), annotation: 'restarted' });
    const { entries } = await client.logs.queryByTime(LOG);
    assert.deepEqual(
      entries.map(({ values, annotation }) => [values, annotation]),
      [
        [[], undefined],
        [[], 'restarted'],
      ],
    );
  });

  it('a query goes through all pages, by time and after an entry', async () => {
    await connect();
    fake.add(10);
    assert.deepEqual(numbers(await client.logs.queryByTime(LOG)), up(1, 10));
    assert.equal(fake.queries.length, 4);
    const range = await client.logs.queryByTime(LOG, { from: iso(3), to: new Date(FIRST_MS + 6500) });
    assert.deepEqual([numbers(range), range.complete], [up(3, 7), true]);
    const rest = await client.logs.queryAfter(LOG, { entryId: '0000000000000006', entryTime: iso(6) });
    assert.deepEqual([numbers(rest), rest.complete, rest.last?.entryTime], [up(7, 10), true, iso(10)]);
    const none = await client.logs.queryAfter(LOG, rest.last ?? { entryId: '', entryTime: null });
    assert.deepEqual([none.entries, none.complete, none.last], [[], true, null]);
  });

  it('no more entries come than were asked for, and the next query goes on there', async () => {
    await connect();
    fake.add(8);
    const some = await client.logs.queryByTime(LOG, { maxEntries: 5 });
    assert.deepEqual([numbers(some), some.complete], [up(1, 5), false]);
    assert.ok(some.last);
    assert.deepEqual(numbers(await client.logs.queryAfter(LOG, some.last)), up(6, 8));
  });

  it('moreFollows for ever ends: a page that brings nothing new is the last one', async () => {
    let page: ServiceResponse | undefined;
    await connect({ answer: (request) => (request.service === 'readJournal' ? page : undefined) });
    fake.add(2);
    page = { service: 'readJournal', entries: fake.entries, moreFollows: true };
    const same = await client.logs.queryByTime(LOG);
    assert.deepEqual([numbers(same), same.complete, fake.queries.length], [[1, 2], false, 2]);
    assert.deepEqual(await client.logs.last(LOG), same.last);
    page = { service: 'readJournal', entries: [], moreFollows: true };
    const none = await client.logs.queryByTime(LOG);
    assert.deepEqual([none.entries, none.complete, none.last], [[], false, null]);
    assert.equal(await client.logs.last(LOG), null);
  });

  it('moreFollows for ever with new entries each time is bounded by their number', async () => {
    let number = 1;
    await connect({
      answer: (request) =>
        request.service === 'readJournal'
          ? {
              service: 'readJournal',
              entries: up(1, 50).map(() => ({
                entryId: idOf(number++),
                time: msToBinaryTime(FIRST_MS),
                variables: [],
              })),
              moreFollows: true,
            }
          : undefined,
    });
    const query = await client.logs.queryByTime(LOG);
    assert.deepEqual([query.entries.length, query.complete], [1000, false]);
  });

  it('an entry without an identifier is read, and a page that ends with one is the last', async () => {
    await connect();
    fake.add(5);
    delete fake.entries[2]?.entryId;
    const query = await client.logs.queryByTime(LOG);
    assert.deepEqual(
      query.entries.map(({ entryId }) => entryId),
      ['0000000000000001', '0000000000000002', null],
    );
    assert.deepEqual([query.complete, query.last], [false, { entryId: null, entryTime: iso(3) }]);
  });

  it('what cannot be asked for is refused before anything is sent', async () => {
    const { logs } = await connect();
    for (const [work, why] of [
      [() => logs.queryByTime('LD'), /"LD" names no log/],
      [() => logs.queryByTime('LD/LLN0.Events[LG]'), /names no log.*/],
      [() => logs.queryByTime(LOG, { from: 'yesterday' }), /from "yesterday" is no time/],
      [() => logs.queryByTime(LOG, { from: iso(2), to: iso(1) }), /ends before it begins/],
      [() => logs.queryByTime(LOG, { maxEntries: 0 }), /0 entries cannot be asked for/],
      [() => logs.queryAfter(LOG, { entryId: 'xyz', entryTime: null }), /"xyz" is no entry identifier/],
      [() => logs.queryAfter(LOG, { entryId: null, entryTime: null }), /is no entry identifier/],
      [() => logs.queryAfter(LOG, { entryId: '00', entryTime: 'x' }), /"x" is no time/],
      [() => logs.status('LD/LLN0.Events[ST]'), /names no log control block/],
    ] as const)
      await assert.rejects(
        work,
        (error: unknown) => error instanceof Iec61850Error && why.test(error.message),
        String(why),
      );
    assert.deepEqual(fake.queries, []);
  });

  it('a refused query names the log', async () => {
    await connect({ answer: (request) => (request.service === 'readJournal' ? 'error' : undefined) });
    await assert.rejects(client.logs.queryByTime(LOG), /LD\/LLN0\.EventLog: the IED answered object-non-existent/);
  });

  it('an IED that closes in the middle of a query, and one that stays silent', async () => {
    let end: 'close' | 'silent' = 'close';
    let asked = 0;
    const options: FakeLogOptions = {
      answer: ({ service }) => (service === 'readJournal' && ++asked === 2 ? end : undefined),
    };
    await connect(options, 200);
    fake.add(9);
    await assert.rejects(client.logs.queryByTime(LOG), { code: 'IEC61850_CONNECTION' });
    await fake.ied.close();
    end = 'silent';
    asked = 0;
    await connect(options, 200);
    fake.add(9);
    await assert.rejects(client.logs.queryByTime(LOG), { code: 'IEC61850_TIMEOUT' });
    assert.deepEqual(numbers(await client.logs.queryByTime(LOG)), up(1, 9), 'the session goes on');
  });

  describe('a control block', () => {
    it('is configured with what differs, and disabled for it', async () => {
      await connect();
      const state = await client.logs.configure('LD/LLN0.Events', {
        triggerOptions: ['dchg', 'integrity'],
        integrityPeriod: 5000,
        dataSet: 'LD/LLN0.Events',
      });
      assert.deepEqual(fake.writes, ['LogEna', 'TrgOps', 'IntgPd', 'LogEna']);
      assert.deepEqual(
        [state.enabled, state.triggerOptions, state.integrityPeriod],
        [true, ['dchg', 'integrity'], 5000],
      );
      await client.logs.configure('LD/LLN0.Events[LG]', { enabled: true, integrityPeriod: 5000 });
      assert.equal(fake.writes.length, 4, 'nothing was to be written');
      assert.equal((await client.logs.configure('LD/LLN0.Events[LG]', { enabled: false })).enabled, false);
    });

    it('that refuses something is logging again', async () => {
      await connect({ refuse: (attribute) => (attribute === 'DatSet' ? 11 : undefined) });
      await assert.rejects(client.logs.configure('LD/LLN0.Events[LG]', { dataSet: 'LD/LLN0.Nope' }), {
        code: 'IEC61850_VALUE_INVALID',
        message: /LD\/LLN0\.Events\[LG\]: DatSet was refused/,
      });
      assert.deepEqual(fake.writes, ['LogEna', 'DatSet', 'LogEna']);
      assert.equal((await client.logs.status('LD/LLN0.Events[LG]')).enabled, true);
    });
  });

  describe('following', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'iec61850-logs-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    const take = async (follower: LogFollower): Promise<[number[], boolean]> => {
      const found = await follower.next();
      follower.delivered(found);
      return [numbers(found), found.gap];
    };

    it('goes on behind the last entry that was delivered, also after a restart', async () => {
      await connect();
      fake.add(4);
      const store = new ResumeFile(path.join(folder, 'points.json'));
      const follower = new LogFollower(client.logs, LOG, { store, key: 'a' });
      assert.deepEqual(await take(follower), [up(1, 4), false]);
      fake.add(2);
      assert.deepEqual(numbers(await follower.next()), [5, 6]);
      assert.deepEqual(numbers(await follower.next()), [5, 6], 'was not delivered');
      await store.flush();
      const again = new LogFollower(client.logs, LOG, {
        store: new ResumeFile(path.join(folder, 'points.json')),
        key: 'a',
      });
      assert.deepEqual(await take(again), [[5, 6], false]);
      assert.deepEqual(await take(again), [[], false]);
      assert.deepEqual(again.last, { entryId: '0000000000000006', entryTime: iso(6) });
    });

    it('begins behind the newest entry where that is asked for, with a control block and without', async () => {
      for (const withoutBlock of [false, true]) {
        await connect({ withoutBlock });
        fake.add(7);
        const follower = new LogFollower(client.logs, LOG, { start: 'newest' });
        assert.deepEqual(await take(follower), [[], false]);
        fake.add(2);
        assert.deepEqual(await take(follower), [[8, 9], false]);
        await client.close();
        await fake.ied.close();
      }
      await connect();
      const follower = new LogFollower(client.logs, LOG, { start: 'newest' });
      assert.deepEqual(await take(follower), [[], false]);
      fake.add(1);
      assert.deepEqual(await take(follower), [[1], false], 'a log that was empty has nothing old');
    });

    it('an unknown entry identifier: what the IED still has comes, and that entries may be lost is told', async () => {
      const unknown = { service: 'readJournal' } as const;
      await connect({
        answer: (request) =>
          request.service === unknown.service &&
          request.after &&
          !fake.entries.some(({ entryId }) => request.after && entryId?.equals(request.after.entry))
            ? 'error'
            : undefined,
      });
      fake.add(3);
      const follower = new LogFollower(client.logs, LOG);
      await take(follower);
      fake.add(4);
      fake.entries = fake.entries.slice(4);
      assert.deepEqual(await take(follower), [[5, 6, 7], true]);
      assert.deepEqual(await take(follower), [[], false]);
    });

    it('a log that has dropped the last entry is a possible gap, though the IED answers', async () => {
      await connect();
      fake.add(3);
      const follower = new LogFollower(client.logs, LOG);
      await take(follower);
      fake.add(4);
      fake.entries = fake.entries.slice(5);
      assert.deepEqual((await take(follower))[1], true);
    });

    it('entries without identifiers are followed by their time', async () => {
      await connect({ withoutBlock: true });
      fake.add(2);
      for (const entry of fake.entries) delete entry.entryId;
      const follower = new LogFollower(client.logs, LOG);
      assert.equal((await take(follower))[0].length, 2);
      fake.add(1);
      assert.deepEqual(await take(follower), [[3], false]);
    });

    it('a lost connection is told, and the next call begins where it was', async () => {
      await connect();
      fake.add(3);
      const follower = new LogFollower(client.logs, LOG, { maxEntries: 2 });
      assert.deepEqual(await take(follower), [[1, 2], false]);
      await client.close();
      await assert.rejects(follower.next(), { code: 'IEC61850_CONNECTION' });
      await client.connect();
      assert.deepEqual(await take(follower), [[3], false]);
    });
  });
});
