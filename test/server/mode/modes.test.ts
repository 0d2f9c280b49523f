import assert from 'node:assert/strict';
import type { DataObject, IedModel, LogicalDevice } from '../../../src/model/ied-model.js';
import { combine, Mode } from '../../../src/server/mode/mode.js';
import { ServerCore } from '../../../src/server/server-core.js';
import { da, dataObject, logicalNode, testModel } from '../fixture.js';

const KIND = { 1: 'on', 2: 'blocked', 3: 'test', 4: 'test/blocked', 5: 'off' };
const status = (name: string, cdc: string, value?: string, kind: Record<number, string> = KIND): DataObject =>
  dataObject(name, cdc, [
    da('ST', 'stVal', 'Enum', { enumLiterals: kind, dchg: true, ...(value !== undefined && { value }) }),
    da('ST', 'q', 'Quality', { qchg: true }),
    da('ST', 't', 'Timestamp'),
  ]);
const indication = dataObject('Ind1', 'SPS', [
  da('ST', 'stVal', 'BOOLEAN'),
  da('ST', 'q', 'Quality', { qchg: true }),
  da('ST', 't', 'Timestamp'),
]);
const grRef = (value: string): DataObject => dataObject('GrRef', 'ORG', [da('SP', 'setSrcRef', 'ObjRef', { value })]);

interface DeviceOptions {
  zero?: string;
  node?: string;
  parent?: string;
}

const device = (inst: string, { zero, node, parent }: DeviceOptions): LogicalDevice => ({
  name: `TEST${inst}`,
  inst,
  logicalNodes: [
    logicalNode('LLN0', [status('Mod', 'ENC', zero), status('Beh', 'ENS'), ...(parent ? [grRef(parent)] : [])]),
    logicalNode('GGIO1', [status('Mod', 'ENC', node), status('Beh', 'ENS'), indication]),
    logicalNode('GGIO2', [status('Beh', 'ENS'), indication]),
  ],
});

const model = (...logicalDevices: LogicalDevice[]): IedModel => testModel({ logicalDevices });

class Bench {
  readonly core: ServerCore;

  constructor(...devices: LogicalDevice[]) {
    this.core = new ServerCore(model(...devices), {}, () => undefined);
  }

  set(reference: string, value: unknown, more: Record<string, unknown> = {}): void {
    assert.deepEqual(this.core.update([{ reference: `${reference}[ST]`, value, ...more }], 5000).errors, []);
  }

  behaviour(place: string): unknown {
    return this.core.read(`TEST${place}.Beh[ST]`).value;
  }

  quality(reference: string): string | undefined {
    return this.core.read(`TEST${reference}[ST]`).quality?.text;
  }
}

describe('the behaviour of a logical node', () => {
  it('follows from its mode and that of its device as the table of the standard has it', () => {
    // Rows: mode of the node; columns: mode of the device; both on, blocked, test, test/blocked, off.
    const table = [
      [1, 2, 3, 4, 5],
      [2, 2, 4, 4, 5],
      [3, 4, 3, 4, 5],
      [4, 4, 4, 4, 5],
      [5, 5, 5, 5, 5],
    ];
    const modes = Object.values(Mode);
    assert.deepEqual(
      modes.map((node) => modes.map((above) => combine(node, above))),
      table,
    );
  });

  it('is told at the start from the modes of the file, with good quality and the time of the start', () => {
    const before = Date.now();
    const bench = new Bench(device('LD1', { zero: 'blocked', node: 'test' }));
    assert.deepEqual(
      ['LD1/LLN0', 'LD1/GGIO1', 'LD1/GGIO2'].map((place) => bench.behaviour(place)),
      [2, 4, 2],
    );
    const { quality, timestamp } = bench.core.read('TESTLD1/GGIO1.Beh[ST]');
    assert.equal(quality?.text, 'good');
    assert.ok(Date.parse(timestamp ?? '') >= before - 1);
  });

  it('is not invented: where no mode was given it stays invalid, until one is', () => {
    const bench = new Bench(device('LD1', {}));
    assert.equal(bench.quality('LD1/GGIO1.Beh'), 'invalid');
    bench.set('TESTLD1/LLN0.Mod', 'on');
    for (const place of ['LD1/LLN0', 'LD1/GGIO1', 'LD1/GGIO2']) {
      assert.deepEqual([bench.behaviour(place), bench.quality(`${place}.Beh`)], [1, 'good']);
    }
  });

  it('changes when Mod of the node or of the device changes, with the time of that', () => {
    const bench = new Bench(device('LD1', { zero: 'on', node: 'on' }));
    bench.set('TESTLD1/GGIO1.Mod', 'blocked');
    assert.deepEqual([bench.behaviour('LD1/GGIO1'), bench.behaviour('LD1/GGIO2')], [2, 1]);
    assert.equal(bench.core.read('TESTLD1/GGIO1.Beh[ST]').timestamp, new Date(5000).toISOString());
    bench.set('TESTLD1/LLN0.Mod', 'off');
    assert.deepEqual([bench.behaviour('LD1/GGIO1'), bench.behaviour('LD1/GGIO2')], [5, 5]);
  });

  for (const reference of ['TESTLD1', 'LD1', '@LD1', '@LD1/LLN0']) {
    it(`follows the logical device above that GrRef names: ${reference}`, () => {
      const bench = new Bench(device('LD1', { zero: 'on' }), device('LD2', { zero: 'blocked', parent: reference }));
      assert.equal(bench.behaviour('LD2/GGIO1'), 2);
      bench.set('TESTLD1/LLN0.Mod', 'test');
      assert.deepEqual([bench.behaviour('LD2/GGIO1'), bench.behaviour('LD1/GGIO1')], [4, 3]);
    });
  }

  it('ends also where logical devices stand above each other in a circle', () => {
    const bench = new Bench(
      device('LD1', { zero: 'blocked', parent: 'LD2' }),
      device('LD2', { zero: 'test', parent: 'LD1' }),
    );
    assert.deepEqual([bench.behaviour('LD1/LLN0'), bench.behaviour('LD2/LLN0')], [4, 4]);
  });

  it('stays as the owner gives it in the same transaction as the mode', () => {
    const bench = new Bench(device('LD1', { zero: 'on', node: 'on' }));
    bench.core.update(
      [
        { reference: 'TESTLD1/GGIO1.Mod[ST]', value: 'test' },
        { reference: 'TESTLD1/GGIO1.Beh[ST]', value: 'blocked' },
      ],
      1,
    );
    assert.equal(bench.behaviour('LD1/GGIO1'), 2);
  });

  it('stays as it is where the file left the literal out', () => {
    const few = { 1: 'on', 5: 'off' };
    const bench = new Bench({
      name: 'TESTLD1',
      logicalNodes: [logicalNode('LLN0', [status('Mod', 'ENC', 'on'), status('Beh', 'ENS', undefined, few)])],
    });
    bench.set('TESTLD1/LLN0.Mod', 'test');
    assert.equal(bench.behaviour('LD1/LLN0'), 1);
  });
});

describe('qualities of a logical node', () => {
  it('are test while it is in test, also those that come in the meantime, and the given ones afterwards', () => {
    const bench = new Bench(device('LD1', { zero: 'on', node: 'on' }));
    bench.set('TESTLD1/GGIO1.Ind1', true, { quality: 'questionable (oldData)', timestamp: 1000 });
    bench.set('TESTLD1/GGIO1.Mod', 'test');
    assert.equal(bench.quality('LD1/GGIO1.Ind1'), 'questionable (oldData), test');
    assert.equal(bench.core.read('TESTLD1/GGIO1.Ind1[ST]').timestamp, new Date(5000).toISOString());
    assert.equal(bench.quality('LD1/GGIO2.Ind1'), 'invalid', 'of the neighbour');
    bench.set('TESTLD1/GGIO1.Ind1', false);
    assert.equal(bench.quality('LD1/GGIO1.Ind1'), 'good, test');
    bench.set('TESTLD1/GGIO1.Mod', 'on');
    assert.equal(bench.quality('LD1/GGIO1.Ind1'), 'good');
  });

  it('are invalid while it is off, but for Mod and Beh, and come back', () => {
    const bench = new Bench(device('LD1', { zero: 'on', node: 'on' }));
    bench.set('TESTLD1/GGIO1.Ind1', true);
    bench.set('TESTLD1/LLN0.Mod', 'off');
    assert.equal(bench.quality('LD1/GGIO1.Ind1'), 'invalid');
    assert.deepEqual([bench.quality('LD1/LLN0.Mod'), bench.quality('LD1/GGIO1.Beh')], ['good', 'good']);
    bench.set('TESTLD1/LLN0.Mod', 'test');
    assert.equal(bench.quality('LD1/GGIO1.Ind1'), 'good, test');
    bench.core.update(
      [
        { reference: 'TESTLD1/LLN0.Mod[ST]', value: 'on' },
        { reference: 'TESTLD1/GGIO1.Ind1[ST]', value: true, quality: 'invalid (failure)' },
      ],
      1,
    );
    assert.equal(bench.quality('LD1/GGIO1.Ind1'), 'invalid (failure)');
  });

  it('that come with the mode in one transaction are marked', () => {
    const bench = new Bench(device('LD1', { zero: 'on', node: 'on' }));
    bench.core.update(
      [
        { reference: 'TESTLD1/GGIO1.Ind1[ST]', value: true },
        { reference: 'TESTLD1/GGIO1.Mod[ST]', value: 'test' },
      ],
      1,
    );
    assert.equal(bench.quality('LD1/GGIO1.Ind1'), 'good, test');
    bench.set('TESTLD1/GGIO1.Mod', 'blocked');
    assert.equal(bench.quality('LD1/GGIO1.Ind1'), 'good');
  });

  it('are marked from the start when the file has the node in test', () => {
    const bench = new Bench(device('LD1', { node: 'test' }));
    assert.equal(bench.quality('LD1/GGIO1.Ind1'), 'invalid, test');
    assert.equal(bench.core.read('TESTLD1/GGIO1.Ind1[ST]').timestamp, new Date(0).toISOString());
  });
});
