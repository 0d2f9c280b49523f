import { Iec61850Error } from '../errors.js';
import { unitText } from '../model/units.js';
import { parseReference } from '../model/reference.js';
import type { MmsData } from '../mms/data.js';
import { objectNameText, type ObjectName } from '../mms/object-name.js';
import type { TypeDescription } from '../mms/type-description.js';
import type { ClientAssociation } from './client-association.js';
import { memberType } from './member-type.js';
import type { TagRow } from './tag-value-builder.js';
import { forEachBounded, type TypeCache } from './type-cache.js';

const NAMES_PER_REQUEST = 50;
/** A scaled integer (`mag.i`) is in no unit before its scale is applied (IEC 61850-7-3 §6.7). */
const NUMBER_TYPES = new Set(['Float32', 'Float64']);

/**
 * Completes measurands that have no unit yet from the live `units` attribute of their data object
 * (IEC 61850-7-3 §6.9). Most IEDs have it, none must: what fails leaves the unit unknown. The type is asked first, as
 * servers of the OpenMUC family drop the association over a read of a name that they do not have.
 */
export async function readUnits(
  association: ClientAssociation,
  cache: TypeCache,
  rows: readonly TagRow[],
  wanted: readonly number[],
): Promise<void> {
  const candidates = wanted
    .map((row) => rows[row] as TagRow)
    .filter((info) => info.fc === 'MX' && info.unit === undefined && NUMBER_TYPES.has(info.type));
  const places = candidates.map((info) => ({ info, ...unitsPlace(info.reference) }));
  const groups = new Map(places.map((place) => [objectNameText(place.group), place.group]));
  const types = new Map<string, TypeDescription>();
  await forEachBounded([...groups], association.negotiated.maxOutstanding, async ([key, name]) => {
    try {
      types.set(key, await cache.typeOf({ name }));
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
    }
  });
  const found = places.filter(({ group, steps }) => {
    const type = types.get(objectNameText(group));
    return type !== undefined && memberType(type, steps) !== undefined;
  });
  for (let at = 0; at < found.length; at += NAMES_PER_REQUEST) {
    const part = found.slice(at, at + NAMES_PER_REQUEST);
    try {
      const { results } = await association.request({
        service: 'read',
        specificationWithResult: false,
        access: {
          list: part.map(({ group, steps }) => ({ name: { ...group, item: [group.item, ...steps].join('$') } })),
        },
      });
      part.forEach(({ info }, i) => {
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

/**
 * Where `units` of a data object would stand: the CF part of its logical node, and the steps below it. Attribute steps of
 * the reference, which start in lower case (IEC 61850-7-1 §13.3), are left out.
 */
function unitsPlace(reference: string): { group: ObjectName; steps: string[] } {
  const { logicalDevice: domain, logicalNode, path } = parseReference(reference);
  const [first = '', ...rest] = path;
  const subObjects = rest.filter((step) => /^(phs|neut|net|res|c[123]$)/.test(step) && !step.endsWith(')'));
  return { group: { scope: 'domain', domain, item: `${logicalNode}$CF` }, steps: [first, ...subObjects, 'units'] };
}

function unitOf(data: MmsData): string | undefined {
  if (data.type !== 'structure') return undefined;
  const [siUnit, multiplier] = data.items.map((item) => (item.type === 'integer' ? Number(item.value) : undefined));
  return unitText(siUnit, multiplier);
}
