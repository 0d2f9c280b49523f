/** What is known about an association while it stands, and its beginning and end as diagnostics. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { diagnosticError, diagnostics, type AssociationOpenMessage, type SelectorPair } from '../diagnostics.js';
import type { Iec61850Error } from '../errors.js';
import type { OsiAddress } from '../model/ied-model.js';
import type { Negotiated } from '../mms/association.js';
import {
  associationAddresses,
  iedName,
  mmsPort,
  type AssociationProfile,
  type IedConnectionOptions,
} from './options.js';

/** An association as it was agreed. */
export type AssociationDetails = AssociationOpenMessage;

/** @param duration ms that it took from the beginning of the TCP connection */
export function describeAssociation(
  options: IedConnectionOptions,
  profile: AssociationProfile,
  negotiated: Negotiated,
  socket: Socket | undefined,
  duration: number,
): AssociationDetails {
  const { maxPduSize, maxOutstanding, nestingLevel } = negotiated;
  const { edition, host, mace, password } = options;
  return {
    ied: iedName(options),
    host,
    port: mmsPort(options),
    maxPduSize,
    maxOutstanding,
    nestingLevel,
    profile,
    ...(edition && { edition }),
    ...(socket instanceof TLSSocket && { tls: tlsDetails(socket) }),
    authentication: mace ? 'certificate' : password ? 'password' : 'none',
    selectors: selectorsOf(options),
    duration,
  };
}

function tlsDetails(socket: TLSSocket): { version: string; cipher: string } {
  return { version: socket.getProtocol() ?? '', cipher: socket.getCipher().standardName };
}

function selectorsOf(options: IedConnectionOptions): SelectorPair {
  const { local, remote } = associationAddresses(options);
  const shown = ({ tSelector, sSelector, pSelector }: OsiAddress): SelectorPair['local'] => ({
    ...(tSelector && { tSelector }),
    ...(sSelector && { sSelector }),
    ...(pSelector && { pSelector }),
  });
  return { local: shown(local), remote: shown(remote) };
}

export function tellOpened(details: AssociationDetails): void {
  if (diagnostics.associationOpen.watched) diagnostics.associationOpen.publish(details);
}

/** @param octets of the whole association, each way */
export function tellClosed(
  options: IedConnectionOptions,
  octets: { octetsSent: number; octetsReceived: number },
  error: Iec61850Error | undefined,
): void {
  if (!diagnostics.associationClose.watched) return;
  diagnostics.associationClose.publish({
    ied: iedName(options),
    host: options.host,
    port: mmsPort(options),
    octetsSent: octets.octetsSent,
    octetsReceived: octets.octetsReceived,
    ...(error && { error: diagnosticError(error) }),
  });
}
