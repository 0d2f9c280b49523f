/** Options of a server about who may come in and what they may do. */
import { ArgumentError } from '../../errors.js';
import type { TlsOptions } from '../../security/options.js';
import type { MaceOptions } from '../../security/mace-options.js';
import { WorkBudget } from '../work-budget.js';
import type { AccessRules, UnknownClients } from './access-control.js';
import { checkExpectedClients, type ExpectedClient } from './expected-client.js';
import type { AccessLogOptions } from './log-file.js';

export interface AccessOptions {
  /** Makes every connection a secured one (IEC 62351-3); the port is then 3782 by default. */
  tls?: TlsOptions;
  /** Certificates in the association request and its answer (IEC 62351-4 §11). */
  mace?: MaceOptions;
  /** Clients that are expected, with their roles. Without it every client may do what the other options allow. */
  clients?: readonly ExpectedClient[];
  /** What becomes of clients that are none of `clients`: `refuse`, which is the default, or `viewer`. */
  unknownClients?: UnknownClients;
  /** Connections from one address at a time; by default `maxClients`. */
  maxClientsPerAddress?: number;
  /** ms of work in each second, 1 to 1000, over which reports wait. By default there is no limit. */
  workBudget?: number;
  /** Writes down what clients do. */
  accessLog?: AccessLogOptions;
}

export interface CheckedAccess extends AccessRules {
  readonly tls: TlsOptions | undefined;
  readonly mace: MaceOptions | undefined;
  readonly maxClientsPerAddress: number;
  readonly budget: WorkBudget;
  readonly accessLog: AccessLogOptions | undefined;
}

/** @throws ArgumentError that names the option which is wrong */
export function checkAccess(options: AccessOptions & { password?: string }, maxClients: number): CheckedAccess {
  const { clients, unknownClients = 'refuse', maxClientsPerAddress = maxClients } = options;
  if (unknownClients !== 'refuse' && unknownClients !== 'viewer') {
    throw new ArgumentError(`unknownClients is ${String(unknownClients)}`, 'Give refuse or viewer.');
  }
  if (!(Number.isInteger(maxClientsPerAddress) && maxClientsPerAddress >= 1)) {
    throw new ArgumentError(`maxClientsPerAddress is ${maxClientsPerAddress}`, 'Give a whole number from 1.');
  }
  const checked = clients && clients.length > 0 ? checkExpectedClients(clients) : undefined;
  if (checked?.some(({ certificate }) => certificate !== undefined) && !options.tls && !options.mace) {
    throw new ArgumentError(
      'a client is expected with a certificate, and nothing asks for one',
      'Set up TLS, or certificates in ACSE.',
    );
  }
  return {
    tls: options.tls,
    mace: options.mace,
    clients: checked,
    unknownClients,
    password: options.password,
    maxClientsPerAddress,
    budget: new WorkBudget(options.workBudget),
    accessLog: options.accessLog,
  };
}
