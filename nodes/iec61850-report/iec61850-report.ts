/** Takes reports of an IED: from chosen control blocks, or from those that bring the chosen tags. */
import { createNode } from '../shared/create-node.js';
import type { SubscriptionStatus } from '../../src/client/reports/index.js';
import { nodeEnvironment } from '../shared/environment.js';
import { explain } from '../shared/explain.js';
import { requireIedNode } from '../shared/ied-node.js';
import { migrate } from '../shared/migrate.js';
import { monitor, watched } from '../shared/monitor/registry.js';
import type { Node, NodeMessage, NodeMessageInFlow, RED } from '../shared/red.js';
import { resumePoints } from '../shared/resume-points.js';
import { StatusLine } from '../shared/status.js';
import { registerTagRoutes } from '../shared/tag-routes.js';
import { registerReportDirectory } from './report-directory-route.js';
import { reportSettings, type ReportDef } from './report-settings.js';
import { Reporter } from './reporter.js';

export = function (red: RED): void {
  function ReportNode(this: Node, saved: ReportDef): void {
    createNode(red, this, saved);
    const status = new StatusLine(this);
    let reporter: Reporter | undefined;
    let problem: unknown;
    try {
      reporter = openReporter(red, this, saved, status);
    } catch (error) {
      problem = error;
      status.bad('check settings');
      this.error(explain(error), {});
    }

    this.on('input', (msg: NodeMessageInFlow, _send, done) => {
      if (!reporter) {
        done(explain(problem));
        return;
      }
      reporter.command(msg).then(
        () => done(),
        (error: unknown) => done(explain(error)),
      );
    });

    const leave = reporter && watch(this, saved.ied, reporter);
    this.on('close', (done: () => void) => {
      leave?.();
      status.close();
      Promise.all([reporter?.close(), resumePoints(red, 'report').flush()]).then(
        () => done(),
        () => done(),
      );
    });
  }

  red.nodes.registerType('iec61850-report', ReportNode);
  registerTagRoutes(red);
  registerReportDirectory(red);
};

function watch(node: Node, iedId: string | undefined, reporter: Reporter): () => void {
  const { rows } = reporter;
  const blocks = (): SubscriptionStatus[] => reporter.blocks;
  return monitor.add('tags', { ...watched(node), kind: 'report', iedId: iedId ?? '', rows, blocks });
}

function openReporter(red: RED, node: Node, saved: ReportDef, status: StatusLine): Reporter {
  const ied = requireIedNode(red, saved.ied);
  const settings = reportSettings(migrate(saved, []), nodeEnvironment(red, node));
  const output = {
    status,
    send: (messages: NodeMessage[]) => node.send([messages]),
    warn: (text: string) => node.warn(text),
    error: (error: Error, message: NodeMessage) => node.error(error, message),
  };
  return new Reporter(ied.connection.acquire(), settings, output, resumePoints(red, 'report'));
}
