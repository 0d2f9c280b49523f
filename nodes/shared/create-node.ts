/**
 * Every node of ours begins with this in place of `red.nodes.createNode`: what it logs stands in the sidebar's log too.
 * Node-RED gives an error that a Catch node takes to that node alone, so its own log is not the place to listen.
 */
import { Iec61850Error } from '../../src/errors.js';
import { monitorLog, type LogLevel } from './monitor/log-ring.js';
import { watched } from './monitor/registry.js';
import type { Node, NodeDef, RED } from './red.js';

export function createNode(red: RED, node: Node<object>, saved: NodeDef): void {
  red.nodes.createNode(node, saved);
  const error = node.error.bind(node);
  const warn = node.warn.bind(node);
  const log = node.log.bind(node);
  const { id, type: kind, name: source, place = id } = watched(node);
  const note = (level: LogLevel, said: unknown): void => {
    const code = said instanceof Iec61850Error ? said.code : undefined;
    const text = said instanceof Error ? said.message : String(said);
    monitorLog.note({ level, source, kind, id: place, text, ...(code !== undefined && { code }) });
  };
  node.error = (said, message) => {
    note('error', said);
    error(said, message);
  };
  node.warn = (said: unknown) => {
    note('warn', said);
    warn(said);
  };
  node.log = (said: unknown) => {
    note('info', said);
    log(said);
  };
}
