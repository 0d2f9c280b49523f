/** Listens to GOOSE on a network interface, or in a capture file. */
import { BUS_CREDENTIALS, type BusCredentials } from '../shared/bus-security-settings.js';
import { createNode } from '../shared/create-node.js';
import { nodeEnvironment } from '../shared/environment.js';
import { listenerNode } from '../shared/listener-node.js';
import { migrate } from '../shared/migrate.js';
import { registerProcessBusRoutes } from '../shared/process-bus-routes.js';
import type { Node, RED } from '../shared/red.js';
import { sclLibrary } from '../shared/scl-library.js';
import { registerSclRoutes } from '../shared/scl-routes.js';
import { supervisingServer } from '../shared/supervision.js';
import { gooseInSettings, type GooseInDef } from './goose-in-settings.js';
import { GooseListener, type GooseOutput } from './goose-listener.js';

export = function (red: RED): void {
  function GooseInNode(this: Node<BusCredentials>, saved: GooseInDef): void {
    createNode(red, this, saved);
    listenerNode(red, this, 'goose', (rules, status) => {
      const settings = gooseInSettings(migrate(saved, []), nodeEnvironment(red, this), this.credentials);
      const output: GooseOutput = {
        status,
        values: (messages) => this.send([messages, null]),
        state: (message) => this.send([null, message]),
        error: (error, message) => this.error(error, message),
        log: (text) => this.log(text),
      };
      return new GooseListener(settings, sclLibrary(red), rules, output, supervisingServer(red, this, saved.server));
    });
  }

  red.nodes.registerType<Node<BusCredentials>, GooseInDef, object, BusCredentials>('goose-in', GooseInNode, {
    credentials: BUS_CREDENTIALS,
  });
  registerSclRoutes(red);
  registerProcessBusRoutes(red);
};
