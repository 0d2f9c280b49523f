/** Node: sets values of an IEC 61850 server. */
import { createNode } from '../shared/create-node.js';
import { ArgumentError } from '../../src/errors.js';
import { UpdateCollector } from '../../src/gateway/variables/index.js';
import { MAX_TAGS } from '../../src/limits.js';
import type { Update } from '../../src/server/update.js';
import { expandEnvironment, nodeEnvironment } from '../shared/environment.js';
import { explainTogether } from '../shared/explain-together.js';
import { explain } from '../shared/explain.js';
import { text, wholeNumber } from '../shared/fields.js';
import { updateError } from '../shared/message-updates.js';
import { migrate } from '../shared/migrate.js';
import type { Done, Node, NodeMessageInFlow, RED, VersionedDef } from '../shared/red.js';
import { refuseAll } from '../shared/refuse-all.js';
import type { ServerHost } from '../shared/server-host.js';
import { serverNode } from '../shared/server-node.js';
import { showServer } from '../shared/server-status.js';
import { StatusLine } from '../shared/status.js';
import { mappingSource, referenceSource, type MessageSource } from './message-source.js';
import { servingText } from './status-text.js';
import { registerVariableRoutes } from './variable-routes.js';

interface ServerOutDef extends VersionedDef {
  server?: string;
  /** Where references come from: the message or the node, or a mapping file. */
  source?: 'reference' | 'mapping';
  reference?: string;
  /** Mapping file as CSV text. */
  mapping?: string;
  /** A message of which a part is wrong changes nothing. */
  allOrNothing?: boolean;
  /** Values are set every so many ms, the newest of each; empty or 0: with each message. */
  cycle?: string | number;
}

const MAX_CYCLE_MS = 3_600_000;

export = function (red: RED): void {
  function ServerOut(this: Node, saved: ServerOutDef): void {
    createNode(red, this, saved);
    const status = new StatusLine(this);
    const config = migrate(saved, []);
    try {
      const server = serverNode(red, config.server);
      if (!server) throw new ArgumentError('The node has no server', 'Open it, choose an iec61850-server and deploy.');
      const lookup = nodeEnvironment(red, this);
      const source =
        config.source === 'mapping'
          ? mappingSource(text(config.mapping), (said) => this.warn(said))
          : referenceSource(expandEnvironment(text(config.reference), lookup, 'reference'));
      const cycle = wholeNumber(expandEnvironment(text(config.cycle), lookup, 'cycle'), 'cycle', 0, MAX_CYCLE_MS, 0);
      serve(this, status, server.host, { source, cycle, allOrNothing: config.allOrNothing === true });
    } catch (error) {
      refuseAll(this, status, error);
    }
  }

  red.nodes.registerType('iec61850-server-out', ServerOut);
  registerVariableRoutes(red);
};

interface Settings {
  source: MessageSource;
  /** ms; 0 sets values with each message. */
  cycle: number;
  allOrNothing: boolean;
}

function serve(node: Node, status: StatusLine, host: ServerHost, { source, cycle, allOrNothing }: Settings): void {
  const served = new Set<string>();
  const show = (): void => showServer(status, host, () => servingText(served.size, host.clients));
  const lease = host.acquire(show);
  show();
  const set = async (updates: readonly Update[]): Promise<unknown[]> => {
    const result = await lease.update(updates, { allOrNothing });
    const wrong = new Set(result.errors.map(({ index }) => index));
    for (const [index, { reference }] of updates.entries()) {
      if (result.accepted === 0 || wrong.has(index)) source.refused(reference);
      else if (served.size < MAX_TAGS) served.add(reference);
    }
    show();
    return result.errors.map(updateError);
  };
  const collector = new UpdateCollector();
  const flush = (): void => {
    const updates = collector.drain();
    if (updates.length === 0) return;
    const told = (errors: readonly unknown[]): void => {
      const error = explainTogether(errors);
      if (error) node.error(error, { payload: null });
    };
    set(updates).then(told, (error: unknown) => told([error]));
  };
  const timer = cycle > 0 ? setInterval(flush, cycle) : undefined;

  node.on('input', (message: NodeMessageInFlow, _send, done: Done) => {
    const take = async (): Promise<unknown[]> => {
      const { updates, errors } = source.updates(message, await lease.server());
      if (allOrNothing && errors.length > 0) return errors;
      if (timer === undefined) return [...errors, ...(await set(updates))];
      collector.add(updates);
      return errors;
    };
    take().then(
      (errors) => done(explainTogether(errors)),
      (error: unknown) => done(explain(error)),
    );
  });
  node.on('close', () => {
    clearInterval(timer);
    flush();
    lease.release();
    status.close();
  });
}
