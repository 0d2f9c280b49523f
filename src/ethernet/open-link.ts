import { EthernetError } from '../errors.js';
import type { FrameLink, LinkHandler } from './frame-link.js';
import { LinuxLink } from './linux/linux-link.js';

/**
 * Opens an interface for raw frames.
 * @param name as the system has it, `eth0`
 * @throws EthernetError when it cannot be opened, with what to do
 */
export function openLink(name: string, handler: LinkHandler): Promise<FrameLink> {
  if (process.platform === 'linux') return LinuxLink.open(name, handler);
  return Promise.reject(
    new EthernetError(
      'IEC61850_NO_RAW_ETHERNET',
      `raw Ethernet is not supported on ${process.platform}`,
      'Run GOOSE and sampled values on Linux; everything else works here.',
    ),
  );
}
