/** Writes settings, configuration, descriptions and substitutions; off until a person says that the flow may. */
import { createNode } from '../shared/create-node.js';
import { nodeEnvironment } from '../shared/environment.js';
import { explain } from '../shared/explain.js';
import { requireIedNode, type IedNode } from '../shared/ied-node.js';
import { migrate } from '../shared/migrate.js';
import type { Node, NodeMessageInFlow, RED } from '../shared/red.js';
import { StatusLine } from '../shared/status.js';
import { writeSettings, type WriteDef } from './write-settings.js';
import { Writer } from './writer.js';

export = function (red: RED): void {
  function Write(this: Node, saved: WriteDef): void {
    createNode(red, this, saved);
    const status = new StatusLine(this);
    let writer: Writer | undefined;
    let problem: unknown;
    try {
      writer = openWriter(red, this, migrate(saved, []), requireIedNode(red, saved.ied), status);
    } catch (error) {
      problem = error;
      status.bad('check settings');
      this.error(explain(error), {});
    }

    this.on('input', (msg: NodeMessageInFlow, send, done) => {
      if (!writer) {
        done(explain(problem));
        return;
      }
      writer.input(msg).then(
        (written) => {
          send(written);
          done();
        },
        (error: unknown) => done(explain(error)),
      );
    });

    this.on('close', () => {
      status.close();
      writer?.close();
    });
  }

  red.nodes.registerType('iec61850-write', Write);
};

function openWriter(red: RED, node: Node, config: WriteDef, ied: IedNode, status: StatusLine): Writer {
  const settings = writeSettings(config, nodeEnvironment(red, node));
  const lease = settings.allowed ? ied.connection.acquire() : undefined;
  return new Writer(ied.settings().name, lease, settings, { status, log: (text) => node.log(text) });
}
