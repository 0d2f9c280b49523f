/** Operates equipment: select, operate, cancel; off until a person says that the flow may. */
import { createNode } from '../shared/create-node.js';
import { nodeEnvironment } from '../shared/environment.js';
import { explain } from '../shared/explain.js';
import { requireIedNode, type IedNode } from '../shared/ied-node.js';
import { migrate } from '../shared/migrate.js';
import type { Node, NodeMessageInFlow, RED } from '../shared/red.js';
import { StatusLine } from '../shared/status.js';
import { controlSettings, type ControlDef } from './control-settings.js';
import { Operator } from './operator.js';

/** Position of the audit output, which is there when the node was told so. */
const AUDIT = 2;

export = function (red: RED): void {
  function Control(this: Node, saved: ControlDef): void {
    createNode(red, this, saved);
    const status = new StatusLine(this);
    let operator: Operator | undefined;
    let problem: unknown;
    try {
      operator = openOperator(red, this, migrate(saved, []), requireIedNode(red, saved.ied), status);
    } catch (error) {
      problem = error;
      status.bad('check settings');
      this.error(explain(error), {});
    }

    this.on('input', (msg: NodeMessageInFlow, send, done) => {
      if (!operator) {
        done(explain(problem));
        return;
      }
      operator.input(msg).then(
        (told) => {
          if (told) send('done' in told ? [told.done, null] : [null, told.refused]);
          done();
        },
        (error: unknown) => done(explain(error)),
      );
    });

    this.on('close', () => {
      status.close();
      operator?.close();
    });
  }

  red.nodes.registerType('iec61850-control', Control);
};

function openOperator(red: RED, node: Node, config: ControlDef, ied: IedNode, status: StatusLine): Operator {
  const settings = controlSettings(config, nodeEnvironment(red, node));
  const lease = settings.allowed ? ied.connection.acquire() : undefined;
  return new Operator(ied.settings().name, lease, settings, {
    status,
    log: (text) => node.log(text),
    warn: (text) => node.warn(text),
    audit: (message) => node.send([...Array.from({ length: AUDIT }, () => null), message]),
  });
}
