/** Substitution and blocking of process values by clients (IEC 61850-7-2 §12, IEC 61850-7-3 §7.3). */
import type { ServerContext, ServerPart } from '../server-part.js';
import type { Variable } from '../variable.js';
import { isSet, OverriddenObject, type ObjectParts } from './overridden-object.js';

/** What a substitute stands for, by its name; all of these that the object has. */
const SUBSTITUTED: readonly { readonly substitute: string; readonly values: readonly string[] }[] = [
  { substitute: 'subVal', values: ['stVal', 'valWTr', 'mxVal'] },
  { substitute: 'subMag', values: ['mag', 'instMag'] },
  { substitute: 'subCVal', values: ['cVal', 'instCVal'] },
];
/** Members of a process object that are not its value. */
const BESIDE = /^(q|t|origin|ctlNum|stSeld|opRcvd|opOk|tOpOk)$/;
/** Switches, and the functional constraints that they stand under. */
const SWITCHES = { subEna: 'SV', blkEna: 'BL' } as const;

/**
 * Lets clients replace process values (`subEna` with `subVal`, `subMag`, `subCVal`, `subQ`) and freeze them (`blkEna`).
 * What the process gives meanwhile is remembered and shown again afterwards. It has to come after all parts that derive
 * values or qualities of the process: to these, nothing is replaced.
 */
export function substituteValues(context: ServerContext): ServerPart {
  const { nameSpace, values: store, options } = context;
  /** Objects of which something else is shown, by their leaves; the others cost nothing. */
  const active = new Map<Variable, OverriddenObject>();
  const objectOf = (leaf: Variable): OverriddenObject => {
    const object = new OverriddenObject(partsOf(leaf), store.underlying, options.timeQuality);
    for (const one of object.leaves()) active.set(one, object);
    return object;
  };
  store.derive(({ values, now }) => {
    const touched = new Set<OverriddenObject>();
    for (const leaf of values.keys()) {
      const object = active.get(leaf) ?? (isSwitch(leaf) && isSet(leaf, values) ? objectOf(leaf) : undefined);
      if (object) touched.add(object);
    }
    for (const object of touched) {
      if (object.derive(values, now)) continue;
      for (const leaf of object.leaves()) active.delete(leaf);
    }
  });
  // The file may have values that are substituted or blocked from the beginning.
  const now = context.now();
  for (const leaf of switchesOf(nameSpace)) {
    if (active.has(leaf) || !isSet(leaf, new Map())) continue;
    const values = new Map<Variable, Buffer>();
    objectOf(leaf).derive(values, now);
    for (const [one, encoding] of values) one.store(encoding);
  }
  return {};
}

function isSwitch({ name, parent }: Variable): boolean {
  if (name !== 'subEna' && name !== 'blkEna') return false;
  let at = parent;
  while (at?.parent?.parent) at = at.parent;
  return at?.name === SWITCHES[name];
}

function* switchesOf(nameSpace: ServerContext['nameSpace']): Generator<Variable> {
  for (const domain of nameSpace.domains.values()) {
    for (const logicalNode of domain.logicalNodes.values()) {
      for (const [name, fc] of Object.entries(SWITCHES)) yield* below(logicalNode.child(fc), name);
    }
  }
}

/** Leaves of a name in the data objects below. */
function* below(variable: Variable | undefined, name: string): Generator<Variable> {
  for (const child of variable?.children ?? []) {
    if (child.name === name && child.leaf) yield child;
    else if (child.object || child.array) yield* below(child, name);
  }
}

/** The members of the data object that a switch belongs to. */
function partsOf(leaf: Variable): ObjectParts {
  const steps: (string | number)[] = [];
  let at = leaf.parent as Variable;
  for (; at.parent?.parent; at = at.parent) {
    steps.unshift(at.parent.array ? at.parent.children.indexOf(at) : at.name);
  }
  const logicalNode = at.parent as Variable;
  const under = (fc: string): Variable | undefined => descend(logicalNode.child(fc), steps);
  const members = ['ST', 'MX'].flatMap((fc) => under(fc)?.children.filter(({ object }) => !object) ?? []);
  const named = (name: string): Variable | undefined => members.find((member) => member.name === name);
  const substitution = under('SV');
  return {
    process: members.filter(({ name }) => !BESIDE.test(name)).flatMap((member) => [...leavesOf(member)]),
    quality: named('q'),
    time: named('t'),
    substitutes: SUBSTITUTED.flatMap(({ substitute, values }) => {
      const from = substitution?.child(substitute);
      return from ? values.flatMap((name) => [...pairs(named(name), from)]) : [];
    }),
    subEna: substitution?.child('subEna'),
    subQ: substitution?.child('subQ'),
    blkEna: under('BL')?.child('blkEna'),
  };
}

function descend(from: Variable | undefined, steps: readonly (string | number)[]): Variable | undefined {
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
