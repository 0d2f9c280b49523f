/** What clients of a server do, as diagnostics. */
import { diagnostics } from '../diagnostics.js';
import type { AccessEvent } from './access-log.js';

/** @param ied that is served */
export function tellDiagnostics(ied: string, { client, action, time: _time, ...what }: AccessEvent): void {
  const { address, port, name } = client;
  const who = { ied, address, port, ...(name !== undefined && { name }) };
  if (action !== 'connect' && action !== 'disconnect') {
    if (diagnostics.serverAccess.watched) diagnostics.serverAccess.publish({ ...who, action, ...what });
    return;
  }
  if (!diagnostics.serverClient.watched) return;
  const event = action === 'disconnect' ? 'left' : what.result === 'accepted' ? 'associated' : 'refused';
  diagnostics.serverClient.publish({ ...who, event, ...(what.reason !== undefined && { reason: what.reason }) });
}
