import { ArgumentError } from '../../errors.js';
import type { MmsData } from '../../mms/data.js';
import type { TypeDescription } from '../../mms/type-description.js';
import { writableData } from '../write-value.js';

/** ScaledValueConfig (IEC 61850-7-3 §6.7): value = i × scaleFactor + offset. */
export interface Scaling {
  scaleFactor: number;
  offset: number;
}

const UNSCALED: Scaling = { scaleFactor: 1, offset: 0 };

/** A finite number from a number or its text; undefined for all else. */
export function finiteNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/**
 * MMS data of a number for AnalogueValue (IEC 61850-7-3 §6.5), whose members `i` and `f` differ by device. Where both are,
 * they say the same.
 * @throws ArgumentError when the number fits no member of the type
 */
export function analogueData(value: number, type: TypeDescription, what: string, scaling: Scaling = UNSCALED): MmsData {
  if (type.type === 'float') return writableData(value, type, what);
  if (type.type === 'integer' || type.type === 'unsigned') return writableData(integer(value, scaling), type, what);
  if (type.type !== 'structure') throw new ArgumentError(`${what} has a type that takes no number: ${type.type}`);
  return {
    type: 'structure',
    items: type.components.map(({ name, type: member }) => {
      if (name === 'f') return writableData(value, member, what);
      if (name === 'i') return writableData(integer(value, scaling), member, what);
      throw new ArgumentError(`${what} has a member ${name} that no analogue value has`);
    }),
  };
}

function integer(value: number, { scaleFactor, offset }: Scaling): number {
  return Math.round((value - offset) / (scaleFactor === 0 ? 1 : scaleFactor));
}
