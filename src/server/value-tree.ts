import type { TagData, TagStructure } from '../model/tag-value.js';
import { decodeLeaf } from './leaf-value.js';
import type { Variable } from './variable.js';

/**
 * Value of a variable as a tag value has it; structures and arrays as objects and arrays of their members.
 * @param pending encodings that take the place of those that are stored
 */
export function valueOf(variable: Variable, pending?: ReadonlyMap<Variable, Buffer>): TagData {
  if (variable.leaf) {
    const encoding = pending?.get(variable) ?? (variable.octets as Buffer).subarray(0, variable.length);
    return decodeLeaf(variable.leaf, encoding);
  }
  if (variable.array) return variable.children.map((child) => valueOf(child, pending));
  const members: TagStructure = {};
  for (const child of variable.children) members[child.name] = valueOf(child, pending);
  return members;
}
