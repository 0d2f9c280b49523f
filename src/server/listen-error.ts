import { ListenError } from '../errors.js';

/** Ports below need a special right on Unix; 102 is the one of MMS (RFC 1006). */
const FIRST_FREE_PORT = 1024;

/** Why a server cannot listen, and what to do about it. */
export function listenError(cause: NodeJS.ErrnoException, host: string, port: number): ListenError {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch (cause.code) {
    case 'EADDRINUSE':
      return new ListenError(
        `The IEC 61850 server cannot listen on ${where}: the port is in use`,
        'Another server has it, maybe one of the same flow: stop that one, or choose another port or address.',
        { cause },
      );
    case 'EACCES':
      return new ListenError(
        `The IEC 61850 server cannot listen on ${where}: this needs a right that the process does not have`,
        port < FIRST_FREE_PORT
          ? 'Choose a port above 1023, such as 10102, or give Node.js the right: setcap cap_net_bind_service=+ep on its program.'
          : 'Choose another port; this machine reserves it.',
        { cause },
      );
    case 'EADDRNOTAVAIL':
      return new ListenError(
        `The IEC 61850 server cannot listen on ${where}: this machine does not have the address`,
        'Give 0.0.0.0 for all addresses, 127.0.0.1 for this machine alone, or an address of one of its interfaces.',
        { cause },
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ListenError(
        `The IEC 61850 server cannot listen: the name ${host} has no address`,
        'Write an IP address of this machine.',
        {
          cause,
        },
      );
    default:
      return new ListenError(
        `The IEC 61850 server cannot listen on ${where}: ${cause.message}`,
        'Check address and port.',
        {
          cause,
        },
      );
  }
}
