/** Config node: an IEC 61850 server from an SCL file. */
import { createNode } from '../shared/create-node.js';
import path from 'node:path';
import { IedServer } from '../../src/server/ied-server.js';
import { nodeEnvironment } from '../shared/environment.js';
import { migrate } from '../shared/migrate.js';
import { monitor, watched } from '../shared/monitor/registry.js';
import { registerProcessBusRoutes } from '../shared/process-bus-routes.js';
import { userDirectory, type Node, type RED } from '../shared/red.js';
import { sclLibrary } from '../shared/scl-library.js';
import { registerSclRoutes } from '../shared/scl-routes.js';
import { publishGoose } from '../shared/server-goose.js';
import { ServerHost, type HostLog } from '../shared/server-host.js';
import type { ServerCredentials, ServerNode } from '../shared/server-node.js';
import { makeUserFolder } from '../shared/user-folder.js';
import { accessSettings } from './access-settings.js';
import { gooseInterface, servedFiles, serverSettings, type ServerDef } from './server-settings.js';

export = function (red: RED): void {
  function Server(this: ServerNode, saved: ServerDef): void {
    createNode(red, this, saved);
    const config = migrate(saved, []);
    this.host = openHost(red, this, config);
    const leave = monitor.add('servers', { ...watched(this), host: this.host });
    this.on('close', (done: () => void) => {
      leave();
      this.host.close().then(done, done);
    });
  }

  red.nodes.registerType<ServerNode, ServerDef, object, ServerCredentials>('iec61850-server', Server, {
    credentials: {
      password: { type: 'password' },
      passphrase: { type: 'password' },
      clientPasswords: { type: 'text' },
    },
  });
  registerSclRoutes(red);
  registerProcessBusRoutes(red);
};

function openHost(red: RED, node: Node<ServerCredentials>, config: ServerDef): ServerHost {
  const open = async (): Promise<IedServer> => {
    const lookup = nodeEnvironment(red, node);
    const { source, options } = serverSettings(config, lookup, node.credentials?.password);
    const access = await accessSettings(red, config, lookup, node.credentials);
    // A folder of its own, for two servers may serve the same IED.
    const dataDir = path.join(userDirectory(red), 'iec61850', `server-${node.id.replace(/\W/g, '_')}`);
    const files = servedFiles(config, lookup, userDirectory(red));
    if (files) makeUserFolder(userDirectory(red), files.folder);
    return IedServer.fromScl(await sclLibrary(red).open(source), {
      ...options,
      ...access,
      ...(files && { files }),
      ...(config.keep === true && { dataDir, keepReportBuffers: true }),
    });
  };
  const log: HostLog = {
    log: (text) => node.log(text),
    warn: (text) => node.warn(text),
    error: (error, message) => node.error(error, message),
  };
  const goose = gooseInterface(config, nodeEnvironment(red, node));
  return new ServerHost(open, log, undefined, goose === '' ? undefined : (server) => publishGoose(server, goose, log));
}
