/** What the nodes that listen to the process bus have in common: they open, tell what fails, answer for statistics, close. */
import { explain } from './explain.js';
import { monitor, watched } from './monitor/registry.js';
import type { TagRows } from './monitor/tag-rows.js';
import { userDirectory, userSetting, type Node, type NodeMessage, type RED } from './red.js';
import type { PathRules } from './scl-source.js';
import { StatusLine } from './status.js';

export interface Listener {
  /** The last values, for the sidebar; of listeners that bring some. */
  readonly rows?: TagRows;
  open(): Promise<void>;
  statistics(): NodeMessage;
  /** Does what a message asks for besides statistics; false when it asks for nothing of the kind. Throws what fails. */
  take?(msg: NodeMessage): boolean;
  close(): Promise<void>;
}

/**
 * @param topic of errors that no message asked for
 * @param make throws when the configuration is wrong
 */
export function listenerNode(
  red: RED,
  node: Node,
  topic: string,
  make: (rules: PathRules, status: StatusLine) => Listener,
): void {
  const status = new StatusLine(node);
  const rules = {
    userDir: userDirectory(red),
    allowAbsolute: userSetting(red, 'iec61850AllowAbsolutePaths') === true,
  };
  let listener: Listener | undefined;
  const place = watched(node);
  const leave = [monitor.add('bus', { ...place, look: () => listener?.statistics().payload as object | undefined })];
  const failed = (error: unknown): void => {
    status.bad('not listening');
    node.error(explain(error), { topic } as NodeMessage);
  };
  status.busy('opening');
  // Later, when the catch nodes of the flow are there to hear what is wrong.
  const start = setImmediate(() => {
    try {
      listener = make(rules, status);
      if (listener.rows) leave.push(monitor.add('tags', { ...place, kind: 'goose', rows: listener.rows }));
      listener.open().catch(failed);
    } catch (error) {
      failed(error);
    }
  });
  node.on('input', (msg, send, done) => {
    try {
      if (listener && !listener.take?.(msg)) send([null, { ...msg, ...listener.statistics() }]);
      done();
    } catch (error) {
      done(explain(error));
    }
  });
  node.on('close', (done: () => void) => {
    clearImmediate(start);
    for (const end of leave) end();
    status.close();
    (listener?.close() ?? Promise.resolve()).then(done, done);
  });
}
