import assert from 'node:assert/strict';
import { addCause } from '../../../src/model/add-cause.js';
import type { FunctionalConstraint } from '../../../src/model/functional-constraint.js';
import type { DataAttribute, DataObject, IedModel } from '../../../src/model/ied-model.js';
import type { Controlled } from '../../../src/server/control/control-handler.js';
import { da, dataObject, logicalNode, POSITIONS, struct, testModel } from '../fixture.js';
import { Loopback } from '../loopback.js';

const SR = 'SR' as FunctionalConstraint;
const SERVICES = Object.fromEntries(Array.from({ length: 56 }, (_, i) => [i, `service-${i}`]));
const STATUS = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [i, `status-${i}`]));
const common: DataAttribute[] = [
  da(SR, 'objRef', 'ObjRef', { dupd: true }),
  da(SR, 'serviceType', 'Enum', { enumLiterals: SERVICES }),
  da(SR, 'errorCode', 'Enum', { enumLiterals: STATUS }),
  da(SR, 'originatorID', 'Octet64'),
  da(SR, 't', 'Timestamp'),
];
const tracker = (name: string, cdc: string, ...more: DataAttribute[]): DataObject =>
  dataObject(name, cdc, [...common, ...more]);

const TRACKERS = [
  tracker('GenTrk', 'CST'),
  tracker(
    'DpcTrk',
    'CTS',
    da(SR, 'ctlVal', 'BOOLEAN'),
    struct(
      SR,
      'origin',
      da(SR, 'orCat', 'Enum', { enumLiterals: { 2: 'station', 3: 'remote' } }),
      da(SR, 'orIdent', 'Octet64'),
    ),
    da(SR, 'ctlNum', 'INT8U'),
    da(SR, 'T', 'Timestamp'),
    da(SR, 'Test', 'BOOLEAN'),
    da(SR, 'Check', 'Check'),
    da(SR, 'respAddCause', 'Enum', { enumLiterals: { 10: 'interlocked', 25: 'none' } }),
  ),
  tracker('ApcFTrk', 'CTS', struct(SR, 'ctlVal', da(SR, 'f', 'FLOAT32'))),
  tracker(
    'UrcbTrk',
    'UTS',
    da(SR, 'rptID', 'VisString129'),
    da(SR, 'rptEna', 'BOOLEAN'),
    da(SR, 'confRev', 'INT32U'),
    da(SR, 'gi', 'BOOLEAN'),
  ),
  tracker('SgcbTrk', 'STS', da(SR, 'numOfSG', 'INT8U'), da(SR, 'actSG', 'INT8U')),
];

function model(): IedModel {
  const base = testModel();
  const setting = dataObject('Set', 'ING', [da('SP', 'setVal', 'INT32')]);
  return {
    ...base,
    logicalDevices: [
      {
        name: 'LD',
        logicalNodes: [
          logicalNode('LLN0', [], {
            dataSets: [{ ...POSITIONS, members: [{ reference: 'LD/GGIO1.Set', fc: 'SP' }] }],
            reportControlBlocks: [
              { name: 'urcb01', buffered: false, dataSet: POSITIONS.name, rptId: 'report', confRev: 7 },
            ],
            settingGroupControlBlock: { numberOfSettingGroups: 3, activeSettingGroup: 1 },
          }),
          logicalNode('GGIO1', [setting]),
          logicalNode('LTRK1', TRACKERS),
        ],
      },
    ],
  };
}

const COMMAND: Controlled = {
  client: { address: '10.0.0.9', port: 1 },
  reference: 'LD/CSWI1.Pos',
  cdc: 'DPC',
  kind: 'operate',
  model: 'sbo-with-enhanced-security',
  value: true,
  text: 'close',
  origin: { category: 3, identifier: 'desk' },
  ctlNum: 42,
  test: false,
  interlockCheck: true,
  synchroCheck: false,
  time: '2026-01-02T03:04:05.000Z',
  operateAt: null,
  result: 'accepted',
};

describe('service tracking', () => {
  const open = (): Loopback => Loopback.open({ iedModel: model(), writable: ['SP', 'SG'] });
  const shown = (bench: Loopback, name: string): Record<string, unknown> =>
    bench.core.read(`LD/LTRK1.${name}[SR]`).value as Record<string, unknown>;
  const text = (hex: unknown): string => Buffer.from(String(hex as string), 'hex').toString();

  it('shows a command with its parameters, and how it was answered', () => {
    const bench = open();
    bench.core.access.tell('controlled', COMMAND);
    const { originatorID, origin, t, ...rest } = shown(bench, 'DpcTrk');
    assert.deepEqual(rest, {
      objRef: 'LD/CSWI1.Pos',
      serviceType: 46,
      errorCode: 0,
      ctlVal: true,
      ctlNum: 42,
      T: '2026-01-02T03:04:05.000Z',
      Test: false,
      Check: '01',
      respAddCause: 25,
    });
    assert.deepEqual([text(originatorID), (origin as { orCat: number }).orCat], ['desk', 3]);
    assert.ok(Math.abs(Date.parse(String(t as string)) - Date.now()) < 60_000);
  });

  for (const [what, change, wanted] of [
    ['a select with value', { kind: 'select' }, [44, 0, 25]],
    ['a select', { kind: 'select', model: 'sbo-with-normal-security' }, [43, 0, 25]],
    ['a cancel', { kind: 'cancel' }, [45, 0, 25]],
    ['a time-activated operate', { result: 'scheduled' }, [48, 0, 25]],
    ['a termination', { result: 'done' }, [47, 0, 25]],
    ['a refusal', { result: 'refused', addCause: addCause(10) }, [46, 4, 10]],
    ['a lock of another client', { result: 'refused', addCause: addCause(27) }, [46, 8, 0]],
  ] as const) {
    it(`tells ${what} apart`, () => {
      const bench = open();
      bench.core.access.tell('controlled', { ...COMMAND, ...change });
      const { serviceType, errorCode, respAddCause } = shown(bench, 'DpcTrk');
      // A literal that the file left out stays what it was: the lowest one.
      assert.deepEqual([serviceType, errorCode, respAddCause], wanted[2] === 0 ? [...wanted.slice(0, 2), 10] : wanted);
    });
  }

  it('shows analogue commands, and those of classes without a tracking object in the general one', () => {
    const bench = open();
    bench.core.access.tell('controlled', { ...COMMAND, cdc: 'APC', value: 12.5 });
    assert.deepEqual(shown(bench, 'ApcFTrk').ctlVal, { f: 12.5 });
    bench.core.access.tell('controlled', { ...COMMAND, cdc: 'SPC', reference: 'LD/GGIO1.SPCSO1' });
    assert.equal(shown(bench, 'GenTrk').objRef, 'LD/GGIO1.SPCSO1');
  });

  it('shows writes of values, taken and refused', () => {
    const bench = open();
    assert.equal(bench.write('LD/GGIO1$SP$Set$setVal', { type: 'integer', value: 5 }), undefined);
    const { objRef, serviceType, errorCode } = shown(bench, 'GenTrk');
    assert.deepEqual([objRef, serviceType, errorCode], ['LD/GGIO1.Set.setVal', 8, 0]);
    assert.notEqual(bench.write('LD/GGIO1$SP$Set$setVal', { type: 'boolean', value: true }), undefined);
  });

  it('shows a report control block as it stands after it was enabled', () => {
    const bench = open();
    assert.equal(bench.write('LD/LLN0$RP$urcb01$RptEna', { type: 'boolean', value: true }), undefined);
    const { objRef, serviceType, rptID, rptEna, confRev } = shown(bench, 'UrcbTrk');
    assert.deepEqual([objRef, serviceType, rptID, rptEna, confRev], ['LD/LLN0.urcb01', 26, 'report', true, 7]);
  });

  it('shows the setting group that became active', () => {
    const bench = open();
    assert.equal(bench.write('LD/LLN0$SP$SGCB$ActSG', { type: 'unsigned', value: 2 }), undefined);
    const { objRef, serviceType, numOfSG, actSG } = shown(bench, 'SgcbTrk');
    assert.deepEqual([objRef, serviceType, numOfSG, actSG], ['LD/LLN0.SGCB', 16, 3, 2]);
  });

  it('is left alone in models without it', () => {
    const bench = Loopback.open({ writable: ['SP'] });
    assert.equal(bench.write('TESTLD1/GGIO1$SP$SINT32$setVal', { type: 'integer', value: 5 }), undefined);
  });
});
