import { Iec61850Error } from '../../src/errors.js';

/** An error as people see it in the log and in Catch nodes: what failed and what to do, in one text, with its code. */
export function reportable(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (!(error instanceof Iec61850Error) || error.hint === '') return error;
  const { code, ied, tag } = error;
  const told = new Error(`${error.message}. ${error.hint}`, { cause: error });
  return Object.assign(told, { code, ...(ied !== undefined && { ied }), ...(tag !== undefined && { tag }) });
}

/** Several failures of one message as one error, which names the first ones. */
export function reportableTogether(errors: readonly unknown[]): Error | undefined {
  if (errors.length < 2) return errors.length === 0 ? undefined : reportable(errors[0]);
  const told = errors.map(reportable);
  const shown = told.slice(0, MAX_NAMED).map((error) => error.message);
  const rest = told.length > MAX_NAMED ? ` … and ${told.length - MAX_NAMED} more` : '';
  const together = new Error(`${told.length} failures: ${shown.join(' · ')}${rest}`, { cause: errors[0] });
  return Object.assign(together, { code: (told[0] as Error & { code?: string }).code });
}

const MAX_NAMED = 5;
