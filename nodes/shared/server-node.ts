/** What other nodes see of an `iec61850-server` config node. */
import type { ServerHost } from './server-host.js';
import type { Node, RED } from './red.js';

/** Secrets of the node, kept by Node-RED. */
export interface ServerCredentials {
  password?: string;
  /** Of the key of its certificate. */
  passphrase?: string;
  /** JSON: passwords by the names of expected clients. */
  clientPasswords?: string;
}

export interface ServerNode extends Node<ServerCredentials> {
  host: ServerHost;
}

/** The config node of that id; undefined when it was removed or is disabled. */
export function serverNode(red: RED, id: unknown): ServerNode | undefined {
  if (typeof id !== 'string' || id === '') return undefined;
  const node = red.nodes.getNode(id) as ServerNode | null | undefined;
  return node?.type === 'iec61850-server' && node.host ? node : undefined;
}
