/** ctlModel (IEC 61850-7-2 §20.2) by its number on the wire. */
export const CONTROL_MODELS = [
  'status-only',
  'direct-with-normal-security',
  'sbo-with-normal-security',
  'direct-with-enhanced-security',
  'sbo-with-enhanced-security',
] as const;

export type ControlModel = (typeof CONTROL_MODELS)[number];

/** Whether the object has to be selected before it is operated. */
export function needsSelection(model: ControlModel): boolean {
  return model === 'sbo-with-normal-security' || model === 'sbo-with-enhanced-security';
}

/** Whether a CommandTermination tells the end. */
export function isEnhanced(model: ControlModel): boolean {
  return model === 'direct-with-enhanced-security' || model === 'sbo-with-enhanced-security';
}

/** Controllable data classes; an object without a status value counts as the one that its ctlVal shows. */
export type ControlClass = 'SPC' | 'DPC' | 'INC' | 'ENC' | 'BSC' | 'ISC' | 'APC' | 'BAC';

/** Names of ctlVal: some Edition 1 IEDs call that of an APC `setMag`. */
export const VALUE_MEMBERS: readonly string[] = ['ctlVal', 'setMag'];
