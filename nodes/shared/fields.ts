/** Texts and numbers of configuration fields, checked; a field that is wrong is named. */
import { ArgumentError } from '../../src/errors.js';

/** A text without surrounding blanks, also of a number or truth value; empty for everything else. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/**
 * A whole number of a field.
 * @param fallback What an empty field means.
 */
export function wholeNumber(value: unknown, name: string, min: number, max: number, fallback: number): number {
  const written = text(value);
  if (written === '') return fallback;
  const number = Number(written);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw new ArgumentError(
      `${name} "${written}" is not a whole number from ${min} to ${max}`,
      'Correct it in the node.',
    );
  }
  return number;
}

/** Octets written in hexadecimal, `00 01`, `0001` or `00-01`, as plain lower-case digits; undefined when empty. */
export function hexOctets(value: unknown, name: string, maxLength: number): string | undefined {
  const written = text(value).replace(/[\s:-]/g, '');
  if (written === '') return undefined;
  if (!/^([0-9a-f]{2})+$/i.test(written)) {
    throw new ArgumentError(`${name} "${text(value)}" is not hexadecimal`, 'Write two digits an octet, such as 0001.');
  }
  if (written.length / 2 > maxLength) throw new ArgumentError(`${name} is longer than ${maxLength} octets`);
  return written.toLowerCase();
}

/** An object identifier written `1.1.1.999.1` or as SCL does, `1,1,1,999,1`; undefined when the field is empty. */
export function objectIdentifier(value: unknown, name: string): string | undefined {
  const written = text(value).replace(/[,\s]+/g, '.');
  if (written === '') return undefined;
  const arcs = written.split('.');
  if (arcs.length < 2 || arcs.length > 32 || !arcs.every((arc) => /^\d{1,9}$/.test(arc))) {
    throw new ArgumentError(`${name} "${text(value)}" is not an object identifier`, 'Write it as 1.1.1.999.1.');
  }
  return written;
}
