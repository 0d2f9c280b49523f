import { BlockList, isIP, isIPv4 } from 'node:net';
import { ArgumentError } from '../errors.js';

/** Addresses of clients that may connect. */
export class AllowedAddresses {
  private readonly list = new BlockList();
  private readonly all: boolean;

  /** @param entries addresses and subnets; none means every address. @throws ArgumentError */
  constructor(entries: readonly string[]) {
    this.all = entries.length === 0;
    for (const entry of entries) this.add(entry.trim());
  }

  private add(entry: string): void {
    const [address = '', prefix] = entry.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    const bits = prefix === undefined ? undefined : Number(prefix);
    const most = family === 'ipv4' ? 32 : 128;
    if (isIP(address) === 0 || (bits !== undefined && (!/^\d{1,3}$/.test(prefix as string) || bits > most))) {
      throw new ArgumentError(`"${entry}" is no address of clients`, 'Write 192.168.1.10, 10.0.0.0/8 or fe80::/10.');
    }
    if (bits === undefined) this.list.addAddress(address, family);
    else this.list.addSubnet(address, bits, family);
  }

  /** @param address as the socket has it; IPv4 addresses may come in their IPv6 form */
  has(address: string): boolean {
    if (this.all) return true;
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    return isIP(plain) !== 0 && this.list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
  }
}
