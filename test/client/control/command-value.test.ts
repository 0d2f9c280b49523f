import assert from 'node:assert/strict';
import { ADD_CAUSES, addCause } from '../../../src/model/add-cause.js';
import { commandValue } from '../../../src/client/control/command-value.js';
import type { ControlClass } from '../../../src/model/control-model.js';
import type { MmsData } from '../../../src/mms/data.js';
import type { TypeDescription } from '../../../src/mms/type-description.js';
import { BOOLEAN, FLOAT, INT32, INT8, structure, TWO_BITS } from './control-ied.js';

const ANALOGUE = structure({ f: FLOAT });
const BOTH = structure({ i: INT32, f: FLOAT });
const LITERALS = { 1: 'on', 2: 'blocked', 3: 'test' };

const bool = (value: boolean): MmsData => ({ type: 'boolean', value });
const bits = (text: string): MmsData => ({ type: 'bit-string', bits: text });
const int = (value: number): MmsData => ({ type: 'integer', value });

describe('The value of a command', () => {
  const accepted: [ControlClass, TypeDescription, unknown, MmsData][] = [
    ['SPC', BOOLEAN, true, bool(true)],
    ['SPC', BOOLEAN, 'ON', bool(true)],
    ['SPC', BOOLEAN, ' off ', bool(false)],
    ['SPC', BOOLEAN, 1, bool(true)],
    ['SPC', BOOLEAN, '0', bool(false)],
    ['SPC', TWO_BITS, true, bits('10')],
    ['DPC', BOOLEAN, true, bool(true)],
    ['DPC', BOOLEAN, 'close', bool(true)],
    ['DPC', BOOLEAN, 'Closed', bool(true)],
    ['DPC', BOOLEAN, 'open', bool(false)],
    ['DPC', BOOLEAN, 'off', bool(false)],
    ['DPC', TWO_BITS, 'open', bits('01')],
    ['INC', INT32, -5, int(-5)],
    ['INC', INT32, '17', int(17)],
    ['ISC', INT8, 9, int(9)],
    ['ENC', INT8, 3, int(3)],
    ['ENC', INT8, 'Blocked', int(2)],
    ['BSC', TWO_BITS, 'raise', bits('10')],
    ['BSC', TWO_BITS, 'lower', bits('01')],
    ['BSC', TWO_BITS, 'stop', bits('00')],
    ['BAC', TWO_BITS, 'higher', bits('10')],
    ['BAC', INT8, 'lower', int(1)],
    ['APC', ANALOGUE, 12.5, { type: 'structure', items: [{ type: 'float', value: 12.5, width: 32 }] }],
    ['APC', FLOAT, '1e1', { type: 'float', value: 10, width: 32 }],
    ['APC', BOTH, 10, { type: 'structure', items: [int(100), { type: 'float', value: 10, width: 32 }] }],
  ];
  for (const [cdc, type, value, data] of accepted) {
    it(`${cdc} by ${type.type}: ${JSON.stringify(value)}`, () => {
      const scaling = { scaleFactor: 0.1, offset: 0 };
      const made = commandValue(value, { what: 'X', cdc, type, enumLiterals: LITERALS, scaling });
      assert.deepEqual(made.data, data);
    });
  }

  const refused: [ControlClass, TypeDescription, unknown][] = [
    ['SPC', BOOLEAN, 2],
    ['SPC', BOOLEAN, 'open'],
    ['SPC', BOOLEAN, ''],
    ['SPC', BOOLEAN, { on: true }],
    ['SPC', INT8, true],
    ['DPC', BOOLEAN, 0],
    ['DPC', BOOLEAN, 1],
    ['DPC', BOOLEAN, 2],
    ['DPC', BOOLEAN, '1'],
    ['DPC', BOOLEAN, 'intermediate'],
    ['DPC', BOOLEAN, 'constructor'],
    ['INC', INT32, 1.5],
    ['INC', INT32, true],
    ['INC', INT32, 'ten'],
    ['INC', INT32, 2 ** 31],
    ['INC', INT32, ''],
    ['ISC', INT8, 128],
    ['ENC', INT8, 'off!'],
    ['ENC', INT8, true],
    ['BSC', TWO_BITS, 1],
    ['BSC', TWO_BITS, true],
    ['BSC', BOOLEAN, 'stop'],
    ['APC', ANALOGUE, NaN],
    ['APC', ANALOGUE, Infinity],
    ['APC', ANALOGUE, '12,5'],
    ['APC', ANALOGUE, true],
    ['APC', ANALOGUE, '0x10'],
    ['APC', structure({ x: FLOAT }), 1],
  ];
  for (const [cdc, type, value] of refused) {
    it(`${cdc} by ${type.type} refuses ${JSON.stringify(value)}`, () => {
      assert.throws(() => commandValue(value, { what: 'LD/LN.DO', cdc, type, enumLiterals: LITERALS }), {
        code: 'IEC61850_ARGUMENT',
        message: /LD\/LN\.DO/,
      });
    });
  }

  it('stays within minVal and maxVal of the IED; equal ones are not configured', () => {
    const context = { what: 'X', cdc: 'APC', type: ANALOGUE } as const;
    assert.throws(() => commandValue(61, { ...context, range: { min: 0, max: 60 } }), /range 0 to 60/);
    assert.throws(() => commandValue(-1, { ...context, range: { min: 0 } }), /range/);
    assert.doesNotThrow(() => commandValue(60, { ...context, range: { min: 0, max: 60 } }));
    assert.doesNotThrow(() => commandValue(5, { ...context, range: { min: 0, max: 0 } }));
  });
});

describe('AddCause', () => {
  it('has for each of its numbers a name, a meaning and an action, and a short text for the status line', () => {
    assert.equal(ADD_CAUSES, 28);
    for (let code = 0; code < ADD_CAUSES; code++) {
      const { name, short, meaning, action } = addCause(code);
      assert.ok(name.length > 0 && meaning.length > 0 && action.endsWith('.'), name);
      assert.ok(short.length < 20, short);
    }
    assert.equal(addCause(18).name, 'Object-not-selected');
    assert.equal(addCause(27).name, 'Locked-by-other-client');
  });

  it('that no edition has is shown by its number', () => {
    assert.equal(addCause(99).name, 'AddCause 99');
    assert.equal(addCause(-1).code, -1);
  });
});
