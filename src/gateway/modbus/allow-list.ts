/** Which clients may connect: addresses and networks as a person writes them, `10.0.0.5, 192.168.1.0/24, fd00::/8`. */
import { BlockList, isIP } from 'node:net';
import { ArgumentError } from '../../errors.js';

const MAX_ENTRIES = 1000;

/**
 * @returns undefined when the text is empty: everybody may connect
 * @throws ArgumentError that names the entry that is neither an address nor a network
 */
export function parseAllowList(text: string): BlockList | undefined {
  const entries = text.split(/[\s,;]+/).filter((entry) => entry !== '');
  if (entries.length === 0) return undefined;
  if (entries.length > MAX_ENTRIES) throw new ArgumentError(`More than ${MAX_ENTRIES} allowed clients`);
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix, ...rest] = entry.split('/');
    const version = isIP(address);
    const family = version === 6 ? 'ipv6' : 'ipv4';
    const bits = Number(prefix);
    const sound = prefix === undefined || (/^\d{1,3}$/.test(prefix) && bits <= (version === 6 ? 128 : 32));
    if (version === 0 || !sound || rest.length > 0) {
      throw new ArgumentError(
        `"${entry}" in the allowed clients is no address or network`,
        'Write addresses such as 10.0.0.5 or networks such as 192.168.1.0/24, separated by commas.',
      );
    }
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, bits, family);
  }
  return list;
}
