/** References of points to the variables that hold their value, quality and time. */
import { ArgumentError, DataAccessError } from '../errors.js';
import { MAX_TAGS } from '../limits.js';
import { principalOf, principalValue, qualityAndTimePaths } from '../model/cdc.js';
import { isFunctionalConstraint, type FunctionalConstraint } from '../model/functional-constraint.js';
import { parseReference, type Reference } from '../model/reference.js';
import type { NameSpace } from './name-space.js';
import { AccessError } from './selection.js';
import type { Variable } from './variable.js';

/** What a reference names. */
export interface Point {
  readonly reference: string;
  readonly fc: FunctionalConstraint;
  /** The object that is named. */
  readonly variable: Variable;
  /** What holds the value: of a data object its principal value, where it has one. */
  readonly value: Variable;
  readonly quality: Variable | undefined;
  readonly time: Variable | undefined;
  /** Whether the value is of the process, so that a change of it has a quality and a time. */
  readonly process: boolean;
}

/** Members beside the value that say nothing of it: their change leaves its quality and time alone. */
const NOT_THE_VALUE = /^(q|t|origin|ctlNum|stSeld|opRcvd|opOk|tOpOk|frTm|sub[A-Z]\w*|blkEna|evalTm)$/;
const STEP = /^(.*?)(?:\((\d+)\))?$/;

/** Finds points by reference, and remembers them. */
export class Points {
  private readonly known = new Map<string, Point>();

  constructor(private readonly nameSpace: NameSpace) {}

  /**
   * @param text `LD/LN.DO.DA[FC]`; without a constraint it is the one of `fc`, or the one that the path has
   * @throws ArgumentError for what is no reference, DataAccessError when there is no such object
   */
  find(text: string, fc?: FunctionalConstraint): Point {
    const key = fc === undefined ? text : `${text}[${fc}]`;
    const known = this.known.get(key);
    if (known) return known;
    const point = this.resolve(text, fc);
    if (this.known.size < MAX_TAGS) this.known.set(key, point);
    return point;
  }

  private resolve(text: string, given: FunctionalConstraint | undefined): Point {
    const reference = parseReference(text);
    const domain = this.nameSpace.domains.get(reference.logicalDevice);
    const logicalNode = domain?.logicalNodes.get(reference.logicalNode);
    if (!logicalNode || reference.path.length === 0) {
      const what = domain
        ? `no logical node ${reference.logicalNode} with this object`
        : `no logical device ${reference.logicalDevice}`;
      throw new DataAccessError(AccessError.objectNonExistent, `"${text}": the server has ${what}`);
    }
    const fc = reference.functionalConstraint ?? given ?? impliedConstraint(logicalNode, reference, text);
    const path = reference.path.join('.');
    const group = logicalNode.child(fc);
    const variable = group && descend(group, path);
    if (!group || !variable) {
      throw new DataAccessError(
        AccessError.objectNonExistent,
        `"${text}": the server has no such object with constraint ${fc}`,
      );
    }
    return pointOf(`${reference.logicalDevice}/${reference.logicalNode}`, fc, group, path, variable);
  }
}

function pointOf(
  logicalNode: string,
  fc: FunctionalConstraint,
  group: Variable,
  path: string,
  variable: Variable,
): Point {
  const principal =
    variable.object && principalValue(variable.object.cdc, fc, (member) => descend(variable, member) !== undefined);
  const value = (principal !== undefined && descend(variable, principal)) || variable;
  const valuePath = principal === undefined ? path : `${path}.${principal}`;
  const steps = valuePath.split('.');
  // The data object itself is the first step: what is looked for stands below it.
  const top = steps.shift() as string;
  const objectVariable = descend(group, top) as Variable;
  const inner = value === variable && variable.object ? [...steps, ''].join('.') : steps.join('.');
  const paths = qualityAndTimePaths(inner, (member) => descend(objectVariable, member)?.leaf !== undefined);
  const companion = (member: string | undefined): Variable | undefined =>
    member === undefined ? undefined : descend(objectVariable, member);
  return {
    reference: `${logicalNode}.${path}`,
    fc,
    variable,
    value,
    quality: companion(paths.quality),
    time: companion(paths.time),
    process: !steps.some((step) => NOT_THE_VALUE.test(step)),
  };
}

/** The only constraint that a path can have, or the one of a data object's own value. */
function impliedConstraint(logicalNode: Variable, { path }: Reference, text: string): FunctionalConstraint {
  const joined = path.join('.');
  const found = logicalNode.children.flatMap(({ name }) =>
    isFunctionalConstraint(name) && descend(logicalNode, `${name}.${joined}`) ? [name] : [],
  );
  const object = found.map((fc) => descend(logicalNode, `${fc}.${joined}`)?.object).find((one) => one !== undefined);
  const principal =
    object && principalOf(object.cdc, (fc, member) => descend(logicalNode, `${fc}.${joined}.${member}`) !== undefined);
  const only = principal?.fc ?? (found.length === 1 ? found[0] : undefined);
  if (only !== undefined) return only;
  if (found.length === 0)
    throw new DataAccessError(AccessError.objectNonExistent, `"${text}": the server has no such object`);
  throw new ArgumentError(
    `"${text}" needs a functional constraint`,
    `Add one of ${found.map((fc) => `[${fc}]`).join(', ')}.`,
  );
}

/** Member by a dotted path whose steps may have an `(index)`. */
function descend(from: Variable, path: string): Variable | undefined {
  let at: Variable | undefined = from;
  for (const step of path.split('.')) {
    const [, name = '', index] = STEP.exec(step) ?? [];
    at = at.child(name);
    if (index !== undefined) at = at?.array ? at.children[Number(index)] : undefined;
    if (!at) return undefined;
  }
  return at;
}
