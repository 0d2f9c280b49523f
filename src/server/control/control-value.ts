/** ctlVal of the controllable classes (IEC 61850-7-3 §7.5) as a value, as words, and as what the status is to become. */
import type { Expectation } from '../../model/control-expectation.js';
import type { MmsData } from '../../mms/data.js';
import type { ControlObject } from './control-object.js';

export interface ControlValue {
  value: boolean | number;
  /** For people: `close`, `on`, `raise`, `12.5`. */
  text: string;
  expectation: Expectation;
}

/** Tcmd (IEC 61850-7-3 §6.3): 3 is reserved. */
const STEPS = [
  { text: 'stop', change: 'none' },
  { text: 'lower', change: 'falls' },
  { text: 'raise', change: 'rises' },
] as const;

/** The value of a command; undefined for one that its class does not have. */
export function controlValue(object: ControlObject, data: MmsData | undefined): ControlValue | undefined {
  if (!data) return undefined;
  switch (object.cdc) {
    case 'SPC':
    case 'DPC':
      return twoStates(object.cdc === 'DPC', data);
    case 'BSC':
    case 'BAC':
      return step(data);
    case 'INC':
    case 'ISC':
    case 'ENC': {
      const value = numberOf(data);
      if (value === undefined) return undefined;
      return {
        value,
        text: object.enumLiterals?.[value] ?? String(value),
        expectation: { change: 'equals', value },
      };
    }
    case 'APC': {
      const value = analogue(object, data);
      if (value === undefined || !Number.isFinite(value)) return undefined;
      return { value, text: String(value), expectation: { change: 'near', value } };
    }
  }
}

function numberOf(data: MmsData | undefined): number | undefined {
  if (data?.type === 'float') return data.value;
  return data?.type === 'integer' || data?.type === 'unsigned' ? Number(data.value) : undefined;
}

/** BOOLEAN; in some models the two-bit string of the position, off 01 and on 10. */
function twoStates(double: boolean, data: MmsData): ControlValue | undefined {
  let value: boolean;
  if (data.type === 'boolean') ({ value } = data);
  else if (data.type === 'bit-string' && (data.bits === '01' || data.bits === '10')) value = data.bits === '10';
  else return undefined;
  if (!double) return { value, text: value ? 'on' : 'off', expectation: { change: 'equals', value } };
  return { value, text: value ? 'close' : 'open', expectation: { change: 'equals', value: value ? 2 : 1 } };
}

function step(data: MmsData): ControlValue | undefined {
  let value = numberOf(data);
  if (data.type === 'bit-string') value = Number.parseInt(data.bits, 2);
  if (data.type === 'boolean') value = data.value ? 2 : 1;
  const known = value === undefined ? undefined : STEPS[value];
  return known && { value: value as number, text: known.text, expectation: { change: known.change } };
}

/** Of an AnalogueValue `f`, which says the same as `i` where both are. */
function analogue(object: ControlObject, data: MmsData): number | undefined {
  if (data.type === 'float') return data.value;
  const items = data.type === 'structure' ? data.items : [data];
  const real = items.find(({ type }) => type === 'float');
  const integer = real ? undefined : numberOf(items[0]);
  if (integer === undefined) return numberOf(real);
  const { scaleFactor, offset } = object.scaling;
  return integer * scaleFactor + offset;
}
