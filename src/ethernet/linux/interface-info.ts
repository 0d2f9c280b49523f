/** What the kernel shows of its interfaces below /sys. */
import { readdir, readFile } from 'node:fs/promises';
import { EthernetError } from '../../errors.js';

const ROOT = '/sys/class/net';
/** IFNAMSIZ, and no way out of the folder. */
const NAME = /^[^/\s.][^/\s]{0,14}$/;

export interface InterfaceInfo {
  /** Changes when an interface of the name is removed and made anew. */
  index: number;
  address: string;
  up: boolean;
}

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

/** @throws EthernetError that lists those that there are */
export async function requireInterface(name: string): Promise<InterfaceInfo> {
  const info = await interfaceInfo(name);
  if (info) return info;
  const names = await interfaceNames();
  throw new EthernetError(
    'IEC61850_NO_INTERFACE',
    `there is no network interface "${name}"`,
    names.length > 0 ? `There are: ${names.join(', ')}.` : '',
  );
}
