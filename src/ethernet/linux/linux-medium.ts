/** Raw Ethernet of Linux: AF_PACKET sockets. */
import type { Medium } from '../medium.js';
import { interfaceInfo, interfaceNames } from './interface-info.js';
import { loadLibc } from './libc.js';
import { PacketSocket } from './packet-socket.js';

/** @throws EthernetError without koffi */
export async function linuxMedium(): Promise<Medium> {
  const libc = await loadLibc();
  return {
    find: interfaceInfo,
    names: interfaceNames,
    open: ({ index }, handler) => PacketSocket.open(libc, index, handler),
  };
}
