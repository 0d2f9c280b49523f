import assert from 'node:assert/strict';
import { ArgumentError, DataAccessError } from '../../src/errors.js';
import { qualityFromBits } from '../../src/model/quality.js';
import type { TagValue } from '../../src/model/tag-value.js';
import type { ServerValue } from '../../src/server/read-point.js';
import type { Update } from '../../src/server/update.js';
import { Loopback } from './loopback.js';

const NOW = Date.parse('2026-03-01T12:00:00.123Z');
const NOW_TEXT = '2026-03-01T12:00:00.123Z';
const TOTW = 'TESTLD2/MMXU1.TotW[MX]';

function open(): Loopback {
  return Loopback.open({ timeQuality: { accuracy: 10 } });
}

/** Value, quality text and time after the updates. */
function after(updates: Update[], reference = TOTW, now = NOW): unknown[] {
  const { core } = open();
  const { errors } = core.update(updates, now);
  assert.deepEqual(errors, []);
  return shown(core.read(reference));
}

function shown({ value, quality, timestamp }: ServerValue): unknown[] {
  return [value, quality?.text ?? null, timestamp];
}

describe('an update', () => {
  it('of a data object sets its principal value, and fills in good and now', () => {
    assert.deepEqual(after([{ reference: TOTW, value: 12.5 }]), [12.5, 'good', NOW_TEXT]);
    const { core } = open();
    core.update([{ reference: TOTW, value: 12.5 }], NOW);
    assert.deepEqual(core.read(TOTW).timeQuality, {
      leapSecondsKnown: false,
      clockFailure: false,
      clockNotSynchronized: false,
      accuracy: 10,
    });
  });

  it('of an attribute fills in the quality and time that belong to it', () => {
    assert.deepEqual(after([{ reference: 'TESTLD2/MMXU1.TotW.mag.f[MX]', value: 12.5 }]), [12.5, 'good', NOW_TEXT]);
    const { core } = open();
    core.update([{ reference: 'TESTLD2/MMXU1.A.phsB.cVal.ang.f[MX]', value: 120 }], NOW);
    assert.equal(core.read('TESTLD2/MMXU1.A.phsB[MX]').quality?.text, 'good');
    assert.equal(core.read('TESTLD2/MMXU1.A.phsA[MX]').quality?.text, 'invalid');
    core.update([{ reference: 'TESTLD2/MHAI1.HA.phsAHar(2)[MX]', value: 3 }], NOW);
    assert.deepEqual(shown(core.read('TESTLD2/MHAI1.HA.phsAHar(2)[MX]')), [3, 'good', NOW_TEXT]);
    assert.deepEqual(shown(core.read('TESTLD2/MHAI1.HA.phsAHar(1)[MX]'))[1], 'invalid');
  });

  it('of an attribute that is not the value leaves quality and time alone', () => {
    for (const [reference, value] of [
      ['origin.orCat', 3],
      ['ctlNum', 7],
    ] as const) {
      const result = after([{ reference: `TESTLD1/XCBR1.Pos.${reference}[ST]`, value }], 'TESTLD1/XCBR1.Pos[ST]');
      assert.deepEqual(result, [0, 'invalid', '1970-01-01T00:00:00.000Z']);
    }
  });

  it('keeps what the caller gave', () => {
    const timestamp = '2020-01-01T00:00:00.500Z';
    assert.deepEqual(after([{ reference: TOTW, value: 1, timestamp }]), [1, 'good', timestamp]);
    assert.deepEqual(after([{ reference: TOTW, value: 1, quality: 'invalid' }]), [1, 'invalid', NOW_TEXT]);
    assert.deepEqual(after([{ reference: TOTW, value: 1, quality: 'invalid', timestamp }]), [1, 'invalid', timestamp]);
    // As updates of their own, in either order.
    const own: Update[] = [
      { reference: 'TESTLD2/MMXU1.TotW.q[MX]', value: 'questionable (inaccurate)' },
      { reference: 'TESTLD2/MMXU1.TotW.t[MX]', value: timestamp },
    ];
    const value: Update = { reference: 'TESTLD2/MMXU1.TotW.mag.f[MX]', value: 1 };
    for (const order of [
      [value, ...own],
      [...own, value],
    ]) {
      assert.deepEqual(after(order), [1, 'questionable (inaccurate)', timestamp]);
    }
    assert.deepEqual(after([{ reference: 'TESTLD2/MMXU1.TotW.q[MX]', value: 'good' }]), [
      0,
      'good',
      '1970-01-01T00:00:00.000Z',
    ]);
  });

  it('takes a quality as object, text, bit string or bits', () => {
    const quality = qualityFromBits(3 | (1 << 7) | (1 << 11));
    for (const form of [quality, quality.text, '1100000100010', 3 | (1 << 7) | (1 << 11)]) {
      assert.deepEqual(after([{ reference: TOTW, value: 1, quality: form }])[1], 'questionable (oldData), test');
    }
    for (const wrong of ['fine', '', 'good, goode', -1, 1 << 20, { validity: 'nice' }] as unknown[]) {
      const { errors } = open().core.update([{ reference: TOTW, value: 1, quality: wrong } as Update], NOW);
      assert.equal(errors[0]?.code, 'IEC61850_ARGUMENT', JSON.stringify(wrong));
    }
  });

  it('takes a time as ISO text, Date or milliseconds', () => {
    for (const timestamp of [NOW_TEXT, new Date(NOW), NOW, '2026-03-01T13:00:00.123+01:00']) {
      assert.deepEqual(after([{ reference: TOTW, value: 1, timestamp }], TOTW, 0)[2], NOW_TEXT);
    }
    for (const timestamp of ['yesterday', Number.NaN, -1, new Date(Number.NaN), 1e15]) {
      const { errors } = open().core.update([{ reference: TOTW, value: 1, timestamp }], NOW);
      assert.equal(errors.length, 1, String(timestamp));
    }
  });

  it('keeps every millisecond (libiec61850 #152)', () => {
    const { core } = open();
    for (let ms = 0; ms < 1000; ms++) {
      core.update([{ reference: TOTW, value: ms, timestamp: NOW - 123 + ms }], 0);
      assert.equal(core.read(TOTW).timestamp, new Date(NOW - 123 + ms).toISOString());
    }
  });

  it('never makes good what is null, stale, disconnected or in error', () => {
    const good = { reference: TOTW, value: 5, quality: 'good' };
    const cases: [Update, unknown[]][] = [
      [{ reference: TOTW, value: null }, [0, 'invalid (oldData)', NOW_TEXT]],
      [{ reference: TOTW, value: 5, quality: null }, [5, 'questionable (oldData)', NOW_TEXT]],
      [{ ...good, status: 'stale' }, [5, 'questionable (oldData)', NOW_TEXT]],
      [{ ...good, status: 'disconnected' }, [5, 'invalid (oldData)', NOW_TEXT]],
      [{ ...good, status: 'error' }, [5, 'invalid (oldData)', NOW_TEXT]],
      [{ reference: TOTW, value: 5, status: 'stale' }, [5, 'questionable (oldData)', NOW_TEXT]],
      [{ ...good, quality: 'invalid, test', status: 'stale' }, [5, 'invalid (oldData), test', NOW_TEXT]],
      [{ ...good, status: 'live' }, [5, 'good', NOW_TEXT]],
    ];
    for (const [update, expected] of cases) assert.deepEqual(after([update]), expected, JSON.stringify(update));
  });

  it('marks the time of a source that has none as one from a failed clock', () => {
    const { core } = open();
    core.update([{ reference: TOTW, value: 5, timestamp: null }], NOW);
    const { timestamp, timeQuality } = core.read(TOTW);
    assert.deepEqual([timestamp, timeQuality?.clockFailure], [NOW_TEXT, true]);
  });

  it('takes a tag value of another source as it is', () => {
    const tagValue: TagValue = {
      ...{ ied: 'X', tag: 'P', reference: 'TESTLD2/MMXU1.TotW', fc: 'MX', type: 'Float32', value: 7.25, text: '7.25' },
      quality: qualityFromBits(0),
      timestamp: '2026-01-01T00:00:00.001Z',
      timeQuality: { leapSecondsKnown: true, clockFailure: false, clockNotSynchronized: false, accuracy: 18 },
      ...{ received: NOW_TEXT, status: 'live', source: 'poll', sequence: 3 },
    };
    const { core } = open();
    assert.deepEqual(core.update([tagValue], NOW).errors, []);
    assert.deepEqual(shown(core.read(TOTW)), [7.25, 'good', tagValue.timestamp]);
    assert.deepEqual(core.read(TOTW).timeQuality, tagValue.timeQuality);
  });

  it('with the same value again leaves the time of the last change', () => {
    const { core } = open();
    core.update([{ reference: TOTW, value: 5 }], NOW);
    assert.equal(core.update([{ reference: TOTW, value: 5 }], NOW + 1000).changed, 0);
    assert.equal(core.read(TOTW).timestamp, NOW_TEXT);
    core.update([{ reference: TOTW, value: 5, quality: 'invalid' }], NOW + 2000);
    assert.equal(core.read(TOTW).timestamp, new Date(NOW + 2000).toISOString());
    core.update([{ reference: TOTW, value: 6 }], NOW + 3000);
    assert.equal(core.read(TOTW).timestamp, new Date(NOW + 3000).toISOString());
  });

  it('finds the constraint of a reference that has none', () => {
    const { core } = open();
    const { errors } = core.update(
      [
        { reference: 'TESTLD1/XCBR1.Pos', value: 'Closed' },
        { reference: 'TESTLD1/GGIO1.Ind1.d', value: 'gate' },
        { reference: 'TESTLD2/MMXU1.TotW.mag.f', value: 3 },
        { reference: 'TESTLD1/GGIO1.SINT32', fc: 'SP', value: 3 },
        { reference: 'TESTLD1/GGIO1$SP$SINT16$setVal', value: 4 },
      ],
      NOW,
    );
    assert.deepEqual(errors, []);
    assert.equal(core.read('TESTLD1/XCBR1.Pos[ST]').value, 2);
    assert.equal(core.read('TESTLD1/GGIO1.Ind1.d[DC]').value, 'gate');
    assert.equal(core.read('TESTLD1/GGIO1.SINT16[SP]').value, 4);
  });

  it('takes what its types take, in the forms of tag values and SCL files', () => {
    const { core } = open();
    const cases: [type: string, input: unknown, value: unknown][] = [
      ['BOOLEAN', true, true],
      ['BOOLEAN', 1, true],
      ['BOOLEAN', 'false', false],
      ['INT8', -128, -128],
      ['INT32', '77', 77],
      ['INT64', '9223372036854775807', '9223372036854775807'],
      ['INT64', 12n, 12],
      ['INT8U', 255, 255],
      ['INT32U', 4294967295, 4294967295],
      ['FLOAT32', 0.5, 0.5],
      ['FLOAT32', '-1.5', -1.5],
      ['FLOAT32', 'NaN', Number.NaN],
      ['FLOAT32', -Infinity, -Infinity],
      ['FLOAT32', '-INF', -Infinity],
      ['FLOAT64', 0.1, 0.1],
      ['Enum', 2, 2],
      ['Enum', 'blocked', 2],
      ['Enum', 'ON', 1],
      ['Enum', -1, -1],
      ['Dbpos', 3, 3],
      ['Dbpos', 'Open', 1],
      ['Dbpos', 'on', 2],
      ['Dbpos', '10', 2],
      ['Dbpos', 'intermediate-state', 0],
      ['Dbpos', true, 2],
      ['Tcmd', 'higher', '10'],
      ['Check', '11', '11'],
      ['Quality', 'invalid', '0100000000000'],
      ['Timestamp', NOW, NOW_TEXT],
      ['EntryTime', '1990-06-01T00:00:00.007Z', '1990-06-01T00:00:00.007Z'],
      ['VisString32', 'Größe', 'Größe'],
      ['Unicode255', '电', '电'],
      ['Octet64', '0A-ff', '0aff'],
      ['Octet64', Buffer.of(1, 2), '0102'],
    ];
    for (const [type, value, expected] of cases) {
      const reference = `TESTLD1/GGIO1.S${type}.setVal[SP]`;
      assert.deepEqual(core.update([{ reference, value }], NOW).errors, [], `${type} ${String(value)}`);
      assert.deepEqual(core.read(reference).value, expected, `${type} ${String(value)}`);
    }
  });

  it('refuses what does not fit its type, by name, and changes nothing', () => {
    const { core } = open();
    const cases: [type: string, input: unknown][] = [
      ['BOOLEAN', 2],
      ['BOOLEAN', 'on?'],
      ['INT8', 128],
      ['INT8', 1.5],
      ['INT8', 'x'],
      ['INT8', true],
      ['INT8', Number.NaN],
      ['INT64', '9223372036854775808'],
      ['INT8U', -1],
      ['FLOAT32', 'one'],
      ['FLOAT32', ''],
      ['FLOAT32', 1e39],
      ['FLOAT32', {}],
      ['Enum', 9],
      ['Enum', 'off'],
      ['Dbpos', 4],
      ['Dbpos', 'ajar'],
      ['Check', '111'],
      ['Quality', 'so-so'],
      ['Timestamp', 'noon'],
      ['Timestamp', 1e300],
      ['EntryTime', '1983-01-01T00:00:00Z'],
      ['VisString32', 'x'.repeat(33)],
      ['VisString32', 5],
      ['VisString32', '电'],
      ['Octet64', 'xyz'],
      ['Octet64', '00'.repeat(65)],
      ['INT32', [1]],
    ];
    const before = core.read('TESTLD1/GGIO1.SINT8[SP]');
    for (const [type, value] of cases) {
      const reference = `TESTLD1/GGIO1.S${type}.setVal[SP]`;
      const { errors, changed } = core.update([{ reference, value }], NOW);
      assert.deepEqual(
        [errors[0]?.code, errors[0]?.reference, changed],
        ['IEC61850_ARGUMENT', reference, 0],
        `${type} ${String(value)}`,
      );
    }
    assert.deepEqual(core.read('TESTLD1/GGIO1.SINT8[SP]'), before);
  });

  it('takes structures and arrays by their members', () => {
    const { core } = open();
    const { errors } = core.update(
      [
        { reference: 'TESTLD2/MMXU1.A.phsA.cVal[MX]', value: { mag: { f: 10 }, ang: { f: 120 } } },
        { reference: 'TESTLD2/MMXU1.TotW[MX]', value: { mag: { f: 9 }, q: 'questionable' } },
        { reference: 'TESTLD1/GGIO1.Crv.crvPts[SP]', value: [{ xVal: 1 }, null, { xVal: 3, yVal: 4 }] },
        { reference: 'TESTLD1/GGIO1.Crv.marks[SP]', value: [5, 6] },
        { reference: 'TESTLD1/GGIO1.Crv.marks(3)[SP]', value: 7 },
      ],
      NOW,
    );
    assert.deepEqual(errors, []);
    assert.deepEqual(shown(core.read('TESTLD2/MMXU1.A.phsA[MX]')), [10, 'good', NOW_TEXT]);
    assert.deepEqual(shown(core.read(TOTW)), [9, 'questionable', NOW_TEXT]);
    assert.deepEqual(core.read('TESTLD1/GGIO1.Crv.crvPts[SP]').value, [
      { xVal: 1, yVal: 0 },
      { xVal: 0, yVal: 0 },
      { xVal: 3, yVal: 4 },
    ]);
    assert.deepEqual(core.read('TESTLD1/GGIO1.Crv.marks[SP]').value, [5, 6, 0, 7, 44]);
    for (const value of [{ mag: { g: 1 } }, { mag: 1 }, 5, [5]]) {
      assert.equal(core.update([{ reference: 'TESTLD2/MMXU1.A.phsA.cVal[MX]', value }], NOW).errors.length, 1);
    }
    assert.equal(
      core.update([{ reference: 'TESTLD1/GGIO1.Crv.marks[SP]', value: [1, 2, 3, 4, 5, 6] }], NOW).errors.length,
      1,
    );
  });

  it('of a point that is updated twice is the later one', () => {
    const first = { reference: TOTW, value: 1, quality: 'invalid', timestamp: '2020-01-01T00:00:00.000Z' };
    assert.deepEqual(after([first, { reference: TOTW, value: 2 }]), [2, 'good', NOW_TEXT]);
    assert.deepEqual(after([{ reference: TOTW, value: 2 }, first]), [1, 'invalid', first.timestamp]);
  });

  it('takes none of them when it is all or nothing and one is wrong', () => {
    const { core } = open();
    const updates = [
      { reference: TOTW, value: 1 },
      { reference: TOTW, value: 'x' },
    ];
    const { accepted, changed, errors } = core.update(updates, NOW, { allOrNothing: true });
    assert.deepEqual([accepted, changed, errors.length], [0, 0, 1]);
    assert.equal(core.read(TOTW).quality?.text, 'invalid');
  });

  it('lists one wrong reference among 200 and takes the rest', () => {
    const { core } = open();
    const updates: Update[] = Array.from({ length: 200 }, (_, i) => ({ reference: TOTW, value: i }));
    updates[100] = { reference: 'TESTLD2/MMXU1.TotVar[MX]', value: 1 };
    const { accepted, errors } = core.update(updates, NOW);
    assert.equal(accepted, 199);
    assert.deepEqual(
      errors.map(({ index, reference, code }) => [index, reference, code]),
      [[100, 'TESTLD2/MMXU1.TotVar[MX]', 'IEC61850_OBJECT_NON_EXISTENT']],
    );
    assert.equal(core.read(TOTW).value, 199);
  });

  it('is listed as wrong when it is no update at all', () => {
    const { core } = open();
    const wrong = [
      null,
      5,
      {},
      { reference: 5 },
      { reference: TOTW },
      { reference: 'TESTLD1/XCBR1', value: 1 },
      { reference: 'x', value: 1 },
    ];
    const { accepted, errors } = core.update(wrong as unknown as Update[], NOW);
    assert.deepEqual([accepted, errors.length], [0, wrong.length]);
    assert.ok(errors.every(({ message, hint }) => message !== '' && hint !== ''));
  });

  it('is one transaction: a read sees all of it or nothing', () => {
    const client = open();
    const seen = new Set<string>();
    for (let i = 0; i < 50; i++) {
      client.core.update(
        [TOTW, 'TESTLD2/MMXU1.A.phsA[MX]', 'TESTLD2/MHAI1.HA.phsAHar(0)[MX]'].map((reference) => ({
          reference,
          value: i,
        })),
        NOW + i,
      );
      const results = client.read('TESTLD2/MMXU1$MX$TotW$mag$f', 'TESTLD2/MMXU1$MX$A$phsA$cVal$mag$f');
      seen.add(JSON.stringify(results.map((one) => one.success && one.data)));
    }
    assert.equal(seen.size, 50);
    for (const text of seen) {
      const [first, second] = JSON.parse(text) as unknown[];
      assert.deepEqual(first, second);
    }
  });
});

describe('a read of the server by its owner', () => {
  it('names what does not exist', () => {
    const { core } = open();
    assert.throws(() => core.read('TESTLD9/MMXU1.TotW[MX]'), DataAccessError);
    assert.throws(() => core.read('TESTLD2/MMXU1.TotW[ST]'), DataAccessError);
    assert.throws(() => core.read('TESTLD2/MMXU1.Tot[MX]'), DataAccessError);
    assert.throws(() => core.read('nonsense'), ArgumentError);
    assert.throws(() => core.read('TESTLD2/MMXU1.A.phsA.cVal.mag.f.x[MX]'), DataAccessError);
  });

  it('gives data objects without a principal value as structures', () => {
    const { value, type, quality } = open().core.read('TESTLD2/MMXU1.A[MX]');
    assert.deepEqual([type, quality], ['Structure', null]);
    assert.deepEqual(Object.keys(value as object), ['phsA', 'phsB', 'phsC']);
  });
});
