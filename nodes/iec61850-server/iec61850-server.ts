/** Config node: an IEC 61850 server from an SCL file. */
import path from 'node:path';
import { IedServer } from '../../src/server/ied-server.js';
import { nodeEnvironment } from '../shared/environment.js';
import { migrate } from '../shared/migrate.js';
import { userDirectory, type Node, type RED } from '../shared/red.js';
import { sclLibrary } from '../shared/scl-library.js';
import { registerSclRoutes } from '../shared/scl-routes.js';
import { ServerHost } from '../shared/server-host.js';
import type { ServerNode } from '../shared/server-node.js';
import { serverSettings, type ServerDef } from './server-settings.js';

export = function (red: RED): void {
  function Server(this: ServerNode, saved: ServerDef): void {
    red.nodes.createNode(this, saved);
    const config = migrate(saved, []);
    this.host = openHost(red, this, config);
    this.on('close', (done: () => void) => {
      this.host.close().then(done, done);
    });
  }

  red.nodes.registerType<ServerNode, ServerDef, object, { password?: string }>('iec61850-server', Server, {
    credentials: { password: { type: 'password' } },
  });
  registerSclRoutes(red);
};

function openHost(red: RED, node: Node<{ password?: string }>, config: ServerDef): ServerHost {
  const open = async (): Promise<IedServer> => {
    const { source, options } = serverSettings(config, nodeEnvironment(red, node), node.credentials?.password);
    // A folder of its own, for two servers may serve the same IED.
    const dataDir = path.join(userDirectory(red), 'iec61850', `server-${node.id.replace(/\W/g, '_')}`);
    return IedServer.fromScl(await sclLibrary(red).open(source), {
      ...options,
      ...(config.keep === true && { dataDir, keepReportBuffers: true }),
    });
  };
  return new ServerHost(open, {
    log: (text) => node.log(text),
    warn: (text) => node.warn(text),
    error: (error, message) => node.error(error, message),
  });
}
