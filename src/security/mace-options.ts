import type { TlsOptions } from './options.js';

/** Authentication by certificate in ACSE (MACE, the A-security profile of IEC 62351-4 §11). */
export interface MaceOptions extends Pick<
  TlsOptions,
  'cert' | 'key' | 'passphrase' | 'ca' | 'crl' | 'knownPeers' | 'chainValidation' | 'allowShortKeys'
> {
  /** ms that the time of the peer may differ from ours, 10 minutes by default. */
  timeWindow?: number;
  /** Server: refuses clients that give no certificate. Client: refuses a server that gives none back. True by default. */
  required?: boolean;
}
