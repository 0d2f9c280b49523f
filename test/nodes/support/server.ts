import type { HostState } from '../../../nodes/shared/server-host.js';
import type { ServerNode } from '../../../nodes/shared/server-node.js';
import { node } from './red.js';

/** Waits for a state of a server node, as one more user of it; gives the port that it listens on. */
export async function hostState(id: string, wanted: HostState = 'listening'): Promise<number> {
  const { host } = node(id) as ServerNode;
  let release = (): void => undefined;
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (host.state === wanted) resolve();
    };
    ({ release } = host.acquire(look));
    look();
  });
  release();
  return host.address?.port ?? 0;
}
