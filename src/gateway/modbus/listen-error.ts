/** Why a port cannot be opened, and what a person can do about it. */
import { ListenError } from '../../errors.js';
import { portOwner } from './port-registry.js';

/** First port that needs no special right on Unix. */
const FIRST_FREE_PORT = 1024;

export function listenError(cause: NodeJS.ErrnoException, host: string, port: number): ListenError {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch (cause.code) {
    case 'EADDRINUSE': {
      const owner = portOwner(port);
      const who = owner === undefined ? 'another program' : `the node "${owner}"`;
      return new ListenError(
        `Port ${port} of ${host} is in use by ${who}`,
        owner === undefined
          ? `Find it with "ss -ltnp" (Windows: "netstat -ano"), stop it, or choose another port.`
          : 'Give one of the two nodes another port, or put both maps into one node.',
        { cause },
      );
    }
    case 'EACCES':
      return new ListenError(
        `Port ${port} needs a right that Node-RED does not have`,
        port < FIRST_FREE_PORT
          ? `Use a port above 1023, such as 1502, or allow it: sudo setcap 'cap_net_bind_service=+ep' "$(readlink -f "$(command -v node)")" (or authbind); in a container, publish another port as ${port}.`
          : 'Choose another port; this one is reserved on this machine.',
        { cause },
      );
    case 'EADDRNOTAVAIL':
      return new ListenError(
        `This machine has no address ${host}`,
        'Use 0.0.0.0 for all addresses, 127.0.0.1 for this machine alone, or an address of one of its interfaces.',
        { cause },
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ListenError(`The name ${host} has no address`, 'Write an IP address of this machine.', { cause });
    default:
      return new ListenError(`Cannot listen on ${where}: ${cause.message}`, 'Check address and port.', { cause });
  }
}
