/** Those functions of libpcap that a link needs: wpcap.dll of Npcap on Windows, libpcap.so on Linux. */
import path from 'node:path';
import { EthernetError } from '../../errors.js';
import { loadKoffi, type Koffi } from '../load-koffi.js';

/** Address of native memory. */
export type Address = number | bigint;

export interface Pcap {
  readonly koffi: typeof Koffi;
  create(device: string, error: Buffer): Address;
  setSnapshotLength(handle: Address, octets: number): number;
  setPromiscuous(handle: Address, on: number): number;
  setTimeout(handle: Address, ms: number): number;
  setImmediate(handle: Address, on: number): number;
  setBufferSize(handle: Address, octets: number): number;
  activate(handle: Address): number;
  setNonBlocking(handle: Address, on: number, error: Buffer): number;
  linkType(handle: Address): number;
  compile(handle: Address, program: Buffer, expression: string, optimize: number, netmask: number): number;
  setFilter(handle: Address, program: Buffer): number;
  freeCode(program: Buffer): void;
  /** `header` and `data` take one address each. */
  next(handle: Address, header: Buffer, data: Buffer): number;
  send(handle: Address, frame: Buffer, length: number): number;
  statistics(handle: Address, target: Buffer): number;
  errorText(handle: Address): string;
  close(handle: Address): void;
  /** Ends within `ms`, in a thread of the pool: when there is something to read, or when the time is over. */
  wait(handle: Address, ms: number, done: () => void): void;
  /** Octets of a time in the header of a frame, before the two lengths: two longs. */
  readonly timeOctets: number;
}

type Library = ReturnType<typeof Koffi.load>;

let loaded: Promise<Pcap> | undefined;

/** Loaded when an interface is first opened by it. @throws EthernetError that tells what to install */
export function loadPcap(): Promise<Pcap> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(): Promise<Pcap> {
  const koffi = await loadKoffi();
  const library = process.platform === 'win32' ? openNpcap(koffi) : openLibpcap(koffi);
  const func = <F>(signature: string): F => library.func(signature) as unknown as F;
  return {
    koffi,
    create: func('uintptr_t pcap_create(str, void *)'),
    setSnapshotLength: func('int pcap_set_snaplen(uintptr_t, int)'),
    setPromiscuous: func('int pcap_set_promisc(uintptr_t, int)'),
    setTimeout: func('int pcap_set_timeout(uintptr_t, int)'),
    setImmediate: func('int pcap_set_immediate_mode(uintptr_t, int)'),
    setBufferSize: func('int pcap_set_buffer_size(uintptr_t, int)'),
    activate: func('int pcap_activate(uintptr_t)'),
    setNonBlocking: func('int pcap_setnonblock(uintptr_t, int, void *)'),
    linkType: func('int pcap_datalink(uintptr_t)'),
    compile: func('int pcap_compile(uintptr_t, void *, str, int, uint32)'),
    setFilter: func('int pcap_setfilter(uintptr_t, void *)'),
    freeCode: func('void pcap_freecode(void *)'),
    next: func('int pcap_next_ex(uintptr_t, void *, void *)'),
    send: func('int pcap_sendpacket(uintptr_t, void *, int)'),
    statistics: func('int pcap_stats(uintptr_t, void *)'),
    errorText: func('str pcap_geterr(uintptr_t)'),
    close: func('void pcap_close(uintptr_t)'),
    wait: process.platform === 'win32' ? waitOnWindows(koffi, library) : waitOnPosix(koffi, library),
    timeOctets: 2 * koffi.sizeof('long'),
  };
}

function openLibpcap(koffi: typeof Koffi): Library {
  for (const name of ['libpcap.so.0.8', 'libpcap.so.1']) {
    try {
      return koffi.load(name);
    } catch {
      // Distributions call it by different numbers.
    }
  }
  throw new EthernetError(
    'IEC61850_NO_RAW_ETHERNET',
    'libpcap is not installed',
    'Install it, such as by "apt install libpcap0.8".',
  );
}

function openNpcap(koffi: typeof Koffi): Library {
  const folder = path.win32.join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'Npcap');
  try {
    // Windows finds a library that another one needs when it is in memory already, and does not look in its folder.
    koffi.load(path.win32.join(folder, 'Packet.dll'));
    return koffi.load(path.win32.join(folder, 'wpcap.dll'));
  } catch (cause) {
    throw new EthernetError(
      'IEC61850_NO_RAW_ETHERNET',
      `Npcap, by which raw Ethernet is had on Windows, cannot be loaded from ${folder}`,
      'Install Npcap from npcap.com, and restart Node-RED.',
      { cause },
    );
  }
}

const POLLIN = 1;

function waitOnPosix(koffi: typeof Koffi, library: Library): Pcap['wait'] {
  const descriptorOf = library.func('int pcap_get_selectable_fd(uintptr_t)') as (handle: Address) => number;
  // Given as a structure and not as a Buffer, it lives in koffi's memory for as long as the thread waits.
  const wanted = koffi.pointer(koffi.struct({ fd: 'int', events: 'short', returned: 'short' }));
  const poll = koffi.load('libc.so.6').func('poll', 'int', [wanted, 'size_t', 'int']);
  return (handle, ms, done) => {
    poll.async({ fd: descriptorOf(handle), events: POLLIN, returned: 0 }, 1, ms, done);
  };
}

function waitOnWindows(koffi: typeof Koffi, library: Library): Pcap['wait'] {
  const eventOf = library.func('uintptr_t pcap_getevent(uintptr_t)') as (handle: Address) => Address;
  const wait = koffi.load('kernel32.dll').func('uint32 WaitForSingleObject(uintptr_t, uint32)');
  return (handle, ms, done) => {
    wait.async(eventOf(handle), ms, done);
  };
}
