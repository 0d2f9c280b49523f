/** The mapping file that a person starts from: every point of a model that a process can give a value. */
import type { FunctionalConstraint } from '../../model/functional-constraint.js';
import type { IedModel } from '../../model/ied-model.js';
import { compileTagTemplate, DEFAULT_TAG_TEMPLATE, uniqueTagNames } from '../points/naming.js';
import { attributeTag, objectTag } from '../points/recommend.js';
import { findAttribute, pointSites, type PointSite } from '../points/walk.js';
import { variablesToCsv } from './variable-csv.js';
import type { VariableRow } from './variable-row.js';

const PROCESS: ReadonlySet<FunctionalConstraint> = new Set<FunctionalConstraint>(['ST', 'MX']);
/** What the server derives by itself, and name plates. */
const NOT_GIVEN = new Set(['Beh', 'NamPlt', 'PhyNam']);
/** Instantaneous values: the server makes the dead-banded ones out of them. */
const INSTANTANEOUS = ['instMag.f', 'instMag.i', 'instCVal.mag.f', 'instCVal.mag.i'] as const;
/** The angle of a phasor is a variable of its own. */
const ANGLES = ['instCVal.ang.f', 'cVal.ang.f'] as const;

/** Status and measurands of a model, in its order, one variable each, named by `{ld}.{ln}.{do}`. */
export function templateRows(model: IedModel): Omit<VariableRow, 'line'>[] {
  const nameOf = compileTagTemplate(DEFAULT_TAG_TEMPLATE);
  const tags = [...pointSites(model)].flatMap((site) => {
    if (!site.value || !PROCESS.has(site.value.fc) || NOT_GIVEN.has(site.path[0] as string)) return [];
    const point = objectTag(site, nameOf);
    if (!point || point.type === 'Structure' || point.type === 'Array') return [];
    const path = INSTANTANEOUS.find((candidate) => has(site, candidate)) ?? site.value.path;
    const value = { ...point, reference: `${point.reference}.${path}` };
    const angle = ANGLES.find((candidate) => path.includes('Val.mag') && has(site, candidate));
    const second = angle === undefined ? undefined : attributeTag(site, angle.split('.'), nameOf, 'MX');
    return second ? [value, second] : [value];
  });
  return uniqueTagNames(tags).map(({ tag, reference, fc, type, description, unit }) => ({
    variable: tag,
    reference: `${reference}[${fc}]`,
    ...(type !== undefined && { type }),
    ...((description ?? unit) !== undefined && {
      description: [description, unit && `in ${unit}`].filter(Boolean).join(', '),
    }),
  }));
}

function has(site: PointSite, path: string): boolean {
  return findAttribute(site.dataObject, 'MX', path) !== undefined;
}

/** {@link templateRows} as a file. */
export function variableTemplate(model: IedModel): string {
  return variablesToCsv(templateRows(model));
}
