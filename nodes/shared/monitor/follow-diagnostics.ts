/** What clients and masters do, in the sidebar's log: no node says it, the channels of `src/diagnostics.ts` do. */
import { onDiagnostic, type ModbusClientMessage, type ServerAccessMessage } from '../../../src/diagnostics.js';
import { toJson } from '../../../src/model/tag-value.js';
import { monitorLog } from './log-ring.js';

let following = false;

/** Follows from now on, once for this process. */
export function followDiagnostics(): void {
  if (following) return;
  following = true;
  onDiagnostic('iec61850:server:access', noteAccess);
  onDiagnostic('iec61850:modbus:client', noteMaster);
}

function noteAccess(message: ServerAccessMessage): void {
  const { ied, address, port, name, action, operation = action, object, result, reason, value } = message;
  const who = name === undefined ? `${address}:${port}` : `${name} (${address}:${port})`;
  const what = value === undefined ? object : `${object} = ${toJson(value)}`;
  const why = reason === undefined ? '' : `: ${reason}`;
  monitorLog.note({
    level: result === 'accepted' ? 'info' : 'warn',
    source: ied,
    kind: 'iec61850-server',
    text: `${who} ${operation} ${what} ${result}${why}`,
  });
}

/** One that is sent away is told by the node. */
function noteMaster({ server, event, client, clients }: ModbusClientMessage): void {
  if (event === 'refused') return;
  const text = `master ${client} ${event === 'connected' ? 'connected' : 'left'}, ${clients} now`;
  monitorLog.note({ level: 'info', source: server, kind: 'modbus-map-out', text });
}
