import assert from 'node:assert/strict';
import path from 'node:path';
import { Movement } from '../../src/cli/movement/movement.js';
import type { DataObject, IedModel } from '../../src/model/ied-model.js';
import { IedServer, type Update } from '../../src/server/index.js';
import { da, dataObject, logicalNode, struct } from '../server/fixture.js';

const BAY = path.resolve(__dirname, '../../examples/scl/bay.cid');

/** The same numbers in each run (a linear congruential generator). */
function fixedRandom(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A server whose process moves, and each value that it was told. */
class Moving {
  readonly told = new Map<string, unknown[]>();
  readonly errors: string[] = [];
  readonly movement: Movement;

  constructor(
    readonly server: IedServer,
    random = fixedRandom(),
  ) {
    this.movement = new Movement(
      server.model,
      {
        read: (reference) => server.read(reference),
        update: (updates) => this.update(updates),
      },
      random,
    );
    this.movement.start();
  }

  static of(...objects: DataObject[]): Moving {
    const model: IedModel = {
      name: 'M',
      edition: '2',
      logicalDevices: [{ name: 'MLD', inst: 'LD', logicalNodes: [logicalNode('MMXU1', objects)] }],
    };
    return new Moving(IedServer.fromModel(model));
  }

  pass(seconds: number, step = 1): void {
    for (let at = 0; at < seconds; at += step) this.movement.step(step);
  }

  values(reference: string): unknown[] {
    return this.told.get(reference) ?? [];
  }

  private update(updates: readonly Update[]): ReturnType<IedServer['update']> {
    const result = this.server.update(updates);
    this.errors.push(...result.errors.map(({ reference, message }) => `${reference}: ${message}`));
    for (const { reference, value } of updates) this.told.set(reference, [...this.values(reference), value]);
    return result;
  }
}

const quality = (fc: 'ST' | 'MX') => [da(fc, 'q', 'Quality'), da(fc, 't', 'Timestamp')];
const measured = (name: string, unit?: number, multiplier?: string, value?: string): DataObject =>
  dataObject(name, 'MV', [
    struct('MX', 'mag', da('MX', 'f', 'FLOAT32', value === undefined ? {} : { value })),
    ...quality('MX'),
    struct(
      'CF',
      'units',
      ...(unit === undefined
        ? []
        : [da('CF', 'SIUnit', 'Enum', { value: String(unit), enumLiterals: { [unit]: 'u' } })]),
      da('CF', 'multiplier', 'Enum', {
        enumLiterals: { 0: '', 3: 'k', 6: 'M' },
        ...(multiplier !== undefined && { value: multiplier }),
      }),
    ),
  ]);

describe('the process of a simulated device', () => {
  it('tells every value of the example bay, good and without an error', async () => {
    const moving = new Moving(await IedServer.fromScl(BAY));
    moving.pass(100);
    assert.deepEqual(moving.errors, []);
    assert.ok(moving.movement.size > 100);
    const { logicalDevices } = moving.server.model;
    const bad = logicalDevices.flatMap(({ name, logicalNodes }) =>
      logicalNodes.flatMap((node) =>
        node.dataObjects
          .filter(({ attributes }) =>
            attributes.some((one) => one.name === 'q' && (one.fc === 'ST' || one.fc === 'MX')),
          )
          .map((object) => `${name}/${node.name}.${object.name}`)
          .filter((reference) => moving.server.read(reference).quality?.validity !== 'good'),
      ),
    );
    assert.deepEqual(bad, []);
  });

  for (const [object, nominal, deviation] of [
    [measured('PhV', 29), 63_500, 0.01],
    [measured('PhV', 29, 'k'), 63.5, 0.01],
    [measured('PPV', 29, '3'), 110, 0.01],
    [measured('TotW', 62, 'M'), 50, 0.06],
    [measured('Hz', 33), 50, 0.0004],
    [measured('Hz'), 50, 0.0004],
    [measured('A', 5), 400, 0.06],
    [measured('Oil', 23), 45, 0.03],
    [measured('WdSpd', 43), 8, 0.1],
    [measured('WdDir', 9), 180, 0.1],
    [measured('AnIn1'), 50, 0.03],
    [measured('AnIn2', 5, undefined, '12.5'), 12.5, 0.03],
  ] as const) {
    it(`${object.name} ${nominal} wanders round its nominal value`, () => {
      const moving = Moving.of(object);
      moving.pass(4000);
      const values = moving.values(`MLD/MMXU1.${object.name}.mag.f`) as number[];
      assert.ok(values.length > 100, String(values.length));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      assert.ok(Math.abs(mean - nominal) < nominal * deviation, String(mean));
      for (const value of values) assert.ok(Math.abs(value - nominal) < nominal * deviation * 6, String(value));
      assert.ok(values.some((value) => Math.abs(value - nominal) > (nominal * deviation) / 2));
      assert.deepEqual(moving.errors, []);
    });
  }

  it('tells a measured value only when it has moved by its dead band', () => {
    const moving = Moving.of(measured('A', 5));
    moving.pass(500, 0.1);
    const values = moving.values('MLD/MMXU1.A.mag.f') as number[];
    assert.ok(values.length < 4000, String(values.length));
    for (let i = 1; i < values.length; i++) {
      assert.ok(Math.abs((values[i] as number) - (values[i - 1] as number)) > 400 * 0.06 * 0.199);
    }
  });

  it('counters count and never go back', () => {
    const moving = Moving.of(
      dataObject('SupWh', 'BCR', [da('ST', 'actVal', 'INT64', { value: '1000' }), ...quality('ST')]),
    );
    moving.pass(100);
    const values = moving.values('MLD/MMXU1.SupWh.actVal') as number[];
    assert.ok((values.at(-1) as number) > 1050 && (values.at(-1) as number) < 1150);
    assert.deepEqual(
      [...values].sort((a, b) => a - b),
      values,
    );
  });

  it('alarms come and go, and are mostly gone', () => {
    const moving = Moving.of(dataObject('Alm1', 'SPS', [da('ST', 'stVal', 'BOOLEAN'), ...quality('ST')]));
    let on = 0;
    for (let i = 0; i < 10_000; i++) {
      moving.pass(1);
      if (moving.server.read('MLD/MMXU1.Alm1').value === true) on++;
    }
    assert.ok(moving.values('MLD/MMXU1.Alm1').length > 10);
    assert.ok(on > 100 && on < 2000, String(on));
  });

  it('switches change rarely, and controllers go with them both ways', async () => {
    const moving = new Moving(await IedServer.fromScl(BAY), () => 0.999_999);
    const { server } = moving;
    server.update([{ reference: 'BAY1CTRL/XSWI2.Pos[ST]', value: 'Open' }]);
    moving.pass(1);
    assert.equal(server.read('BAY1CTRL/CSWI3.Pos[ST]').value, 1);
    server.update([{ reference: 'BAY1CTRL/CSWI3.Pos[ST]', value: 'Intermediate' }]);
    moving.pass(1);
    assert.equal(server.read('BAY1CTRL/XSWI2.Pos[ST]').value, 0);
    assert.equal(server.read('BAY1CTRL/XCBR1.Pos[ST]').value, 2);
    const busy = new Moving(await IedServer.fromScl(BAY));
    busy.pass(20_000, 10);
    const changes = busy.values('BAY1CTRL/XCBR1.Pos').length;
    assert.ok(changes > 10 && changes < 150, String(changes));
  });

  it('what a file cut short stands in nobody’s way', () => {
    const moving = Moving.of(
      dataObject('Health', 'ENS', [da('ST', 'stVal', 'Enum', { enumLiterals: { 3: 'Alarm' } }), ...quality('ST')]),
      measured('A', 5),
    );
    moving.pass(100);
    assert.ok(moving.values('MLD/MMXU1.A.mag.f').length > 10);
  });
});
