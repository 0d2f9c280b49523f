/** Config node: the connection to one IED. */
import { IedSession } from '../../src/client/index.js';
import { registerBrowseRoutes } from '../shared/browse-routes.js';
import { connectionSettings, type ConnectionForm, type ConnectionSettings } from '../shared/connection-settings.js';
import { createNode } from '../shared/create-node.js';
import { nodeEnvironment } from '../shared/environment.js';
import { IedConnection } from '../shared/ied-connection.js';
import type { IedNode } from '../shared/ied-node.js';
import { migrate } from '../shared/migrate.js';
import { monitor, watched } from '../shared/monitor/registry.js';
import { registerProjectRoutes } from '../shared/project/project-routes.js';
import type { RED, VersionedDef } from '../shared/red.js';
import { registerSclCheck } from '../shared/scl-check-route.js';
import { registerSclRoutes } from '../shared/scl-routes.js';
import { securitySettings } from '../shared/security-settings.js';
import { registerTraceRoutes } from '../shared/trace-routes.js';

type IedDef = VersionedDef & ConnectionForm;

export = function (red: RED): void {
  function Ied(this: IedNode, saved: IedDef): void {
    createNode(red, this, saved);
    const config = migrate(saved, []);
    const settings = (): ConnectionSettings => {
      const lookup = nodeEnvironment(red, this);
      const security = securitySettings(red, config, lookup, this.credentials?.passphrase);
      return connectionSettings(config, lookup, this.credentials?.password, security);
    };
    this.connection = new IedConnection(() => openSession(settings()), this);
    this.settings = settings;
    const { connection } = this;
    const leave = monitor.add('ieds', { ...watched(this), connection, ied: () => settings().name });
    this.on('close', (done: () => void) => {
      leave();
      this.connection.close().then(done, done);
    });
  }

  red.nodes.registerType<IedNode, IedDef, object, { password?: string; passphrase?: string }>('iec61850-ied', Ied, {
    credentials: { password: { type: 'password' }, passphrase: { type: 'password' } },
  });
  registerSclRoutes(red);
  registerBrowseRoutes(red);
  registerSclCheck(red);
  registerProjectRoutes(red);
  registerTraceRoutes(red);
};

function openSession(settings: ConnectionSettings): IedSession {
  const { name, endpoints, timeout, password, selectors, maxPduSize, maxOutstanding, edition, tls, mace } = settings;
  return new IedSession({
    name,
    endpoints,
    timeout,
    selectors,
    maxPduSize,
    maxOutstanding,
    ...(edition && { edition }),
    ...(password !== undefined && { password }),
    ...(tls && { tls }),
    ...(mace && { mace }),
  });
}
