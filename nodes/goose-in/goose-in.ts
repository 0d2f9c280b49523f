/** Listens to GOOSE on a network interface, or in a capture file. */
import { nodeEnvironment } from '../shared/environment.js';
import { explain } from '../shared/explain.js';
import { migrate } from '../shared/migrate.js';
import { registerProcessBusRoutes } from '../shared/process-bus-routes.js';
import { userDirectory, userSetting, type Node, type NodeMessage, type RED } from '../shared/red.js';
import { sclLibrary } from '../shared/scl-library.js';
import { registerSclRoutes } from '../shared/scl-routes.js';
import { StatusLine } from '../shared/status.js';
import { gooseInSettings, type GooseInDef } from './goose-in-settings.js';
import { GooseListener } from './goose-listener.js';

export = function (red: RED): void {
  function GooseInNode(this: Node, saved: GooseInDef): void {
    red.nodes.createNode(this, saved);
    const status = new StatusLine(this);
    const rules = {
      userDir: userDirectory(red),
      allowAbsolute: userSetting(red, 'iec61850AllowAbsolutePaths') === true,
    };
    let listener: GooseListener | undefined;
    const failed = (error: unknown): void => {
      status.bad('not listening');
      this.error(explain(error), { topic: 'goose' } as NodeMessage);
    };
    status.busy('opening');
    // Later, when the catch nodes of the flow are there to hear what is wrong.
    const start = setImmediate(() => {
      try {
        const settings = gooseInSettings(migrate(saved, []), nodeEnvironment(red, this));
        listener = new GooseListener(settings, sclLibrary(red), rules, {
          status,
          values: (messages) => this.send([messages, null]),
          state: (message) => this.send([null, message]),
          error: (error, message) => this.error(error, message),
        });
        listener.open().catch(failed);
      } catch (error) {
        failed(error);
      }
    });

    this.on('input', (msg, send, done) => {
      if (listener) send([null, { ...msg, ...listener.statistics() }]);
      done();
    });
    this.on('close', (done: () => void) => {
      clearImmediate(start);
      status.close();
      (listener?.close() ?? Promise.resolve()).then(done, done);
    });
  }

  red.nodes.registerType('goose-in', GooseInNode);
  registerSclRoutes(red);
  registerProcessBusRoutes(red);
};
