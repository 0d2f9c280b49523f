import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import sinon from 'sinon';
import { IedSession, type SessionStateEvent } from '../../src/client/index.js';
import { TagPoller } from '../../src/gateway/tags/index.js';
import type { Tag } from '../../src/model/tag.js';
import type { TagValue } from '../../src/model/tag-value.js';
import { freePort } from '../support/free-port.js';
import { FakeIed, measurements, mv, mvType, sps, spsType, type FakeIedOptions } from '../support/fake-ied.js';

const tag = (index: number, more: Partial<Tag> = {}): Tag => ({
  tag: `AnIn${index}`,
  reference: `LD/GGIO1.AnIn${index}`,
  fc: 'MX',
  ...more,
});

describe('IedSession and TagPoller', () => {
  const cleanups: (() => Promise<void> | void)[] = [];

  async function fake(options: FakeIedOptions, port = 0): Promise<FakeIed> {
    const ied = await new FakeIed(options).listen(port);
    cleanups.push(() => ied.close());
    return ied;
  }

  function session(
    ports: number[],
    more: { timeout?: number; superviseAfter?: number; password?: string } = {},
  ): IedSession {
    const one = new IedSession({
      name: 'BAY',
      endpoints: ports.map((port) => ({ host: '127.0.0.1', port })),
      timeout: 500,
      ...more,
    });
    cleanups.push(() => one.close());
    return one;
  }

  function poller(
    of: IedSession,
    tags: Tag[],
    more: Partial<ConstructorParameters<typeof TagPoller>[1]> = {},
  ): TagPoller {
    const one = new TagPoller(of, { tags, interval: 50, onChange: true, initial: true, ...more });
    cleanups.push(() => one.close());
    return one;
  }

  async function state(of: IedSession, wanted: string): Promise<SessionStateEvent> {
    for (;;) {
      const [event] = (await once(of, 'state')) as [SessionStateEvent];
      if (event.state === wanted) return event;
    }
  }

  /** Collects values until one satisfies the condition. */
  function until(of: TagPoller, wanted: (value: TagValue) => boolean): Promise<TagValue> {
    return new Promise((resolve) => {
      of.on('values', (values) => {
        const found = values.find(wanted);
        if (found) resolve(found);
      });
    });
  }

  afterEach(async () => {
    sinon.restore();
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('polls at the interval and emits only what changed, beyond the deadband', async () => {
    let first = 1;
    const ied = await fake({
      variables: { ...measurements(2), 'LD/GGIO1$MX$AnIn1': { type: mvType, data: () => mv(first) } },
    });
    const one = session([ied.port]);
    const poll = poller(one, [tag(1, { deadband: 0.5 }), tag(2)]);
    const emitted: [string, unknown][] = [];
    poll.on('values', (values) => emitted.push(...values.map((value): [string, unknown] => [value.tag, value.value])));
    const initial = once(poll, 'values');
    poll.start();
    one.start();
    await initial;
    first = 1.4;
    await once(poll, 'cycle');
    await once(poll, 'cycle');
    first = 2;
    await until(poll, (value) => value.value === 2);
    assert.deepEqual(emitted, [
      ['AnIn1', 1],
      ['AnIn2', 1.5],
      ['AnIn1', 2],
    ]);
  });

  it('without onChange every poll emits every tag, with a sequence that counts', async () => {
    const ied = await fake({ variables: measurements(2) });
    const one = session([ied.port]);
    const poll = poller(one, [tag(1), tag(2)], { onChange: false });
    poll.start();
    one.start();
    await once(poll, 'values');
    const [values] = (await once(poll, 'values')) as [TagValue[]];
    assert.deepEqual(
      values.map((value) => [value.tag, value.sequence, value.source]),
      [
        ['AnIn1', 2, 'poll'],
        ['AnIn2', 2, 'poll'],
      ],
    );
  });

  it('a device that is down at start is retried for ever, and says disconnected until it appears', async () => {
    const port = await freePort();
    const one = session([port]);
    const poll = poller(one, [tag(1)]);
    const events: SessionStateEvent[] = [];
    one.on('state', (event) => events.push(event));
    const lost = once(poll, 'values') as Promise<[TagValue[]]>;
    poll.start();
    one.start();
    const offline = await state(one, 'offline');
    assert.equal(offline.error?.code, 'IEC61850_CONNECTION');
    assert.match(offline.error.message, /BAY.*refuses the TCP connection/);
    const [[value]] = await lost;
    assert.deepEqual(
      [value?.status, value?.value, value?.quality, value?.timestamp],
      ['disconnected', null, null, null],
    );
    await fake({ variables: measurements(1) }, port);
    const live = await until(poll, (one1) => one1.status === 'live');
    assert.equal(live.value, 0.5);
  });

  it('a device that starts together with its client was never offline', async () => {
    const port = await freePort();
    const one = session([port]);
    const states: string[] = [];
    one.on('state', ({ state: now }) => states.push(now));
    one.start();
    while (!one.lastError) await new Promise(setImmediate);
    await fake({ variables: measurements(1) }, port);
    await state(one, 'online');
    assert.deepEqual(states, ['connecting', 'connecting', 'online']);
  });

  it('a hung device accepts TCP and answers nothing: the time limit ends it', async () => {
    const ied = await fake({ hangAfterConnect: true });
    const one = session([ied.port], { timeout: 100 });
    one.start();
    const { error } = await state(one, 'offline');
    assert.equal(error?.code, 'IEC61850_TIMEOUT');
    assert.match(error.message, /did not answer the association request/);
  });

  it('a device that hangs after Initiate is given up after its time-outs, and its tags say so', async () => {
    let hang = false;
    const ied = await fake({ variables: measurements(1), answer: () => (hang ? 'silent' : undefined) });
    const one = session([ied.port], { timeout: 60 });
    const poll = poller(one, [tag(1)]);
    const live = until(poll, (value) => value.status === 'live');
    poll.start();
    one.start();
    await live;
    const gone = until(poll, (value) => value.status === 'disconnected');
    hang = true;
    const [event, value] = await Promise.all([state(one, 'offline'), gone]);
    assert.equal(event.error?.code, 'IEC61850_TIMEOUT');
    assert.equal(value.value, 0.5);
    assert.equal(
      value.quality?.validity,
      'good',
      'value, quality and time stay the last known ones; the status says that they are not current',
    );
  });

  it('a device that stops in mid-PDU is given up, and read again when it is back', async () => {
    let half = false;
    let halves = 0;
    const ied = await fake({
      variables: measurements(50),
      answer: (request) => {
        if (!half) return undefined;
        return request.service === 'read' && halves++ === 0 ? 'half' : 'silent';
      },
    });
    const one = session([ied.port], { timeout: 60 });
    const poll = poller(
      one,
      Array.from({ length: 50 }, (_, i) => tag(i + 1)),
    );
    const live = until(poll, (value) => value.status === 'live');
    poll.start();
    one.start();
    await live;
    half = true;
    const { error } = await state(one, 'offline');
    assert.equal(error?.code, 'IEC61850_TIMEOUT');
    half = false;
    await until(poll, (value) => value.status === 'live');
  });

  it('a connection that is cut in a batch comes back, and polling resumes at once', async () => {
    let cut = true;
    const ied = await fake({
      variables: measurements(300),
      answer: (request) => {
        if (cut && request.service === 'read' && ied.requests.length > 310) {
          cut = false;
          return 'close';
        }
        return undefined;
      },
    });
    const one = session([ied.port]);
    const poll = poller(
      one,
      Array.from({ length: 300 }, (_, i) => tag(i + 1)),
    );
    poll.start();
    one.start();
    await state(one, 'offline');
    const back = once(poll, 'cycle');
    await state(one, 'online');
    await back;
    assert.equal(ied.connections, 2);
  });

  it('an IED that was replaced by another model is asked for its types anew', async () => {
    const variables = { 'LD/GGIO1$MX$AnIn1': { type: mvType, data: mv(1) } };
    const ied = await fake({ variables });
    const one = session([ied.port]);
    const poll = poller(one, [tag(1)]);
    const first = until(poll, (value) => value.status === 'live');
    poll.start();
    one.start();
    await first;
    variables['LD/GGIO1$MX$AnIn1'] = {
      type: { type: 'structure', components: [...(mvType.type === 'structure' ? mvType.components : [])].reverse() },
      data: {
        type: 'structure',
        items: [
          { type: 'utc-time', seconds: 9, fraction: 0, quality: 0 },
          { type: 'bit-string', bits: '1100000000000' },
          { type: 'structure', items: [{ type: 'float', value: 77, width: 32 }] },
        ],
      },
    };
    const replaced = until(poll, (value) => value.value === 77);
    ied.cut();
    assert.equal((await replaced).quality?.validity, 'questionable');
  });

  it('tries the second address in turn', async () => {
    const ied = await fake({ variables: measurements(1) });
    const one = session([await freePort(), ied.port]);
    one.start();
    const online = await state(one, 'online');
    assert.equal(online.endpoint?.port, ied.port);
  });

  it('tries the other association profile on a refusal, on a fresh TCP connection, and says which one worked', async () => {
    const ied = await fake({ refuse: ({ calling }) => (calling.apTitle === undefined ? undefined : 3) });
    const one = session([ied.port]);
    one.start();
    const online = await state(one, 'online');
    assert.equal(online.profile, 'unnamed');
    assert.equal(ied.connections, 2);
  });

  it('a wrong password is said in words', async () => {
    const ied = await fake({ refuse: ({ password }) => (password?.toString() === 'right' ? undefined : 13) });
    const wrong = session([ied.port], { password: 'wrong' });
    wrong.start();
    const { error } = await state(wrong, 'offline');
    assert.match(error?.message ?? '', /authentication failed \(wrong password\)/);
    assert.equal(error?.code, 'IEC61850_AUTHENTICATION');
    assert.equal(ied.connections, 1, 'a wrong password is not tried again with other names');
    const right = session([ied.port], { password: 'right' });
    right.start();
    await state(right, 'online');
  });

  it('an association without traffic is supervised', async () => {
    let hang = false;
    const ied = await fake({ answer: () => (hang ? 'silent' : undefined) });
    const one = session([ied.port], { timeout: 40, superviseAfter: 30 });
    one.start();
    await state(one, 'online');
    hang = true;
    assert.equal((await state(one, 'offline')).error?.code, 'IEC61850_TIMEOUT');
  });

  it('a tag that fails is told once, retried on its own slower clock, and does not hold the others', async () => {
    const ied = await fake({ variables: measurements(2) });
    const one = session([ied.port]);
    const poll = poller(one, [tag(1), tag(99), tag(2), { tag: 'bad', reference: 'no reference', fc: 'ST' }], {
      onChange: false,
    });
    const errors: string[] = [];
    poll.on('tagError', (error) => errors.push(`${error.tag}: ${error.code}`));
    poll.start();
    one.start();
    for (let i = 0; i < 4; i++) await once(poll, 'cycle');
    assert.deepEqual(errors.sort(), ['AnIn99: IEC61850_SERVICE_OBJECT_NON_EXISTENT', 'bad: IEC61850_ARGUMENT']);
    const values = poll.snapshot();
    assert.deepEqual(
      values.map((value) => value.status),
      ['live', 'error', 'live', 'error'],
    );
  });

  it('a poll that takes longer than its interval is left out and counted late, never queued up', async () => {
    let answers = 0;
    const ied = await fake({
      variables: measurements(1),
      answer: (request) => (request.service === 'read' && answers++ > 2 ? 'silent' : undefined),
    });
    const one = session([ied.port], { timeout: 300 });
    const poll = poller(one, [tag(1)]);
    const late = new Promise<void>((resolve) => {
      poll.on('cycle', (cycle) => {
        if (cycle.late) resolve();
      });
    });
    poll.start();
    one.start();
    await late;
    assert.ok(ied.requests.filter((request) => request.service === 'read').length <= 5);
  });

  it('closes within 2 s although the IED does not answer Conclude, and leaves no socket', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined));
    const ied = await fake({ variables: { 'LD/GGIO1$ST$Ind1': { type: spsType, data: sps(true) } } });
    const one = session([ied.port]);
    one.start();
    await state(one, 'online');
    const before = Date.now();
    await one.close();
    assert.ok(Date.now() - before < 2000);
    for (const socket of ied.sockets) await once(socket, 'close');
    assert.equal(ied.sockets.size, 0);
    server.close();
  });

  it('a close while it connects ends the attempt', async () => {
    const ied = await fake({ hangAfterConnect: true });
    const one = session([ied.port], { timeout: 400 });
    one.start();
    await one.close();
    assert.equal(one.state, 'idle');
  });

  it('the first cycle after start counts no tag as bad that it read', async () => {
    const ied = await fake({ variables: measurements(2) });
    const one = session([ied.port]);
    const poll = poller(one, [tag(1), tag(2)]);
    const cycle = once(poll, 'cycle');
    poll.start();
    one.start();
    assert.equal(((await cycle) as [{ bad: number }])[0].bad, 0);
  });

  it('two who read on demand at the same time both get the values of now', async () => {
    let value = 1;
    const ied = await fake({ variables: measurements(1, () => value) });
    const one = session([ied.port]);
    const poll = poller(one, [tag(1)], { interval: 60_000 });
    const first = once(poll, 'values');
    poll.start();
    one.start();
    await first;
    value = 2;
    const both = await Promise.all([poll.readNow(), poll.readNow()]);
    assert.deepEqual(
      both.map((values) => values[0]?.value),
      [2, 2],
    );
  });

  it('readNow gives all values on demand', async () => {
    const ied = await fake({ variables: measurements(3) });
    const one = session([ied.port]);
    const poll = poller(one, [tag(1), tag(2), tag(3)], { interval: 60_000 });
    poll.start();
    one.start();
    await once(poll, 'values');
    const values = await poll.readNow();
    assert.deepEqual(
      values.map((value) => value.value),
      [0.5, 1.5, 2.5],
    );
  });
});
