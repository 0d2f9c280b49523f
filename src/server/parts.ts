import { DynamicDataSets } from './data-sets/dynamic.js';
import { deriveBehaviours } from './mode/modes.js';
import { deriveProcessValues } from './process-values/process-values.js';
import type { ServerContext, ServerPart } from './server-part.js';

/** The parts of every server. Those that derive values come first, in the order in which values follow from each other. */
export function makeParts(context: ServerContext): ServerPart[] {
  return [deriveProcessValues(context), deriveBehaviours(context), new DynamicDataSets(context)];
}
