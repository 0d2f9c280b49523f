/** Node: sets values of an IEC 61850 server. */
import { ArgumentError, Iec61850Error } from '../../src/errors.js';
import { MAX_TAGS } from '../../src/limits.js';
import type { UpdateError } from '../../src/server/update.js';
import { expandEnvironment, nodeEnvironment } from '../shared/environment.js';
import { explainTogether } from '../shared/explain-together.js';
import { explain } from '../shared/explain.js';
import { text } from '../shared/fields.js';
import { migrate } from '../shared/migrate.js';
import type { Done, Node, NodeMessageInFlow, RED, VersionedDef } from '../shared/red.js';
import { refuseAll } from '../shared/refuse-all.js';
import type { ServerHost, ServerLease } from '../shared/server-host.js';
import { serverNode } from '../shared/server-node.js';
import { StatusLine } from '../shared/status.js';
import { servingText } from './status-text.js';
import { messageUpdates } from './updates.js';

interface ServerOutDef extends VersionedDef {
  server?: string;
  reference?: string;
  /** A message of which a part is wrong changes nothing. */
  allOrNothing?: boolean;
}

export = function (red: RED): void {
  function ServerOut(this: Node, saved: ServerOutDef): void {
    red.nodes.createNode(this, saved);
    const status = new StatusLine(this);
    const config = migrate(saved, []);
    try {
      const server = serverNode(red, config.server);
      if (!server) throw new ArgumentError('The node has no server', 'Open it, choose an iec61850-server and deploy.');
      const reference = expandEnvironment(text(config.reference), nodeEnvironment(red, this), 'reference');
      serve(this, status, server.host, reference, config.allOrNothing === true);
    } catch (error) {
      refuseAll(this, status, error);
    }
  }

  red.nodes.registerType('iec61850-server-out', ServerOut);
};

function serve(node: Node, status: StatusLine, host: ServerHost, reference: string, allOrNothing: boolean): void {
  const served = new Set<string>();
  const show = (): void => showStatus(status, host, served.size);
  const lease = host.acquire(show);
  show();
  node.on('input', (message: NodeMessageInFlow, _send, done: Done) => {
    setValues(lease, message, { reference, allOrNothing, served }).then(
      (errors) => {
        show();
        done(explainTogether(errors));
      },
      (error: unknown) => done(explain(error)),
    );
  });
  node.on('close', () => {
    lease.release();
    status.close();
  });
}

/** Sets the values of one message in one transaction. @returns What is wrong with some of them. */
async function setValues(
  lease: ServerLease,
  message: NodeMessageInFlow,
  options: { reference: string; allOrNothing: boolean; served: Set<string> },
): Promise<unknown[]> {
  const { updates, errors } = messageUpdates(message, options.reference);
  const { allOrNothing } = options;
  if (allOrNothing && errors.length > 0) return errors;
  const result = await lease.update(updates, { allOrNothing });
  const wrong = new Set(result.errors.map(({ index }) => index));
  for (const [index, { reference }] of updates.entries()) {
    if (result.accepted > 0 && !wrong.has(index) && options.served.size < MAX_TAGS) options.served.add(reference);
  }
  return [...errors, ...result.errors.map(asError)];
}

function asError({ code, message, hint, reference }: UpdateError): Iec61850Error {
  return new Iec61850Error(code, message, hint, { tag: reference });
}

function showStatus(status: StatusLine, host: ServerHost, values: number): void {
  switch (host.state) {
    case 'listening':
      return status.ok(servingText(values, host.clients));
    case 'retrying':
      return status.bad(listenText(host.error));
    case 'failed':
      return status.bad('server failed');
    default:
      return status.busy('opening');
  }
}

function listenText(error: Error | undefined): string {
  const cause: unknown = (error?.cause as Error | undefined)?.cause;
  switch ((cause as { code?: unknown } | undefined)?.code) {
    case 'EADDRINUSE':
      return 'port in use';
    case 'EACCES':
      return 'no right for port';
    default:
      return 'cannot listen';
  }
}
