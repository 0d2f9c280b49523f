/** Admin routes of the MMS trace: begin, look, end, and take it away as a capture file. */
import { SessionTrace, type TracedConnection, type TraceLines, type TraceState } from '../../src/client/index.js';
import { ArgumentError } from '../../src/errors.js';
import { encodeTcpCapture } from '../../src/ethernet/capture/tcp-capture.js';
import { AdminFile, adminRoute, jsonBody, once, textField } from './admin.js';
import { iedNode, type IedNode } from './ied-node.js';
import type { RED, Request } from './red.js';

/** A trace shows every value and command that goes to or comes from an IED. */
export const TRACE_PERMISSION = 'iec61850-trace.write';

/** Port by which dissectors know MMS, whatever the IED's own is. */
const MMS_PORT = 102;

export interface TraceAnswer extends TraceLines {
  ied: string;
  /** Whether any node uses the IED now; a trace needs its association. */
  used: boolean;
  state: TraceState | undefined;
}

/** Adds the routes once. */
export function registerTraceRoutes(red: RED): void {
  once(red, 'trace', () => {
    adminRoute(red, 'post', '/iec61850/trace/:id/start', TRACE_PERMISSION, async (request) => {
      jsonBody(request);
      const ied = iedOf(red, request);
      const session = ied.connection.current;
      if (!session) {
        throw new ArgumentError(
          'No node uses this IED now, so that there is no association to look at',
          'Deploy a node that reads it, and begin again.',
        );
      }
      const trace = SessionTrace.of(session);
      trace.start();
      ied.log('MMS trace begun');
      return { state: trace.state };
    });

    adminRoute(red, 'post', '/iec61850/trace/:id/stop', TRACE_PERMISSION, async (request) => {
      jsonBody(request);
      const trace = traceOf(iedOf(red, request));
      trace?.stop();
      return { state: trace?.state };
    });

    adminRoute(red, 'get', '/iec61850/trace/:id', TRACE_PERMISSION, async (request): Promise<TraceAnswer> => {
      const ied = iedOf(red, request);
      const trace = traceOf(ied);
      const after = Number(request.query.after ?? 0);
      const found = trace?.read(Number.isSafeInteger(after) && after > 0 ? after : 0) ?? { lines: [], more: false };
      return { ied: ied.settings().name, used: ied.connection.current !== undefined, state: trace?.state, ...found };
    });

    adminRoute(red, 'get', '/iec61850/trace/:id/capture', TRACE_PERMISSION, async (request) => {
      const ied = iedOf(red, request);
      const trace = traceOf(ied);
      if (!trace) throw new ArgumentError('There is no trace of this IED', 'Begin one first.');
      const name = `${fileName(ied.settings().name)}-mms.pcapng`;
      return new AdminFile(name, 'application/x-pcapng', captureOf(trace));
    });
  });
}

function iedOf(red: RED, request: Request): IedNode {
  const ied = iedNode(red, textField(request.params.id, 'id', 64));
  if (!ied) throw new ArgumentError('There is no such IED', 'Deploy it first.');
  return ied;
}

function traceOf(ied: IedNode): SessionTrace | undefined {
  const session = ied.connection.current;
  return session && SessionTrace.existing(session);
}

function captureOf(trace: SessionTrace): Buffer {
  const { packets, connections } = trace.capture();
  const pieces = packets.map(({ direction, ...packet }) => ({
    ...packet,
    from: direction === 'sent' ? ('client' as const) : ('server' as const),
  }));
  const ends = (number: number): { client?: TracedConnection['local']; server?: TracedConnection['remote'] } => {
    const { local, remote } = connections.get(number) ?? {};
    return { ...(local && { client: local }), ...(remote && { server: remote }) };
  };
  return encodeTcpCapture(pieces, ends, MMS_PORT, {
    application: '@substation/node-red-iec61850',
    interfaceName: 'mms',
    comment: commentOn([...connections.values()]),
  });
}

function commentOn(connections: readonly TracedConnection[]): string {
  const servers = new Set(
    connections.flatMap(({ remote }) => (remote ? [`${remote.address} port ${remote.port}`] : [])),
  );
  return [
    'MMS as it was seen inside of the client: Ethernet, IP and TCP headers are made up.',
    `IED: ${[...servers].join(', ') || 'never reached'}; every server has port ${MMS_PORT} here.`,
    ...(connections.some(({ tls }) => tls) ? ['The connection is a TLS one, and is shown as below it.'] : []),
    'ACSE authentication values are masked.',
  ].join(' ');
}

function fileName(ied: string): string {
  return ied.replace(/[^\w.-]+/g, '_').slice(0, 64) || 'ied';
}
