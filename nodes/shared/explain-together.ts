import { Iec61850Error } from '../../src/errors.js';
import { explain } from './explain.js';

/** Failures that are named in one text; the rest is counted. */
const MAX_NAMED = 5;

/** What failed about one message, as the one error that may be given to `done`; undefined when nothing did. */
export function explainTogether(errors: readonly unknown[]): Error | undefined {
  if (errors.length < 2) return errors.length === 0 ? undefined : explain(errors[0]);
  const told = errors.slice(0, MAX_NAMED).map((error) => explain(error));
  const rest = errors.length > MAX_NAMED ? ` … and ${errors.length - MAX_NAMED} more` : '';
  const [first] = told;
  const code = first instanceof Iec61850Error ? first.code : 'IEC61850_INTERNAL';
  const text = `${errors.length} failures: ${told.map((error) => error.message).join(' · ')}${rest}`;
  return new Iec61850Error(code, text, '', { cause: first });
}
