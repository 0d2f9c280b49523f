/** Reads logs of an IED: what came since the last time, or a span of time. */
import { createNode } from '../shared/create-node.js';
import { nodeEnvironment } from '../shared/environment.js';
import { explain } from '../shared/explain.js';
import { requireIedNode } from '../shared/ied-node.js';
import { migrate } from '../shared/migrate.js';
import type { Node, NodeMessage, NodeMessageInFlow, RED } from '../shared/red.js';
import { refuseAll } from '../shared/refuse-all.js';
import { resumePoints } from '../shared/resume-points.js';
import { registerServiceDirectory } from '../shared/service-directory-route.js';
import { StatusLine } from '../shared/status.js';
import { logConfig, type LogDef } from './log-job.js';
import { LogReader } from './log-reader.js';

export = function (red: RED): void {
  function Log(this: Node, saved: LogDef): void {
    createNode(red, this, saved);
    const status = new StatusLine(this);
    let reader: LogReader;
    try {
      reader = openReader(red, this, migrate(saved, []), status);
    } catch (error) {
      refuseAll(this, status, error);
      return;
    }

    this.on('input', (msg: NodeMessageInFlow, send, done) => {
      reader
        .input(msg, (messages) => send([messages]))
        .then(
          () => done(),
          (error: unknown) => done(explain(error)),
        );
    });

    this.on('close', (done: () => void) => {
      status.close();
      reader.close();
      void resumePoints(red, 'log').flush().then(done, done);
    });
  }

  red.nodes.registerType('iec61850-log', Log);
  registerServiceDirectory(red);
};

function openReader(red: RED, node: Node, config: LogDef, status: StatusLine): LogReader {
  const ied = requireIedNode(red, config.ied);
  const settings = logConfig(config, nodeEnvironment(red, node));
  const output = {
    status,
    send: (messages: NodeMessage[]) => node.send([messages]),
    log: (text: string) => node.log(text),
    error: (error: Error, message: NodeMessage) => node.error(error, message),
  };
  return new LogReader(ied.connection.acquire(), settings, output, resumePoints(red, 'log'), node.id);
}
