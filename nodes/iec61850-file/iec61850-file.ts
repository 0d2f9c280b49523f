/** Lists, gets, gives, deletes and renames files of an IED; changing them is off until a person says that the flow may. */
import { createNode } from '../shared/create-node.js';
import path from 'node:path';
import { nodeEnvironment } from '../shared/environment.js';
import { explain } from '../shared/explain.js';
import { requireIedNode } from '../shared/ied-node.js';
import { migrate } from '../shared/migrate.js';
import { userDirectory, type Node, type NodeMessageInFlow, type RED } from '../shared/red.js';
import { refuseAll } from '../shared/refuse-all.js';
import { StatusLine } from '../shared/status.js';
import { makeUserFolder } from '../shared/user-folder.js';
import { fileConfig, type FileDef } from './file-job.js';
import { FileWorker } from './file-worker.js';

export = function (red: RED): void {
  function File(this: Node, saved: FileDef): void {
    createNode(red, this, saved);
    const status = new StatusLine(this);
    let worker: FileWorker;
    try {
      worker = openWorker(red, this, migrate(saved, []), status);
    } catch (error) {
      refuseAll(this, status, error);
      return;
    }

    this.on('input', (msg: NodeMessageInFlow, send, done) => {
      worker.input(msg, send).then(
        () => done(),
        (error: unknown) => done(explain(error)),
      );
    });

    this.on('close', () => {
      worker.close();
      status.close();
    });
  }

  red.nodes.registerType('iec61850-file', File);
};

function openWorker(red: RED, node: Node, saved: FileDef, status: StatusLine): FileWorker {
  const ied = requireIedNode(red, saved.ied);
  const config = fileConfig(saved, nodeEnvironment(red, node));
  // A folder that is not absolute is one of the user directory.
  if (config.folder !== '') {
    config.folder = path.resolve(userDirectory(red), config.folder);
    makeUserFolder(userDirectory(red), config.folder);
  }
  const { name } = ied.settings();
  return new FileWorker(ied.connection.acquire(), name, config, {
    status,
    log: (text) => node.log(text),
    send: (message) => node.send(message),
    error: (error) => node.error(explain(error, name), { payload: null }),
    newId: () => red.util.generateId(),
  });
}
