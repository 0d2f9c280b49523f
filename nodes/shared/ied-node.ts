/** What other nodes see of an `iec61850-ied` config node. */
import { ArgumentError } from '../../src/errors.js';
import type { ConnectionSettings } from './connection-settings.js';
import type { IedConnection } from './ied-connection.js';
import type { Node, RED } from './red.js';

export interface IedNode extends Node<{ password?: string; passphrase?: string }> {
  connection: IedConnection;
  /** Settings with every `${NAME}` replaced; throws ArgumentError when a field is wrong. */
  settings(): ConnectionSettings;
}

/** The config node of that id; undefined when it was removed or is disabled. */
export function iedNode(red: RED, id: unknown): IedNode | undefined {
  if (typeof id !== 'string' || id === '') return undefined;
  const node = red.nodes.getNode(id) as IedNode | null | undefined;
  return node && node.type === 'iec61850-ied' && node.connection ? node : undefined;
}

/** As {@link iedNode}. @throws ArgumentError when there is none, for nodes that cannot work without */
export function requireIedNode(red: RED, id: unknown): IedNode {
  const ied = iedNode(red, id);
  if (!ied) throw new ArgumentError('The node has no IED', 'Open it, choose an IED and deploy.');
  return ied;
}
