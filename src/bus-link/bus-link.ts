import type { FrameLink, LinkHandler, LinkStatistics } from '../ethernet/frame-link.js';
import type { EthernetFrame } from '../ethernet/frame.js';
import type { BusSecurityCounts, BusSecurityState, FrameSecurity } from '../routable/index.js';

/** A frame with what is known of its authenticity; absent when it has no code and none was asked for. */
export interface BusFrame extends EthernetFrame {
  security?: FrameSecurity;
}

/** What a link that checks frames tells besides. */
export interface BusLinkHandler extends LinkHandler {
  frame(frame: BusFrame, time: number): void;
  /** Frames began to be refused, for this reason, or none was for a while. */
  security?(state: BusSecurityState): void;
}

export interface BusLinkStatistics extends LinkStatistics {
  /** Over UDP: tunnelled frames and management, which are not given. */
  unsupported?: number;
  security: BusSecurityCounts & { state: BusSecurityState };
}

/** A link that checks what it carries. */
export interface BusLink extends FrameLink {
  statistics(): BusLinkStatistics;
}
