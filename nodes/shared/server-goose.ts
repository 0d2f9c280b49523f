/** The GOOSE of a server's model on a network interface, or over UDP. */
import type { FrameLink, LinkHandler } from '../../src/ethernet/frame-link.js';
import { openLink } from '../../src/ethernet/open-link.js';
import { GoosePublishing, type GoosePublishingOptions } from '../../src/gateway/process-bus/index.js';
import type { IedServer } from '../../src/server/ied-server.js';
import { explain } from './explain.js';
import type { HostLog } from './server-host.js';

export interface GooseLinkHandler {
  /** The interface went down, or is up again. */
  state(up: boolean): void;
  /** Told once for each failure, until a frame leaves again. */
  failed(error: Error): void;
}

export interface GooseOnLink {
  readonly publishing: GoosePublishing;
  /** Whether the last frame could not be sent. */
  readonly failing: boolean;
  close(): Promise<void>;
}

/** @throws what `open` throws */
export async function openGoose(
  server: IedServer,
  open: (handler: LinkHandler) => Promise<FrameLink>,
  options: GoosePublishingOptions,
  handler: GooseLinkHandler,
): Promise<GooseOnLink> {
  let failure = '';
  const failed = (error: Error): void => {
    // The same failure at each repeat is one failure.
    if (error.message === failure) return;
    failure = error.message;
    handler.failed(error);
  };
  const link = await open({ frame: () => undefined, state: (up) => handler.state(up), failed });
  const publishing = new GoosePublishing(server, options, {
    send(frame) {
      link.send(frame);
      failure = '';
    },
    failed,
  });
  return {
    publishing,
    get failing() {
      return failure !== '';
    },
    async close() {
      publishing.close();
      await link.close();
    },
  };
}

/**
 * Publishes every GOOSE control block that the file gives an address, for as long as the server is open.
 * @returns ends it
 * @throws EthernetError when the interface cannot be opened
 */
export async function publishGoose(server: IedServer, name: string, log: HostLog): Promise<() => Promise<void>> {
  const goose = await openGoose(
    server,
    (handler) => openLink(name, handler),
    {},
    {
      state: (up) => log.warn(`GOOSE: the interface ${name} is ${up ? 'up again' : 'down'}`),
      failed: (error) => log.error(explain(error), { payload: null }),
    },
  );
  const blocks = goose.publishing.blocks.join(', ') || 'the file has no control block with an address';
  log.log(`GOOSE on ${name}: ${blocks}`);
  return () => goose.close();
}
