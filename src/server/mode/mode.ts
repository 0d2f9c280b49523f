/** Mode and behaviour (IEC 61850-7-4 Annex A). */
import { QualityBit, VALIDITY_MASK } from '../../model/quality.js';

/** BehaviourModeKind. */
export const Mode = { on: 1, blocked: 2, test: 3, testBlocked: 4, off: 5 } as const;
export type Mode = (typeof Mode)[keyof typeof Mode];

export function isMode(number: number): number is Mode {
  return Number.isInteger(number) && number >= Mode.on && number <= Mode.off;
}

const isTest = (mode: Mode): boolean => mode === Mode.test || mode === Mode.testBlocked;
const isBlocked = (mode: Mode): boolean => mode === Mode.blocked || mode === Mode.testBlocked;

/** Behaviour of what has one mode and stands below another: off wins, test and blocked add up. */
export function combine(own: Mode | undefined, above: Mode | undefined): Mode | undefined {
  if (own === undefined || above === undefined) return own ?? above;
  if (own === Mode.off || above === Mode.off) return Mode.off;
  const test = isTest(own) || isTest(above);
  const blocked = isBlocked(own) || isBlocked(above);
  if (test) return blocked ? Mode.testBlocked : Mode.test;
  return blocked ? Mode.blocked : Mode.on;
}

/** Whether qualities of data change with the behaviour: they are test, or of a logical node that does not work. */
export function marksQuality(behaviour: Mode | undefined): boolean {
  return behaviour !== undefined && (isTest(behaviour) || behaviour === Mode.off);
}

const INVALID = 2;

/** Quality bits of data whose logical node has this behaviour. */
export function qualityUnder(behaviour: Mode, bits: number): number {
  if (behaviour === Mode.off) return (bits & ~VALIDITY_MASK) | INVALID;
  return isTest(behaviour) ? bits | QualityBit.test : bits;
}
