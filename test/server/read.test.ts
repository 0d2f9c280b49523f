import assert from 'node:assert/strict';
import { ServiceError } from '../../src/errors.js';
import type { MmsData } from '../../src/mms/data.js';
import { AccessError } from '../../src/server/selection.js';
import { testModel } from './fixture.js';
import { Loopback, nameOf } from './loopback.js';

const HARMONICS = 'TESTLD2/MHAI1$MX$HA$phsAHar';

function items(data: MmsData | number): MmsData[] {
  if (typeof data !== 'object' || (data.type !== 'structure' && data.type !== 'array'))
    assert.fail('it has no members');
  return data.items;
}

function withHarmonics(): Loopback {
  const client = Loopback.open();
  const updates = [0, 1, 2, 3].map((i) => ({
    reference: `TESTLD2/MHAI1.HA.phsAHar(${i}).cVal.mag.f[MX]`,
    value: i * 10,
  }));
  assert.deepEqual(client.core.update(updates, 1000).errors, []);
  return client;
}

const float = (value: number): MmsData => ({ type: 'float', value, width: 32 });

describe('a server that is read', () => {
  it('gives one attribute, a data object, a constraint and a whole logical node', () => {
    const client = Loopback.open();
    assert.deepEqual(client.value('TESTLD1/XCBR1$ST$Pos$stVal'), { type: 'bit-string', bits: '00' });
    const object = items(client.value('TESTLD1/XCBR1$ST$Pos'));
    assert.deepEqual(
      object.map(({ type }) => type),
      ['structure', 'unsigned', 'bit-string', 'bit-string', 'utc-time'],
    );
    assert.deepEqual(items(client.value('TESTLD1/XCBR1$ST')), [{ type: 'structure', items: object }]);
    const whole = items(client.value('TESTLD1/XCBR1'));
    assert.equal(whole.length, 4);
    assert.deepEqual(whole[0], { type: 'structure', items: [{ type: 'structure', items: object }] });
  });

  it('starts with nothing that is good: invalid, 1970, clock not synchronised', () => {
    const client = Loopback.open();
    assert.deepEqual(client.value('TESTLD1/XCBR1$ST$Pos$q'), { type: 'bit-string', bits: '0100000000000' });
    assert.deepEqual(client.value('TESTLD1/XCBR1$ST$Pos$t'), {
      type: 'utc-time',
      seconds: 0,
      fraction: 0,
      quality: 0x3f,
    });
  });

  it('starts with the values of the file: numbers, literals, texts and array elements', () => {
    const client = Loopback.open();
    assert.deepEqual(client.value('TESTLD1/XCBR1$CF$Pos$ctlModel'), { type: 'integer', value: 0 });
    assert.deepEqual(client.value('TESTLD2/MMXU1$CF$TotW$units$SIUnit'), { type: 'integer', value: 38 });
    assert.deepEqual(client.value('TESTLD2/MMXU1$CF$TotW$db'), { type: 'unsigned', value: 100 });
    assert.deepEqual(client.value('TESTLD1/GGIO1$DC$Ind1$d'), { type: 'visible-string', value: 'door' });
    assert.deepEqual(
      items(client.value('TESTLD1/GGIO1$SP$Crv$marks')),
      [0, 11, 0, 0, 44].map((value) => ({ type: 'integer', value })),
    );
    const point = client.value('TESTLD1/GGIO1$SP$Crv$crvPts', { select: 'index', index: 2 });
    assert.deepEqual(items(point), [float(7), float(0)]);
    // An enumeration without 0 starts with its lowest number.
    assert.deepEqual(client.value('TESTLD1/LLN0$ST$Mod$stVal'), { type: 'integer', value: 1 });
  });

  it('answers each of many: one that is missing leaves the others valid', () => {
    const results = Loopback.open().read(
      'TESTLD1/XCBR1$ST$Pos$stVal',
      'TESTLD1/XCBR1$ST$None',
      'TESTLD2/MMXU1$MX$TotW$mag$f',
      'NO/LD',
    );
    assert.deepEqual(
      results.map((result) => (result.success ? result.data.type : result.error)),
      ['bit-string', AccessError.objectNonExistent, 'float', AccessError.objectNonExistent],
    );
  });

  it('answers a request that names nothing with nothing', () => {
    assert.deepEqual(Loopback.open().read(), []);
  });

  it('gives a data set, whose members may stand in other logical devices', () => {
    const client = withHarmonics();
    const { results } = client.request({
      service: 'read',
      specificationWithResult: false,
      access: { listName: nameOf('TESTLD1/LLN0$dsPositions') },
    });
    assert.deepEqual(
      results.map((result) => result.success && result.data.type),
      ['structure', 'float', 'float'],
    );
    assert.deepEqual(results[2], { success: true, data: float(20) });
  });

  it('says that a data set does not exist (CVE-2026-68907: association-specific ones too)', () => {
    const client = Loopback.open();
    for (const listName of [nameOf('TESTLD1/LLN0$none'), { scope: 'association', item: 'ds' } as const]) {
      assert.throws(
        () => client.request({ service: 'read', specificationWithResult: false, access: { listName } }),
        (error: unknown) => error instanceof ServiceError && error.errorName === 'object-non-existent',
      );
    }
  });

  it('gives the specification back when it is asked to', () => {
    const client = Loopback.open();
    for (const access of [
      { list: [{ name: nameOf('TESTLD1/XCBR1$ST$Pos$q') }] },
      { listName: nameOf('TESTLD1/LLN0$dsPositions') },
    ]) {
      const response = client.request({ service: 'read', specificationWithResult: true, access });
      assert.deepEqual(response.access, access);
      assert.ok(response.results.length > 0);
    }
  });

  it('gives one element of an array, and a component of it in either form', () => {
    const client = withHarmonics();
    const element = { select: 'index', index: 2 } as const;
    assert.equal(items(client.value(HARMONICS, element)).length, 3);
    assert.deepEqual(client.value(HARMONICS, element, { select: 'component', name: 'cVal$mag$f' }), float(20));
    const nested = ['cVal', 'mag', 'f'].map((name) => ({ select: 'component', name }) as const);
    assert.deepEqual(client.value(HARMONICS, element, ...nested), float(20));
    assert.equal(items(client.value(HARMONICS)).length, 4);
  });

  it('gives a range of an array, all of it, and a component of each', () => {
    const client = withHarmonics();
    const range = { select: 'range', index: 1, count: 2 } as const;
    const magnitude = { select: 'component', name: 'cVal$mag$f' } as const;
    assert.equal(items(client.value(HARMONICS, range)).length, 2);
    assert.deepEqual(client.value(HARMONICS, range, magnitude), { type: 'array', items: [float(10), float(20)] });
    assert.deepEqual(client.value(HARMONICS, { select: 'all' }, magnitude), {
      type: 'array',
      items: [0, 10, 20, 30].map(float),
    });
    assert.deepEqual(client.value(HARMONICS, { select: 'all' }), client.value(HARMONICS));
  });

  it('gives a component of a structure by alternate access', () => {
    const client = withHarmonics();
    const data = client.value('TESTLD1/XCBR1$ST$Pos', { select: 'component', name: 'stVal' });
    assert.deepEqual(data, { type: 'bit-string', bits: '00' });
  });

  it('refuses alternate access that the variable does not have', () => {
    const client = withHarmonics();
    const { objectNonExistent, objectAccessUnsupported } = AccessError;
    assert.equal(client.value(HARMONICS, { select: 'index', index: 4 }), objectNonExistent);
    assert.equal(client.value(HARMONICS, { select: 'range', index: 3, count: 2 }), objectNonExistent);
    assert.equal(client.value(HARMONICS, { select: 'range', index: 0, count: 0 }), objectNonExistent);
    assert.equal(client.value(HARMONICS, { select: 'index', index: 0x7fffffff }), objectNonExistent);
    assert.equal(client.value(HARMONICS, { select: 'component', name: 'cVal' }), objectAccessUnsupported);
    assert.equal(client.value('TESTLD1/XCBR1$ST$Pos', { select: 'index', index: 0 }), objectAccessUnsupported);
    assert.equal(
      client.value(HARMONICS, { select: 'index', index: 0 }, { select: 'component', name: 'x' }),
      objectNonExistent,
    );
    assert.equal(client.value(HARMONICS, { select: 'all' }, { select: 'index', index: 0 }), objectAccessUnsupported);
  });

  it('says pdu-size for an answer that does not fit, and goes on', () => {
    const client = Loopback.open({ offer: { maxPduSize: 512 } });
    const many = Array.from({ length: 10 }, () => 'TESTLD1/GGIO1$SP');
    assert.throws(
      () => client.read(...many),
      (error: unknown) => error instanceof ServiceError && error.errorName === 'pdu-size',
    );
    assert.equal(client.read('TESTLD1/XCBR1$ST$Pos$q')[0]?.success, true);
  });

  it('fills the PDU to its last octet and not beyond', () => {
    for (let count = 1; count < 200; count++) {
      const client = Loopback.open({ offer: { maxPduSize: 600 } });
      client.sent = [];
      const list = Array.from({ length: count }, () => ({ name: nameOf('TESTLD1/LLN0$dsPositions') }));
      try {
        client.read(...list.map(() => 'TESTLD1/LLN0$SP$SGCB$ActSG'));
      } catch (error) {
        assert.ok(count > 10 && error instanceof Error);
        return;
      }
      // TPKT 4, COTP 3, session 4 and presentation up to 11 octets are around the MMS PDU.
      assert.ok(Buffer.concat(client.sent).length <= 600 + 22);
    }
    assert.fail('no request was too large');
  });

  it('keeps an answer current whose request it has seen before', () => {
    const client = Loopback.open();
    for (let i = 0; i < 5; i++) {
      client.core.update([{ reference: 'TESTLD2/MMXU1.TotW[MX]', value: i }], 1000);
      assert.deepEqual(client.value('TESTLD2/MMXU1$MX$TotW$mag$f'), float(i));
      const [magnitude] = items(client.value('TESTLD2/MMXU1$MX$TotW'));
      assert.deepEqual(magnitude, { type: 'structure', items: [float(i)] });
      assert.deepEqual(
        items(items(client.value('TESTLD2/MMXU1'))[0] as MmsData).at(0),
        client.value('TESTLD2/MMXU1$MX$TotW'),
      );
    }
  });

  it('keeps the encoding of a data object whose values change their length', () => {
    const client = Loopback.open({ writable: ['SP'] });
    const name = 'TESTLD1/GGIO1$SP$SINT64';
    for (const value of [0, 127, 128, -1, 2 ** 40, 5, -(2 ** 50), 1n << 62n]) {
      client.core.update([{ reference: 'TESTLD1/GGIO1.SINT64[SP]', value }], 0);
      assert.deepEqual(items(client.value(name)), [{ type: 'integer', value }]);
    }
    for (const value of ['', 'a', 'x'.repeat(32), 'short']) {
      client.core.update([{ reference: 'TESTLD1/GGIO1.SVisString32[SP]', value }], 0);
      assert.deepEqual(items(client.value('TESTLD1/GGIO1$SP$SVisString32')), [{ type: 'visible-string', value }]);
    }
    assert.deepEqual(items(client.value('TESTLD1/GGIO1$SP$SUnicode255')), [{ type: 'mms-string', value: '' }]);
    const long = '°'.repeat(127);
    client.core.update([{ reference: 'TESTLD1/GGIO1.SUnicode255[SP]', value: long }], 0);
    assert.deepEqual(items(client.value('TESTLD1/GGIO1$SP$SUnicode255')), [{ type: 'mms-string', value: long }]);
  });
});

describe('control blocks of a server', () => {
  const visible = (value: string): MmsData => ({ type: 'visible-string', value });
  const boolean = (value: boolean): MmsData => ({ type: 'boolean', value });
  const unsigned = (value: number): MmsData => ({ type: 'unsigned', value });
  const bits = (text: string): MmsData => ({ type: 'bit-string', bits: text });

  it('BRCB of Edition 2', () => {
    assert.deepEqual(items(Loopback.open().value('TESTLD1/LLN0$BR$brcb01')), [
      ...[visible('positions'), boolean(false), visible('TESTLD1/LLN0$dsPositions'), unsigned(3), bits('0111101110')],
      ...[unsigned(50), unsigned(0), bits('011001'), unsigned(0), boolean(false), boolean(false)],
      { type: 'octet-string', octets: Buffer.alloc(8) },
      { type: 'binary-time', ms: 0, days: 0 },
      { type: 'integer', value: 0 },
      { type: 'octet-string', octets: Buffer.alloc(0) },
    ]);
  });

  it('URCB of Edition 2, whose RptID is its own reference when the file gives none', () => {
    assert.deepEqual(items(Loopback.open().value('TESTLD1/LLN0$RP$urcb01')), [
      ...[
        visible('TESTLD1/LLN0$RP$urcb01'),
        boolean(false),
        boolean(false),
        visible('TESTLD1/LLN0$dsPositions'),
        unsigned(0),
      ],
      ...[bits('0100100000'), unsigned(0), unsigned(0), bits('011001'), unsigned(0), boolean(false)],
      { type: 'octet-string', octets: Buffer.alloc(0) },
    ]);
  });

  it('members by edition: no ResvTms and Owner in Edition 1, TimeofEntry by its case', () => {
    const names = (edition: '1' | '2.1'): string[] => {
      const client = Loopback.open({ iedModel: testModel({ edition }) });
      return client.names('TESTLD1').names.filter((name) => name.startsWith('LLN0$BR$brcb01$'));
    };
    assert.ok(
      names('1').includes('LLN0$BR$brcb01$TimeofEntry') && !names('1').some((name) => /Owner|ResvTms/.test(name)),
    );
    assert.ok(['TimeOfEntry', 'ResvTms', 'Owner'].every((member) => names('2.1').includes(`LLN0$BR$brcb01$${member}`)));
  });

  it('GoCB, MSVCB, LCB and SGCB', () => {
    const client = Loopback.open();
    const goose = items(client.value('TESTLD1/LLN0$GO$gcb'));
    assert.deepEqual(items(goose[5] as MmsData), [
      { type: 'octet-string', octets: Buffer.from('010ccd010001', 'hex') },
      ...[unsigned(4), unsigned(2), unsigned(1)],
    ]);
    assert.deepEqual(client.value('TESTLD1/LLN0$MS$msvcb$MsvID'), visible('sv'));
    assert.deepEqual(client.value('TESTLD1/LLN0$LG$lcb$LogRef'), visible('TESTLD1/LLN0$Events'));
    assert.deepEqual(items(client.value('TESTLD1/LLN0$SP$SGCB')).slice(0, 4), [
      unsigned(4),
      unsigned(2),
      unsigned(0),
      boolean(false),
    ]);
  });
});
