/** Units that only the live IED knows, for the points that a person chose. */
import { applyUnits, unitReferences } from '../../src/gateway/points/unit.js';
import { parseReference, objectReference } from '../../src/model/reference.js';
import type { TagData } from '../../src/model/tag-value.js';
import type { Tag } from '../../src/model/tag.js';
import type { PointIndex } from './point-index.js';
import type { PointSource } from './point-source.js';

/** The tags, each with its unit where the model or the IED has one. What cannot be read stays without. */
export async function completeUnits(index: PointIndex, source: PointSource, tags: readonly Tag[]): Promise<Tag[]> {
  const chosen = tags.map((tag) => (tag.unit === undefined ? index.candidateOf(tag) : undefined));
  const candidates = chosen.filter((candidate) => candidate !== undefined);
  const references = unitReferences(candidates);
  if (references.length === 0 || !source.canProbe) return [...tags];
  const values = await readAll(source, references);
  const units = new Map(applyUnits(candidates, values).map(({ tag }) => [`${tag.reference}[${tag.fc}]`, tag.unit]));
  return tags.map((tag) => {
    const unit = tag.unit ?? units.get(`${tag.reference}[${tag.fc}]`);
    return unit === undefined ? tag : { ...tag, unit };
  });
}

async function readAll(source: PointSource, references: readonly string[]): Promise<Map<string, TagData>> {
  const tags = references.map((reference): Tag => {
    const parsed = parseReference(reference);
    return { tag: reference, reference: objectReference(parsed), fc: parsed.functionalConstraint ?? 'CF' };
  });
  // Units are a comfort: without them the points work as well.
  const results = await source.probe(tags).catch(() => []);
  const values = new Map<string, TagData>();
  for (const { reference, fc, value } of results) {
    if (value && value.status === 'live') values.set(`${reference}[${fc}]`, value.value);
  }
  return values;
}
