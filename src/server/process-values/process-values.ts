/** Values that follow from others of the same data object: dead-banded ones and ranges (IEC 61850-7-3 §7.4, §8). */
import type { ServerContext, ServerPart } from '../server-part.js';
import type { Variable } from '../variable.js';
import { Measurand } from './measurand.js';

/** Keeps what follows from measurands up to date. It has to come before parts that replace measured values. */
export function deriveProcessValues({ values: store }: Pick<ServerContext, 'values'>): ServerPart {
  /** By the data object in MX or CF; `null` where nothing follows. Found when a value of it is set for the first time. */
  const known = new WeakMap<Variable, Measurand | null>();
  const measurandOf = (leaf: Variable): Measurand | undefined => {
    const object = objectOf(leaf);
    if (!object) return undefined;
    let found = known.get(object);
    if (found === undefined) {
      found = findMeasurand(object, known) ?? null;
      known.set(object, found);
    }
    return found ?? undefined;
  };
  store.derive(({ values, origin }) => {
    const touched = new Set<Measurand>();
    for (const leaf of values.keys()) {
      const measurand = measurandOf(leaf);
      if (measurand) touched.add(measurand);
    }
    for (const measurand of touched) measurand.derive(values, origin === 'update');
  });
  return {};
}

function findMeasurand(object: Variable, known: WeakMap<Variable, Measurand | null>): Measurand | undefined {
  const place = placeOf(object);
  if (place.fc === 'MX') return Measurand.of(object, twin(place, 'CF'));
  const measured = place.fc === 'CF' ? twin(place, 'MX') : undefined;
  return measured && (known.get(measured) ?? Measurand.of(measured, object));
}

/** The (sub) data object that a leaf stands in. */
function objectOf(leaf: Variable): Variable | undefined {
  let at: Variable | undefined = leaf.parent;
  while (at && !at.object) at = at.parent;
  return at;
}

interface Place {
  logicalNode: Variable;
  fc: string;
  /** Names and, within arrays, positions on the way from the constraint down to the object. */
  steps: (string | number)[];
}

function placeOf(object: Variable): Place {
  const steps: (string | number)[] = [];
  let at = object;
  while (at.parent?.parent) {
    steps.unshift(at.parent.array ? at.parent.children.indexOf(at) : at.name);
    at = at.parent;
  }
  return { logicalNode: at.parent as Variable, fc: at.name, steps };
}

/** The same object in another functional constraint. */
function twin({ logicalNode, steps }: Place, fc: string): Variable | undefined {
  let at = logicalNode.child(fc);
  for (const step of steps) at = typeof step === 'number' ? at?.children[step] : at?.child(step);
  return at;
}
