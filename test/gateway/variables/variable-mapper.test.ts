import assert from 'node:assert/strict';
import { DataAccessError } from '../../../src/errors.js';
import { VariableMapper } from '../../../src/gateway/variables/variable-mapper.js';
import type { VariableRow } from '../../../src/gateway/variables/variable-row.js';
import { MAX_UNKNOWN_VARIABLES } from '../../../src/limits.js';
import type { TagType } from '../../../src/model/tag-value.js';

const mapper = (rows: (Omit<VariableRow, 'line'> & { is?: TagType })[]): VariableMapper =>
  new VariableMapper(
    rows.map(({ is: _is, ...row }, index) => ({ line: index + 2, ...row })),
    (reference) => {
      const type = rows.find((row) => row.reference === reference)?.is ?? 'Float32';
      if (reference === 'gone') throw new DataAccessError(10, '"gone": the server has no such object');
      return type;
    },
  );

describe('values of process variables', () => {
  it('become updates by their names, scaled and of the type of the attribute', () => {
    const map = mapper([
      { variable: 'p', reference: 'P', scale: 0.5, offset: 10 },
      { variable: 'n', reference: 'N', is: 'Int16', scale: 2 },
      { variable: 'b', reference: 'B', is: 'Boolean' },
      { variable: 'c', reference: 'C', is: 'Boolean' },
      { variable: 'e', reference: 'E', is: 'Enum' },
      { variable: 'x', reference: 'X', is: 'Dbpos' },
      { variable: 'i', reference: 'I', is: 'Int64' },
      { variable: 's', reference: 'S', is: 'VisibleString' },
    ]);
    const { updates, errors, unknown } = map.take({
      ...{ p: '4', n: 1.3, b: 1, c: 'off', e: 'on', x: 'Closed', i: '9007199254740993', s: 'text' },
    });
    assert.deepEqual([errors, unknown], [[], []]);
    assert.deepEqual(
      updates.map(({ reference, value }) => [reference, value]),
      [
        ['P', 12],
        ['N', 3],
        ['B', true],
        ['C', false],
        ['E', 'on'],
        ['X', 'Closed'],
        ['I', '9007199254740993'],
        ['S', 'text'],
      ],
    );
  });

  it('bring quality and time along when they are given as objects, and none when they are not', () => {
    const map = mapper([{ variable: 'p', reference: 'P', scale: 2 }]);
    assert.deepEqual(map.take({ p: { value: 3, quality: 'questionable', timestamp: 5 } }).updates, [
      { reference: 'P', value: 6, quality: 'questionable', timestamp: 5 },
    ]);
    assert.deepEqual(map.take({ p: { quality: 'invalid' } }).updates, [{ reference: 'P', quality: 'invalid' }]);
    assert.deepEqual(map.take({ p: 1 }).updates, [{ reference: 'P', value: 2 }]);
  });

  it('are null when the source has none, never a number', () => {
    const map = mapper([{ variable: 'p', reference: 'P', scale: 2, offset: 7, deadband: 5 }]);
    assert.deepEqual(map.take({ p: null }).updates, [{ reference: 'P', value: null }]);
  });

  it('may be nested where the names of variables have dots', () => {
    const map = mapper([{ variable: 'pump.1.speed', reference: 'P' }]);
    const { updates, unknown } = map.take({ pump: { 1: { speed: 5, flow: 3 } } });
    assert.deepEqual(updates, [{ reference: 'P', value: 5 }]);
    assert.deepEqual(unknown, ['pump.1.flow']);
    assert.deepEqual(map.take({ 'pump.1.speed': 6 }).updates, [{ reference: 'P', value: 6 }]);
  });

  it('may go to several attributes', () => {
    const map = mapper([
      { variable: 'p', reference: 'P' },
      { variable: 'p', reference: 'Q', scale: 1000 },
    ]);
    assert.deepEqual(
      map.take({ p: 2 }).updates.map(({ value }) => value),
      [2, 2000],
    );
  });

  it('are held back within the deadband, counted in scaled units from the last one that went out', () => {
    const map = mapper([{ variable: 'p', reference: 'P', scale: 0.1, deadband: 1 }]);
    const sent = [100, 105, 109, 110, 111, 101, 100].map((p) => map.take({ p }).updates[0]?.value);
    assert.deepEqual(sent, [10, undefined, undefined, 11, undefined, undefined, 10]);
    assert.equal(map.take({ p: 100 }).withheld, 1);
  });

  it('go out within the deadband when their quality changes, when the last was refused, and when they are no numbers', () => {
    const map = mapper([{ variable: 'p', reference: 'P', deadband: 1 }]);
    const goes = (p: unknown): boolean => map.take({ p }).updates.length === 1;
    assert.ok(goes(5));
    assert.ok(!goes(5.5));
    assert.ok(goes({ value: 5.5, quality: 'invalid' }));
    assert.ok(!goes({ value: 5.6, quality: 'invalid' }));
    assert.ok(goes(5.6));
    map.refused('P');
    assert.ok(goes(5.6));
    assert.ok(goes(Number.NaN));
    assert.ok(goes(5.6));
    assert.ok(goes(null));
    assert.ok(goes(5.6));
  });

  it('that cannot be converted are named, and the others are taken', () => {
    const map = mapper([
      { variable: 'p', reference: 'P' },
      { variable: 'b', reference: 'B', is: 'Boolean' },
      { variable: 'good', reference: 'G' },
    ]);
    const { updates, errors } = map.take({ p: 'much', b: 2, good: 1 });
    assert.deepEqual(updates, [{ reference: 'G', value: 1 }]);
    assert.match(errors.map(({ message }) => message).join(), /variable p: "much".*variable b: "2"/);
  });

  it('that no line has are named once, counted always, and remembered within bounds', () => {
    const map = mapper([{ variable: 'p', reference: 'P' }]);
    assert.deepEqual(map.take({ z: 1, p: 1 }).unknown, ['z']);
    assert.deepEqual(map.take({ z: 1 }).unknown, []);
    const many = Object.fromEntries(Array.from({ length: 2 * MAX_UNKNOWN_VARIABLES }, (_, i) => [`v${i}`, i]));
    assert.equal(map.take(many).unknown.length, MAX_UNKNOWN_VARIABLES - 1);
    assert.equal(map.unknownValues, 2 + 2 * MAX_UNKNOWN_VARIABLES);
    assert.deepEqual(map.take({ toString: 1, constructor: 2 } as Record<string, unknown>).updates, []);
  });

  it('of lines that the served model does not have are left out and told by their lines', () => {
    const map = mapper([
      { variable: 'p', reference: 'gone' },
      { variable: 'q', reference: 'Q', is: 'Structure' },
      { variable: 'r', reference: 'R' },
    ]);
    assert.deepEqual(
      map.problems.map(({ line, message }) => [line, message.slice(0, 30)]),
      [
        [2, '"gone": the server has no such'],
        [3, 'Q has members of its own; name'],
      ],
    );
    assert.equal(map.size, 1);
  });
});
