/** Writes of types that do not belong, to every kind of variable of every functional constraint. */
import assert from 'node:assert/strict';
import type { MmsData } from '../../src/mms/data.js';
import type { IedModel } from '../../src/model/ied-model.js';
import type { FunctionalConstraint } from '../../src/model/functional-constraint.js';
import { AccessError } from '../../src/server/selection.js';
import { controlModel } from './control-fixture.js';
import { testModel } from './fixture.js';
import { Loopback } from './loopback.js';
import { settingsModel } from './settings-model.js';

const WRITABLE: FunctionalConstraint[] = ['SP', 'SE', 'SG', 'SV', 'CF', 'DC', 'BL'];
/** Variables of one constraint and shape that are tried. */
const EACH = 4;
const VALUES: readonly MmsData[] = [
  { type: 'boolean', value: true },
  { type: 'integer', value: 1 },
  { type: 'integer', value: 1n << 62n },
  { type: 'unsigned', value: 1 },
  { type: 'float', value: 1, width: 32 },
  { type: 'float', value: 1, width: 64 },
  { type: 'visible-string', value: '1' },
  { type: 'mms-string', value: '1' },
  { type: 'octet-string', octets: Buffer.of(1) },
  { type: 'bit-string', bits: '' },
  { type: 'bit-string', bits: '1'.repeat(40) },
  { type: 'utc-time', seconds: 0, fraction: 0, quality: 0 },
  { type: 'binary-time', ms: 0, days: 0 },
  { type: 'binary-time', ms: 0 },
  { type: 'structure', items: [] },
  { type: 'structure', items: [{ type: 'structure', items: [] }] },
  { type: 'array', items: [] },
  { type: 'other', tag: 0x8b, octets: Buffer.from('20260101000000Z') },
];

/** What a value is, without what it says. */
function shapeOf(data: MmsData): string {
  switch (data.type) {
    case 'structure':
    case 'array':
      return `${data.type}(${data.items.map(shapeOf).join()})`;
    case 'float':
      return `float${data.width}`;
    case 'binary-time':
      return `binary-time${data.days === undefined ? 4 : 6}`;
    default:
      return data.type;
  }
}

/** Values that are nearly of the shape: a member less, a member more, the members from the last to the first. */
function near(data: MmsData): MmsData[] {
  if (data.type !== 'structure' && data.type !== 'array') return [];
  const { type, items } = data;
  return [items.slice(0, -1), [...items, ...items.slice(-1)], [...items].reverse()].map((list) => ({
    type,
    items: list,
  }));
}

function allNames(client: Loopback, domain: string): string[] {
  const all: string[] = [];
  for (let more = true; more;) {
    const page = client.names(domain, 0, all.at(-1));
    all.push(...page.names);
    more = page.moreFollows;
  }
  return all;
}

/** Tries all values at a few variables of each shape; gives the constraints that it met. */
function attack(model: IedModel): Set<string> {
  const client = Loopback.open({ iedModel: model, writable: WRITABLE, operate: 'simulate' });
  // Values of SE have a meaning while they are edited.
  for (const { name } of model.logicalDevices)
    client.write(`${name}/LLN0$SP$SGCB$EditSG`, { type: 'unsigned', value: 1 });
  const tried = new Map<string, number>();
  const met = new Set<string>();
  for (const domain of model.logicalDevices.map(({ name }) => name)) {
    for (const name of allNames(client, domain)) {
      const item = `${domain}/${name}`;
      const before = client.value(item);
      if (typeof before === 'number') continue;
      const [, fc = ''] = name.split('$');
      const shape = shapeOf(before);
      const kind = `${fc} ${name.split('$').length} ${shape}`;
      tried.set(kind, (tried.get(kind) ?? 0) + 1);
      if ((tried.get(kind) ?? 0) > EACH) continue;
      met.add(fc);
      for (const data of [...VALUES, ...near(before)].filter((one) => shapeOf(one) !== shape)) {
        const what = `${item}: ${shapeOf(data)} in place of ${shape}`;
        const error = client.write(item, data);
        assert.ok(error !== undefined, `${what} was taken`);
        assert.ok((Object.values(AccessError) as number[]).includes(error), `${what}: DataAccessError ${error}`);
        const after = client.value(item);
        assert.ok(typeof after !== 'number', what);
        // A read of SBO is a selection.
        if (fc === 'CO' || fc === '') assert.equal(shapeOf(after), shape, what);
        else assert.deepEqual(after, before, what);
      }
    }
  }
  assert.deepEqual([client.failures, client.ends, client.written], [[], [], []]);
  const operated = client.events.filter(([name, what]) => {
    const { kind, result } = (what ?? {}) as { kind?: string; result?: string };
    return name === 'controlled' && kind === 'operate' && result !== 'refused';
  });
  assert.deepEqual(operated, []);
  return met;
}

describe('a write of every wrong type', () => {
  it('to every functional constraint is refused, and changes nothing', () => {
    const met = new Set([testModel(), settingsModel(), controlModel()].flatMap((model) => [...attack(model)]));
    const wanted = ['ST', 'MX', 'SP', 'SG', 'SE', 'SV', 'CF', 'DC', 'CO', 'RP', 'BR', 'LG', 'GO', 'MS', 'EX'];
    assert.deepEqual(
      wanted.filter((fc) => !met.has(fc)),
      [],
    );
  }).timeout(60_000);
});
