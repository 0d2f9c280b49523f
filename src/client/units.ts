import { Iec61850Error } from '../errors.js';
import { unitText } from '../model/units.js';
import { parseReference } from '../model/reference.js';
import type { MmsData } from '../mms/data.js';
import type { ObjectName } from '../mms/object-name.js';
import type { ClientAssociation } from './client-association.js';
import type { TagRow } from './tag-value-builder.js';

const NAMES_PER_REQUEST = 50;
/** A scaled integer (`mag.i`) is in no unit before its scale is applied (IEC 61850-7-3 §6.7). */
const NUMBER_TYPES = new Set(['Float32', 'Float64']);

/**
 * Completes measurands that have no unit yet from the live `units` attribute of their data object
 * (IEC 61850-7-3 §6.9). Most IEDs have it, none must: what fails leaves the unit unknown.
 */
export async function readUnits(
  association: ClientAssociation,
  rows: readonly TagRow[],
  wanted: readonly number[],
): Promise<void> {
  const candidates = wanted
    .map((row) => rows[row] as TagRow)
    .filter((info) => info.fc === 'MX' && info.unit === undefined && NUMBER_TYPES.has(info.type));
  for (let at = 0; at < candidates.length; at += NAMES_PER_REQUEST) {
    const part = candidates.slice(at, at + NAMES_PER_REQUEST);
    try {
      const { results } = await association.request({
        service: 'read',
        specificationWithResult: false,
        access: { list: part.map((info) => ({ name: unitsName(info.reference) })) },
      });
      part.forEach((info, i) => {
        const result = results[i];
        const unit = result?.success ? unitOf(result.data) : undefined;
        if (unit !== undefined) info.unit = unit;
      });
    } catch (error) {
      if (error instanceof Iec61850Error) return;
      throw error;
    }
  }
}

/** `LD/LN.DO.SDO…` without its attribute steps, which start in lower case (IEC 61850-7-1 §13.3). */
function unitsName(reference: string): ObjectName {
  const { logicalDevice, logicalNode, path } = parseReference(reference);
  const [first, ...rest] = path;
  const subObjects = rest.filter((step) => /^(phs|neut|net|res|c[123]$)/.test(step) && !step.endsWith(')'));
  return {
    scope: 'domain',
    domain: logicalDevice,
    item: [logicalNode, 'CF', first ?? '', ...subObjects, 'units'].join('$'),
  };
}

function unitOf(data: MmsData): string | undefined {
  if (data.type !== 'structure') return undefined;
  const [siUnit, multiplier] = data.items.map((item) => (item.type === 'integer' ? Number(item.value) : undefined));
  return unitText(siUnit, multiplier);
}
