/** Publishes one GOOSE control block from the values of a flow. */
import { BUS_CREDENTIALS, type BusCredentials } from '../shared/bus-security-settings.js';
import { createNode } from '../shared/create-node.js';
import { ArgumentError } from '../../src/errors.js';
import { nodeEnvironment } from '../shared/environment.js';
import { explainTogether } from '../shared/explain-together.js';
import { explain } from '../shared/explain.js';
import { migrate } from '../shared/migrate.js';
import { registerProcessBusRoutes } from '../shared/process-bus-routes.js';
import type { Node, NodeMessageInFlow, RED } from '../shared/red.js';
import { refuseAll } from '../shared/refuse-all.js';
import { sclLibrary } from '../shared/scl-library.js';
import { registerSclRoutes } from '../shared/scl-routes.js';
import { StatusLine } from '../shared/status.js';
import { gooseOutSettings, type GooseOutDef } from './goose-out-settings.js';
import { GooseSender } from './goose-sender.js';

export = function (red: RED): void {
  function GooseOutNode(this: Node<BusCredentials>, saved: GooseOutDef): void {
    createNode(red, this, saved);
    const status = new StatusLine(this);
    try {
      const config = migrate(saved, []);
      if (config.allowed !== true) {
        refuse(this, status);
        return;
      }
      const settings = gooseOutSettings(config, nodeEnvironment(red, this), this.credentials);
      publish(
        this,
        status,
        new GooseSender(settings, sclLibrary(red), { status, error: (error, message) => this.error(error, message) }),
      );
    } catch (error) {
      refuseAll(this, status, error);
    }
  }

  red.nodes.registerType<Node<BusCredentials>, GooseOutDef, object, BusCredentials>('goose-out', GooseOutNode, {
    credentials: BUS_CREDENTIALS,
  });
  registerSclRoutes(red);
  registerProcessBusRoutes(red);
};

function publish(node: Node, status: StatusLine, sender: GooseSender): void {
  status.busy('opening');
  node.on('input', (message: NodeMessageInFlow, _send, done) => {
    sender.take(message).then(
      (errors) => done(explainTogether(errors)),
      (error: unknown) => done(explain(error)),
    );
  });
  node.on('close', (done: () => void) => {
    status.close();
    sender.close().then(done, done);
  });
}

/** Nothing goes out, no interface is opened, and each message is told why. */
function refuse(node: Node, status: StatusLine): void {
  status.idle('not allowed');
  node.on('input', (_message, _send, done) => {
    done(
      explain(
        new ArgumentError(
          'This flow may not publish on the process bus',
          'Open the goose-out node and tick that it may, if it is meant to.',
        ),
      ),
    );
  });
  node.on('close', () => status.close());
}
