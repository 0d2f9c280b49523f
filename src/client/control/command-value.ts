import { ArgumentError } from '../../errors.js';
import type { Expectation } from '../../model/control-expectation.js';
import type { MmsData } from '../../mms/data.js';
import type { TypeDescription } from '../../mms/type-description.js';
import { writableData } from '../write-value.js';
import { analogueData, finiteNumber, type Scaling } from './analogue-value.js';
import type { ControlClass } from '../../model/control-model.js';

/** A command's value, ready to be sent. */
export interface CommandValue {
  data: MmsData;
  /** For people: `close`, `on`, `raise`, `12.5`. */
  text: string;
  expectation: Expectation;
}

export interface ValueContext {
  /** Names the object in errors. */
  what: string;
  cdc: ControlClass;
  /** Live type of ctlVal. */
  type: TypeDescription;
  enumLiterals?: Readonly<Record<number, string>>;
  /** `minVal` and `maxVal` of the IED's configuration. */
  range?: { min?: number; max?: number };
  scaling?: Scaling;
}

const ON_OFF: Readonly<Record<string, boolean>> = {
  on: true,
  true: true,
  '1': true,
  off: false,
  false: false,
  '0': false,
};
const CLOSE_OPEN: Readonly<Record<string, boolean>> = {
  ...{ close: true, closed: true, on: true, true: true },
  ...{ open: false, opened: false, off: false, false: false },
};
/** Tcmd of IEC 61850-7-3 §6.3: stop 0, lower 1, higher 2. */
const STEPS: Readonly<Record<string, number>> = {
  ...{ raise: 2, higher: 2, up: 2, lower: 1, down: 1, stop: 0 },
};
const STEP_TEXTS = ['stop', 'lower', 'raise'] as const;

/**
 * The value of a command by the class of its object.
 * @throws ArgumentError for a value that the class does not have, or that could be meant in two ways; nothing is bent to fit
 */
export function commandValue(value: unknown, context: ValueContext): CommandValue {
  switch (context.cdc) {
    case 'SPC':
      return singlePoint(value, context);
    case 'DPC':
      return doublePoint(value, context);
    case 'BSC':
    case 'BAC':
      return step(value, context);
    case 'INC':
    case 'ISC':
      return integer(value, context);
    case 'ENC':
      return enumerated(value, context);
    case 'APC':
      return analogue(value, context);
  }
}

/** A value that stands for none where one has to be sent all the same, as in Cancel without a command before. */
export function neutralValue({ type, what }: Pick<ValueContext, 'type' | 'what'>): MmsData {
  switch (type.type) {
    case 'boolean':
      return { type: 'boolean', value: false };
    case 'bit-string':
      return { type: 'bit-string', bits: '0'.repeat(Math.abs(type.size)) };
    case 'integer':
    case 'unsigned':
      return { type: type.type, value: 0 };
    default:
      return analogueData(0, type, what);
  }
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim().toLowerCase() : undefined;
}

function lookUp<T>(table: Readonly<Record<string, T>>, value: unknown): T | undefined {
  const key = typeof value === 'boolean' ? String(value) : word(value);
  return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

function refuse(value: unknown, { what, cdc }: ValueContext, accepted: string): never {
  const shown = typeof value === 'object' && value !== null ? 'an object' : (JSON.stringify(value) ?? String(value));
  const short = shown.length > 60 ? `${shown.slice(0, 57)}…` : shown;
  throw new ArgumentError(
    value === undefined || value === null || value === ''
      ? `${what}: the command has no value`
      : `${what}: ${short} is no command for ${cdc}`,
    `Give ${accepted}.`,
  );
}

function singlePoint(value: unknown, context: ValueContext): CommandValue {
  const on = value === 1 || value === 0 ? value === 1 : lookUp(ON_OFF, value);
  if (on === undefined) return refuse(value, context, 'true or false, "on" or "off"');
  return { data: twoStateData(on, context), text: on ? 'on' : 'off', expectation: { change: 'equals', value: on } };
}

function doublePoint(value: unknown, context: ValueContext): CommandValue {
  const close = lookUp(CLOSE_OPEN, value);
  // As a position 1 is open and as a truth value it is on: a number could operate the switch the wrong way.
  if (close === undefined)
    return refuse(value, context, '"close" or "open", "on" or "off", true or false; numbers are ambiguous here');
  return {
    data: twoStateData(close, context),
    text: close ? 'close' : 'open',
    expectation: { change: 'equals', value: close ? 2 : 1 },
  };
}

/** ctlVal of SPC and DPC is BOOLEAN; some IEDs have the two-bit string of the position, off 01 and on 10. */
function twoStateData(on: boolean, { type, what }: ValueContext): MmsData {
  if (type.type === 'boolean') return { type: 'boolean', value: on };
  if (type.type === 'bit-string' && Math.abs(type.size) === 2) return { type: 'bit-string', bits: on ? '10' : '01' };
  throw new ArgumentError(`${what}: the IED shows ctlVal as ${type.type}, which has no on and off`);
}

function step(value: unknown, context: ValueContext): CommandValue {
  const { type, what, cdc } = context;
  const code = lookUp(STEPS, typeof value === 'boolean' ? undefined : value);
  // Tcmd 1 is lower, which many take for one step up.
  if (code === undefined) return refuse(value, context, '"raise", "lower" or "stop"; numbers are ambiguous here');
  const text = STEP_TEXTS[code] as string;
  const change = (['none', 'falls', 'rises'] as const)[code] ?? 'none';
  const expectation: Expectation = { change };
  if (type.type === 'bit-string' && Math.abs(type.size) === 2)
    return { data: { type: 'bit-string', bits: code.toString(2).padStart(2, '0') }, text, expectation };
  if (type.type === 'integer' || type.type === 'unsigned')
    return { data: { type: type.type, value: code }, text, expectation };
  if (type.type === 'boolean' && code !== 0) return { data: { type: 'boolean', value: code === 2 }, text, expectation };
  throw new ArgumentError(`${what}: the IED's ${cdc} shows ctlVal as ${type.type}, which has no ${text}`);
}

function wholeNumber(value: unknown): number | undefined {
  const number = finiteNumber(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

function integer(value: unknown, context: ValueContext): CommandValue {
  const { type, what } = context;
  const number = wholeNumber(value);
  if (number === undefined) return refuse(value, context, 'a whole number');
  inRange(number, context);
  if (type.type !== 'integer' && type.type !== 'unsigned')
    throw new ArgumentError(`${what}: the IED shows ctlVal as ${type.type}, which is no whole number`);
  return {
    data: writableData(number, type, what),
    text: String(number),
    expectation: { change: 'equals', value: number },
  };
}

function enumerated(value: unknown, context: ValueContext): CommandValue {
  const literals = Object.entries(context.enumLiterals ?? {});
  const wanted = word(value);
  const named = wanted === undefined ? undefined : literals.find(([, literal]) => literal.toLowerCase() === wanted);
  if (!named && wholeNumber(value) === undefined) {
    const some = literals.slice(0, 12).map(([code, literal]) => `${code} ${literal}`);
    return refuse(value, context, some.length > 0 ? `one of: ${some.join(', ')}` : 'its number');
  }
  const result = integer(named ? Number(named[0]) : value, context);
  const literal = context.enumLiterals?.[Number(result.text)];
  return literal === undefined ? result : { ...result, text: literal };
}

function analogue(value: unknown, context: ValueContext): CommandValue {
  const number = finiteNumber(value);
  if (number === undefined) return refuse(value, context, 'a number');
  inRange(number, context);
  return {
    data: analogueData(number, context.type, context.what, context.scaling),
    text: String(number),
    expectation: { change: 'near', value: number },
  };
}

function inRange(number: number, { what, range }: ValueContext): void {
  const { min, max } = range ?? {};
  // Equal limits, both 0 as a rule, are a configuration that nobody filled in.
  if (min !== undefined && max !== undefined && min >= max) return;
  if ((min !== undefined && number < min) || (max !== undefined && number > max)) {
    throw new ArgumentError(
      `${what}: ${number} is outside of the IED's range ${min ?? '…'} to ${max ?? '…'}`,
      'Give a value between minVal and maxVal of the object.',
    );
  }
}
