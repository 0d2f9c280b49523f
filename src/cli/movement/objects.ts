/** The data objects of a model one by one, with what of them matters to a process that moves. */
import type { FunctionalConstraint } from '../../model/functional-constraint.js';
import type { DataAttribute, DataObject, IedModel } from '../../model/ied-model.js';

export interface FoundObject {
  /** `LD/LN.DO`, and below that for sub data objects. */
  reference: string;
  logicalDevice: string;
  /** Name, class and instance of the logical node. */
  logicalNode: string;
  lnClass: string;
  /** Names from the data object down to this one, `A`, `phsA`. */
  path: readonly string[];
  object: DataObject;
}

/** Logical nodes that tell of the server's own services: what is in them has to be true. */
const OF_THE_DEVICE: ReadonlySet<string> = new Set(['LTRK', 'LGOS', 'LSVS', 'LTMS', 'LCCH']);
const MAX_DEPTH = 4;

/** Data objects with a status or a measured value. Elements of arrays are left out. */
export function* processObjects(model: IedModel): Generator<FoundObject> {
  for (const { name: logicalDevice, logicalNodes } of model.logicalDevices) {
    for (const { name: logicalNode, lnClass, dataObjects } of logicalNodes) {
      if (OF_THE_DEVICE.has(lnClass)) continue;
      const base = { logicalDevice, logicalNode, lnClass };
      for (const object of dataObjects) yield* below(base, `${logicalDevice}/${logicalNode}`, [], object);
    }
  }
}

function* below(
  base: Pick<FoundObject, 'logicalDevice' | 'logicalNode' | 'lnClass'>,
  above: string,
  names: readonly string[],
  object: DataObject,
): Generator<FoundObject> {
  if (object.count !== undefined || names.length >= MAX_DEPTH) return;
  const path = [...names, object.name];
  const reference = `${above}.${object.name}`;
  yield { ...base, reference, path, object };
  for (const inner of object.dataObjects) yield* below(base, reference, path, inner);
}

/** An attribute by its path and constraint. */
export function attributeOf(
  { attributes }: Pick<DataObject, 'attributes'>,
  fc: FunctionalConstraint,
  ...path: string[]
): DataAttribute | undefined {
  let found: DataAttribute | undefined;
  let members = attributes;
  for (const name of path) {
    found = members.find((attribute) => attribute.name === name && attribute.fc === fc);
    members = found?.attributes ?? [];
  }
  return found;
}
