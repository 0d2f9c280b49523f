/** What report control blocks have around them. */
import type { DataSets } from '../data-sets/data-sets.js';
import type { Tell } from '../events.js';
import type { Variable } from '../variable.js';
import type { DataSetRegistry } from './data-set-registry.js';
import type { Sender } from './sender.js';

/** What all control blocks of a server share. */
export interface BlockHost {
  readonly registry: DataSetRegistry;
  readonly sender: Sender;
  readonly tell: Tell;
  /** Bits of a reason for inclusion. */
  readonly reasonBits: number;
  /** Whether the server listens. */
  readonly running: boolean;
  /** ms since 1970. */
  now(): number;
  readonly dataSets: DataSets;
  /** What is kept on disk is there when it returns. */
  commit(): void;
}

/** Where a control block stands. */
export interface BlockPlace {
  readonly domain: string;
  readonly variable: Variable;
  /** Address of the client that the file gives it to. */
  readonly preassigned?: string;
}
