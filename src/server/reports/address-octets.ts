import { isIPv4, isIPv6 } from 'node:net';

const IPV6_OCTETS = 16;

/** An IP address as the attribute Owner has it: four octets, or sixteen (IEC 61850-8-1 §17.2.2); none for another text. */
export function addressOctets(address: string): Buffer {
  const text = address.replace(/%.*$/, '');
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  if (!isIPv6(text)) return Buffer.alloc(0);
  const [front = '', back] = text.replace(/[\d.]+\.[\d.]+$/, hexGroups).split('::');
  const octets = Buffer.alloc(IPV6_OCTETS);
  groups(front).forEach((group, i) => octets.writeUInt16BE(group, 2 * i));
  const end = groups(back ?? '');
  end.forEach((group, i) => octets.writeUInt16BE(group, IPV6_OCTETS - 2 * (end.length - i)));
  return octets;
}

function groups(part: string): number[] {
  return part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
}

/** The IPv4 end of an IPv6 address in its own notation. */
function hexGroups(dotted: string): string {
  const octets = Buffer.from(dotted.split('.').map(Number));
  return `${octets.readUInt16BE(0).toString(16)}:${octets.readUInt16BE(2).toString(16)}`;
}
