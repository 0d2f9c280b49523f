import type { ServerHost } from './server-host.js';
import type { StatusLine } from './status.js';

/** The status of a node by the state of its server. @param listening text while it listens */
export function showServer(status: StatusLine, host: ServerHost, listening: () => string): void {
  switch (host.state) {
    case 'listening':
      return status.ok(listening());
    case 'retrying':
      return status.bad(listenText(host.error));
    case 'failed':
      return status.bad('server failed');
    default:
      return status.busy('opening');
  }
}

function listenText(error: Error | undefined): string {
  const cause: unknown = (error?.cause as Error | undefined)?.cause;
  switch ((cause as { code?: unknown } | undefined)?.code) {
    case 'EADDRINUSE':
      return 'port in use';
    case 'EACCES':
      return 'no right for port';
    default:
      return 'cannot listen';
  }
}
