/** Measures and records sampled values of a network interface, or of a capture file. */
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
import { svInSettings, type SvInDef } from './sv-in-settings.js';
import { SvListener, type SvOutput } from './sv-listener.js';

export = function (red: RED): void {
  function SvInNode(this: Node<BusCredentials>, saved: SvInDef): void {
    createNode(red, this, saved);
    listenerNode(red, this, 'sv', (rules, status) => {
      const settings = svInSettings(migrate(saved, []), nodeEnvironment(red, this), this.credentials);
      const output: SvOutput = {
        status,
        measured: (message) => this.send([message, null, null]),
        state: (message) => this.send([null, message, null]),
        waveform: (message) => this.send([null, null, message]),
        error: (error, message) => this.error(error, message),
        log: (text) => this.log(text),
      };
      return new SvListener(settings, sclLibrary(red), rules, output, supervisingServer(red, this, saved.server));
    });
  }

  red.nodes.registerType<Node<BusCredentials>, SvInDef, object, BusCredentials>('sv-in', SvInNode, {
    credentials: BUS_CREDENTIALS,
  });
  registerSclRoutes(red);
  registerProcessBusRoutes(red);
};
