/** Node: tells what clients of an IEC 61850 server do, and asks the flow whether they may. */
import { createNode } from '../shared/create-node.js';
import { ArgumentError } from '../../src/errors.js';
import { nodeEnvironment } from '../shared/environment.js';
import { explain } from '../shared/explain.js';
import { migrate } from '../shared/migrate.js';
import type { Node, NodeMessage, RED } from '../shared/red.js';
import type { ServerHost } from '../shared/server-host.js';
import { serverNode } from '../shared/server-node.js';
import { showServer } from '../shared/server-status.js';
import type { ServerWatcher } from '../shared/server-watchers.js';
import { StatusLine } from '../shared/status.js';
import { Asker } from './asker.js';
import { controlMessage, eventMessage } from './event-messages.js';
import { inSettings, type InSettings, type ServerInDef } from './in-settings.js';

export = function (red: RED): void {
  function ServerIn(this: Node, saved: ServerInDef): void {
    createNode(red, this, saved);
    const status = new StatusLine(this);
    const config = migrate(saved, []);
    try {
      const server = serverNode(red, config.server);
      if (!server) throw new ArgumentError('The node has no server', 'Open it, choose an iec61850-server and deploy.');
      watch(this, status, server.host, inSettings(config, nodeEnvironment(red, this)));
    } catch (error) {
      status.bad('check settings');
      this.error(explain(error), { payload: null });
      this.on('close', () => status.close());
    }
  }

  red.nodes.registerType('iec61850-server-in', ServerIn);
};

function watch(node: Node, status: StatusLine, host: ServerHost, settings: InSettings): void {
  let events = 0;
  const text = (): string =>
    asker.waiting > 0 ? `${asker.waiting} waiting` : `${host.clients} cl · ${events < 1e6 ? events : 'many'} ev`;
  const show = (): void => showServer(status, host, text);
  const asker = new Asker(
    settings,
    (message) => node.send([null, message]),
    show,
    (said) => node.warn(said),
  );
  const tell = (message: NodeMessage): void => {
    events++;
    node.send([message, null]);
    show();
  };
  const { kinds, concerns, askControls, askWrites } = settings;
  const watcher: ServerWatcher = {
    happened: (event) => {
      if (kinds.has(event.action) && (event.object === '' || concerns(event.object))) tell(eventMessage(event));
    },
    controlled: (event) => {
      if (kinds.has('control') && concerns(event.reference)) tell(controlMessage(event, Date.now()));
    },
    ...(askControls && { decideControl: (command) => asker.control(command) }),
    ...(askWrites && { decideWrite: (request) => asker.write(request) }),
  };
  const unwatch = host.watchers.add(watcher);
  const lease = host.acquire(show);
  show();
  node.on('close', () => {
    unwatch();
    asker.close();
    lease.release();
    status.close();
  });
}
