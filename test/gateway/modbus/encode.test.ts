import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decodeNumber,
  decodeText,
  encodeNumber,
  encodeSentinel,
  encodeText,
} from '../../../src/gateway/modbus/encode.js';
import { ORDERS, type MapRow, rowSize } from '../../../src/gateway/modbus/map.js';
import { booleanValue, numericValue, textValue } from '../../../src/gateway/modbus/numeric-value.js';
import { row, tagValue } from './support.js';

function encoded(fields: Partial<MapRow>, value: number | bigint): { registers: number[]; clamped: boolean } {
  const entry = row('x', fields);
  const registers = new Uint16Array(rowSize(entry));
  const clamped = encodeNumber(entry, value, registers, 0);
  return { registers: [...registers], clamped };
}

describe('Numbers in registers', () => {
  it('stand in the four orders of octets', () => {
    const value = 0x11223344;
    const of = (order: MapRow['order']): number[] => encoded({ type: 'UInt32', order }, value).registers;
    assert.deepEqual(of('ABCD'), [0x1122, 0x3344]);
    assert.deepEqual(of('CDAB'), [0x3344, 0x1122]);
    assert.deepEqual(of('BADC'), [0x2211, 0x4433]);
    assert.deepEqual(of('DCBA'), [0x4433, 0x2211]);
    assert.deepEqual(encoded({ type: 'UInt16', order: 'BADC' }, 0x1122).registers, [0x2211]);
    assert.deepEqual(
      encoded({ type: 'Int64', order: 'CDAB' }, 0x1122334455667788n).registers,
      [0x7788, 0x5566, 0x3344, 0x1122],
    );
    assert.deepEqual(
      encoded({ type: 'Int64', order: 'DCBA' }, 0x1122334455667788n).registers,
      [0x8877, 0x6655, 0x4433, 0x2211],
    );
  });

  it('are clamped when they do not fit, and say so', () => {
    const cases: Array<[Partial<MapRow>, number | bigint, number[]]> = [
      [{ type: 'Int16' }, 40000, [0x7fff]],
      [{ type: 'Int16' }, -40000, [0x8000]],
      [{ type: 'UInt16' }, -1, [0]],
      [{ type: 'UInt16' }, 65536, [0xffff]],
      [{ type: 'Int32' }, 3e9, [0x7fff, 0xffff]],
      [{ type: 'UInt32' }, -1, [0, 0]],
      [{ type: 'UInt32' }, 1e12, [0xffff, 0xffff]],
      [{ type: 'Int64' }, 2n ** 70n, [0x7fff, 0xffff, 0xffff, 0xffff]],
      [{ type: 'Int64' }, -Infinity, [0x8000, 0, 0, 0]],
      [{ type: 'BCD' }, 10000, [0x9999]],
      [{ type: 'BCD' }, -1, [0]],
      [{ type: 'Float32' }, 1e300, [0x7f7f, 0xffff]],
      [{ type: 'UInt16' }, Infinity, [0xffff]],
    ];
    for (const [fields, value, registers] of cases) {
      assert.deepEqual(encoded(fields, value), { registers, clamped: true }, `${fields.type} ${value}`);
    }
  });

  it('keep an infinity that the IED itself gave, as a float', () => {
    assert.deepEqual(encoded({ type: 'Float32' }, Infinity), { registers: [0x7f80, 0], clamped: false });
  });

  it('keep every digit of an INT64', () => {
    assert.deepEqual(encoded({ type: 'Int64' }, 9223372036854775807n), {
      registers: [0x7fff, 0xffff, 0xffff, 0xffff],
      clamped: false,
    });
    assert.deepEqual(encoded({ type: 'Int64' }, -2).registers, [0xffff, 0xffff, 0xffff, 0xfffe]);
  });

  it('stand in BCD with four digits a register', () => {
    assert.deepEqual(encoded({ type: 'BCD' }, 1234), { registers: [0x1234], clamped: false });
    assert.deepEqual(encoded({ type: 'BCD', length: 3 }, 123456789012), {
      registers: [0x1234, 0x5678, 0x9012],
      clamped: false,
    });
  });

  it('are value × scale + offset, rounded', () => {
    assert.deepEqual(encoded({ type: 'Int16', scale: 10 }, 12.34).registers, [123]);
    assert.deepEqual(encoded({ type: 'Int16', scale: 10, offset: 5 }, -1).registers, [0xfffb]);
  });

  it('come back as they went, in every type and order', () => {
    const types = ['Int16', 'UInt16', 'Int32', 'UInt32', 'Int64', 'Float64', 'BCD'] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.constantFrom(...ORDERS),
        fc.integer({ min: 0, max: 9999 }),
        (type, order, value) => {
          const entry = row('x', { type, order });
          const registers = new Uint16Array(4);
          assert.equal(encodeNumber(entry, value, registers, 0), false);
          assert.equal(decodeNumber(entry, registers, 0)?.value, value);
        },
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...ORDERS), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (order, value) => {
        const entry = row('x', { type: 'Int64', order });
        const registers = new Uint16Array(4);
        encodeNumber(entry, value, registers, 0);
        assert.equal(BigInt(decodeNumber(entry, registers, 0)?.value ?? 0), value);
      }),
    );
  });

  it('have sentinels that no reading is likely to have', () => {
    const of = (fields: Partial<MapRow>): number[] => {
      const entry = row('x', fields);
      const registers = new Uint16Array(rowSize(entry)).fill(1);
      encodeSentinel(entry, registers, 0);
      return [...registers];
    };
    assert.deepEqual(of({ type: 'Float32' }), [0x7fc0, 0]);
    assert.deepEqual(of({ type: 'Float64' }), [0x7ff8, 0, 0, 0]);
    assert.deepEqual(of({ type: 'Int16' }), [0x8000]);
    assert.deepEqual(of({ type: 'Int32' }), [0x8000, 0]);
    assert.deepEqual(of({ type: 'UInt16' }), [0xffff]);
    assert.deepEqual(of({ type: 'BCD' }), [0xffff]);
    assert.deepEqual(of({ type: 'Text', length: 2 }), [0, 0]);
    assert.deepEqual(of({ type: 'Int16', sentinel: -999 }), [0xfc19]);
    assert.deepEqual(of({ type: 'Float32', sentinel: -1 }), [0xbf80, 0]);
  });
});

describe('Texts in registers', () => {
  it('are filled up with zeros, cut between characters, and swapped by the order', () => {
    const entry = row('x', { type: 'Text', length: 3 });
    const registers = new Uint16Array(3).fill(9);
    assert.equal(encodeText(entry, 'AB1', registers, 0), false);
    assert.deepEqual([...registers], [0x4142, 0x3100, 0]);
    assert.equal(decodeText(entry, registers, 0), 'AB1');
    assert.equal(encodeText(entry, 'abcdeü', registers, 0), true);
    assert.equal(decodeText(entry, registers, 0), 'abcde');
    encodeText({ ...entry, order: 'BADC' }, 'AB', registers, 0);
    assert.equal(registers[0], 0x4241);
  });
});

describe('Numbers out of tag values', () => {
  it('are what each type means', () => {
    const cases: Array<[Parameters<typeof tagValue>[1], Parameters<typeof tagValue>[2], number | bigint | undefined]> =
      [
        ['Boolean', true, 1],
        ['Enum', 5, 5],
        ['Int64', '9223372036854775807', 9223372036854775807n],
        ['Int64', '12', 12],
        ['Float32', 'NaN', NaN],
        ['Float32', 'Infinity', Infinity],
        ['Quality', '0100000000000', 2],
        ['BitString', '1010', 5],
        ['Timestamp', '1970-01-01T00:00:01.500Z', 1500],
        ['VisibleString', '12', undefined],
        ['OctetString', '0102', undefined],
        ['Int32', '1e3', undefined],
        ['Structure', { a: 1 }, undefined],
        ['Array', [1], undefined],
        ['Float32', null, undefined],
      ];
    for (const [type, value, number] of cases)
      assert.deepEqual(numericValue(tagValue('x', type, value)), number, `${type} ${JSON.stringify(value)}`);
  });

  it('make a position true when closed, false when open, and nothing when intermediate or bad', () => {
    assert.deepEqual(
      [0, 1, 2, 3].map((value) => booleanValue(tagValue('x', 'Dbpos', value))),
      [undefined, false, true, undefined],
    );
    assert.equal(booleanValue(tagValue('x', 'Enum', 3)), true);
    assert.equal(booleanValue(tagValue('x', 'VisibleString', 'x')), undefined);
  });

  it('make a text of what people see', () => {
    assert.equal(textValue(tagValue('x', 'Dbpos', 2, { text: 'Closed' })), 'Closed');
    assert.equal(textValue(tagValue('x', 'VisibleString', 'abc', { text: 'other' })), 'abc');
    assert.equal(textValue(tagValue('x', 'VisibleString', null)), undefined);
  });
});
