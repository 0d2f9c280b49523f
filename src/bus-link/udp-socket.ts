/** A UDP socket that hears a group or an address of this machine, or sends to one. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ArgumentError, EthernetError } from '../errors.js';
import { DEFAULT_ROUTABLE_TTL, ROUTABLE_PORT } from '../limits.js';

export interface UdpAddress {
  /** Multicast group, or an address of one machine: the peer's when sending, one's own when listening. */
  address: string;
  /** 102 by default. */
  port?: number;
  /** Interface by its name (`eth0`) or its own address; without it the system chooses. */
  interface?: string;
  /** Routers that a multicast may pass, 1 to 255. */
  ttl?: number;
}

export interface UdpHandler {
  datagram(octets: Buffer, from: RemoteInfo): void;
  /** The socket is closed, or one datagram could not be sent. */
  failed(error: Error): void;
}

/** 224.0.0.0 to 239.255.255.255, or ff00::/8. */
export function isMulticast(address: string): boolean {
  return isIPv6(address) ? /^ff/i.test(address) : /^(22[4-9]|23\d)\./.test(address);
}

/** @throws ArgumentError */
export function checkAddress({ address, port = ROUTABLE_PORT, ttl = DEFAULT_ROUTABLE_TTL }: UdpAddress): void {
  if (isIP(address) === 0) {
    throw new ArgumentError(
      `"${address}" is no IP address`,
      'Write it as 239.192.0.1, or as an address of one machine.',
    );
  }
  // Port 0 is one that the system chooses, which tests use.
  if (!Number.isInteger(port) || port < 0 || port > 0xffff) throw new ArgumentError(`the UDP port ${port} is none`);
  if (!Number.isInteger(ttl) || ttl < 1 || ttl > 255) {
    throw new ArgumentError(`the TTL ${ttl} is none`, 'Give a whole number from 1 to 255.');
  }
}

/**
 * Own address on an interface, of the family of `peer`; undefined when the interface has none at this time.
 * @param name the interface's name, or the address itself
 */
export function addressOn(name: string, peer: string): string | undefined {
  const family = isIPv6(peer) ? 'IPv6' : 'IPv4';
  for (const [interfaceName, addresses] of Object.entries(networkInterfaces())) {
    const found = addresses?.find((entry) => entry.family === family && [interfaceName, entry.address].includes(name));
    if (found) return found.scopeid ? `${found.address}%${interfaceName}` : found.address;
  }
  return undefined;
}

/** @throws EthernetError that names the interfaces which there are */
export function requireAddressOn(name: string, peer: string): string {
  const own = addressOn(name, peer);
  if (own !== undefined) return own;
  const there = Object.keys(networkInterfaces()).join(', ') || 'none';
  throw new EthernetError(
    'IEC61850_NO_INTERFACE',
    `no interface "${name}" has an ${isIPv6(peer) ? 'IPv6' : 'IPv4'} address`,
    `Give one by its name or its address. There are: ${there}.`,
  );
}

/**
 * Opens a socket for datagrams to the group, or to one's own address.
 * @throws EthernetError
 */
export async function openReceiving(to: UdpAddress, handler: UdpHandler): Promise<Socket> {
  const { address, port = ROUTABLE_PORT } = to;
  const own = to.interface === undefined ? undefined : requireAddressOn(to.interface, address);
  const multicast = isMulticast(address);
  // Several nodes may hear one group; a unicast datagram would come to one of them alone.
  const socket = createSocket({ type: familyOf(address), reuseAddr: multicast });
  try {
    // Bound to the group, a socket hears nothing of other groups; Windows cannot do that.
    const bound = multicast && process.platform === 'win32' ? undefined : address;
    await bind(socket, port, bound);
    if (multicast) socket.addMembership(address, membership(address, own));
  } catch (cause) {
    socket.close();
    throw bindError(cause as NodeJS.ErrnoException, address, port);
  }
  attend(socket, handler);
  return socket;
}

/** @throws EthernetError */
export async function openSending(to: UdpAddress, handler: UdpHandler): Promise<Socket> {
  const { address, ttl = DEFAULT_ROUTABLE_TTL } = to;
  const own = to.interface === undefined ? undefined : requireAddressOn(to.interface, address);
  const socket = createSocket({ type: familyOf(address) });
  try {
    await bind(socket, 0, own);
    if (isMulticast(address)) {
      socket.setMulticastTTL(ttl);
      const through = membership(address, own);
      if (through !== undefined) socket.setMulticastInterface(through);
    }
  } catch (cause) {
    socket.close();
    throw bindError(cause as NodeJS.ErrnoException, address, 0);
  }
  attend(socket, handler);
  return socket;
}

function attend(socket: Socket, handler: UdpHandler): void {
  socket.on('message', (octets, from) => handler.datagram(octets, from));
  socket.on('error', (error) => handler.failed(error));
}

function bind(socket: Socket, port: number, address: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port, ...(address !== undefined && { address }) }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

function familyOf(address: string): 'udp4' | 'udp6' {
  return isIPv6(address) ? 'udp6' : 'udp4';
}

/** How Node.js wants an interface: by its address, and for IPv6 by its scope. */
function membership(group: string, own: string | undefined): string | undefined {
  if (own === undefined || !isIPv6(group)) return own;
  const scope = own.split('%')[1];
  return scope === undefined ? undefined : `::%${scope}`;
}

/** What people can do about an address that is not given to this process. */
export function bindError(cause: NodeJS.ErrnoException, address: string, port: number): Error {
  const at = `UDP port ${port} of ${address}`;
  switch (cause.code) {
    case 'EACCES':
      return new EthernetError(
        'IEC61850_NO_PRIVILEGE',
        `this process may not listen on ${at}: ports below 1024 need a privilege`,
        'Run `sudo setcap cap_net_bind_service+ep "$(readlink -f "$(command -v node)")"`, and again after each update of' +
          ' Node.js (with both privileges: cap_net_raw,cap_net_bind_service+ep); or `sudo sysctl' +
          ' net.ipv4.ip_unprivileged_port_start=102`; or, in a container, --cap-add=NET_BIND_SERVICE.',
        { cause },
      );
    case 'EADDRINUSE':
      return new EthernetError(
        'IEC61850_ETHERNET',
        `${at} is taken by another program or node`,
        'Listen to a multicast group, which several nodes may, or end the other one.',
        { cause },
      );
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
    case 'ENODEV':
      return new EthernetError(
        'IEC61850_NO_INTERFACE',
        `${at} cannot be listened to: ${cause.message}`,
        'Give a multicast group, or an address that this machine has itself; and the interface, when it has several.',
        { cause },
      );
    default:
      return cause instanceof EthernetError
        ? cause
        : new EthernetError('IEC61850_ETHERNET', `${at}: ${cause.message}`, '', { cause });
  }
}
