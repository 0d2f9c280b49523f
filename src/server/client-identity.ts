import type { AccessClient } from './access-log.js';

/** Who a client is: its address, what it said of itself when it associated, and as whom the server knows it. */
export type ClientIdentity = Readonly<Pick<AccessClient, 'address' | 'port'>> & Omit<AccessClient, 'address' | 'port'>;
