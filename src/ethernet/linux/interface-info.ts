/** What the kernel shows of its interfaces below /sys. */
import { readdir, readFile } from 'node:fs/promises';
import type { InterfaceInfo } from '../medium.js';

const ROOT = '/sys/class/net';
/** IFNAMSIZ, and no way out of the folder. */
const NAME = /^[^/\s.][^/\s]{0,14}$/;

/** Undefined when there is no such interface. */
export async function interfaceInfo(name: string): Promise<InterfaceInfo | undefined> {
  if (!NAME.test(name)) return undefined;
  const read = async (what: string): Promise<string> => (await readFile(`${ROOT}/${name}/${what}`, 'latin1')).trim();
  try {
    const [index, address, state] = await Promise.all([read('ifindex'), read('address'), read('operstate')]);
    return { index: Number(index), address: address.toUpperCase().replace(/:/g, '-'), up: state !== 'down' };
  } catch {
    return undefined;
  }
}

export async function interfaceNames(): Promise<string[]> {
  try {
    return (await readdir(ROOT)).sort();
  } catch {
    return [];
  }
}
