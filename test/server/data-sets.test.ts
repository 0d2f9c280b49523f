import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServiceError } from '../../src/errors.js';
import { MAX_ASSOCIATION_DATA_SETS, MAX_DYNAMIC_DATA_SET_MEMBERS, MAX_DYNAMIC_DATA_SETS } from '../../src/limits.js';
import type { AccessResult } from '../../src/mms/data.js';
import type { ObjectName } from '../../src/mms/object-name.js';
import { ObjectClass, type NameListScope } from '../../src/mms/services.js';
import type { VariableSpecification } from '../../src/mms/variable-access.js';
import { testModel } from './fixture.js';
import { Loopback, nameOf } from './loopback.js';

const MADE = nameOf('TESTLD1/LLN0$Made');
const OWN: ObjectName = { scope: 'association', item: 'own' };
const member = (item: string): VariableSpecification => ({ name: nameOf(item) });
const POSITION = member('TESTLD1/XCBR1$ST$Pos');
const DOOR = member('TESTLD1/GGIO1$DC$Ind1$d');
const HARMONIC: VariableSpecification = {
  ...member('TESTLD2/MHAI1$MX$HA$phsAHar'),
  access: [
    { select: 'index', index: 2 },
    { select: 'component', name: 'cVal$mag$f' },
  ],
};

function define(client: Loopback, name: ObjectName, ...variables: VariableSpecification[]): void {
  client.request({ service: 'defineNamedVariableList', name, variables });
}

function remove(client: Loopback, ...names: ObjectName[]): [matched: number, deleted: number] {
  const { matched, deleted } = client.request({ service: 'deleteNamedVariableList', names });
  return [matched, deleted];
}

function listed(client: Loopback, scope: NameListScope): string[] {
  return client.request({ service: 'getNameList', objectClass: ObjectClass.namedVariableList, scope }).names;
}

function read(client: Loopback, listName: ObjectName): AccessResult[] {
  return client.request({ service: 'read', specificationWithResult: false, access: { listName } }).results;
}

/** Class and value of the service error that a call ends with. */
function errorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof ServiceError) return `${error.errorClass}/${error.errorName}`;
    throw error;
  }
  return 'done';
}

describe('data sets that clients make', () => {
  it('are listed, described as deletable, read as one and written', () => {
    const client = Loopback.open({ writable: ['DC'] });
    define(client, MADE, POSITION, HARMONIC, DOOR);
    assert.deepEqual(listed(client, { scope: 'domain', domain: 'TESTLD1' }), [
      'LLN0$Made',
      'LLN0$dsPositions',
      'LLN0$dsSettings',
    ]);
    const { deletable, variables } = client.request({ service: 'getNamedVariableListAttributes', name: MADE });
    assert.equal(deletable, true);
    assert.deepEqual(variables, [POSITION, HARMONIC, DOOR]);
    const results = read(client, MADE);
    assert.deepEqual(
      results.map(({ success }) => success),
      [true, true, true],
    );
    const values = results.map((one) => (one.success ? one.data : assert.fail()));
    const { results: written } = client.request({ service: 'write', access: { listName: MADE }, data: values });
    assert.deepEqual(written, [{ success: false, error: 3 }, { success: false, error: 3 }, { success: true }]);
  });

  it('stay in their logical node, for all clients, until one deletes them', () => {
    const first = Loopback.open();
    define(first, MADE, DOOR);
    const second = Loopback.open({ core: first.core });
    first.association.abort();
    first.settle();
    assert.equal(read(second, MADE).length, 1);
    assert.deepEqual(remove(second, MADE), [1, 1]);
    assert.equal(
      errorOf(() => read(second, MADE)),
      'access/object-non-existent',
    );
    assert.deepEqual(remove(second, MADE), [0, 0]);
  });

  it('a read of the same octets gives the data set that has the name now', () => {
    const client = Loopback.open();
    define(client, MADE, DOOR);
    assert.deepEqual(read(client, MADE)[0], { success: true, data: { type: 'visible-string', value: 'door' } });
    remove(client, MADE);
    define(client, MADE, POSITION, POSITION);
    assert.equal(read(client, MADE).length, 2);
  });

  it('of an association are seen by it alone, and go with it (CVE-2026-68907)', () => {
    const first = Loopback.open();
    const second = Loopback.open({ core: first.core });
    define(first, OWN, DOOR);
    define(second, OWN, POSITION, DOOR);
    assert.deepEqual(listed(first, { scope: 'association' }), ['own']);
    assert.equal(read(first, OWN).length, 1);
    assert.equal(read(second, OWN).length, 2);
    first.association.abort();
    first.settle();
    assert.deepEqual(listed(second, { scope: 'association' }), ['own']);
    const third = Loopback.open({ core: first.core });
    assert.deepEqual(listed(third, { scope: 'association' }), []);
    assert.equal(
      errorOf(() => read(third, OWN)),
      'access/object-non-existent',
    );
    assert.deepEqual(remove(second, OWN), [1, 1]);
    assert.deepEqual(remove(second, OWN), [0, 0]);
  });

  it('what the file brought cannot be deleted, and several names are counted together', () => {
    const client = Loopback.open();
    define(client, MADE, DOOR);
    define(client, OWN, DOOR);
    const fixed = nameOf('TESTLD1/LLN0$dsPositions');
    assert.deepEqual(remove(client, fixed), [1, 0]);
    assert.deepEqual(remove(client, fixed, MADE, OWN, nameOf('TESTLD1/LLN0$None'), MADE), [3, 2]);
    assert.equal(read(client, fixed).length, 3);
  });

  it('one that a control block uses stays until it lets go', () => {
    const client = Loopback.open();
    define(client, MADE, DOOR);
    const { dataSets } = client.core;
    const list = dataSets.named('TESTLD1/LLN0$Made', undefined);
    assert.ok(list);
    const releases = [dataSets.hold(list), dataSets.hold(list)];
    assert.deepEqual(remove(client, MADE), [1, 0]);
    releases[0]?.();
    releases[0]?.();
    assert.deepEqual(remove(client, MADE), [1, 0]);
    releases[1]?.();
    assert.deepEqual(remove(client, MADE), [1, 1]);
    assert.equal(dataSets.named('TESTLD1/LLN0$Made', undefined), undefined);
    assert.equal(dataSets.named('@own', undefined), undefined);
    assert.equal(dataSets.named('nonsense', undefined), undefined);
  });

  it('are refused for names that are taken, wrong, or of nodes that are not there', () => {
    const client = Loopback.open();
    const refused: [ObjectName, string][] = [
      [nameOf('TESTLD1/LLN0$dsPositions'), 'definition/object-exists'],
      [nameOf('TESTLD1/NONE1$Made'), 'access/object-non-existent'],
      [nameOf('NOWHERE/LLN0$Made'), 'access/object-non-existent'],
      [nameOf('TESTLD1/Made'), 'definition/invalid-address'],
      [nameOf('TESTLD1/LLN0$Made$More'), 'definition/invalid-address'],
      [nameOf('TESTLD1/LLN0$'), 'definition/invalid-address'],
      [nameOf('TESTLD1/LLN0$1st'), 'definition/invalid-address'],
      [nameOf('TESTLD1/LLN0$a b'), 'definition/invalid-address'],
      [nameOf(`TESTLD1/LLN0$${'x'.repeat(65)}`), 'definition/invalid-address'],
      [{ scope: 'association', item: '' }, 'definition/invalid-address'],
      [{ scope: 'association', item: '$own' }, 'definition/invalid-address'],
      [{ scope: 'vmd', item: 'made' }, 'access/object-access-unsupported'],
    ];
    for (const [name, error] of refused)
      assert.equal(
        errorOf(() => define(client, name, DOOR)),
        error,
        name.item,
      );
    define(client, OWN, DOOR);
    assert.equal(
      errorOf(() => define(client, OWN, DOOR)),
      'definition/object-exists',
    );
  });

  it('are refused for members that are no data, or not there, and nothing is left of them', () => {
    const client = Loopback.open();
    const refused: [VariableSpecification, string][] = [
      [member('TESTLD1/XCBR1$ST$Nothing'), 'definition/object-undefined'],
      [member('NOWHERE/XCBR1$ST$Pos'), 'definition/object-undefined'],
      [{ name: { scope: 'vmd', item: 'XCBR1$ST$Pos' } }, 'definition/object-undefined'],
      [{ name: { scope: 'association', item: 'Pos' } }, 'definition/object-undefined'],
      [{ ...HARMONIC, access: [{ select: 'index', index: 4 }] }, 'definition/object-undefined'],
      [{ ...POSITION, access: [{ select: 'index', index: 0 }] }, 'definition/object-undefined'],
      [{ ...HARMONIC, access: [{ select: 'range', index: 0, count: 2 }] }, 'definition/object-attribute-inconsistent'],
      [{ ...HARMONIC, access: [{ select: 'all' }] }, 'definition/object-attribute-inconsistent'],
      [member('TESTLD1/XCBR1'), 'definition/object-attribute-inconsistent'],
      [member('TESTLD1/XCBR1$ST'), 'definition/object-attribute-inconsistent'],
      [member('TESTLD1/LLN0$BR$brcb01'), 'definition/object-attribute-inconsistent'],
      [member('TESTLD1/LLN0$BR$brcb01$RptEna'), 'definition/object-attribute-inconsistent'],
      [member('TESTLD1/LLN0$GO$gcb$GoEna'), 'definition/object-attribute-inconsistent'],
    ];
    for (const [one, error] of refused)
      assert.equal(
        errorOf(() => define(client, MADE, DOOR, one)),
        error,
      );
    assert.equal(
      errorOf(() => define(client, MADE)),
      'definition/object-attribute-inconsistent',
    );
    assert.deepEqual(remove(client, MADE), [0, 0]);
  });

  it('are bounded in members, per client and in all', () => {
    const client = Loopback.open();
    const full = 'resource/capability-unavailable';
    const many = Array.from({ length: MAX_DYNAMIC_DATA_SET_MEMBERS }, () => DOOR);
    define(client, MADE, ...many);
    assert.equal(
      errorOf(() => define(client, OWN, ...many, DOOR)),
      full,
    );
    for (let i = 0; i < MAX_ASSOCIATION_DATA_SETS; i++) define(client, { scope: 'association', item: `own${i}` }, DOOR);
    assert.equal(
      errorOf(() => define(client, OWN, DOOR)),
      full,
    );
    const second = Loopback.open({ core: client.core });
    define(second, OWN, DOOR);
    for (let i = 1; i < MAX_DYNAMIC_DATA_SETS; i++) define(second, nameOf(`TESTLD1/LLN0$Made${i}`), DOOR);
    assert.equal(
      errorOf(() => define(second, nameOf('TESTLD1/LLN0$Other'), DOOR)),
      full,
    );
    remove(second, MADE);
    define(second, nameOf('TESTLD1/LLN0$Other'), DOOR);
  });

  it('a client that comes and goes does not use up the room of others', () => {
    const first = Loopback.open();
    const many = Array.from({ length: MAX_DYNAMIC_DATA_SET_MEMBERS }, () => DOOR);
    for (let i = 0; i < 200; i++) {
      const client = Loopback.open({ core: first.core });
      define(client, OWN, ...many);
      client.association.abort();
      client.settle();
    }
    define(first, OWN, ...many);
  });

  it('of logical nodes survive a restart where the server has a folder to keep things in', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'iec61850-data-sets-'));
    try {
      const first = new Loopback({ dataDir: folder });
      await first.core.prepare();
      first.connect();
      define(first, MADE, POSITION, HARMONIC);
      define(first, nameOf('TESTLD2/MMXU1$Gone'), DOOR);
      define(first, nameOf('TESTLD1/XCBR1$Deleted'), DOOR);
      define(first, OWN, DOOR);
      remove(first, nameOf('TESTLD1/XCBR1$Deleted'));
      await first.core.stop();
      const model = testModel();
      const nodes = model.logicalDevices[1]?.logicalNodes ?? [];
      nodes.splice(0, nodes.length, ...nodes.filter(({ name }) => name !== 'MMXU1'));
      const second = new Loopback({ dataDir: folder, iedModel: model });
      await second.core.prepare();
      second.connect();
      const { variables } = second.request({ service: 'getNamedVariableListAttributes', name: MADE });
      assert.deepEqual(variables, [POSITION, HARMONIC]);
      assert.deepEqual(listed(second, { scope: 'domain', domain: 'TESTLD2' }), []);
      assert.ok(!listed(second, { scope: 'domain', domain: 'TESTLD1' }).includes('XCBR1$Deleted'));
      assert.deepEqual(listed(second, { scope: 'association' }), []);
      await second.core.stop();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
