/** Errors as a Catch node and the log show them: with IED, tag, reason and what to do, and not the same one again. */
import { Iec61850Error, SclError } from '../../src/errors.js';

/**
 * The error with its place before and its hint behind the message; its code stays.
 * @param subject Name of the IED that it is about, where the error itself does not tell.
 */
export function explain(error: unknown, subject?: string): Error {
  if (!(error instanceof Iec61850Error)) return error instanceof Error ? error : new Error(String(error));
  const { code, message, hint, tag, ied = subject } = error;
  const place = [ied, tag].filter((part) => part !== undefined && !message.includes(part)).join(' ');
  const told = message + positionOf(error);
  const sentence = /[.!?]$/.test(told) || hint === '' ? told : `${told}.`;
  const text = [place === '' ? sentence : `${place}: ${sentence}`, hint].filter((part) => part !== '').join(' ');
  const explained = new Iec61850Error(code, text, '', {
    cause: error,
    ...(ied !== undefined && { ied }),
    ...(tag !== undefined && { tag }),
  });
  // Node-RED prints the stack: lines of our code would hide what a person can act on. That of the cause stays.
  explained.stack = `${explained.name}: ${text}`;
  return explained;
}

function positionOf(error: Iec61850Error): string {
  if (!(error instanceof SclError) || error.line === undefined) return '';
  return ` (line ${error.line}${error.column === undefined ? '' : `, column ${error.column}`})`;
}

/** Remembers what was said about each subject until it is well again. */
export class ErrorMemory {
  private readonly said = new Map<string, string>();

  isNew(subject: string, code: string): boolean {
    if (this.said.get(subject) === code) return false;
    this.said.set(subject, code);
    return true;
  }

  forget(subject: string): void {
    this.said.delete(subject);
  }
}
