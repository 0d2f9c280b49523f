/** Errors of sockets in words that tell what to do. */
import { ConnectionClosedError, ConnectionError, type Iec61850Error } from '../errors.js';
import { handshakeFailure } from '../security/failures.js';
import { mmsPort, type IedConnectionOptions } from './options.js';

/** @param ied name of the IED */
export function socketError(error: NodeJS.ErrnoException, options: IedConnectionOptions, ied: string): Iec61850Error {
  const { host, tls } = options;
  const context = { ied, cause: error };
  if (tls) {
    const failure = handshakeFailure(error);
    if (failure) return failure;
  }
  switch (error.code) {
    case 'ECONNREFUSED':
      return new ConnectionError(
        `${host}:${mmsPort(options)} refuses the TCP connection`,
        'Check the port; the MMS server of the IED may be off or its client slots taken.',
        context,
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return new ConnectionError(`there is no route to ${host}`, 'Check address, gateway and cable.', context);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConnectionError(`the host name ${host} is unknown`, 'Write the IP address of the IED.', context);
    case 'ECONNRESET':
    case 'EPIPE':
      return new ConnectionClosedError(
        'the IED closed the connection',
        tls
          ? 'It may not trust the certificate of this client, have no free client slot, or have no TLS on this port.'
          : 'It may have no free client slot, or refuse what was sent.',
        context,
      );
    default:
      return new ConnectionError(`the connection failed: ${error.message}`, undefined, context);
  }
}
