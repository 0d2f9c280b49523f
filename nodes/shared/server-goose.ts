/** The GOOSE of a server's SCL file on a network interface, for as long as the server is open. */
import { openLink } from '../../src/ethernet/open-link.js';
import { GoosePublishing } from '../../src/gateway/process-bus/index.js';
import type { IedServer } from '../../src/server/ied-server.js';
import { explain } from './explain.js';
import type { HostLog } from './server-host.js';

/** Ends what was begun. */
export type End = () => Promise<void>;

/**
 * Publishes every GOOSE control block that the file gives an address.
 * @param name of the interface
 * @throws EthernetError when it cannot be opened
 */
export async function publishGoose(server: IedServer, name: string, log: HostLog): Promise<End> {
  let failed = '';
  const tell = (error: Error): void => {
    // The same failure at each repeat is one failure.
    if (error.message === failed) return;
    failed = error.message;
    log.error(explain(error), { payload: null });
  };
  const link = await openLink(name, {
    frame: () => undefined,
    state: (up) => log.warn(`GOOSE: the interface ${name} is ${up ? 'up again' : 'down'}`),
    failed: tell,
  });
  const publishing = new GoosePublishing(
    server,
    {},
    {
      send(frame) {
        link.send(frame);
        failed = '';
      },
      failed: tell,
    },
  );
  log.log(`GOOSE on ${name}: ${publishing.blocks.join(', ') || 'the file has no control block with an address'}`);
  return async () => {
    publishing.close();
    await link.close();
  };
}
