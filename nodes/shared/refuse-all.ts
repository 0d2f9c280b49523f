import { explain } from './explain.js';
import type { Done, Node, NodeMessageInFlow } from './red.js';
import type { StatusLine } from './status.js';

/** A node that cannot work says why at once, and again to whoever sends it a message. */
export function refuseAll(node: Node, status: StatusLine, cause: unknown): void {
  const error = explain(cause);
  status.bad('check settings');
  node.error(error, { payload: null });
  node.on('input', (_message: NodeMessageInFlow, _send, done: Done) => done(error));
  node.on('close', () => status.close());
}
