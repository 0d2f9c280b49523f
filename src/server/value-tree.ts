import type { TagData, TagStructure } from '../model/tag-value.js';
import { decodeLeaf } from './leaf-value.js';
import type { Variable } from './variable.js';

/** Value of a variable as a tag value has it; structures and arrays as objects and arrays of their members. */
export function valueOf(variable: Variable): TagData {
  if (variable.leaf) return decodeLeaf(variable.leaf, (variable.octets as Buffer).subarray(0, variable.length));
  if (variable.array) return variable.children.map(valueOf);
  const members: TagStructure = {};
  for (const child of variable.children) members[child.name] = valueOf(child);
  return members;
}
