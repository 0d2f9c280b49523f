/** Units of points: from the model (SCL), or from `units` of the live IED, which is read later. */
import type { DataAttribute, DataObject } from '../../model/ied-model.js';
import type { TagData } from '../../model/tag-value.js';
import { unitText } from '../../model/units.js';
import type { PointCandidate } from './point.js';
import { findAttribute, siteReference, type PointSite } from './walk.js';

export interface SiteUnit {
  unit?: string;
  unitReference?: string;
  pulseReference?: string;
}

/**
 * Unit of the value that stands for a data object. A raw integer (`mag.i`) has the unit only after scaling, so it gets
 * one only where the model says that its scale is 1; a counter's unit carries the quantity that one pulse stands for.
 */
export function siteUnit(site: PointSite): SiteUnit {
  const { dataObject, value } = site;
  if (!value || !isNumeric(value.attribute)) return {};
  const siUnit = findAttribute(dataObject, 'CF', 'units.SIUnit');
  if (!siUnit) return {};
  if (value.path.endsWith('.i') && !isUnscaled(dataObject)) return {};
  const counter = value.path === 'actVal' || value.path === 'frVal';
  const pulse = counter ? findAttribute(dataObject, 'CF', 'pulsQty') : undefined;
  if (siUnit.value === undefined) {
    return {
      unitReference: `${siteReference(site, 'units')}[CF]`,
      ...(pulse && { pulseReference: `${siteReference(site, 'pulsQty')}[CF]` }),
    };
  }
  const multiplier = findAttribute(dataObject, 'CF', 'units.multiplier');
  return withUnit(unitText(literalOf(siUnit), multiplier && literalOf(multiplier)), pulseQuantity(pulse));
}

/** Floats that are in the unit of their data object (IEC 61850-7-3 §7.4), and angles, which are in degrees. */
const MAGNITUDE = /^(mag|instMag|mxVal|subMag|subMxVal|(inst|sub)CVal\.mag|cVal\.mag|setMag)\.f$/;
const ANGLE = /^(cVal|instCVal|subCVal)\.ang\.f$/;

/** Unit of a single attribute, where the standard says which one it is in. */
export function attributeUnit(site: PointSite, attribute: DataAttribute, path: string): string | undefined {
  if (!isNumeric(attribute)) return undefined;
  if (ANGLE.test(path)) return '°';
  return MAGNITUDE.test(path) ? siteUnit(site).unit : undefined;
}

/** References to read from the IED so that {@link applyUnits} can complete the candidates; each once. */
export function unitReferences(candidates: readonly PointCandidate[]): string[] {
  const references = new Set<string>();
  for (const { unitReference, pulseReference } of candidates) {
    if (unitReference !== undefined) references.add(unitReference);
    if (pulseReference !== undefined) references.add(pulseReference);
  }
  return [...references];
}

/**
 * Candidates with the units that were read.
 * @param values by the references of {@link unitReferences}: `units` structures and `pulsQty` numbers. A reference that
 * could not be read is left out, and its point keeps no unit.
 */
export function applyUnits(
  candidates: readonly PointCandidate[],
  values: ReadonlyMap<string, TagData>,
): PointCandidate[] {
  return candidates.map((candidate) => {
    const { unitReference, pulseReference } = candidate;
    if (unitReference === undefined || !values.has(unitReference)) return candidate;
    // A counter whose pulse is unknown counts in an unknown unit.
    const pulse = pulseReference === undefined ? 1 : values.get(pulseReference);
    if (typeof pulse !== 'number') return candidate;
    const { unit } = withUnit(unitOfStructure(values.get(unitReference)), pulse);
    return unit === undefined ? candidate : { ...candidate, tag: { ...candidate.tag, unit } };
  });
}

/** Unit text of a `units` structure as it was read, `{ SIUnit: 29, multiplier: 3 }`. */
function unitOfStructure(value: TagData | undefined): string | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const { SIUnit: siUnit, multiplier } = value;
  if (typeof siUnit !== 'number') return undefined;
  return unitText(siUnit, typeof multiplier === 'number' ? multiplier : undefined);
}

function withUnit(unit: string | undefined, quantity: number): SiteUnit {
  if (unit === undefined || !Number.isFinite(quantity) || quantity === 0) return {};
  // A Float32 of 0.1 arrives as 0.10000000149.
  return { unit: quantity === 1 ? unit : `×${Number(quantity.toPrecision(6))} ${unit}` };
}

/** What one count stands for; 1 where the file is silent, which is the default of IEC 61850-7-3. */
function pulseQuantity(attribute: DataAttribute | undefined): number {
  const text = attribute?.value?.trim() ?? '';
  return text === '' ? 1 : Number(text);
}

function isNumeric(attribute: DataAttribute): boolean {
  return /^(Int|UInt|Float)/.test(attribute.type) && attribute.count === undefined;
}

function isUnscaled(dataObject: DataObject): boolean {
  const scale = findAttribute(dataObject, 'CF', 'sVC.scaleFactor')?.value;
  const offset = findAttribute(dataObject, 'CF', 'sVC.offset')?.value;
  return scale !== undefined && Number(scale) === 1 && (offset === undefined || Number(offset) === 0);
}

/** A number that the file's own enumeration names (vendors add negative ones) becomes that name. */
function literalOf(attribute: DataAttribute): string {
  const value = (attribute.value ?? '').trim();
  return /^-?\d+$/.test(value) ? (attribute.enumLiterals?.[Number(value)] ?? value) : value;
}
