/** Those functions of the C library that raw sockets need, by the optional package koffi. */
import { loadKoffi, type Koffi } from '../load-koffi.js';

export interface Libc {
  readonly koffi: typeof Koffi;
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Buffer, length: number): number;
  setsockopt(fd: number, level: number, option: number, value: Buffer, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: Buffer, length: Buffer): number;
  send(fd: number, octets: Buffer, length: number, flags: number): number;
  /** `messages` is the address of native memory. */
  recvmmsg(fd: number, messages: bigint, count: number, flags: number, timeout: null): number;
  close(fd: number): number;
}

let loaded: Promise<Libc> | undefined;

/** Loaded when a process-bus node is first deployed, and only then. @throws EthernetError */
export function loadLibc(): Promise<Libc> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(): Promise<Libc> {
  const koffi = await loadKoffi();
  const library = koffi.load('libc.so.6');
  return {
    koffi,
    socket: library.func('int socket(int, int, int)') as Libc['socket'],
    bind: library.func('int bind(int, void *, uint32)') as Libc['bind'],
    setsockopt: library.func('int setsockopt(int, int, int, void *, uint32)') as Libc['setsockopt'],
    getsockopt: library.func('int getsockopt(int, int, int, _Inout_ void *, _Inout_ void *)') as Libc['getsockopt'],
    send: library.func('intptr send(int, void *, size_t, int)') as Libc['send'],
    recvmmsg: library.func('int recvmmsg(int, void *, uint32, int, void *)') as Libc['recvmmsg'],
    close: library.func('int close(int)') as Libc['close'],
  };
}
