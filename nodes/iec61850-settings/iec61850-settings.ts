/** Reads setting groups, and activates and edits them; changes are off until a person says that the flow may make them. */
import { createNode } from '../shared/create-node.js';
import { nodeEnvironment } from '../shared/environment.js';
import { explain } from '../shared/explain.js';
import { requireIedNode } from '../shared/ied-node.js';
import { migrate } from '../shared/migrate.js';
import type { Node, NodeMessage, NodeMessageInFlow, RED } from '../shared/red.js';
import { refuseAll } from '../shared/refuse-all.js';
import { registerServiceDirectory } from '../shared/service-directory-route.js';
import { StatusLine } from '../shared/status.js';
import { settingsConfig, type SettingsDef } from './settings-job.js';
import { SettingsWorker } from './settings-worker.js';

export = function (red: RED): void {
  function Settings(this: Node, saved: SettingsDef): void {
    createNode(red, this, saved);
    const status = new StatusLine(this);
    let worker: SettingsWorker;
    try {
      worker = openWorker(red, this, migrate(saved, []), status);
    } catch (error) {
      refuseAll(this, status, error);
      return;
    }

    this.on('input', (msg: NodeMessageInFlow, send, done) => {
      worker.input(msg).then(
        (messages: NodeMessage[]) => {
          for (const message of messages) send(message);
          done();
        },
        (error: unknown) => done(explain(error)),
      );
    });

    this.on('close', () => {
      status.close();
      worker.close();
    });
  }

  red.nodes.registerType('iec61850-settings', Settings);
  registerServiceDirectory(red);
};

function openWorker(red: RED, node: Node, config: SettingsDef, status: StatusLine): SettingsWorker {
  const ied = requireIedNode(red, config.ied);
  const settings = settingsConfig(config, nodeEnvironment(red, node));
  return new SettingsWorker(ied.connection.acquire(), settings, {
    status,
    log: (text) => node.log(text),
    warn: (text) => node.warn(text),
  });
}
