/** The client's end of a secured connection (IEC 62351-3). */
import { connect, type TLSSocket } from 'node:tls';
import { isIP } from 'node:net';
import type { SecurityError } from '../errors.js';
import { checkPeer } from './check-peer.js';
import type { TlsOptions } from './options.js';
import { Rekeying } from './rekeying.js';
import { loadTlsSecurity, type TlsSecurity } from './tls-security.js';

export interface TlsTarget {
  host: string;
  port: number;
  localAddress?: string;
}

export interface TlsClientHandler {
  /** The peer is who it should be; octets may be sent. */
  secured(): void;
  refused(error: SecurityError): void;
  rekeyed?(): void;
}

/** What a client needs for its secured connections; read anew for each, so that a renewed certificate is taken at once. */
export async function loadClientTls(options: TlsOptions): Promise<ClientTls> {
  return new ClientTls(options, await loadTlsSecurity(options, 'client'));
}

export class ClientTls {
  constructor(
    private readonly options: TlsOptions,
    readonly security: TlsSecurity,
  ) {}

  /** Opens a connection; errors of the handshake come as `error` events of the socket. */
  connect(target: TlsTarget, handler: TlsClientHandler): TLSSocket {
    const { security } = this;
    const name = security.serverName ?? target.host;
    const socket = connect({
      ...target,
      secureContext: security.context,
      ...(isIP(name) === 0 && { servername: name }),
      // Without a chain to a CA, OpenSSL's refusal is not asked for: the list of known peers decides, in checkPeer.
      rejectUnauthorized: security.chainValidation,
      // Who the peer must be is asked in checkPeer, by what the user has said and not by the address.
      checkServerIdentity: () => undefined,
    });
    socket.once('secureConnect', () => {
      try {
        checkPeer(socket, 'server', security);
      } catch (error) {
        handler.refused(error as SecurityError);
        return;
      }
      new Rekeying(socket, 'server', security, () => loadTlsSecurity(this.options, 'client'), {
        distrusted: (error) => handler.refused(error),
        ...(handler.rekeyed && { rekeyed: () => handler.rekeyed?.() }),
      });
      handler.secured();
    });
    return socket;
  }
}
