/** What an `iec61850-control` node was told in its form. */
import { CONTROL_MODELS, type ControlModel } from '../../src/client/control/index.js';
import { ArgumentError } from '../../src/errors.js';
import { MAX_FEEDBACK_MS, MAX_TERMINATION_TIMEOUT_MS } from '../../src/limits.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text, wholeNumber } from '../shared/fields.js';
import type { VersionedDef } from '../shared/red.js';

export interface ControlDef extends VersionedDef {
  ied?: string;
  reference?: string;
  cdc?: string;
  enumLiterals?: Record<number, string>;
  allowed?: boolean;
  action?: string;
  select?: string;
  model?: string;
  orCat?: string | number;
  orIdent?: string;
  interlockCheck?: boolean;
  synchroCheck?: boolean;
  test?: boolean;
  maxAge?: string | number;
  confirm?: string | number;
  termination?: string | number;
  feedback?: string | number;
  tolerance?: string | number;
  audit?: boolean;
}

export interface ControlSettings {
  reference: string;
  cdc?: string;
  enumLiterals?: Readonly<Record<number, string>>;
  /** Whether this flow may operate equipment. */
  allowed: boolean;
  action: 'select' | 'operate' | 'cancel';
  select: 'auto' | 'required';
  model?: ControlModel;
  category: number;
  identifier: string;
  interlockCheck: boolean;
  synchroCheck: boolean;
  test: boolean;
  /** ms; undefined takes messages of any age. */
  maxAge?: number;
  /** ms to wait for a confirmation; undefined asks for none. */
  confirm?: number;
  /** ms; undefined leaves it to the IED. */
  terminationTimeout?: number;
  feedback?: { timeout: number; tolerance?: number };
  audit: boolean;
}

const MAX_AGE_S = 86_400;
const MAX_CONFIRM_S = 3600;

type FieldName = 'reference' | 'orCat' | 'orIdent' | 'maxAge' | 'confirm' | 'termination' | 'feedback' | 'tolerance';

/** @throws ArgumentError that names the field */
export function controlSettings(def: ControlDef, lookup: EnvironmentLookup): ControlSettings {
  const field = (name: FieldName): string => expandEnvironment(text(def[name]), lookup, name);
  const seconds = (name: FieldName, max: number): number | undefined => {
    const value = wholeNumber(field(name), name, 0, max, 0);
    return value === 0 ? undefined : value * 1000;
  };
  const reference = field('reference');
  if (reference === '')
    throw new ArgumentError('The node has no object to control', 'Write LD/LN.DO, such as BAY1CTRL/CSWI1.Pos.');
  const maxAge = seconds('maxAge', MAX_AGE_S);
  const confirm = seconds('confirm', MAX_CONFIRM_S);
  const terminationTimeout = seconds('termination', MAX_TERMINATION_TIMEOUT_MS / 1000);
  const timeout = seconds('feedback', MAX_FEEDBACK_MS / 1000);
  const tolerance = toleranceOf(field('tolerance'));
  const model = CONTROL_MODELS.find((one) => one === def.model);
  return {
    reference,
    ...(def.cdc && { cdc: def.cdc }),
    ...(def.enumLiterals && { enumLiterals: def.enumLiterals }),
    allowed: def.allowed === true,
    action: def.action === 'select' || def.action === 'cancel' ? def.action : 'operate',
    select: def.select === 'required' ? 'required' : 'auto',
    ...(model && { model }),
    category: wholeNumber(field('orCat'), 'origin category', 0, 8, 2),
    identifier: field('orIdent'),
    interlockCheck: def.interlockCheck === true,
    synchroCheck: def.synchroCheck === true,
    test: def.test === true,
    ...(maxAge !== undefined && { maxAge }),
    ...(confirm !== undefined && { confirm }),
    ...(terminationTimeout !== undefined && { terminationTimeout }),
    ...(timeout !== undefined && { feedback: { timeout, ...(tolerance !== undefined && { tolerance }) } }),
    audit: def.audit === true,
  };
}

function toleranceOf(written: string): number | undefined {
  if (written === '') return undefined;
  const tolerance = Number(written);
  if (!(tolerance >= 0))
    throw new ArgumentError(`The tolerance "${written}" is not a number from 0`, 'Correct it in the node.');
  return tolerance;
}
