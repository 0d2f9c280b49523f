import { ArgumentError } from '../../src/errors.js';

/** APPIDs are written as SCL does, in hexadecimal; undefined when empty. @throws ArgumentError */
export function parseAppId(written: string): number | undefined {
  if (written === '') return undefined;
  if (!/^(0x)?[0-9a-f]{1,4}$/i.test(written)) {
    throw new ArgumentError(`The APPID "${written}" is none`, 'Write up to four hexadecimal digits, such as 3001.');
  }
  return Number.parseInt(written.replace(/^0x/i, ''), 16);
}
