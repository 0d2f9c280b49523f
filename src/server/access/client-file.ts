/** The list of expected clients as a file: JSON, or XML with an element for each client. */
import { open } from 'node:fs/promises';
import { ArgumentError, Iec61850Error, LimitError } from '../../errors.js';
import { MAX_CLIENT_FILE_OCTETS } from '../../limits.js';
import { parseAttributeRows } from '../../scl/attribute-rows.js';
import type { UnknownClients } from './access-control.js';
import { checkExpectedClients, type ExpectedClient } from './expected-client.js';

export interface ClientList {
  clients: ExpectedClient[];
  unknownClients?: UnknownClients;
}

const TEXTS = ['name', 'role', 'address', 'apTitle', 'tSelector', 'sSelector', 'pSelector', 'certificate', 'password'];
const KNOWN = new Set([...TEXTS, 'aeQualifier']);

/** Reads and checks a file. @throws ArgumentError, LimitError, SclError that say what is wrong with it */
export async function loadClientList(path: string): Promise<ClientList> {
  let text: string;
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > MAX_CLIENT_FILE_OCTETS) throw new LimitError(`the list of clients, ${path}, is too large`);
      text = await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Iec61850Error) throw error;
    throw new ArgumentError(
      `the list of clients, ${path}, cannot be read: ${(error as Error).message}`,
      'Check path and rights.',
      { cause: error },
    );
  }
  return parseClientList(text);
}

/**
 * `[{ "name": …, "role": … }]`, or `{ "unknownClients": …, "clients": […] }`, or
 * `<Clients unknownClients="viewer"><Client name="…" role="…" …/></Clients>`.
 * @throws ArgumentError, SclError
 */
export function parseClientList(text: string): ClientList {
  const { clients, unknownClients } = text.trimStart().startsWith('<') ? fromXml(text) : fromJson(text);
  const list = clients.map((entry, i) => clientOf(entry, i));
  checkExpectedClients(list);
  if (unknownClients === undefined) return { clients: list };
  if (unknownClients !== 'refuse' && unknownClients !== 'viewer') {
    throw new ArgumentError('unknownClients of the list is neither', 'Write refuse or viewer.');
  }
  return { clients: list, unknownClients };
}

function fromXml(text: string): { clients: unknown[]; unknownClients: unknown } {
  const { root, rows } = parseAttributeRows(text.replace(/^\uFEFF/, ''), 'Clients', 'Client');
  return { clients: rows, unknownClients: root.unknownClients };
}

function fromJson(text: string): { clients: unknown[]; unknownClients: unknown } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new ArgumentError(`the list of clients is neither JSON nor XML: ${(cause as Error).message}`, '', { cause });
  }
  if (Array.isArray(parsed)) return { clients: parsed, unknownClients: undefined };
  if (isRecord(parsed) && Array.isArray(parsed.clients)) {
    return { clients: parsed.clients, unknownClients: parsed.unknownClients };
  }
  throw new ArgumentError('the list of clients holds none', 'Write [{ "name": "SCADA", "role": "operator", … }].');
}

function clientOf(entry: unknown, index: number): ExpectedClient {
  const which = `the expected client ${index + 1}`;
  if (!isRecord(entry)) throw new ArgumentError(`${which} is no object`);
  const unknown = Object.keys(entry).filter((key) => !KNOWN.has(key));
  // A misspelt condition would let in more than was meant.
  if (unknown.length > 0) {
    throw new ArgumentError(`${which} has "${unknown.join('", "')}"`, `It can have ${[...KNOWN].join(', ')}.`);
  }
  for (const key of TEXTS) {
    if (entry[key] !== undefined && typeof entry[key] !== 'string')
      throw new ArgumentError(`${which}: ${key} is no text`);
  }
  const { aeQualifier, ...rest } = entry;
  const qualifier = aeQualifier === undefined || aeQualifier === '' ? undefined : Number(aeQualifier);
  return { ...rest, ...(qualifier !== undefined && { aeQualifier: qualifier }) } as unknown as ExpectedClient;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
