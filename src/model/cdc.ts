/**
 * Common data classes (IEC 61850-7-3 §7, service tracking §8, and those that IEC 61850-7-420 and 61400-25-2 add): which
 * member is the value that a person means, and where its quality and time stand.
 *
 * Everything works from the members that exist, not from the class name alone: online there is no class name, and
 * devices leave members out or add their own.
 */
import type { FunctionalConstraint } from './functional-constraint.js';

/** Candidates of the principal value by functional constraint, the preferred one first. */
const SETTING_VALUES = ['setVal', 'setMag.f', 'setMag.i', 'setTm', 'setSrcRef', 'cur', 'setCharact'] as const;
const PRINCIPAL_VALUES: Partial<Record<FunctionalConstraint, readonly string[]>> = {
  ST: ['stVal', 'general', 'valWTr.posVal', 'actVal', 'frVal', 'cnt', 'hstVal'],
  MX: [
    'mag.f',
    'mag.i',
    'cVal.mag.f',
    'cVal.mag.i',
    'mxVal.f',
    'mxVal.i',
    'instMag.f',
    'instMag.i',
    'instCVal.mag.f',
    'instCVal.mag.i',
    // Edition 1 APC: the set point stands among the measurands.
    'setMag.f',
    'setMag.i',
  ],
  SP: SETTING_VALUES,
  SG: SETTING_VALUES,
  SE: SETTING_VALUES,
  SV: ['subVal', 'subMag.f', 'subMag.i', 'subCVal.mag.f', 'subCVal.mag.i', 'subMxVal.f', 'subMxVal.i'],
  CO: ['Oper.ctlVal.f', 'Oper.ctlVal.i', 'Oper.setMag.f', 'Oper.setMag.i', 'Oper.ctlVal', 'ctlVal'],
  DC: ['d', 'dU'],
  BL: ['blkEna'],
};

/** Classes that are read as a whole: no member stands for the others. */
const WITHOUT_PRINCIPAL: ReadonlySet<string> = new Set(['LPL', 'DPL', 'CSD']);

/** Functional constraints in the order in which a data object's own value is looked for. */
const VALUE_CONSTRAINTS: readonly FunctionalConstraint[] = ['ST', 'MX', 'SP', 'SG', 'SE'];

/**
 * Path of the member that stands for the data object within one functional constraint, such as `stVal` or
 * `cVal.mag.f`; undefined when the object is only meaningful as a whole.
 * @param cdc its common data class, where it is known
 * @param has whether a member exists, by its dotted path below the data object and in this functional constraint
 */
export function principalValue(
  cdc: string | undefined,
  fc: FunctionalConstraint,
  has: (path: string) => boolean,
): string | undefined {
  if (cdc !== undefined && WITHOUT_PRINCIPAL.has(cdc)) return undefined;
  // A name plate that was found online: its `d` is one of many members, not its value.
  if (fc === 'DC' && (has('vendor') || has('swRev'))) return undefined;
  return PRINCIPAL_VALUES[fc]?.find(has);
}

/**
 * The functional constraint and path of the value of a data object as a whole: status, then measurand, then setting.
 * Undefined for name plates, service tracking and objects that only hold sub data objects.
 */
export function principalOf(
  cdc: string | undefined,
  has: (fc: FunctionalConstraint, path: string) => boolean,
): { fc: FunctionalConstraint; path: string } | undefined {
  for (const fc of VALUE_CONSTRAINTS) {
    const path = principalValue(cdc, fc, (member) => has(fc, member));
    if (path !== undefined) return { fc, path };
  }
  return undefined;
}

/**
 * Where quality and time of a value stand: `q` and `t` of the nearest data object around it, `q` and `t` for
 * `cVal.mag.f`, `phsA.q` and `phsA.t` for `phsA.cVal.mag.f`. A substituted value has `subQ`, a frozen counter `frTm`.
 * @param valuePath dotted path below the data object
 * @param has as in {@link principalValue}
 */
export function qualityAndTimePaths(
  valuePath: string,
  has: (path: string) => boolean,
): { quality?: string; time?: string } {
  const steps = valuePath.split('.');
  const nearest = (name: string): string | undefined => {
    for (let depth = steps.length - 1; depth >= 0; depth--) {
      const path = [...steps.slice(0, depth), name].join('.');
      if (path !== valuePath && has(path)) return path;
    }
    return undefined;
  };
  const last = steps.at(-1) as string;
  const quality = steps.some((step) => step.startsWith('sub')) ? nearest('subQ') : nearest('q');
  const time = (last === 'frVal' ? nearest('frTm') : undefined) ?? nearest('t');
  return { ...(quality !== undefined && { quality }), ...(time !== undefined && { time }) };
}
