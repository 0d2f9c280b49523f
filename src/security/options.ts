/** What a secured connection can be told (IEC 62351-3), by clients and servers alike. */

/** The path of a file, the text of a PEM file, or its content as PEM or DER. */
export type PemSource = string | Buffer;

export interface TlsOptions {
  /** Own certificate, followed by those of intermediate CAs. A server needs one; a client as well unless its IED asks for none. */
  cert?: PemSource;
  /** Key of the own certificate. */
  key?: PemSource;
  /** What the key is encrypted with. */
  passphrase?: string;
  /** Certificates of the CAs that peers may have theirs from. No other CA is ever trusted, those of the system included. */
  ca?: PemSource | readonly PemSource[];
  /** Revocation lists, one for each CA of a chain. With them, a peer whose CA has none is refused. */
  crl?: PemSource | readonly PemSource[];
  /** When given, only these peers are let in: SHA-256 fingerprints as hex digits, or certificates. */
  knownPeers?: readonly PemSource[];
  /** False takes known peers without asking for their CA; it needs `knownPeers`. True by default. */
  chainValidation?: boolean;
  /** Client: the name or address that the certificate of the IED must be made out to. By default none is compared. */
  serverName?: string;
  /** TLS 1.2 and 1.3 by default. */
  minVersion?: TlsVersion;
  maxVersion?: TlsVersion;
  /** Cipher suites by their OpenSSL names, in place of the default ones. */
  cipherSuites?: readonly string[];
  /** Takes RSA keys from 1024 bits and elliptic curves from 192 bits. False by default. */
  allowShortKeys?: boolean;
  /**
   * ms after which keys are made anew and the certificate of the peer is looked at again, 24 h by default. 0 never does.
   * In TLS 1.2 the client renegotiates. Node.js cannot renew keys of TLS 1.3: there the certificate alone is looked at.
   */
  rekeyAfter?: number;
  /** Octets in both directions after which keys of TLS 1.2 are made anew. By default the time alone counts. */
  rekeyAfterOctets?: number;
  /** Server: seconds for which a session may be resumed, 6 h by default. 0 makes every handshake a whole one. */
  sessionLifetime?: number;
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** Port of MMS over TLS (IEC 62351-4 §6.3.2). */
export const SECURE_MMS_PORT = 3782;
