/** Beh follows from Mod of the logical node, of LLN0 and of the logical devices above (IEC 61850-7-4 Annex A). */
import type { LeafType } from '../leaf-type.js';
import { encodeLeaf } from '../leaf-value.js';
import { isGiven, numberOf, setNumber } from '../leaf-number.js';
import type { ServerContext, ServerPart } from '../server-part.js';
import type { Variable } from '../variable.js';
import type { Mode } from './mode.js';
import { ModeModel, NodeMode } from './node-modes.js';
import { QualityMarks } from './quality-marks.js';

/**
 * Keeps behaviours up to date: whoever sets a `Mod.stVal` (an update, a control) sets `Beh` with it, and marks the
 * qualities of logical nodes that are in test or off. It has to come after parts that set values of the process.
 *
 * Nothing is invented: a behaviour is told only where a mode that it depends on was given, by the file or later.
 */
export function deriveBehaviours(context: ServerContext): ServerPart {
  const { nameSpace, model, values: store, options } = context;
  const modes = new ModeModel(nameSpace, model);
  const marks = new QualityMarks(store.underlying);

  const setTime = (object: Variable | undefined, values: Map<Variable, Buffer>, now: number): void => {
    const time = object?.child('t');
    if (time?.leaf && !values.has(time)) values.set(time, encodeLeaf(time.leaf, now, options.timeQuality));
  };
  /** @returns the behaviour, where it can be told */
  const setBehaviour = (node: NodeMode, values: Map<Variable, Buffer>, now: number): Mode | undefined => {
    const derived = modes.behaviourOf(node, values);
    const { behaviour } = node;
    if (derived === undefined || !behaviour || values.has(behaviour)) return derived;
    const quality = node.quality;
    const tells = isGiven(behaviour) && (!quality || isGiven(quality, values));
    if (tells && numberOf(behaviour, values) === derived) return derived;
    if (!setNumber(behaviour, derived, values)) return derived;
    if (quality && !values.has(quality)) values.set(quality, encodeLeaf(quality.leaf as LeafType, 0, {}));
    setTime(behaviour.parent, values, now);
    return derived;
  };

  store.derive(({ values, now }) => {
    const touched = new Set<NodeMode>();
    for (const leaf of values.keys()) {
      const source = modes.sources.get(leaf);
      // Devices may stand below others, so that a mode of one is a matter of all.
      if (source instanceof NodeMode) touched.add(source);
      else if (source) for (const node of modes.nodes.values()) touched.add(node);
    }
    if (marks.any) marks.markNew(values);
    for (const node of touched) {
      const behaviour = setBehaviour(node, values, now);
      if (behaviour !== undefined) {
        marks.change(node.logicalNode, behaviour, values, (object) => setTime(object, values, now));
      }
    }
  });

  const atStart = new Map<Variable, Buffer>();
  const now = context.now();
  for (const node of modes.nodes.values()) {
    const behaviour = setBehaviour(node, atStart, now);
    // Data that nobody gave a value yet keeps its time of 1970.
    if (behaviour !== undefined) marks.change(node.logicalNode, behaviour, atStart, () => undefined);
  }
  for (const [leaf, encoding] of atStart) leaf.store(encoding);
  return {};
}
