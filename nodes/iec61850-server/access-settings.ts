/** Who may come in and what they may do, from the saved fields of an `iec61850-server` node. */
import path from 'node:path';
import { ArgumentError } from '../../src/errors.js';
import { MAX_SERVER_CLIENTS } from '../../src/limits.js';
import { loadClientList } from '../../src/server/access/client-file.js';
import type { ExpectedClient } from '../../src/server/access/expected-client.js';
import type { AccessOptions } from '../../src/server/access/options.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text, wholeNumber } from '../shared/fields.js';
import { userDirectory, type RED } from '../shared/red.js';
import type { ServerCredentials } from '../shared/server-node.js';
import { securitySettings, type SecurityForm } from '../shared/security-settings.js';

export interface AccessForm extends SecurityForm {
  /** Rows of the form: texts by the names of {@link ExpectedClient}. */
  clients?: unknown;
  /** Path of a JSON or XML file with more of them. */
  clientsFile?: unknown;
  unknownClients?: unknown;
  maxClientsPerAddress?: unknown;
  /** ms of work in each second, over which reports wait; no limit when empty. */
  workBudget?: unknown;
  /** Path of the access log. */
  accessLog?: unknown;
}

/** @throws ArgumentError, SclError that name what cannot be used */
export async function accessSettings(
  red: RED,
  form: AccessForm,
  lookup: EnvironmentLookup,
  credentials: Omit<ServerCredentials, 'password'> = {},
): Promise<AccessOptions> {
  const field = (name: keyof AccessForm): string => expandEnvironment(text(form[name]), lookup, name);
  const file = (name: keyof AccessForm): string => {
    const given = field(name);
    return given === '' ? '' : path.resolve(userDirectory(red), given);
  };
  const [clientsFile, accessLog] = [file('clientsFile'), file('accessLog')];
  const listed = clientsFile === '' ? { clients: [] } : await loadClientList(clientsFile);
  const clients = [...rows(form.clients, passwordsOf(credentials.clientPasswords), lookup), ...listed.clients];
  const unknownClients = field('unknownClients') || listed.unknownClients;
  const perAddress = wholeNumber(field('maxClientsPerAddress'), 'maxClientsPerAddress', 0, MAX_SERVER_CLIENTS, 0);
  const workBudget = wholeNumber(field('workBudget'), 'workBudget', 1, 1000, 1000);
  return {
    ...securitySettings(red, form, lookup, credentials.passphrase),
    ...(clients.length > 0 && { clients }),
    ...(unknownClients === 'viewer' && { unknownClients }),
    ...(perAddress > 0 && { maxClientsPerAddress: perAddress }),
    ...(workBudget < 1000 && { workBudget }),
    ...(accessLog !== '' && { accessLog: { file: accessLog } }),
  };
}

function rows(saved: unknown, passwords: ReadonlyMap<string, string>, lookup: EnvironmentLookup): ExpectedClient[] {
  if (saved === undefined || saved === null || saved === '') return [];
  if (!Array.isArray(saved))
    throw new ArgumentError('The list of clients cannot be used', 'Open the server node and save it again.');
  return saved.map((row: unknown): ExpectedClient => {
    const fields = (typeof row === 'object' && row !== null ? row : {}) as Record<string, unknown>;
    const field = (name: string): string => expandEnvironment(text(fields[name]), lookup, name);
    const given = (name: string): object => (field(name) === '' ? {} : { [name]: field(name) });
    const name = field('name');
    const qualifier = field('aeQualifier');
    const password = passwords.get(name);
    return {
      name,
      role: field('role') as ExpectedClient['role'],
      ...given('address'),
      ...given('apTitle'),
      ...given('certificate'),
      ...(qualifier !== '' && { aeQualifier: Number(qualifier) }),
      ...(password && { password: expandEnvironment(password, lookup, 'password') }),
    };
  });
}

function passwordsOf(saved: string | undefined): Map<string, string> {
  if (!saved) return new Map();
  try {
    const parsed: unknown = JSON.parse(saved);
    return new Map(Object.entries(parsed as Record<string, string>));
  } catch {
    throw new ArgumentError('The passwords of the clients cannot be read', 'Type them again in the server node.');
  }
}
