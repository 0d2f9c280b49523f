import type { TimeQuality } from '../model/timestamp.js';
import { encodeLeaf } from './leaf-value.js';
import type { Variable } from './variable.js';

/**
 * Encodings of members of a control block by their names; those that the edition does not have are left out.
 * @param timeQuality of times among them
 * @throws ArgumentError when a value is not of its member's type
 */
export function memberValues(
  block: Variable,
  members: Readonly<Record<string, unknown>>,
  timeQuality: Partial<TimeQuality> = {},
): Map<Variable, Buffer> {
  const values = new Map<Variable, Buffer>();
  for (const [name, value] of Object.entries(members)) {
    const member = block.child(name);
    if (member?.leaf) values.set(member, encodeLeaf(member.leaf, value, timeQuality));
  }
  return values;
}

/** Stores members of a control block that no one has to hear of. */
export function storeMembers(block: Variable, members: Readonly<Record<string, unknown>>): void {
  for (const [leaf, encoding] of memberValues(block, members)) leaf.store(encoding);
}
