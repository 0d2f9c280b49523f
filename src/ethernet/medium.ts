/** What a system has to give for raw frames: its interfaces, and a socket on one of them. */
import type { VlanTag } from './frame.js';
import type { LinkFilter } from './frame-link.js';

export interface InterfaceInfo {
  /** Changes when an interface of the name is removed and made anew. */
  index: number;
  /** `02-00-00-00-00-01`. */
  address: string;
  up: boolean;
  /** What the system's own functions call it, where that is another name. */
  device?: string;
}

/** One received frame, before it is decoded. */
export interface RawFrame {
  octets: Buffer;
  vlan: VlanTag | undefined;
  /** ms since 1970; undefined when the kernel gave no time. */
  time: number | undefined;
  outgoing: boolean;
}

export interface SocketHandler {
  /** Octets are valid until the method returns. */
  frame(frame: RawFrame): void;
  /** Reading failed, mostly because the interface went away. */
  lost(): void;
}

/** One end that is bound to one interface. */
export interface FrameSocket {
  /** Begins to receive what the filter names. Called once; another filter takes another socket. @throws EthernetError */
  listen(filter: LinkFilter): void;
  /** Makes ready for sending alone. @throws EthernetError */
  bindForSending(): void;
  /** @throws EthernetError */
  send(frame: Buffer): void;
  /** Frames that the system threw away since the socket was opened. */
  dropped(): number;
  close(): void | Promise<void>;
}

export interface Medium {
  /** Undefined when there is no such interface. */
  find(name: string): Promise<InterfaceInfo | undefined>;
  names(): Promise<string[]>;
  /** @throws EthernetError, above all without the privilege */
  open(info: InterfaceInfo, handler: SocketHandler): FrameSocket;
}
