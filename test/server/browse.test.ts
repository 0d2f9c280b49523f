import assert from 'node:assert/strict';
import { ServiceError } from '../../src/errors.js';
import type { TypeDescription } from '../../src/mms/type-description.js';
import { dataObject, da, logicalNode, testModel } from './fixture.js';
import { Loopback, nameOf } from './loopback.js';

const serviceError = (name: string) => (error: unknown) => error instanceof ServiceError && error.errorName === name;

function typeOf(client: Loopback, item: string): TypeDescription {
  return client.request({ service: 'getVariableAccessAttributes', name: nameOf(item) }).type;
}

function componentNames(type: TypeDescription): string[] {
  return type.type === 'structure' ? type.components.map(({ name }) => name) : [];
}

describe('a server that is browsed', () => {
  it('identifies itself as the file says', () => {
    const { vendor, model, revision } = Loopback.open().request({ service: 'identify' });
    assert.deepEqual({ vendor, model, revision }, { vendor: 'Substation', model: 'Fixture', revision: '7' });
  });

  it('identifies itself as the options say, in Latin letters', () => {
    const client = Loopback.open({ vendor: '变电站 A', model: 'm', revision: 'r' });
    const { vendor, model, revision } = client.request({ service: 'identify' });
    assert.deepEqual({ vendor, model, revision }, { vendor: '??? A', model: 'm', revision: 'r' });
  });

  it('is operational', () => {
    const { logical, physical } = Loopback.open().request({ service: 'status', extended: false });
    assert.deepEqual([logical, physical], [0, 0]);
  });

  it('lists logical devices as domains', () => {
    const { names, moreFollows } = Loopback.open().request({
      service: 'getNameList',
      objectClass: 9,
      scope: { scope: 'vmd' },
    });
    assert.deepEqual([names, moreFollows], [['TESTLD1', 'TESTLD2'], false]);
  });

  it('lists every level of the variables, in the order of their characters', () => {
    const { names, moreFollows } = Loopback.open().names('TESTLD2');
    assert.equal(moreFollows, false);
    assert.deepEqual(names, [...names].sort());
    assert.deepEqual(
      names.filter((name) => name.startsWith('MMXU1$MX')),
      [
        'MMXU1$MX',
        ...[
          'MMXU1$MX$A',
          'MMXU1$MX$A$phsA',
          'MMXU1$MX$A$phsA$cVal',
          'MMXU1$MX$A$phsA$cVal$ang',
          'MMXU1$MX$A$phsA$cVal$ang$f',
        ],
        ...['MMXU1$MX$A$phsA$cVal$mag', 'MMXU1$MX$A$phsA$cVal$mag$f', 'MMXU1$MX$A$phsA$q', 'MMXU1$MX$A$phsA$t'],
        ...['B', 'C'].flatMap((phase) =>
          ['', '$cVal', '$cVal$ang', '$cVal$ang$f', '$cVal$mag', '$cVal$mag$f', '$q', '$t'].map(
            (end) => `MMXU1$MX$A$phs${phase}${end}`,
          ),
        ),
        ...['MMXU1$MX$TotW', 'MMXU1$MX$TotW$mag', 'MMXU1$MX$TotW$mag$f', 'MMXU1$MX$TotW$q', 'MMXU1$MX$TotW$t'],
      ],
    );
    // What stands below an array is reached by alternate access.
    assert.deepEqual(
      names.filter((name) => name.startsWith('MHAI1')),
      ['MHAI1', 'MHAI1$MX', 'MHAI1$MX$HA', 'MHAI1$MX$HA$phsAHar'],
    );
  });

  it('lists variable lists and journals', () => {
    const client = Loopback.open();
    assert.deepEqual(client.names('TESTLD1', 2).names, ['LLN0$dsPositions', 'LLN0$dsSettings']);
    assert.deepEqual(client.names('TESTLD1', 8).names, ['LLN0$Events']);
    assert.deepEqual(client.names('TESTLD2', 2).names, []);
  });

  it('has nothing in association and VMD scope', () => {
    const client = Loopback.open();
    for (const scope of ['association', 'vmd'] as const) {
      for (const objectClass of [0, 2, 8]) {
        const { names, moreFollows } = client.request({ service: 'getNameList', objectClass, scope: { scope } });
        assert.deepEqual([names, moreFollows], [[], false]);
      }
    }
  });

  it('answers unknown domains and object classes with an error', () => {
    const client = Loopback.open();
    assert.throws(() => client.names('TESTLD9'), serviceError('object-non-existent'));
    assert.throws(() => client.names('TESTLD1', 4), serviceError('object-access-unsupported'));
  });

  it('continues after any name, whether it exists or not', () => {
    const client = Loopback.open();
    const all = client.names('TESTLD1').names;
    for (const [i, name] of all.entries()) assert.equal(client.names('TESTLD1', 0, name).names[0], all[i + 1]);
    assert.equal(client.names('TESTLD1', 0, 'XCBR1$ST$Pos$s').names[0], 'XCBR1$ST$Pos$stVal');
    assert.deepEqual(client.names('TESTLD1', 0, 'ZZZ').names, []);
    assert.equal(client.names('TESTLD1', 0, '').names[0], all[0]);
    assert.deepEqual(client.names('TESTLD1', 2, 'LLN0$dsPositions').names, ['LLN0$dsSettings']);
  });

  it('gives pages that fit the negotiated PDU size and together are the whole', () => {
    const all = Loopback.open().names('TESTLD1').names;
    const client = Loopback.open({ offer: { maxPduSize: 512 } });
    const names: string[] = [];
    for (let more = true; more;) {
      client.sent = [];
      const page = client.names('TESTLD1', 0, names.at(-1));
      assert.ok(page.names.length > 0);
      assert.ok(Buffer.concat(client.sent).length < 512 + 32);
      names.push(...page.names);
      more = page.moreFollows;
    }
    assert.deepEqual(names, all);
  });

  it('gives at most 1000 names a page', () => {
    const many = Array.from({ length: 1500 }, (_, i) =>
      dataObject(`Ind${i + 1}`, 'SPS', [da('ST', 'stVal', 'BOOLEAN')]),
    );
    const iedModel = testModel({ logicalDevices: [{ name: 'TESTLD1', logicalNodes: [logicalNode('GGIO1', many)] }] });
    const first = Loopback.open({ iedModel }).names('TESTLD1');
    assert.deepEqual([first.names.length, first.moreFollows], [1000, true]);
  });

  it('tells types at every level', () => {
    const client = Loopback.open();
    assert.deepEqual(componentNames(typeOf(client, 'TESTLD1/XCBR1')), ['ST', 'CO', 'CF', 'SV']);
    assert.deepEqual(componentNames(typeOf(client, 'TESTLD1/XCBR1$ST')), ['Pos']);
    assert.deepEqual(componentNames(typeOf(client, 'TESTLD1/XCBR1$ST$Pos')), ['origin', 'ctlNum', 'stVal', 'q', 't']);
    assert.deepEqual(typeOf(client, 'TESTLD1/XCBR1$ST$Pos$stVal'), { type: 'bit-string', size: 2 });
    assert.deepEqual(typeOf(client, 'TESTLD1/XCBR1$ST$Pos$q'), { type: 'bit-string', size: -13 });
    const array = typeOf(client, 'TESTLD2/MHAI1$MX$HA$phsAHar');
    assert.ok(array.type === 'array' && array.count === 4 && array.element.type === 'structure');
  });

  it('maps the basic types as IEC 61850-8-1 does', () => {
    const client = Loopback.open();
    const expected: Record<string, TypeDescription> = {
      BOOLEAN: { type: 'boolean' },
      INT8: { type: 'integer', size: 8 },
      INT16: { type: 'integer', size: 16 },
      INT32: { type: 'integer', size: 32 },
      INT64: { type: 'integer', size: 64 },
      INT8U: { type: 'unsigned', size: 8 },
      INT16U: { type: 'unsigned', size: 16 },
      INT32U: { type: 'unsigned', size: 32 },
      FLOAT32: { type: 'float', formatWidth: 32, exponentWidth: 8 },
      FLOAT64: { type: 'float', formatWidth: 64, exponentWidth: 11 },
      Enum: { type: 'integer', size: 8 },
      Dbpos: { type: 'bit-string', size: 2 },
      Tcmd: { type: 'bit-string', size: 2 },
      Check: { type: 'bit-string', size: -2 },
      Quality: { type: 'bit-string', size: -13 },
      Timestamp: { type: 'utc-time' },
      EntryTime: { type: 'binary-time', withDate: true },
      VisString32: { type: 'visible-string', size: -32 },
      Unicode255: { type: 'mms-string', size: -255 },
      Octet64: { type: 'octet-string', size: -64 },
    };
    for (const [name, type] of Object.entries(expected)) {
      assert.deepEqual(typeOf(client, `TESTLD1/GGIO1$SP$S${name}$setVal`), type, name);
    }
  });

  it('says pdu-size for a type that does not fit, and gives its parts (libiec61850 #96)', () => {
    const client = Loopback.open({ offer: { maxPduSize: 512 } });
    assert.throws(() => typeOf(client, 'TESTLD1/GGIO1'), serviceError('pdu-size'));
    assert.equal(typeOf(client, 'TESTLD1/GGIO1$ST$Ind1').type, 'structure');
  });

  it('answers unknown names and addresses with an error', () => {
    const client = Loopback.open();
    for (const item of [
      'TESTLD1/XCBR2',
      'TESTLD9/XCBR1',
      'TESTLD1/XCBR1$ST$Pos$stVal$x',
      'TESTLD1/',
      'TESTLD1/XCBR1$',
    ]) {
      assert.throws(() => typeOf(client, item), serviceError('object-non-existent'), item);
    }
    // [6] { address [1] { [0] 5 } }
    assert.throws(() => client.raw(Buffer.from('a605a103800105', 'hex')), serviceError('object-access-unsupported'));
    const name = { scope: 'vmd', item: 'XCBR1' } as const;
    assert.throws(
      () => client.request({ service: 'getVariableAccessAttributes', name }),
      serviceError('object-non-existent'),
    );
  });

  it('tells the members of a data set, array elements by alternate access', () => {
    const { deletable, variables } = Loopback.open().request({
      service: 'getNamedVariableListAttributes',
      name: nameOf('TESTLD1/LLN0$dsPositions'),
    });
    assert.equal(deletable, false);
    assert.deepEqual(variables, [
      { name: nameOf('TESTLD1/XCBR1$ST$Pos') },
      { name: nameOf('TESTLD2/MMXU1$MX$TotW$mag$f') },
      {
        name: nameOf('TESTLD2/MHAI1$MX$HA$phsAHar'),
        access: [
          { select: 'index', index: 2 },
          { select: 'component', name: 'cVal$mag$f' },
        ],
      },
    ]);
  });

  it('answers for unknown and association-specific data sets with an error (CVE-2026-68907)', () => {
    const client = Loopback.open();
    for (const name of [
      nameOf('TESTLD1/LLN0$none'),
      { scope: 'association', item: 'x' } as const,
      { scope: 'vmd', item: 'x' } as const,
    ]) {
      assert.throws(
        () => client.request({ service: 'getNamedVariableListAttributes', name }),
        serviceError('object-non-existent'),
      );
    }
  });

  it('leaves out what appears twice, and says so', () => {
    const [first] = testModel().logicalDevices;
    const client = Loopback.open({ iedModel: testModel({ logicalDevices: [first!, first!] }) });
    assert.equal(client.core.problems.list.length > 0, true);
    assert.match(client.core.problems.list[0]?.message ?? '', /two logical devices/);
  });
});
