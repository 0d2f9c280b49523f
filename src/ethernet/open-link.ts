import { EthernetError } from '../errors.js';
import type { FrameLink, LinkHandler } from './frame-link.js';
import { InterfaceLink } from './interface-link.js';
import { interfaceNames as linuxInterfaceNames } from './linux/interface-info.js';
import { linuxMedium } from './linux/linux-medium.js';
import type { Medium } from './medium.js';
import { pcapMedium } from './pcap/pcap-medium.js';

/** How raw frames are had: by the sockets of Linux, or by libpcap, which is Npcap on Windows. */
export type MediumKind = 'packet-socket' | 'pcap';

/**
 * Opens an interface for raw frames.
 * @param name as the system has it, `eth0`; on Windows `Ethernet 2`
 * @param kind the one that is best on this system, unless somebody wants the other
 * @throws EthernetError when it cannot be opened, with what to do
 */
export async function openLink(name: string, handler: LinkHandler, kind = usualMedium()): Promise<FrameLink> {
  return InterfaceLink.open(await loadMedium(kind), name, handler);
}

/** Names of the interfaces; empty where they cannot be listed. */
export async function interfaceNames(): Promise<string[]> {
  if (process.platform === 'linux') return linuxInterfaceNames();
  try {
    return await (await loadMedium(usualMedium())).names();
  } catch {
    return [];
  }
}

function usualMedium(): MediumKind | undefined {
  if (process.platform === 'linux') return 'packet-socket';
  return process.platform === 'win32' ? 'pcap' : undefined;
}

function loadMedium(kind: MediumKind | undefined): Promise<Medium> {
  if (kind === 'packet-socket') return linuxMedium();
  if (kind === 'pcap') return pcapMedium();
  return Promise.reject(
    new EthernetError(
      'IEC61850_NO_RAW_ETHERNET',
      `raw Ethernet is not supported on ${process.platform}`,
      'Run GOOSE and sampled values on Linux or Windows; everything else works here.',
    ),
  );
}
