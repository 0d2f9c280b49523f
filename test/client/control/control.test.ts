import assert from 'node:assert/strict';
import type { ControlOutcome, ControlRequest } from '../../../src/client/control/index.js';
import type { MmsData } from '../../../src/mms/data.js';
import {
  BOOLEAN,
  INT8,
  POSITION,
  sboTimeout,
  startBench,
  structure,
  TWO_BITS,
  type Bench,
  type ControlObjectOptions,
} from './control-ied.js';

const CLOSE: ControlRequest = { reference: POSITION, value: 'close' };
const ENHANCED = 3;

describe('Control', () => {
  let bench: Bench;
  const start = async (options: ControlObjectOptions, timeout?: number): Promise<Bench> => {
    bench = await startBench(options, timeout);
    return bench;
  };
  const command = (request: Partial<ControlRequest> = {}): Promise<ControlOutcome> =>
    bench.controls.command({ ...CLOSE, ...request });
  const services = (): string[] => bench.ied.calls.map(({ service }) => service);
  const items = (index = 0): MmsData[] => {
    const data = bench.ied.calls[index]?.data;
    assert.ok(data?.type === 'structure');
    return data.items;
  };
  afterEach(() => bench.close());

  it('operates a direct control with normal security by one write of the whole structure', async () => {
    await start({ model: 1 });
    const before = Date.now();
    const outcome = await command({ interlockCheck: true, origin: { category: 3, identifier: 'desk' } });
    assert.equal(outcome.outcome, 'done');
    assert.deepEqual(services(), ['Oper']);
    const [ctlVal, origin, ctlNum, time, test, check] = items();
    assert.deepEqual(ctlVal, { type: 'boolean', value: true });
    assert.deepEqual(origin, {
      type: 'structure',
      items: [
        { type: 'integer', value: 3 },
        { type: 'octet-string', octets: Buffer.from('desk') },
      ],
    });
    assert.deepEqual(ctlNum, { type: 'unsigned', value: 0 });
    assert.ok(time?.type === 'utc-time' && time.seconds >= Math.floor(before / 1000));
    assert.deepEqual(test, { type: 'boolean', value: false });
    assert.deepEqual(check, { type: 'bit-string', bits: '01' });
    assert.equal(outcome.command, 'close');
    assert.equal(outcome.cdc, 'DPC');
  });

  it('counts ctlNum on with each command', async () => {
    await start({ model: 1 });
    for (let i = 0; i < 257; i++) await command();
    assert.deepEqual(
      bench.ied.calls.slice(0, 2).map(({ ctlNum }) => ctlNum),
      [0, 1],
    );
    assert.deepEqual(
      bench.ied.calls.slice(-2).map(({ ctlNum }) => ctlNum),
      [255, 0],
    );
  });

  it('keeps the default orIdent short, as some ABB/Hitachi IEDs reboot on a long one', async () => {
    await start({ model: 1 });
    await command();
    const origin = items()[1];
    assert.ok(origin?.type === 'structure' && origin.items[1]?.type === 'octet-string');
    assert.ok(origin.items[1].octets.length <= 4);
    const outcome = await command({ origin: { identifier: 'x'.repeat(65) } });
    assert.equal(outcome.outcome, 'refused');
    assert.equal(outcome.sent, false);
    assert.equal(services().length, 1);
  });

  describe("the structure's members differ by device", () => {
    it('no T, no Check in Cancel, no origin', async () => {
      await start({ model: 1, without: ['T', 'origin'], cancelWithout: ['Check', 'Test'] });
      assert.equal((await command()).outcome, 'done');
      assert.deepEqual(
        items().map(({ type }) => type),
        ['boolean', 'unsigned', 'boolean', 'bit-string'],
      );
      assert.equal((await command({ action: 'cancel' })).outcome, 'done');
      assert.deepEqual(
        items(1).map(({ type }) => type),
        ['boolean', 'unsigned'],
      );
    });

    it('operTm is 0 when the command is not for a time', async () => {
      await start({ model: 1, operTm: true });
      await command();
      assert.deepEqual(items()[1], { type: 'utc-time', seconds: 0, fraction: 0, quality: 0 });
    });

    it('the type of the whole object is refused: its services are asked one by one', async () => {
      await start({ model: 4, partsOnly: true, configuration: sboTimeout(1000) });
      bench.ied.onControl = (call) => {
        call.accept();
        if (call.service === 'Oper') call.terminate();
      };
      assert.equal((await command()).outcome, 'done');
      assert.deepEqual(services(), ['SBOw', 'Oper']);
    });
  });

  it('Dbpos control is BOOLEAN for DPC and a 2-bit string in others: the live type decides', async () => {
    await start({ model: 1, value: TWO_BITS });
    await command({ value: 'open' });
    await command({ value: 'close' });
    assert.deepEqual(items(0)[0], { type: 'bit-string', bits: '01' });
    assert.deepEqual(items(1)[0], { type: 'bit-string', bits: '10' });
  });

  it('ctlModel is read online, before each command', async () => {
    await start({ model: 1 });
    await command();
    bench.ied.set('CSWI1$CF$Pos$ctlModel', { type: 'integer', value: 0 });
    const outcome = await command();
    assert.equal(outcome.outcome, 'refused');
    assert.equal(outcome.error?.code, 'IEC61850_CONTROL_STATUS_ONLY');
    assert.equal(services().length, 1);
    assert.equal((await command({ model: 'direct-with-normal-security' })).outcome, 'done');
  });

  it('an object without Oper can only be read', async () => {
    await start({ model: 0 });
    const outcome = await command();
    assert.equal(outcome.error?.code, 'IEC61850_CONTROL_STATUS_ONLY');
    assert.equal(outcome.sent, false);
  });

  it('names an object that the IED does not have', async () => {
    await start({ model: 1 });
    const outcome = await command({ reference: 'LD/CSWI9.Pos' });
    assert.equal(outcome.outcome, 'refused');
    assert.match(outcome.error?.message ?? '', /CSWI9/);
    assert.equal((await command({ reference: 'CSWI9.Pos' })).error?.code, 'IEC61850_ARGUMENT');
    assert.equal((await command({ reference: `${POSITION}.Oper.ctlVal[CO]` })).outcome, 'done');
  });

  it('a wrong value is refused before anything is sent', async () => {
    await start({ model: 4 });
    for (const value of [undefined, null, 1, 2, '2', 'on!', {}, [], NaN, 'raise']) {
      const outcome = await command({ value });
      assert.equal(outcome.outcome, 'refused', JSON.stringify(value));
      assert.equal(outcome.error?.code, 'IEC61850_ARGUMENT');
      assert.equal(outcome.sent, false);
    }
    assert.deepEqual(services(), []);
  });

  it('a second command on an object is refused while the first is under way', async () => {
    await start({ model: ENHANCED });
    const arrived = new Promise<void>((resolve) => {
      bench.ied.onControl = (call) => {
        call.accept();
        resolve();
      };
    });
    const first = command();
    await arrived;
    const second = await command({ value: 'open' });
    assert.equal(second.error?.code, 'IEC61850_CONTROL_BUSY');
    assert.equal(second.sent, false);
    bench.ied.calls[0]?.terminate();
    assert.equal((await first).outcome, 'done');
    assert.equal(services().length, 1);
  });

  describe('select before operate', () => {
    it('with normal security reads SBO and operates with the same number', async () => {
      await start({ model: 2, configuration: sboTimeout(30_000) });
      const outcome = await command();
      assert.equal(outcome.outcome, 'done');
      assert.deepEqual(services(), ['SBO', 'Oper']);
    });

    it('an empty answer to the read of SBO is a refusal', async () => {
      await start({ model: 2 });
      bench.ied.onControl = (call) => call.accept('');
      const outcome = await command();
      assert.equal(outcome.outcome, 'refused');
      assert.equal(outcome.step, 'select');
      assert.equal(outcome.error?.code, 'IEC61850_CONTROL_SELECT_REFUSED');
      assert.deepEqual(services(), ['SBO']);
    });

    it('with enhanced security writes SBOw with the value and the number of Operate', async () => {
      await start({ model: 4 });
      bench.ied.onControl = (call) => {
        call.accept();
        if (call.service === 'Oper') call.terminate();
      };
      const outcome = await command({ test: true });
      assert.equal(outcome.outcome, 'done');
      assert.equal(outcome.terminated, true);
      assert.deepEqual(services(), ['SBOw', 'Oper']);
      assert.equal(bench.ied.calls[0]?.ctlNum, bench.ied.calls[1]?.ctlNum);
    });

    it('a refused selection tells why, and nothing is operated', async () => {
      await start({ model: 4 });
      bench.ied.onControl = (call) => {
        call.lastApplError({ addCause: 27, object: 'LD/CSWI1$CO$Pos$SBOw' });
        call.refuse();
      };
      const outcome = await command();
      assert.equal(outcome.outcome, 'refused');
      assert.equal(outcome.addCause?.name, 'Locked-by-other-client');
      assert.deepEqual(services(), ['SBOw']);
    });

    it('a selection without an answer: refused, as nothing was operated', async () => {
      await start({ model: 4 }, 150);
      bench.ied.onControl = () => undefined;
      const outcome = await command();
      assert.equal(outcome.outcome, 'refused');
      assert.equal(outcome.step, 'select');
      assert.equal(outcome.error?.code, 'IEC61850_TIMEOUT');
      assert.deepEqual(services(), ['SBOw']);
    });

    it('selected by a command of its own, and operated as selected', async () => {
      await start({ model: 4, configuration: sboTimeout(30_000) });
      bench.ied.onControl = (call) => {
        call.accept();
        if (call.service === 'Oper') call.terminate();
      };
      const selected = await command({ action: 'select' });
      assert.equal(selected.outcome, 'done');
      assert.ok(Date.parse(selected.selectedUntil ?? '') > Date.now());
      const other = await command({ value: 'open', select: 'required' });
      assert.equal(other.error?.code, 'IEC61850_CONTROL_NOT_SELECTED');
      assert.equal((await command({ select: 'required' })).outcome, 'done');
      assert.deepEqual(services(), ['SBOw', 'Oper']);
      // The selection is used up.
      assert.equal((await command({ select: 'required' })).error?.code, 'IEC61850_CONTROL_NOT_SELECTED');
    });

    it('SBO time-out: a selection that ran out is not operated', async () => {
      await start({ model: 2, configuration: sboTimeout(1) });
      await command({ action: 'select' });
      await new Promise((resolve) => setTimeout(resolve, 5));
      const outcome = await command({ select: 'required' });
      assert.equal(outcome.error?.code, 'IEC61850_CONTROL_SELECTION_EXPIRED');
      assert.deepEqual(services(), ['SBO']);
    });

    it('Cancel repeats what was selected', async () => {
      await start({ model: 4 });
      await command({ action: 'select', origin: { category: 3, identifier: 'me' } });
      assert.equal((await command({ action: 'cancel', value: undefined })).outcome, 'done');
      assert.deepEqual(services(), ['SBOw', 'Cancel']);
      const [selected, cancelled] = [items(0), items(1)];
      assert.deepEqual(cancelled.slice(0, 3), selected.slice(0, 3));
      assert.equal((await command({ select: 'required' })).error?.code, 'IEC61850_CONTROL_NOT_SELECTED');
    });

    it('a direct control knows no selection', async () => {
      await start({ model: 1 });
      assert.equal((await command({ action: 'select' })).outcome, 'refused');
      assert.deepEqual(services(), []);
    });
  });

  describe('CommandTermination', () => {
    it('positive, long after the answer', async () => {
      await start({ model: ENHANCED });
      bench.ied.onControl = (call) => {
        call.accept();
        setTimeout(() => call.terminate(), 50);
      };
      const outcome = await command();
      assert.equal(outcome.outcome, 'done');
      assert.equal(outcome.terminated, true);
    });

    it('before the answer that it ends', async () => {
      await start({ model: ENHANCED });
      bench.ied.onControl = (call) => {
        call.terminate();
        call.accept();
      };
      assert.equal((await command()).outcome, 'done');
    });

    it('in place of an answer that never comes', async () => {
      await start({ model: ENHANCED }, 150);
      bench.ied.onControl = (call) => call.terminate();
      assert.equal((await command()).outcome, 'done');
    });

    const forms: [name: string, object: string | null][] = [
      ['the object with Oper', 'LD/CSWI1$CO$Pos$Oper'],
      ['the object without Oper', 'LD/CSWI1$CO$Pos'],
      ['the object with dots', 'LD/CSWI1.Pos'],
      ['no object', ''],
      ['no member for the object', null],
    ];
    for (const [name, object] of forms) {
      it(`negative, with LastApplError that names ${name}`, async () => {
        await start({ model: ENHANCED });
        bench.ied.onControl = (call) => {
          call.accept();
          call.negative({ addCause: 16, object });
        };
        const outcome = await command();
        assert.equal(outcome.outcome, 'refused');
        assert.equal(outcome.step, 'termination');
        assert.equal(outcome.addCause?.name, 'Time-limit-over');
        assert.equal(outcome.error?.code, 'IEC61850_CONTROL_TIME_LIMIT_OVER');
        assert.match(outcome.error?.hint ?? '', /position/);
      });

      it(`negative by LastApplError alone that names ${name}`, async () => {
        await start({ model: ENHANCED });
        bench.ied.onControl = (call) => {
          call.accept();
          // In a packet of its own: with the answer it would be its explanation.
          setTimeout(() => call.lastApplError({ addCause: 9, object }), 20);
        };
        const outcome = await command();
        assert.equal(outcome.outcome, 'refused');
        assert.equal(outcome.addCause?.name, 'Blocked-by-process');
      });
    }

    it('never: unknown', async () => {
      await start({ model: ENHANCED });
      const outcome = await command({ terminationTimeout: 50 });
      assert.equal(outcome.outcome, 'unknown');
      assert.equal(outcome.step, 'termination');
      assert.equal(outcome.error?.code, 'IEC61850_CONTROL_NO_TERMINATION');
    });

    it('of another number, or of another object, is not ours', async () => {
      await start({ model: ENHANCED });
      bench.ied.onControl = (call) => {
        call.accept();
        call.terminate(77);
        call.negative({ addCause: 1, ctlNum: 77 });
        call.lastApplError({ addCause: 1, object: 'LD/CSWI2$CO$Pos$Oper' });
        call.report([{ scope: 'domain', domain: 'LD', item: 'CSWI2$CO$Pos$Oper' }], [{ type: 'structure', items: [] }]);
      };
      assert.equal((await command({ terminationTimeout: 50 })).outcome, 'unknown');
    });

    it('twice: the first one counts', async () => {
      await start({ model: ENHANCED });
      bench.ied.onControl = (call) => {
        call.accept();
        call.terminate();
        call.negative({ addCause: 1 });
      };
      assert.equal((await command()).outcome, 'done');
    });

    it('without a command: nothing happens, and the session goes on', async () => {
      await start({ model: ENHANCED });
      bench.ied.onControl = (call) => {
        call.accept();
        call.terminate();
      };
      await command();
      bench.ied.calls[0]?.terminate();
      bench.ied.calls[0]?.negative({ addCause: 1 });
      assert.equal((await command()).outcome, 'done');
      assert.equal(bench.session.state, 'online');
    });

    it('of the command before, late: not that of this one', async () => {
      await start({ model: ENHANCED });
      bench.ied.onControl = (call) => call.accept();
      await command({ terminationTimeout: 20 });
      bench.ied.onControl = (call) => {
        call.accept();
        bench.ied.calls[0]?.terminate();
      };
      assert.equal((await command({ terminationTimeout: 50 })).outcome, 'unknown');
    });

    it('that cannot be read says nothing', async () => {
      await start({ model: ENHANCED });
      const garbage: MmsData[] = [
        { type: 'boolean', value: true },
        { type: 'structure', items: [] },
        { type: 'structure', items: [{ type: 'visible-string', value: 'LD/CSWI1$CO$Pos$Oper' }] },
      ];
      bench.ied.onControl = (call) => {
        call.accept();
        for (const data of garbage) call.report([{ scope: 'vmd', item: 'LastApplError' }], [data]);
        call.report([{ scope: 'vmd', item: 'LastApplError' }], []);
        call.terminate();
      };
      assert.equal((await command()).outcome, 'done');
    });
  });

  describe('an Operate is never sent again, and what is not known is unknown', () => {
    for (const [name, model] of [
      ['normal', 1],
      ['enhanced', ENHANCED],
    ] as const) {
      it(`no answer (${name} security)`, async () => {
        await start({ model }, 150);
        bench.ied.onControl = () => undefined;
        const outcome = await command();
        assert.equal(outcome.outcome, 'unknown');
        assert.equal(outcome.error?.code, 'IEC61850_TIMEOUT');
        assert.deepEqual(services(), ['Oper']);
      });

      it(`the link lost before the answer (${name} security)`, async () => {
        await start({ model });
        bench.ied.onControl = (call) => call.close();
        const outcome = await command();
        assert.equal(outcome.outcome, 'unknown');
        assert.equal(outcome.error?.code, 'IEC61850_CONNECTION');
        const online = new Promise<void>((resolve) => {
          bench.session.on('state', ({ state }) => {
            if (state === 'online') resolve();
          });
        });
        await online;
        assert.deepEqual(services(), ['Oper']);
      });
    }

    it('the link lost before the termination', async () => {
      await start({ model: ENHANCED });
      bench.ied.onControl = (call) => {
        call.accept();
        setTimeout(() => call.close(), 20);
      };
      const outcome = await command();
      assert.equal(outcome.outcome, 'unknown');
      assert.equal(outcome.step, 'termination');
    });

    it('the answer that comes too late changes nothing', async () => {
      await start({ model: 1 }, 150);
      bench.ied.onControl = () => undefined;
      assert.equal((await command()).outcome, 'unknown');
      bench.ied.calls[0]?.accept();
      bench.ied.onControl = (call) => call.accept();
      assert.equal((await command()).outcome, 'done');
      assert.deepEqual(services(), ['Oper', 'Oper']);
    });

    it('the answer that comes twice', async () => {
      await start({ model: 1 });
      bench.ied.onControl = (call) => {
        call.accept();
        call.refuse();
      };
      assert.equal((await command()).outcome, 'done');
      assert.equal((await command()).outcome, 'done');
      assert.equal(bench.session.state, 'online');
    });

    it('nothing is queued while the IED is away', async () => {
      await start({ model: 1 });
      const lost = new Promise<void>((resolve) => {
        bench.session.on('state', ({ state }) => {
          if (state === 'offline') resolve();
        });
      });
      await bench.ied.close();
      await lost;
      const outcome = await command();
      assert.equal(outcome.outcome, 'refused');
      assert.equal(outcome.sent, false);
      assert.match(outcome.error?.message ?? '', /not connected/);
    });
  });

  describe('a refusal', () => {
    it('comes with its AddCause in words that tell what to do', async () => {
      await start({ model: 1 });
      bench.ied.onControl = (call) => {
        call.lastApplError({ addCause: 2 });
        call.refuse();
      };
      const outcome = await command();
      assert.equal(outcome.outcome, 'refused');
      assert.equal(outcome.addCause?.code, 2);
      assert.match(outcome.error?.message ?? '', /switching hierarchy: the bay is in local/);
      assert.match(outcome.error?.hint ?? '', /remote/);
      assert.equal(outcome.controlError, 'unknown error');
    });

    it('is explained by a LastApplError that comes behind it', async () => {
      await start({ model: 1 });
      bench.ied.onControl = (call) => {
        call.refuse();
        setTimeout(() => call.lastApplError({ addCause: 10 }), 20);
      };
      assert.equal((await command()).addCause?.name, 'Blocked-by-interlocking');
    });

    it('is explained by a negative termination that comes behind it', async () => {
      await start({ model: ENHANCED });
      bench.ied.onControl = (call) => {
        call.refuse();
        setTimeout(() => call.negative({ addCause: 10 }), 20);
      };
      const outcome = await command();
      assert.equal(outcome.outcome, 'refused');
      assert.equal(outcome.error?.code, 'IEC61850_CONTROL_BLOCKED_BY_INTERLOCKING');
    });

    it('without any LastApplError keeps its DataAccessError', async () => {
      await start({ model: 1 });
      bench.ied.onControl = (call) => call.refuse(7);
      const outcome = await command();
      assert.equal(outcome.error?.code, 'IEC61850_TYPE_INCONSISTENT');
      assert.equal(outcome.addCause, undefined);
    });

    it('of Cancel does not end the Operate that goes on', async () => {
      await start({ model: ENHANCED });
      bench.ied.onControl = (call) => {
        if (call.service === 'Oper') call.accept();
        else {
          call.lastApplError({ addCause: 1, object: 'LD/CSWI1$CO$Pos$Cancel' });
          call.refuse();
        }
      };
      const operate = command();
      while (bench.ied.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
      const cancel = await command({ action: 'cancel' });
      assert.equal(cancel.outcome, 'refused');
      assert.equal(cancel.addCause?.name, 'Not-supported');
      bench.ied.calls[0]?.terminate();
      assert.equal((await operate).outcome, 'done');
    });
  });

  describe('a time-activated operate', () => {
    it('carries operTm, and with normal security is done when the IED took it', async () => {
      await start({ model: 1, operTm: true });
      const at = Date.now() + 60_000;
      const outcome = await command({ operateAt: new Date(at) });
      assert.equal(outcome.outcome, 'done');
      assert.equal(outcome.scheduled, new Date(at).toISOString());
      const time = items()[1];
      assert.ok(time?.type === 'utc-time' && time.seconds === Math.floor(at / 1000));
    });

    it('with enhanced security waits for its end, and can be cancelled', async () => {
      await start({ model: ENHANCED, operTm: true });
      const operate = command({ operateAt: Date.now() + 60_000 });
      while (bench.ied.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
      const cancel = await command({ action: 'cancel' });
      assert.equal(cancel.outcome, 'done');
      assert.deepEqual(items(1)[1], items(0)[1]);
      const outcome = await operate;
      assert.equal(outcome.outcome, 'refused');
      assert.equal(outcome.error?.code, 'IEC61850_CONTROL_CANCELLED');
    });

    for (const [name, operateAt] of [
      ['has passed', Date.now() - 1],
      ['is no time', 'soon'],
      ['lies too far ahead', Date.now() + 2 * 86_400_000],
    ] as const) {
      it(`is refused when its time ${name}`, async () => {
        await start({ model: 1, operTm: true });
        const outcome = await command({ operateAt });
        assert.equal(outcome.error?.code, 'IEC61850_ARGUMENT');
        assert.deepEqual(services(), []);
      });
    }

    it('is refused when the IED has no operTm', async () => {
      await start({ model: 1 });
      assert.match((await command({ operateAt: Date.now() + 1000 })).error?.message ?? '', /operTm/);
      assert.deepEqual(services(), []);
    });
  });

  describe('the server closes in the middle of', () => {
    for (const [service, model, request, outcome] of [
      ['SBO', 2, { action: 'select', value: undefined }, 'unknown'],
      ['SBO', 2, {}, 'refused'],
      ['SBOw', 4, { action: 'select' }, 'unknown'],
      ['SBOw', 4, {}, 'refused'],
      ['Oper', 1, {}, 'unknown'],
      ['Cancel', 1, { action: 'cancel' }, 'unknown'],
    ] as const) {
      it(`${service}${'action' in request ? '' : ' of an operate'}: ${outcome}, and it is not sent again`, async () => {
        await start({ model });
        bench.ied.onControl = (call) => call.close();
        const back = new Promise<void>((resolve) => {
          bench.session.on('state', ({ state }) => {
            if (state === 'online') resolve();
          });
        });
        assert.equal((await command(request)).outcome, outcome);
        await back;
        assert.deepEqual(services(), [service]);
      });
    }
  });

  describe('feedback', () => {
    it('is there when the status value follows', async () => {
      await start({ model: 1 });
      bench.ied.onControl = (call) => {
        call.accept();
        bench.ied.status({ type: 'bit-string', bits: '10' });
      };
      const outcome = await command({ feedback: { timeout: 2000 } });
      assert.equal(outcome.outcome, 'done');
      assert.equal(outcome.feedback?.value, 2);
    });

    it('is unknown when it does not', async () => {
      await start({ model: 1 });
      const outcome = await command({ feedback: { timeout: 50 } });
      assert.equal(outcome.outcome, 'unknown');
      assert.equal(outcome.step, 'feedback');
      assert.deepEqual(outcome.feedback?.followed, false);
      assert.equal(outcome.error?.code, 'IEC61850_CONTROL_NO_FEEDBACK');
    });

    it('of a step position goes in the direction of the command', async () => {
      const posVal = (value: number): MmsData => ({ type: 'structure', items: [{ type: 'integer', value }] });
      await start({ model: 1, value: TWO_BITS, status: { valWTr: structure({ posVal: INT8 }) } });
      bench.ied.status(posVal(4));
      bench.ied.onControl = (call) => {
        call.accept();
        bench.ied.status(posVal(5));
      };
      const outcome = await command({ value: 'raise', feedback: { timeout: 1000 } });
      assert.equal(outcome.outcome, 'done');
      assert.equal(outcome.cdc, 'BSC');
      assert.equal((await command({ value: 'lower', feedback: { timeout: 20 } })).outcome, 'unknown');
    });

    it('is not waited for in test mode, where equipment does not move', async () => {
      await start({ model: 1 });
      const outcome = await command({ test: true, feedback: { timeout: 1000 } });
      assert.equal(outcome.outcome, 'done');
      assert.equal(outcome.feedback, undefined);
    });

    it('of an object without a status is refused before anything is sent', async () => {
      await start({ model: 1, status: { opRcvd: BOOLEAN } });
      const outcome = await command({ value: true, feedback: { timeout: 1000 } });
      assert.equal(outcome.outcome, 'refused');
      assert.deepEqual(services(), []);
    });
  });
});
