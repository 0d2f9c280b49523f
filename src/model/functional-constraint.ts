/** Functional constraints of IEC 61850-7-2 (Edition 1 and 2) with what they stand for. */
export const FUNCTIONAL_CONSTRAINTS = {
  ST: 'status',
  MX: 'measurands',
  SP: 'setting outside a setting group',
  SV: 'substitution',
  CF: 'configuration',
  DC: 'description',
  SG: 'setting group',
  SE: 'setting group, editable',
  SR: 'service tracking',
  OR: 'operate received',
  BL: 'blocking',
  EX: 'extended definition',
  CO: 'control',
  US: 'unicast sampled values',
  MS: 'multicast sampled values',
  RP: 'unbuffered report control block',
  BR: 'buffered report control block',
  LG: 'log control block',
  GO: 'GOOSE control block',
  GS: 'GSSE control block',
} as const;

export type FunctionalConstraint = keyof typeof FUNCTIONAL_CONSTRAINTS;

export function isFunctionalConstraint(text: string): text is FunctionalConstraint {
  return Object.hasOwn(FUNCTIONAL_CONSTRAINTS, text);
}
