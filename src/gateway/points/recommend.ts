/** The points of an IED that people want, best first, each with the reason. */
import type { DataAttribute, DataObject, IedModel } from '../../model/ied-model.js';
import type { FunctionalConstraint } from '../../model/functional-constraint.js';
import type { Tag } from '../../model/tag.js';
import type { TagType } from '../../model/tag-value.js';
import { MAX_DATA_NESTING } from '../../limits.js';
import { LN_CLASS_NAMES } from './ln-classes.js';
import { compileTagTemplate, DEFAULT_TAG_TEMPLATE, partsOfSite, uniqueTagNames, type TagNamer } from './naming.js';
import type { PointCandidate } from './point.js';
import { LAST_RECOMMENDED_RANK, ruleFor, type PointRule } from './rules.js';
import { attributeUnit, siteUnit } from './unit.js';
import { attributeType, findAttribute, pointSites, siteDescription, siteReference, type PointSite } from './walk.js';

export interface RecommendOptions {
  /** Also Mod, Beh, Health, name plates, and every attribute on its own. */
  hidden?: boolean;
  /** Template of the tag names; see `compileTagTemplate`. */
  template?: string;
}

/**
 * One candidate for each data object (or phase of one) that has a value: its reference has no attribute, so that value,
 * quality and time are read together. Sorted by rank, then in the order of the model; names are unique.
 * @throws ArgumentError when the template cannot be used.
 */
export function recommendPoints(model: IedModel, options: RecommendOptions = {}): PointCandidate[] {
  const nameOf = compileTagTemplate(options.template ?? DEFAULT_TAG_TEMPLATE);
  const candidates: PointCandidate[] = [];
  for (const site of pointSites(model)) {
    const rule = ruleFor(site.logicalNode.lnClass, site.path, site.cdc);
    if (site.value && (options.hidden || !rule.hidden)) candidates.push(candidateOf(site, rule, nameOf));
    if (options.hidden) for (const tag of attributeTags(site, nameOf)) candidates.push(rawCandidate(tag));
  }
  candidates.sort((a, b) => a.rank - b.rank);
  return withUniqueNames(candidates);
}

function candidateOf(site: PointSite, rule: PointRule, nameOf: TagNamer): PointCandidate {
  const { unitReference, pulseReference } = siteUnit(site);
  const className = rule.namesClass ? LN_CLASS_NAMES[site.logicalNode.lnClass] : undefined;
  return {
    tag: objectTag(site, nameOf) as Tag,
    category: rule.category,
    rank: rule.rank,
    reason: className === undefined ? rule.reason : `${rule.reason}: ${className}`,
    reasonKey: rule.key,
    recommended: rule.rank <= LAST_RECOMMENDED_RANK,
    ...(site.dataObject.transient && { transient: true }),
    ...(unitReference !== undefined && { unitReference }),
    ...(pulseReference !== undefined && { pulseReference }),
  };
}

/**
 * The tag of a data object: its principal value, or the whole object in one functional constraint.
 * @param wanted the functional constraint; by default that of the principal value, else the first that the object has
 * @returns undefined when the object has nothing in that constraint
 */
export function objectTag(site: PointSite, nameOf: TagNamer, wanted?: FunctionalConstraint): Tag | undefined {
  const value = wanted === undefined || wanted === site.value?.fc ? site.value : undefined;
  const fc = value?.fc ?? constraintsOf(site.dataObject).find((own) => wanted === undefined || own === wanted);
  if (fc === undefined) return undefined;
  const { cdc, dataObject } = site;
  const description = siteDescription(site);
  const unit = value && siteUnit(site).unit;
  const { type, enumLiterals } = value ? attributeType(site, value.attribute, value.path) : WHOLE;
  return {
    tag: nameOf(partsOfSite(site, fc, '', description)),
    reference: siteReference(site),
    fc,
    type: dataObject.count === undefined ? type : 'Array',
    ...(cdc !== undefined && { cdc }),
    ...(unit !== undefined && { unit }),
    ...(description !== undefined && { description }),
    ...(enumLiterals && { enumLiterals }),
  };
}

const WHOLE: { type: TagType; enumLiterals?: Record<number, string> } = { type: 'Structure' };

/** Functional constraints of the attributes in and below a data object: a WYE has those of its phases. */
function constraintsOf(dataObject: DataObject, depth = 0): FunctionalConstraint[] {
  if (depth >= MAX_DATA_NESTING) return [];
  return [
    ...dataObject.attributes.map(({ fc }) => fc),
    ...dataObject.dataObjects.flatMap((sub) => constraintsOf(sub, depth + 1)),
  ];
}

/** The tag of an attribute of a data object; undefined when there is none of that name and constraint. */
export function attributeTag(
  site: PointSite,
  steps: readonly string[],
  nameOf: TagNamer,
  wanted?: FunctionalConstraint,
): Tag | undefined {
  if (site.dataObject.count !== undefined) return undefined;
  const path = steps.join('.');
  const constraints = wanted === undefined ? site.dataObject.attributes.map(({ fc }) => fc) : [wanted];
  for (const fc of constraints) {
    const attribute = findAttribute(site.dataObject, fc, path);
    if (attribute) return tagOfAttribute(site, attribute, path, nameOf);
  }
  return undefined;
}

function tagOfAttribute(site: PointSite, attribute: DataAttribute, path: string, nameOf: TagNamer): Tag {
  const { fc, description } = attribute;
  const { type, enumLiterals } = attributeType(site, attribute, path);
  const unit = attributeUnit(site, attribute, path);
  return {
    tag: nameOf(partsOfSite(site, fc, path, description)),
    reference: siteReference(site, path),
    fc,
    type,
    ...(unit !== undefined && { unit }),
    ...(description !== undefined && { description }),
    ...(enumLiterals && { enumLiterals }),
  };
}

/** Attributes of one (sub) data object, each structure before its members. */
export function* attributeTags(site: PointSite, nameOf: TagNamer): Generator<Tag> {
  if (site.dataObject.count !== undefined) return;
  for (const attribute of site.dataObject.attributes)
    yield* attributeTagsBelow(site, attribute, attribute.name, nameOf, 0);
}

function* attributeTagsBelow(
  site: PointSite,
  attribute: DataAttribute,
  path: string,
  nameOf: TagNamer,
  depth: number,
): Generator<Tag> {
  yield tagOfAttribute(site, attribute, path, nameOf);
  // The members of an array stand in each of its elements.
  if (attribute.count !== undefined || depth >= MAX_DATA_NESTING) return;
  for (const member of attribute.attributes) {
    yield* attributeTagsBelow(site, member, `${path}.${member.name}`, nameOf, depth + 1);
  }
}

function rawCandidate(tag: Tag): PointCandidate {
  return {
    tag,
    category: 'other',
    rank: 9,
    reason: 'Single attribute',
    reasonKey: 'hidden.attribute',
    recommended: false,
  };
}

function withUniqueNames(candidates: readonly PointCandidate[]): PointCandidate[] {
  const tags = uniqueTagNames(candidates.map(({ tag }) => tag));
  return candidates.map((candidate, i) =>
    candidate.tag === tags[i] ? candidate : { ...candidate, tag: tags[i] as Tag },
  );
}
