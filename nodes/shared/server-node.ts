/** What other nodes see of an `iec61850-server` config node. */
import type { ServerHost } from './server-host.js';
import type { Node, RED } from './red.js';

export interface ServerNode extends Node<{ password?: string }> {
  host: ServerHost;
}

/** The config node of that id; undefined when it was removed or is disabled. */
export function serverNode(red: RED, id: unknown): ServerNode | undefined {
  if (typeof id !== 'string' || id === '') return undefined;
  const node = red.nodes.getNode(id) as ServerNode | null | undefined;
  return node?.type === 'iec61850-server' && node.host ? node : undefined;
}
