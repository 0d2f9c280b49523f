import assert from 'node:assert/strict';
import type { NodeMessage } from 'node-red';
import type { LogControlBlockState, LogDirectory } from '../../src/client/index.js';
import type { TagValue } from '../../src/model/tag-value.js';
import type { IedServer } from '../../src/server/ied-server.js';
import { FakeLog, FIRST_MS, LOG, type FakeLogOptions } from '../support/fake-log.js';
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

const log = nodeModule('../../../nodes/iec61850-log/iec61850-log.js');

interface EntryMessage extends NodeMessage {
  entry: { log: string; entryId: string; entryTime: string; annotation?: string };
  log: { count: number; complete: boolean; gap?: boolean };
  iec61850: Record<string, TagValue>;
}
interface TableMessage extends NodeMessage {
  payload: TagValue[];
  log: { count: number; complete: boolean; last: { entryId: string } | null; annotations: { text: string }[] };
}

describe('iec61850-log', () => {
  let fake: FakeLog;
  let server: IedServer | undefined;
  let port = 0;

  before(startRed);
  after(stopRed);
  afterEach(async () => {
    await helper.unload();
    await fake?.ied.close();
    await server?.close();
    server = undefined;
  });

  async function useFake(options: FakeLogOptions = {}): Promise<void> {
    fake = new FakeLog(options);
    await fake.ied.listen();
    ({ port } = fake.ied);
  }

  async function start(config: Properties = {}, until = 'ready'): Promise<void> {
    const flow = [
      ...watchers(['log']),
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
        id: 'log',
        ...PLACE,
        type: 'iec61850-log',
        version: 1,
        ied: 'ied',
        log: LOG,
        resume: false,
        ...config,
        wires: [['out']],
      },
      { id: 'out', ...PLACE, type: 'helper' },
    ];
    await helper.load([nodes.ied, log, nodes.catch, nodes.status], flow as never);
    if (until !== '') await message<Status>('statuses', ({ status }) => status.text === until);
  }
  const ask = (msg: object = {}): void => node('log').receive(msg as NodeMessage);
  const done = async <T extends NodeMessage>(msg: object = {}): Promise<T> => {
    const answer = message<T>('out');
    ask(msg);
    return answer;
  };
  const failed = async (msg: object): Promise<Caught['error']> => {
    const answer = message<Caught>('caught');
    ask(msg);
    return (await answer).error;
  };
  /** The numbers of `count` entries as they come. */
  const entries = async (count: number): Promise<number[]> => {
    const found: number[] = [];
    while (found.length < count) {
      await message<EntryMessage>('out', ({ entry }) => {
        found.push(Number.parseInt(entry.entryId, 16));
        return found.length === count;
      });
    }
    return found;
  };

  it('sends one message an entry, with its values, reasons and time', async () => {
    await useFake();
    fake.add(1);
    await start();
    const msg = await done<EntryMessage>({ ticket: 7 });
    assert.equal(msg.topic, `IED/${LOG}`);
    assert.deepEqual(msg.payload, { 'LD.GGIO1.Ind1': true });
    assert.deepEqual(
      [msg.entry.log, msg.entry.entryId, msg.entry.entryTime],
      [LOG, '0000000000000001', new Date(FIRST_MS).toISOString()],
    );
    const value = msg.iec61850['LD.GGIO1.Ind1'];
    assert.deepEqual([value?.source, value?.status, value?.entryId], ['log', 'stale', '0000000000000001']);
    assert.equal((msg as { ticket?: number }).ticket, 7);
    assert.deepEqual([msg.log.count, msg.log.complete], [1, true]);
  });

  it('sends a table, also an empty one to whoever asks', async () => {
    await useFake();
    fake.add(4);
    fake.entries.push({ entryId: Buffer.alloc(8, 9), time: { ms: 5, days: 20_000 }, annotation: 'restarted' });
    await start({ output: 'table' });
    const table = await done<TableMessage>();
    assert.equal(table.payload.length, 4);
    assert.deepEqual([table.log.count, table.log.complete, table.log.annotations[0]?.text], [5, true, 'restarted']);
    const empty = await done<TableMessage>();
    assert.deepEqual([empty.payload, empty.log.count, empty.log.last], [[], 0, null]);
  });

  it('an entry that is a text has it as its payload', async () => {
    await useFake();
    fake.entries.push({ entryId: Buffer.alloc(8, 9), time: { ms: 5, days: 20_000 }, annotation: 'restarted' });
    await start();
    const msg = await done<EntryMessage>();
    assert.deepEqual([msg.payload, msg.entry.annotation], ['restarted', 'restarted']);
  });

  it('goes on behind the last entry, also after a restart of Node-RED', async () => {
    await useFake();
    fake.add(3);
    await start({ resume: true });
    let came = entries(3);
    ask();
    assert.deepEqual(await came, [1, 2, 3]);
    fake.add(2);
    await helper.unload();
    await start({ resume: true });
    came = entries(2);
    ask();
    assert.deepEqual(await came, [4, 5]);
    await helper.unload();
    await start({ maxEntries: '2' });
    came = entries(2);
    ask();
    assert.deepEqual(await came, [1, 2]);
  });

  it('asks at its interval, and at once again while there is more', async () => {
    await useFake();
    fake.add(7);
    await start({ interval: '3600', maxEntries: '3' }, '');
    assert.deepEqual(await entries(7), [1, 2, 3, 4, 5, 6, 7]);
  });

  it('begins with new entries only, where that is chosen', async () => {
    await useFake();
    fake.add(5);
    await start({ start: 'newest' });
    const idle = message<Status>('statuses', ({ status }) => status.text === 'no new entry');
    ask();
    await idle;
    fake.add(1);
    const came = entries(1);
    ask();
    assert.deepEqual(await came, [6]);
  });

  it('takes a span of time, or an entry, from the message', async () => {
    await useFake();
    fake.add(9);
    await start({ output: 'table' });
    const span = await done<TableMessage>({ from: FIRST_MS + 1000, to: new Date(FIRST_MS + 3000).toISOString() });
    assert.equal(span.log.count, 3);
    const after = await done<TableMessage>({ after: span.log.last });
    assert.equal(after.log.count, 5);
    assert.equal((await done<TableMessage>()).log.count, 9, 'what follows is another matter');
  });

  it('asks for the last seconds in mode range, and for everything without a span', async () => {
    await useFake();
    fake.add(2);
    await start({ mode: 'range', span: '60', output: 'table' });
    assert.equal((await done<TableMessage>()).log.count, 0);
    const [query] = fake.queries;
    assert.ok(query?.start && 'time' in query.start);
    await helper.unload();
    await start({ mode: 'range', output: 'table' });
    assert.equal((await done<TableMessage>()).log.count, 2);
    assert.equal((await done<TableMessage>()).log.count, 2);
  });

  it('an entry that the IED no longer knows: what it has is sent, and the loss is told once', async () => {
    await useFake();
    fake.add(3);
    await start({ output: 'table' });
    await done();
    fake.add(6);
    fake.entries = fake.entries.slice(5);
    const lost = message<Caught>('caught');
    assert.equal((await done<TableMessage>()).log.count, 4);
    const { error } = await lost;
    assert.equal(error.code, 'IEC61850_LOG_GAP');
    assert.match(error.message, /LD\/LLN0\.EventLog: the IED no longer has the entry.*entries may be lost/);
  });

  it('lists logs and control blocks, and shows one', async () => {
    await useFake();
    fake.add(1);
    await start({ log: '' });
    const found = (await done({ action: 'list' })).payload as LogDirectory;
    assert.deepEqual([found.logs, found.controlBlocks.length], [[LOG], 1]);
    const state = (await done({ action: 'status', controlBlock: 'LD/LLN0.Events[LG]' }))
      .payload as LogControlBlockState;
    assert.deepEqual([state.log, state.enabled], [LOG, true]);
  });

  it('switches logging only where a person said that this flow may, and not for a retained message', async () => {
    await useFake();
    const off = { action: 'disable', controlBlock: 'LD/LLN0.Events[LG]' };
    await start();
    assert.match((await failed(off)).message, /may not switch logging.*Tick/);
    await helper.unload();
    await start({ allowed: true });
    assert.match((await failed({ ...off, retain: true })).message, /retained/);
    assert.deepEqual(fake.writes, []);
    const status = message<Status>('statuses', (msg) => msg.status.text === 'not logging');
    assert.equal(((await done(off)).payload as LogControlBlockState).enabled, false);
    await status;
    assert.equal(((await done({ ...off, action: 'enable' })).payload as LogControlBlockState).enabled, true);
  });

  it('says what is wrong with a message', async () => {
    await useFake();
    await start({ log: '' });
    for (const [msg, why] of [
      [{}, /No log is named/],
      [{ log: 'LD' }, /"LD" names no log/],
      [{ log: LOG, from: 'yesterday' }, /msg\.from is no time/],
      [{ log: LOG, after: {} }, /msg\.after is no entry/],
      [{ action: 'erase' }, /msg\.action is none of/],
      [{ action: 'status' }, /No log control block is named/],
    ] as const)
      assert.match((await failed(msg)).message, why);
    await helper.unload();
    await start();
    assert.match((await failed({ log: 'LD/LLN0.Other' })).message, /another one than that of the node/);
  });

  it('a lasting refusal at an interval is told once, and an outage by its status alone', async () => {
    await useFake({ answer: (request) => (request.service === 'readJournal' ? 'error' : undefined) });
    await start({ interval: '3600' }, '');
    const caught = await message<Caught>('caught');
    assert.match(caught.error.message, /LD\/LLN0\.EventLog: the IED answered object-non-existent/);
    const offline = message<Status>('statuses', ({ status }) => status.text === 'offline');
    await fake.ied.close();
    await offline;
  });

  it('an IED that does not answer is told so, and the next query goes on', async () => {
    let silent = true;
    await useFake({ answer: ({ service }) => (service === 'readJournal' && silent ? 'silent' : undefined) });
    fake.add(1);
    await start();
    const status = message<Status>('statuses', (msg) => msg.status.text === 'no answer');
    assert.equal((await failed({})).code, 'IEC61850_TIMEOUT');
    await status;
    silent = false;
    assert.equal((await done<EntryMessage>()).entry.entryId, '0000000000000001');
  });

  it('says at once what its configuration lacks', async () => {
    await useFake();
    await start({ log: '', interval: '10' }, '');
    assert.match((await failed({})).message, /has no log/);
    await helper.unload();
    await start({ interval: '2592000' }, '');
    assert.match((await failed({})).message, /interval "2592000" is not a whole number from 0 to 604800/);
  });

  it('with the simulated IED: what happens is logged, and comes', async () => {
    ({ server, port } = await startBay());
    await start({ log: 'BAY1CTRL/LLN0.EventLog', start: 'oldest' });
    server.update([{ reference: 'BAY1CTRL/XCBR1.Pos.stVal[ST]', value: 'off' }]);
    const answer = message<EntryMessage>('out', ({ payload }) => typeof payload === 'object');
    ask();
    const { iec61850 } = await answer;
    const position = iec61850['BAY1CTRL.XCBR1.Pos'];
    assert.deepEqual([position?.text, position?.reason], ['Open', ['data-change', 'quality-change']]);
  });

  it('the editor lists logs of a live IED and of a file', async () => {
    ({ server, port } = await startBay());
    await start({ log: '' });
    const list = (body: object) =>
      helper
        .request()
        .post('/iec61850/services')
        .send({ kind: 'logs', ...body });
    const live = await list({
      source: 'live',
      node: 'ied',
      form: { name: 'IED', host: '127.0.0.1', port: String(port) },
    });
    assert.deepEqual(live.body, { names: [{ name: 'BAY1CTRL/LLN0.EventLog', dataSet: 'BAY1CTRL/LLN0.dsPositions' }] });
    const file = await list({ source: 'scl', sclFile: BAY_IN_PACKAGE, ied: 'BAY1' });
    assert.deepEqual(file.body, { names: [{ name: 'BAY1CTRL/LLN0.EventLog' }] });
  });
});
