/** Substitution and blocking of process values by clients (IEC 61850-7-2 §12, IEC 61850-7-3 §7.3). */
import type { ServerContext, ServerPart } from '../server-part.js';
import type { Variable } from '../variable.js';
import { OverriddenObject, type ObjectParts } from './overridden-object.js';

/** What a substitute stands for, by its name; the first, or all that the object has. */
const SUBSTITUTED: readonly { readonly substitute: string; readonly values: readonly string[] }[] = [
  { substitute: 'subVal', values: ['stVal', 'valWTr', 'mxVal'] },
  { substitute: 'subMag', values: ['mag', 'instMag'] },
  { substitute: 'subCVal', values: ['cVal', 'instCVal'] },
];
/** Members of a process object that are not its value. */
const BESIDE = /^(q|t|origin|ctlNum|stSeld|opRcvd|opOk|tOpOk)$/;
const PROCESS = ['ST', 'MX'] as const;
const OVERRIDING = ['SV', 'BL'] as const;

/**
 * Lets clients replace process values (`subEna` with `subVal`, `subMag`, `subCVal`, `subQ`) and freeze them (`blkEna`).
 * What the process gives meanwhile is remembered and shown again afterwards. It has to come after parts that derive
 * values of the process, and before those that mark qualities.
 */
export function substituteValues(context: ServerContext): ServerPart {
  const { nameSpace, values: store, options } = context;
  const byLeaf = new Map<Variable, OverriddenObject>();
  const atStart = new Set<OverriddenObject>();
  for (const domain of nameSpace.domains.values()) {
    for (const logicalNode of domain.logicalNodes.values()) {
      for (const parts of objectsOf(logicalNode)) {
        const object = new OverriddenObject(parts, options.timeQuality);
        for (const leaf of object.leaves()) byLeaf.set(leaf, object);
        if (object.isActive(new Map())) atStart.add(object);
      }
    }
  }
  if (byLeaf.size === 0) return {};
  store.derive(({ values, now: at }) => {
    const touched = new Set<OverriddenObject>();
    for (const leaf of values.keys()) {
      const object = byLeaf.get(leaf);
      if (object) touched.add(object);
    }
    for (const object of touched) object.derive(values, at);
  });
  // The file may have values that are substituted or blocked from the beginning.
  for (const object of atStart) {
    const values = new Map<Variable, Buffer>();
    object.derive(values, context.now());
    for (const [leaf, encoding] of values) leaf.store(encoding);
  }
  return {};
}

/** Way from a functional constraint down to a data object: names, and positions within arrays. */
type Steps = readonly (string | number)[];

/** Data objects of a logical node that have `subEna` or `blkEna`. */
function* objectsOf(logicalNode: Variable): Generator<ObjectParts> {
  const found = new Map<string, Steps>();
  for (const fc of OVERRIDING) {
    for (const steps of overriding(logicalNode.child(fc), [])) found.set(steps.join('.'), steps);
  }
  for (const steps of found.values()) {
    const [sv, bl, ...process] = [...OVERRIDING, ...PROCESS].map((fc) => descend(logicalNode.child(fc), steps));
    const members = process.flatMap((object) => object?.children.filter(({ object: inner }) => !inner) ?? []);
    const named = (name: string): Variable | undefined => members.find((member) => member.name === name);
    const substitutes = SUBSTITUTED.flatMap(({ substitute, values }) => {
      const from = sv?.child(substitute);
      return from ? values.flatMap((name) => [...pairs(named(name), from)]) : [];
    });
    yield {
      process: members.filter(({ name }) => !BESIDE.test(name)).flatMap((member) => [...leavesOf(member)]),
      quality: named('q'),
      time: named('t'),
      substitutes,
      subEna: sv?.child('subEna'),
      subQ: sv?.child('subQ'),
      blkEna: bl?.child('blkEna'),
    };
  }
}

function* overriding(variable: Variable | undefined, steps: Steps): Generator<Steps> {
  if (!variable) return;
  if (variable.child('subEna')?.leaf || variable.child('blkEna')?.leaf) yield steps;
  for (const [i, child] of variable.children.entries()) {
    if (!child.leaf) yield* overriding(child, [...steps, variable.array ? i : child.name]);
  }
}

function descend(from: Variable | undefined, steps: Steps): Variable | undefined {
  let at = from;
  for (const step of steps) at = typeof step === 'number' ? at?.children[step] : at?.child(step);
  return at;
}

/** Leaves that both have at the same place, of the same type. */
function* pairs(
  process: Variable | undefined,
  substitute: Variable | undefined,
): Generator<{ process: Variable; substitute: Variable }> {
  if (!process || !substitute) return;
  if (process.leaf && substitute.leaf) {
    const same = JSON.stringify(process.leaf.description) === JSON.stringify(substitute.leaf.description);
    if (same) yield { process, substitute };
    return;
  }
  for (const child of process.children) yield* pairs(child, substitute.child(child.name));
}

function* leavesOf(variable: Variable): Generator<Variable> {
  if (variable.leaf) yield variable;
  for (const child of variable.children) yield* leavesOf(child);
}
