/** Two associations joined without sockets; octets cross in pieces of a chosen size. */
import { MmsAssociation, type AssociationHandler, type AssociationParameters } from '../../src/mms/association.js';
import type { OsiParameters } from '../../src/osi/connection.js';
import type { Iec61850Error } from '../../src/errors.js';

const SERVICES = ['read', 'getNameList', 'identify'];

export function parameters(
  more: Partial<AssociationParameters> = {},
  osi: Partial<OsiParameters> = {},
): AssociationParameters {
  return {
    osi: {
      local: { apTitle: '1.1.1.999', aeQualifier: 12 },
      remote: { apTitle: '1.1.1.999.1', aeQualifier: 12 },
      ...osi,
    },
    maxPduSize: 65000,
    maxOutstanding: 5,
    nestingLevel: 10,
    services: SERVICES,
    timeout: 1000,
    ...more,
  };
}

export interface End {
  association: MmsAssociation;
  /** What this end sent, whole writes. */
  sent: Buffer[];
  closed: { error?: Iec61850Error }[];
}

export function end(
  role: 'client' | 'server',
  own: AssociationParameters,
  more: Partial<AssociationHandler> = {},
): End {
  const sent: Buffer[] = [];
  const closed: End['closed'] = [];
  const association: MmsAssociation = new MmsAssociation(role, own, {
    send: (octets) => sent.push(octets),
    associated: () => undefined,
    closed: (error) => closed.push(error ? { error } : {}),
    associationRequested: () => association.accept(),
    ...more,
  });
  return { association, sent, closed };
}

/** Carries what each end sent to the other until nothing is left, `piece` octets at a time. */
export function carry(a: End, b: End, piece = Infinity, now = 0): void {
  while (a.sent.length > 0 || b.sent.length > 0) {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const octets = Buffer.concat(from.sent.splice(0));
      for (let at = 0; at < octets.length; at += piece) to.association.receive(octets.subarray(at, at + piece), now);
    }
  }
}

/** An association that stands. */
export function associated(
  clientMore: Partial<AssociationHandler> = {},
  serverMore: Partial<AssociationHandler> = {},
  piece = Infinity,
): { client: End; server: End } {
  const client = end('client', parameters(), clientMore);
  const server = end('server', parameters(), serverMore);
  server.association.transportConnected(0);
  client.association.transportConnected(0);
  carry(client, server, piece);
  return { client, server };
}
