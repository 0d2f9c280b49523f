import assert from 'node:assert/strict';
import type { NodeMessage } from 'node-red';
import type { ControlOutcome } from '../../src/client/control/index.js';
import { ControlIed, POSITION, type ControlObjectOptions } from '../client/control/control-ied.js';
import {
  helper,
  message,
  node,
  nodeModule,
  nodes,
  PLACE,
  startRed,
  stopRed,
  watchers,
  type Caught,
  type Properties,
  type Status,
} from './support/red.js';

interface Told extends NodeMessage {
  outcome: ControlOutcome['outcome'];
  control: ControlOutcome;
  reason?: string;
}

interface Audited extends NodeMessage {
  payload: { event: string; ied: string; reference: string; command?: string; outcome?: string };
}

const control = nodeModule('../../../nodes/iec61850-control/iec61850-control.js');

describe('iec61850-control', () => {
  let ied: ControlIed;

  before(startRed);
  after(stopRed);
  afterEach(async () => {
    await helper.unload();
    await ied.close();
  });

  async function start(settings: Properties = {}, object: ControlObjectOptions = { model: 1 }): Promise<void> {
    ied = await new ControlIed(object).listen();
    const flow = [
      ...watchers(['control']),
      {
        id: 'ied',
        type: 'iec61850-ied',
        version: 1,
        name: 'BAY1',
        host: '127.0.0.1',
        port: String(ied.port),
        timeout: '500',
      },
      {
        id: 'control',
        ...PLACE,
        type: 'iec61850-control',
        version: 1,
        ied: 'ied',
        reference: POSITION,
        allowed: true,
        outputs: 3,
        ...settings,
        wires: [['done'], ['refused'], ['audited']],
      },
      ...['done', 'refused', 'audited'].map((id) => ({ id, ...PLACE, type: 'helper' })),
    ];
    await helper.load([nodes.ied, control, nodes.catch, nodes.status], flow as never);
    if (!('allowed' in settings) && settings.ied !== '')
      await message<Status>('statuses', ({ status }) => status.text === 'ready');
  }
  const send = (msg: object): void => node('control').receive(msg as NodeMessage);
  const told = (output: 'done' | 'refused', msg: object): Promise<Told> => {
    const answer = message<Told>(output);
    send(msg);
    return answer;
  };
  const sent = (): string[] => ied.calls.map(({ service }) => service);

  it('operates and tells on the first output', async () => {
    await start();
    const msg = await told('done', { payload: 'close', ticket: 7 });
    assert.equal(msg.outcome, 'done');
    assert.equal(msg.payload, 'close');
    assert.equal(msg.topic, `BAY1/${POSITION}`);
    assert.equal(msg.ticket, 7);
    assert.equal(msg.control.command, 'close');
    assert.deepEqual(sent(), ['Oper']);
  });

  it('is off until a person says that this flow may operate equipment', async () => {
    await start({ allowed: false });
    const msg = await told('refused', { payload: 'close' });
    assert.equal(msg.outcome, 'refused');
    assert.equal(msg.control.error?.code, 'IEC61850_CONTROL_NOT_ALLOWED');
    assert.match(msg.reason ?? '', /Tick/);
    assert.equal(msg.control.sent, false);
    assert.deepEqual(sent(), []);
  });

  it('is off in a configuration that does not say', async () => {
    await start({ allowed: undefined });
    assert.equal((await told('refused', { payload: 'close' })).outcome, 'refused');
    assert.deepEqual(sent(), []);
  });

  it('refuses msg.retain', async () => {
    await start();
    const msg = await told('refused', { payload: 'close', retain: true });
    assert.equal(msg.control.error?.code, 'IEC61850_CONTROL_RETAINED');
    assert.deepEqual(sent(), []);
    assert.equal((await told('done', { payload: 'close', retain: false })).outcome, 'done');
  });

  it('refuses messages whose timestamp is missing, older than the limit, or no time', async () => {
    await start({ maxAge: '5' });
    const wrong = [
      undefined,
      Date.now() - 6000,
      new Date(Date.now() - 6000).toISOString(),
      'soon',
      Date.now() + 60_000,
    ];
    for (const timestamp of wrong) {
      const msg = await told('refused', { payload: 'close', timestamp });
      assert.equal(msg.control.error?.code, 'IEC61850_CONTROL_TOO_OLD', String(timestamp));
    }
    assert.deepEqual(sent(), []);
    assert.equal((await told('done', { payload: 'close', timestamp: Date.now() })).outcome, 'done');
    assert.equal((await told('done', { payload: 'open', timestamp: new Date().toISOString() })).outcome, 'done');
  });

  it('refuses a wrong value before anything is sent', async () => {
    await start();
    const msg = await told('refused', { payload: 1 });
    assert.match(msg.reason ?? '', /"close" or "open"/);
    assert.deepEqual(sent(), []);
    assert.equal(
      (await told('refused', { payload: 'close', action: 'shout' })).control.error?.code,
      'IEC61850_ARGUMENT',
    );
  });

  it("tells a refusal with the IED's cause in words that tell what to do, in the status too", async () => {
    await start();
    ied.onControl = (call) => {
      call.lastApplError({ addCause: 2 });
      call.refuse();
    };
    const status = message<Status>('statuses', (msg) => msg.status.text === 'bay is in local');
    const msg = await told('refused', { payload: 'open' });
    assert.equal(msg.control.addCause?.name, 'Blocked-by-switching-hierarchy');
    assert.match(msg.reason ?? '', /the bay is in local.*Switch the bay to remote/);
    assert.equal((await status).status.fill, 'yellow');
  });

  it('tells unknown when the answer does not come, and does not send again', async () => {
    await start();
    ied.onControl = () => undefined;
    const status = message<Status>('statuses', (msg) => msg.status.text === 'close unknown');
    const msg = await told('refused', { payload: 'close' });
    assert.equal(msg.outcome, 'unknown');
    assert.equal((await status).status.fill, 'red');
    assert.deepEqual(sent(), ['Oper']);
  });

  it('queues nothing while the IED is away', async () => {
    await start();
    const offline = message<Status>('statuses', ({ status }) => status.text === 'offline');
    await ied.close();
    await offline;
    const msg = await told('refused', { payload: 'close' });
    assert.equal(msg.outcome, 'refused');
    assert.match(msg.reason ?? '', /not connected/);
    ied = await new ControlIed({ model: 1 }).listen();
  });

  it('selects and cancels by messages', async () => {
    await start({ select: 'required' }, { model: 2 });
    assert.equal((await told('refused', { payload: 'close' })).control.error?.code, 'IEC61850_CONTROL_NOT_SELECTED');
    assert.equal((await told('done', { payload: '', action: 'select' })).outcome, 'done');
    assert.equal((await told('done', { payload: 'close' })).outcome, 'done');
    assert.equal((await told('done', { payload: Date.now(), action: 'cancel' })).outcome, 'done');
    assert.deepEqual(sent(), ['SBO', 'Oper', 'Cancel']);
  });

  it('sends origin and checks of the node; a message adds checks and cannot take them away', async () => {
    await start({ orCat: '3', orIdent: 'desk', interlockCheck: true, synchroCheck: false, test: false });
    const { control: outcome } = await told('done', {
      payload: 'close',
      interlockCheck: false,
      synchroCheck: true,
      origin: { identifier: 'Ann' },
    });
    assert.deepEqual(outcome.origin, { category: 3, identifier: 'Ann' });
    assert.equal(outcome.interlockCheck, true);
    assert.equal(outcome.synchroCheck, true);
  });

  it('waits for the status value to follow', async () => {
    await start({ feedback: '1' });
    ied.onControl = (call) => {
      call.accept();
      ied.status({ type: 'bit-string', bits: '10' });
    };
    assert.equal((await told('done', { payload: 'close' })).control.feedback?.value, 2);
    const msg = await told('refused', { payload: 'open' });
    assert.equal(msg.outcome, 'unknown');
    assert.equal(msg.control.step, 'feedback');
  });

  describe('the confirm step', () => {
    it('holds the command until it is confirmed', async () => {
      await start({ confirm: '60', audit: true });
      const waits = message<Audited>('audited', ({ payload }) => payload.event === 'waiting');
      send({ payload: 'close', ticket: 1 });
      assert.equal((await waits).payload.command, 'close');
      assert.deepEqual(sent(), []);
      const msg = await told('done', { confirm: true });
      assert.equal(msg.ticket, 1);
      assert.deepEqual(sent(), ['Oper']);
    });

    it('ends when it is denied, and a second command does not slip in', async () => {
      await start({ confirm: '60' });
      send({ payload: 'close', ticket: 1 });
      const second = await told('refused', { payload: 'open', ticket: 2 });
      assert.equal(second.control.error?.code, 'IEC61850_CONTROL_BUSY');
      const retained = await told('refused', { confirm: true, retain: true });
      assert.equal(retained.control.error?.code, 'IEC61850_CONTROL_RETAINED');
      const msg = await told('refused', { confirm: false });
      assert.equal(msg.ticket, 1);
      assert.equal(msg.control.error?.code, 'IEC61850_CONTROL_NOT_CONFIRMED');
      assert.equal((await told('refused', { confirm: true })).control.error?.code, 'IEC61850_CONTROL_NOT_CONFIRMED');
      assert.deepEqual(sent(), []);
    });

    it('ends by its time limit', async () => {
      await start({ confirm: '1' });
      const msg = await told('refused', { payload: 'close' });
      assert.match(msg.reason ?? '', /not confirmed within 1 s/);
      assert.deepEqual(sent(), []);
    });

    it('is not asked of a cancel', async () => {
      await start({ confirm: '60' });
      assert.equal((await told('done', { action: 'cancel' })).outcome, 'done');
    });
  });

  it('logs every command and its end, and sends both to the audit output', async () => {
    await start({ audit: true });
    const events: Audited[] = [];
    node('audited').on('input', (msg) => events.push(msg as Audited));
    await told('done', { payload: 'close' });
    await told('refused', { payload: 'jump' });
    const [command, end, , refused] = events.map(({ payload }) => payload);
    assert.equal(command?.event, 'command');
    assert.equal(command?.ied, 'BAY1');
    assert.equal(command?.reference, POSITION);
    assert.equal(end?.event, 'end');
    assert.equal(end?.outcome, 'done');
    assert.equal(refused?.outcome, 'refused');
    const lines = helper
      .log()
      .args.map(([entry]) => entry as { id?: string; msg: unknown })
      .filter(({ id }) => id === 'control')
      .map(({ msg }) => String(msg));
    assert.ok(
      lines.some((line) => /BAY1 LD\/CSWI1\.Pos: close commanded/.test(line)),
      lines.join('\n'),
    );
    assert.ok(lines.some((line) => /close done after \d+ ms .*origin 2 "NR", ctlNum 0/.test(line)));
    assert.ok(lines.some((line) => /jump refused/.test(line)));
  });

  it('sends nothing to an audit output that was not asked for', async () => {
    await start({ audit: false });
    node('audited').on('input', () => assert.fail('audited'));
    await told('done', { payload: 'close' });
  });

  it('says what to do when its settings are wrong', async () => {
    await start({ ied: '' });
    send({ payload: 'close' });
    const { error } = await message<Caught>('caught', (msg) => msg.error.message.length > 0);
    assert.match(error.message, /choose an IED/);
  });

  it('keeps every status text under 20 characters', async () => {
    await start();
    const texts: string[] = [];
    node('statuses').on('input', (msg) => texts.push((msg as unknown as Status).status.text));
    ied.onControl = (call) => call.refuse();
    await told('refused', { payload: 'close' });
    await told('refused', { payload: 'x'.repeat(100) });
    assert.ok(
      texts.every((text) => text.length < 20),
      texts.join('\n'),
    );
  });
});
