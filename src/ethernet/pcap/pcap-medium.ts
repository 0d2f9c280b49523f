/** Raw Ethernet by libpcap: Npcap on Windows, where it is the only way, and libpcap itself elsewhere. */
import { interfaceInfo, interfaceNames } from '../linux/interface-info.js';
import type { InterfaceInfo, Medium } from '../medium.js';
import { Adapters } from '../windows/adapters.js';
import { loadPcap } from './pcap-library.js';
import { PcapSocket } from './pcap-socket.js';

/** @throws EthernetError without koffi or the library */
export async function pcapMedium(): Promise<Medium> {
  const pcap = await loadPcap();
  const directory = process.platform === 'win32' ? windowsDirectory(new Adapters(pcap.koffi)) : LINUX_DIRECTORY;
  return { ...directory, open: (info, handler) => PcapSocket.open(pcap, info, handler) };
}

type Directory = Pick<Medium, 'find' | 'names'>;

const LINUX_DIRECTORY: Directory = {
  async find(name) {
    const info = await interfaceInfo(name);
    return info && { ...info, device: name };
  },
  names: interfaceNames,
};

/** An adapter is found by its friendly name, or by what Npcap calls it. */
function windowsDirectory(adapters: Adapters): Directory {
  return {
    find(wanted) {
      const found: InterfaceInfo | undefined = adapters
        .list()
        .find(({ name, device }) => name === wanted || device === wanted);
      return Promise.resolve(found);
    },
    names: () => Promise.resolve(adapters.list().map(({ name }) => name)),
  };
}
