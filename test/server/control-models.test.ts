import assert from 'node:assert/strict';
import type { SinonFakeTimers } from 'sinon';
import type { ControlAnswer, ControlCommand } from '../../src/server/control/control-handler.js';
import { AccessError } from '../../src/server/selection.js';
import { closeServer, ControlClient, controlModel, off, on, stoppedClock } from './control-fixture.js';

const accept = (): ControlAnswer => ({ accept: true });
const { objectAccessDenied, objectValueInvalid, temporarilyUnavailable, typeInconsistent } = AccessError;

describe('the control models of a server', () => {
  let clock: SinonFakeTimers;
  let client: ControlClient;
  let asked: ControlCommand[];

  beforeEach(() => {
    clock = stoppedClock();
    client = ControlClient.connect();
    asked = [];
    client.core.decideControls((command) => {
      asked.push(command);
      return { accept: true };
    });
  });
  afterEach(async () => {
    await closeServer(client, clock);
    assert.deepEqual(client.failures, []);
  });

  const status = (reference: string, value: unknown): void => {
    const { errors } = client.core.update([{ reference: `CTLLD1/${reference}`, value }], Date.now());
    assert.deepEqual(errors, []);
  };

  it('status-only: nothing can be written', () => {
    assert.equal(client.write('CTLLD1/GGIO1$CO$SPCSO5$Oper', on), AccessError.objectNonExistent);
    // Where the model has an Oper all the same, ctlModel decides.
    status('GGIO1.SPCSO1.ctlModel[CF]', 0);
    assert.equal(client.operate('GGIO1.SPCSO1'), objectAccessDenied);
    assert.equal(client.addCause(), 1);
    assert.deepEqual(asked, []);
  });

  it('direct with normal security: operate', () => {
    assert.equal(client.operate('GGIO1.SPCSO1', { ctlNum: 7, orCat: 2, orIdent: 'hmi' }), undefined);
    assert.deepEqual(client.arrivals(), [{ arrived: 'answer' }]);
    assert.equal(client.shown('GGIO1.SPCSO1.ctlNum[ST]'), 7);
    assert.equal(client.shown('GGIO1.SPCSO1.origin.orCat[ST]'), 2);
    assert.equal(client.shown('GGIO1.SPCSO1.origin.orIdent[ST]'), Buffer.from('hmi').toString('hex'));
    assert.deepEqual(client.told, ['operate accepted']);
    // What was written is read.
    const oper = client.value('CTLLD1/GGIO1$CO$SPCSO1$Oper$ctlNum');
    assert.deepEqual(oper, { type: 'unsigned', value: 7 });
  });

  it('tells the owner everything that the client said', () => {
    client.operate('GGIO1.SPCSO1', { ctlNum: 9, orCat: 3, orIdent: '\x01\x02', check: '01', t: Date.UTC(2026, 0, 30) });
    const [command] = asked;
    assert.deepEqual(command, {
      client: client.connection.client,
      reference: 'CTLLD1/GGIO1.SPCSO1',
      cdc: 'SPC',
      kind: 'operate',
      model: 'direct-with-normal-security',
      value: true,
      text: 'on',
      origin: { category: 3, identifier: '0102' },
      ctlNum: 9,
      test: false,
      interlockCheck: true,
      synchroCheck: false,
      time: '2026-01-30T00:00:00.000Z',
      operateAt: null,
      pulse: { cmdQual: 'persistent', onDuration: 0, offDuration: 0, pulses: 1 },
    });
    client.operate('GGIO1.SPCSO1', { check: '10' });
    assert.deepEqual([asked[1]?.interlockCheck, asked[1]?.synchroCheck], [false, true]);
  });

  it('SBO with normal security: select by reading, operate once', () => {
    assert.equal(client.operate('GGIO1.SPCSO2'), objectAccessDenied);
    assert.equal(client.addCause(), 18);
    assert.equal(client.select('GGIO1.SPCSO2'), 'CTLLD1/GGIO1$CO$SPCSO2$SBO');
    assert.equal(client.shown('GGIO1.SPCSO2.stSeld[ST]'), true);
    assert.equal(client.operate('GGIO1.SPCSO2'), undefined);
    assert.equal(client.shown('GGIO1.SPCSO2.stSeld[ST]'), false);
    assert.equal(client.operate('GGIO1.SPCSO2'), objectAccessDenied);
    assert.equal(client.addCause(), 18);
    assert.deepEqual(client.told, ['operate refused', 'select accepted', 'operate accepted', 'operate refused']);
  });

  it('SBO is read together with other values, and a whole object is read without selecting it', () => {
    const [whole] = client.read('CTLLD1/GGIO1$CO$SPCSO2');
    assert.ok(whole?.success);
    assert.equal(client.shown('GGIO1.SPCSO2.stSeld[ST]'), false);
    client.core.decideControls(() => Promise.resolve({ accept: true }));
    const results = client.read('CTLLD1/GGIO1$ST$SPCSO1$stVal', 'CTLLD1/GGIO1$CO$SPCSO1$Oper$Test');
    assert.ok(results.every(({ success }) => success));
  });

  it('direct with enhanced security: a positive termination when the status has followed', async () => {
    assert.equal(client.operate('GGIO1.SPCSO3', { ctlNum: 3 }), undefined);
    assert.deepEqual(client.arrivals(), [{ arrived: 'answer' }]);
    await clock.tickAsync(1000);
    assert.deepEqual(client.arrivals(), []);
    status('GGIO1.SPCSO3[ST]', true);
    const [end, ...more] = client.arrivals();
    assert.ok(end?.arrived === 'termination');
    assert.equal(end.object, 'CTLLD1/GGIO1$CO$SPCSO3$Oper');
    assert.deepEqual(end.written, client.value('CTLLD1/GGIO1$CO$SPCSO3$Oper'));
    assert.equal(end.explanation, undefined);
    assert.deepEqual(more, []);
    assert.deepEqual(client.told, ['operate accepted', 'operate done']);
  });

  it('the termination comes after the answer, though the owner sets the status while it decides', async () => {
    client.core.decideControls(() => {
      status('GGIO1.SPCSO3[ST]', true);
      return { accept: true };
    });
    assert.equal(client.operate('GGIO1.SPCSO3'), undefined);
    await clock.tickAsync(1);
    assert.deepEqual(
      client.arrivals().map(({ arrived }) => arrived),
      ['answer', 'termination'],
    );
  });

  it('time limit over: a negative termination when the status does not follow within operTimeout', async () => {
    client.operate('GGIO1.SPCSO3', { ctlNum: 4, orCat: 2, orIdent: 'x' });
    client.arrivals();
    await clock.tickAsync(2999);
    assert.deepEqual(client.arrivals(), []);
    await clock.tickAsync(1);
    const [end] = client.arrivals();
    assert.ok(end?.arrived === 'termination');
    assert.deepEqual(end.explanation, {
      object: 'CTLLD1/GGIO1$CO$SPCSO3$Oper',
      error: 2,
      orCat: 2,
      orIdent: 'x',
      ctlNum: 4,
      addCause: 16,
    });
    assert.deepEqual(client.told, ['operate accepted', 'operate failed']);
    status('GGIO1.SPCSO3[ST]', true);
    assert.deepEqual(client.arrivals(), []);
  });

  it('the owner may tell the end before the status does, and why it failed', async () => {
    client.core.decideControls(() => ({ accept: true, completion: Promise.resolve() }));
    client.operate('GGIO1.SPCSO3');
    await clock.tickAsync(1);
    assert.equal(client.arrivals().at(-1)?.arrived, 'termination');
    client.core.decideControls(() => ({
      accept: true,
      completion: Promise.resolve({ addCause: 'blocked-by-synchrocheck' }),
    }));
    client.operate('GGIO1.SPCSO3');
    await clock.tickAsync(1);
    const end = client.arrivals().at(-1);
    assert.ok(end?.arrived === 'termination');
    assert.equal(end.explanation?.addCause, 11);
    client.core.decideControls(() => ({ accept: true, completion: Promise.reject(new Error('drive')) }));
    client.operate('GGIO1.SPCSO3');
    await clock.tickAsync(1);
    const failed = client.arrivals().at(-1);
    assert.ok(failed?.arrived === 'termination' && failed.explanation?.addCause === 0);
    assert.ok(client.events.some(([name]) => name === 'error'));
  });

  it('takes no further command while one is on its way', async () => {
    const other = client.another();
    client.operate('GGIO1.SPCSO3');
    assert.equal(client.operate('GGIO1.SPCSO3'), temporarilyUnavailable);
    assert.equal(client.addCause(), 12);
    assert.equal(other.operate('GGIO1.SPCSO3'), temporarilyUnavailable);
    assert.equal(other.addCause(), 12);
    status('GGIO1.SPCSO3[ST]', true);
    await clock.tickAsync(1);
    assert.equal(other.operate('GGIO1.SPCSO3', { ctlVal: off }), undefined);
  });

  it('SBO with enhanced security: select with value, operate the same, termination', async () => {
    assert.equal(client.operate('GGIO1.SPCSO4'), objectAccessDenied);
    assert.equal(client.selectWithValue('GGIO1.SPCSO4'), undefined);
    assert.equal(client.shown('GGIO1.SPCSO4.stSeld[ST]'), true);
    assert.deepEqual([asked[0]?.kind, asked[0]?.value], ['select', true]);
    assert.equal(client.operate('GGIO1.SPCSO4', { t: Date.now() + 500 }), undefined);
    assert.equal(client.shown('GGIO1.SPCSO4.stSeld[ST]'), true);
    client.arrivals();
    await clock.tickAsync(1);
    status('GGIO1.SPCSO4[ST]', true);
    assert.equal(client.arrivals()[0]?.arrived, 'termination');
    assert.equal(client.shown('GGIO1.SPCSO4.stSeld[ST]'), false);
    assert.equal(client.operate('GGIO1.SPCSO4'), objectAccessDenied);
    assert.equal(client.addCause(), 18);
  });

  for (const [what, other] of [
    ['value', { ctlVal: off }],
    ['origin', { orIdent: 'somebody' }],
    ['orCat', { orCat: 2 }],
    ['ctlNum', { ctlNum: 2 }],
    ['Check', { check: '11' }],
  ] as const) {
    it(`an operate with another ${what} than was selected is refused, and ends the selection`, () => {
      client.selectWithValue('GGIO1.SPCSO4');
      assert.equal(client.operate('GGIO1.SPCSO4', other), objectValueInvalid);
      assert.equal(client.addCause(), 26);
      assert.equal(client.shown('GGIO1.SPCSO4.stSeld[ST]'), false);
      assert.equal(client.operate('GGIO1.SPCSO4'), objectAccessDenied);
    });
  }

  it('services that the model does not have are refused', () => {
    status('GGIO1.SPCSO4.ctlModel[CF]', 3);
    assert.equal(client.selectWithValue('GGIO1.SPCSO4'), objectAccessDenied);
    assert.equal(client.addCause(), 1);
    status('GGIO1.SPCSO2.ctlModel[CF]', 1);
    assert.equal(client.select('GGIO1.SPCSO2'), '');
  });

  it('a control model that is changed at run time holds from then on', () => {
    const writing = ControlClient.connect({ writable: ['CF'] });
    writing.core.decideControls(accept);
    assert.equal(writing.operate('GGIO1.SPCSO1'), undefined);
    assert.equal(writing.write('CTLLD1/GGIO1$CF$SPCSO1$ctlModel', { type: 'integer', value: 2 }), undefined);
    assert.equal(writing.operate('GGIO1.SPCSO1'), objectAccessDenied);
    assert.equal(writing.addCause(), 18);
    assert.equal(writing.write('CTLLD1/GGIO1$CF$SPCSO1$ctlModel', { type: 'integer', value: 0 }), undefined);
    assert.equal(writing.operate('GGIO1.SPCSO1'), objectAccessDenied);
    assert.equal(writing.addCause(), 1);
  });

  it('takes the whole structure or nothing', () => {
    assert.equal(client.write('CTLLD1/GGIO1$CO$SPCSO1$Oper$ctlVal', on), objectAccessDenied);
    assert.equal(client.write('CTLLD1/GGIO1$CO$SPCSO1$Oper', on), typeInconsistent);
    assert.equal(client.write('CTLLD1/GGIO1$CO$SPCSO1', { type: 'structure', items: [] }), objectAccessDenied);
    assert.equal(
      client.write('CTLLD1/GGIO1$CO$SPCSO2$SBO', { type: 'visible-string', value: 'x' }),
      objectAccessDenied,
    );
    assert.equal(client.operate('GGIO1.SPCSO1', { ctlVal: { type: 'integer', value: 1 } }), typeInconsistent);
    assert.deepEqual(asked, []);
  });

  it('an origin category that does not exist is explained', () => {
    assert.equal(client.operate('GGIO1.SPCSO1', { orCat: 9 }), objectValueInvalid);
    assert.equal(client.addCause(), 26);
    assert.deepEqual(client.told, ['operate refused']);
  });

  it('Edition 1 clients are told AddCauses of Edition 1', () => {
    const first = ControlClient.connect({ iedModel: controlModel({ edition: '1' }) });
    first.core.decideControls(accept);
    first.selectWithValue('GGIO1.SPCSO4');
    assert.equal(first.operate('GGIO1.SPCSO4', { ctlNum: 200 }), objectValueInvalid);
    assert.equal(first.addCause(), 0);
    first.selectWithValue('GGIO1.SPCSO4');
    assert.equal(first.selectWithValue('GGIO1.SPCSO4'), temporarilyUnavailable);
    assert.equal(first.addCause(), 3);
    void first.core.stop();
  });

  it('a negative answer is explained before it comes, by all that the client said', () => {
    client.core.decideControls(() => ({ addCause: 'Blocked-by-interlocking' }));
    assert.equal(client.operate('GGIO1.SPCSO1', { ctlNum: 12, orCat: 3, orIdent: 'desk' }), objectAccessDenied);
    assert.deepEqual(client.arrivals(), [
      {
        arrived: 'explanation',
        explanation: {
          object: 'CTLLD1/GGIO1$CO$SPCSO1$Oper',
          error: 1,
          orCat: 3,
          orIdent: 'desk',
          ctlNum: 12,
          addCause: 10,
        },
      },
      { arrived: 'answer' },
    ]);
    assert.equal(client.controlled[0]?.addCause?.name, 'Blocked-by-interlocking');
  });
});
