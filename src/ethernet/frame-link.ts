import type { EthernetFrame } from './frame.js';

/** What a link tells its user. */
export interface LinkHandler {
  /**
   * A frame came. Its payload is valid until the method returns.
   * @param time ms since 1970 when the kernel or the capture saw it, with fractions
   */
  frame(frame: EthernetFrame, time: number): void;
  /** The interface went down, was removed, or is there again. Called on changes only. */
  state?(up: boolean): void;
  /** Something failed for good, such as a broken capture file; the link is closed. */
  failed?(error: Error): void;
}

/** Frames since the link was opened. */
export interface LinkStatistics {
  received: number;
  sent: number;
  /** Frames that the kernel had to throw away because this process was too slow. */
  dropped: number;
  /** Frames too short to be Ethernet. */
  malformed: number;
}

/** What a link shall receive. */
export interface LinkFilter {
  etherTypes: readonly number[];
  /** Destination addresses; without any, whatever the destination. Multicast addresses are joined. */
  destinations?: readonly string[];
}

/** An interface, or something that stands for one, that gives and takes Ethernet frames. */
export interface FrameLink {
  /** Name of the interface or file. */
  readonly name: string;
  /** Own address, as the source of what is sent. */
  readonly address: string;
  readonly up: boolean;
  /** Replaces what is received. @throws EthernetError */
  listen(filter: LinkFilter): void;
  /** Sends at once. @throws EthernetError when the interface does not take it */
  send(frame: Omit<EthernetFrame, 'source'>): void;
  statistics(): LinkStatistics;
  close(): Promise<void>;
}
