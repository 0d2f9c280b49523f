import assert from 'node:assert/strict';
import { ArgumentError, RejectError, ServiceError } from '../../src/errors.js';
import type { MmsData } from '../../src/mms/data.js';
import { encodeServiceRequest, type WriteResult } from '../../src/mms/services.js';
import type { FunctionalConstraint } from '../../src/model/functional-constraint.js';
import { AccessError } from '../../src/server/selection.js';
import { Loopback, nameOf } from './loopback.js';

const ALL: FunctionalConstraint[] = ['SP', 'SE', 'SV', 'CF', 'DC', 'BL'];
const { objectAccessDenied, objectNonExistent, objectValueInvalid, typeInconsistent } = AccessError;
const integer = (value: number | bigint): MmsData => ({ type: 'integer', value });
const unsigned = (value: number | bigint): MmsData => ({ type: 'unsigned', value });
const float = (value: number, width: 32 | 64 = 32): MmsData => ({ type: 'float', value, width });
const text = (value: string): MmsData => ({ type: 'visible-string', value });
const bits = (value: string): MmsData => ({ type: 'bit-string', bits: value });
const errors = (results: WriteResult[]): (number | undefined)[] =>
  results.map((one) => (one.success ? undefined : one.error));

describe('a server that is written', () => {
  it('takes nothing by default', () => {
    const client = Loopback.open();
    assert.equal(client.write('TESTLD1/GGIO1$SP$SINT32$setVal', integer(5)), objectAccessDenied);
    assert.equal(client.write('TESTLD1/GGIO1$DC$Ind1$d', text('gate')), objectAccessDenied);
    assert.deepEqual(client.written, []);
  });

  it('takes what the options allow, tells it, and nothing else', () => {
    const client = Loopback.open({ writable: ['DC'] });
    assert.equal(client.write('TESTLD1/GGIO1$DC$Ind1$d', text('gate')), undefined);
    assert.deepEqual(client.value('TESTLD1/GGIO1$DC$Ind1$d'), text('gate'));
    assert.equal(client.write('TESTLD1/GGIO1$SP$SINT32$setVal', integer(5)), objectAccessDenied);
    assert.deepEqual(
      client.written.map(({ reference, value, client: who }) => [reference, value, who.address, who.apTitle]),
      [['TESTLD1/GGIO1.Ind1.d[DC]', 'gate', '127.0.0.1', '1.1.1.999']],
    );
  });

  it('never takes process values and what stands for more than a value, and cannot be told to', () => {
    for (const fc of ['ST', 'MX', 'CO', 'RP', 'BR', 'GO'] as const) {
      assert.throws(() => new Loopback({ writable: [fc] }), ArgumentError);
    }
    const client = Loopback.open({ writable: ALL });
    const before = client.value('TESTLD1/LLN0');
    const attempts: [string, MmsData][] = [
      ['TESTLD1/XCBR1$ST$Pos$stVal', bits('10')],
      ['TESTLD2/MMXU1$MX$TotW$mag$f', float(1)],
      ['TESTLD1/XCBR1$CO$Pos$Oper$ctlVal', { type: 'boolean', value: true }],
      ['TESTLD1/LLN0$SP$SGCB$ActSG', unsigned(1)],
      ['TESTLD1/LLN0$SP$SGCB', { type: 'structure', items: [] }],
      ['TESTLD1/LLN0$SP', { type: 'structure', items: [] }],
      ['TESTLD1/LLN0', { type: 'structure', items: [] }],
    ];
    for (const [item, data] of attempts) assert.equal(client.write(item, data), objectAccessDenied, item);
    assert.deepEqual(client.value('TESTLD1/LLN0'), before);
    assert.deepEqual(client.written, []);
  });

  it('takes each basic type, and gives it back as it was', () => {
    const client = Loopback.open({ writable: ALL });
    const values: Record<string, MmsData[]> = {
      BOOLEAN: [{ type: 'boolean', value: true }],
      INT8: [integer(-128), integer(127)],
      INT16: [integer(-32768)],
      INT32: [integer(2147483647)],
      INT64: [integer((1n << 63n) - 1n), integer(-(1n << 63n))],
      INT8U: [unsigned(255)],
      INT16U: [unsigned(65535)],
      INT32U: [unsigned(4294967295)],
      FLOAT32: [float(1.5), float(Infinity)],
      FLOAT64: [float(0.1, 64)],
      Enum: [integer(2), integer(-1)],
      Dbpos: [bits('10')],
      Tcmd: [bits('01')],
      Check: [bits('11'), bits('1')],
      Quality: [bits('0000000000010')],
      Timestamp: [{ type: 'utc-time', seconds: 1_700_000_000, fraction: 0xfffffe, quality: 0x8a }],
      EntryTime: [{ type: 'binary-time', ms: 86_399_999, days: 65_535 }],
      VisString32: [text(''), text('°'.repeat(32))],
      Unicode255: [{ type: 'mms-string', value: '开关 ⚡' }],
      Octet64: [{ type: 'octet-string', octets: Buffer.alloc(64, 7) }],
    };
    for (const [type, list] of Object.entries(values)) {
      for (const data of list) {
        assert.equal(client.write(`TESTLD1/GGIO1$SP$S${type}$setVal`, data), undefined, type);
        assert.deepEqual(client.value(`TESTLD1/GGIO1$SP$S${type}$setVal`), data, type);
      }
    }
  });

  it('says type-inconsistent for another type, in every type', () => {
    const client = Loopback.open({ writable: ALL });
    const all: MmsData[] = [
      ...[
        { type: 'boolean', value: true } as const,
        integer(1),
        unsigned(1),
        float(1),
        float(1, 64),
        text('1'),
        bits('01'),
      ],
      ...[{ type: 'mms-string', value: '1' } as const, { type: 'octet-string', octets: Buffer.of(1) } as const],
      { type: 'utc-time', seconds: 0, fraction: 0, quality: 0 },
      { type: 'binary-time', ms: 0, days: 0 },
      { type: 'binary-time', ms: 0 },
      { type: 'structure', items: [] },
      { type: 'array', items: [] },
      { type: 'other', tag: 0x8b, octets: Buffer.from('20260101000000Z') },
    ];
    const types = [
      'BOOLEAN',
      'INT8',
      'INT64',
      'INT8U',
      'FLOAT32',
      'FLOAT64',
      'VisString32',
      'Unicode255',
      'Octet64',
      'Timestamp',
      'EntryTime',
      'Dbpos',
    ];
    for (const type of types) {
      const item = `TESTLD1/GGIO1$SP$S${type}$setVal`;
      const taken = all.filter((data) => {
        const result = client.write(item, data);
        assert.ok(result === undefined || result === typeInconsistent, type);
        return result === undefined;
      });
      assert.equal(taken.length, 1, `${type} took ${taken.map((data) => data.type).join()}`);
    }
  });

  it('says object-value-invalid beyond the range of the type', () => {
    const client = Loopback.open({ writable: ALL });
    const beyond: [string, MmsData][] = [
      ['INT8', integer(128)],
      ['INT8', integer(-129)],
      ['INT32', integer(2 ** 31)],
      ['INT64', integer(1n << 63n)],
      ['INT8U', unsigned(256)],
      ['INT8U', unsigned(-1)],
      ['INT32U', unsigned(2 ** 32)],
      ['Enum', integer(7)],
      ['VisString32', text('x'.repeat(33))],
      ['Unicode255', { type: 'mms-string', value: 'ö'.repeat(128) }],
      ['Octet64', { type: 'octet-string', octets: Buffer.alloc(65) }],
    ];
    for (const [type, data] of beyond) {
      assert.equal(client.write(`TESTLD1/GGIO1$SP$S${type}$setVal`, data), objectValueInvalid, type);
    }
    for (const [type, length] of [
      ['Dbpos', 1],
      ['Dbpos', 3],
      ['Quality', 14],
      ['Check', 3],
    ] as const) {
      assert.equal(client.write(`TESTLD1/GGIO1$SP$S${type}$setVal`, bits('1'.repeat(length))), typeInconsistent, type);
    }
  });

  it('takes a whole structure or nothing of it', () => {
    const client = Loopback.open({ writable: ALL });
    const element = { select: 'index', index: 1 } as const;
    const points = 'TESTLD1/GGIO1$SP$Crv$crvPts';
    const point = (x: number, y: number): MmsData => ({ type: 'structure', items: [float(x), float(y)] });
    assert.equal(client.write(points, point(1, 2), element), undefined);
    assert.equal(client.write(points, { type: 'structure', items: [float(9), integer(9)] }, element), typeInconsistent);
    assert.equal(client.write(points, { type: 'structure', items: [float(9)] }, element), typeInconsistent);
    assert.deepEqual(client.value(points, element), point(1, 2));
    assert.equal(client.write(points, { type: 'array', items: [point(3, 4), point(5, 6), point(7, 8)] }), undefined);
    assert.equal(client.write(points, float(60), element, { select: 'component', name: 'yVal' }), undefined);
    assert.deepEqual(client.value(points), { type: 'array', items: [point(3, 4), point(5, 60), point(7, 8)] });
    assert.deepEqual(client.written.at(-1)?.reference, 'TESTLD1/GGIO1.Crv.crvPts(1).yVal[SP]');
  });

  it('takes a range of an array', () => {
    const client = Loopback.open({ writable: ALL });
    const range = { select: 'range', index: 1, count: 2 } as const;
    const marks = 'TESTLD1/GGIO1$SP$Crv$marks';
    assert.equal(client.write(marks, { type: 'array', items: [integer(1), integer(2)] }, range), undefined);
    assert.equal(client.write(marks, { type: 'array', items: [integer(1)] }, range), typeInconsistent);
    assert.equal(client.write(marks, integer(1), range), typeInconsistent);
    assert.deepEqual(client.value(marks), { type: 'array', items: [0, 1, 2, 0, 44].map(integer) });
    assert.deepEqual(
      client.written.map(({ value }) => value),
      [1, 2],
    );
  });

  it('answers each of many by itself', () => {
    const client = Loopback.open({ writable: ['SP'] });
    const list = [
      'GGIO1$SP$SINT32$setVal',
      'GGIO1$SP$None',
      'GGIO1$DC$Ind1$d',
      'GGIO1$SP$SINT8$setVal',
      'GGIO1$SP$SINT16$setVal',
    ];
    const { results } = client.request({
      service: 'write',
      access: { list: list.map((item) => ({ name: nameOf(`TESTLD1/${item}`) })) },
      data: [integer(1), integer(1), text('x'), integer(1000), integer(1000)],
    });
    assert.deepEqual(errors(results), [
      undefined,
      objectNonExistent,
      objectAccessDenied,
      objectValueInvalid,
      undefined,
    ]);
    assert.deepEqual(
      client.written.map(({ reference }) => reference),
      ['TESTLD1/GGIO1.SINT32.setVal[SP]', 'TESTLD1/GGIO1.SINT16.setVal[SP]'],
    );
  });

  it('takes the values of a data set, each with its own result', () => {
    const client = Loopback.open({ writable: ['SP'] });
    const listName = nameOf('TESTLD1/LLN0$dsSettings');
    const { results } = client.request({ service: 'write', access: { listName }, data: [integer(12), bits('0')] });
    assert.deepEqual(errors(results), [undefined, typeInconsistent]);
    assert.deepEqual(client.value('TESTLD1/GGIO1$SP$SINT32$setVal'), integer(12));
    const unknown = nameOf('TESTLD1/LLN0$none');
    assert.throws(
      () => client.request({ service: 'write', access: { listName: unknown }, data: [integer(1)] }),
      (error: unknown) => error instanceof ServiceError && error.errorName === 'object-non-existent',
    );
  });

  it('rejects a write with other than one value for each variable (CVE-2026-50032: a variable list without data)', () => {
    const client = Loopback.open({ writable: ['SP'] });
    const listName = nameOf('TESTLD1/LLN0$dsSettings');
    for (const data of [[], [integer(1)], [integer(1), float(1), float(1)]]) {
      assert.throws(() => client.request({ service: 'write', access: { listName }, data }), RejectError);
    }
    // The element with the data left out altogether.
    const whole = encodeServiceRequest({ service: 'write', access: { listName }, data: [] });
    const cut = Buffer.from(whole.subarray(0, -2));
    cut[1] = (cut[1] as number) - 2;
    assert.throws(() => client.raw(cut), RejectError);
    assert.deepEqual(client.written, []);
    assert.equal(client.association.open, true);
  });

  it('stores TRUE as 01, whatever octet it came with', () => {
    const client = Loopback.open({ writable: ['SP'] });
    assert.equal(
      client.write('TESTLD1/GGIO1$SP$SBOOLEAN$setVal', { type: 'boolean', value: true, octet: 0xff }),
      undefined,
    );
    assert.deepEqual(client.value('TESTLD1/GGIO1$SP$SBOOLEAN$setVal'), { type: 'boolean', value: true });
  });
});
