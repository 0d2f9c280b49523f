/** What our admin routes share: who may call them, how they answer, and how errors look to the editor. */
import { ArgumentError, Iec61850Error } from '../../src/errors.js';
import type { RED, Request, Response } from './red.js';

/** What the editor gets when something fails. */
export interface AdminError {
  code: string;
  message: string;
  hint: string;
}

export function adminError(error: unknown): AdminError {
  if (error instanceof Iec61850Error) return { code: error.code, message: error.message, hint: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'IEC61850_INTERNAL', message, hint: 'See the log of Node-RED.' };
}

/** A handler's result that the browser saves as a file. */
export class AdminFile {
  constructor(
    readonly name: string,
    readonly type: string,
    readonly octets: Buffer,
  ) {}
}

export type AdminHandler = (request: Request, response: Response) => Promise<unknown>;
export type AdminMethod = 'get' | 'post' | 'delete';

/**
 * Adds a route that only a user with `permission` may call. The handler's result is sent as JSON, or as a file, its error as
 * {@link AdminError} with status 400.
 */
export function adminRoute(
  red: RED,
  method: AdminMethod,
  path: string,
  permission: string,
  handler: AdminHandler,
): void {
  // Without an editor (httpAdminRoot: false) there is nobody to answer.
  if (!red.httpAdmin) return;
  red.httpAdmin[method](path, red.auth.needsPermission(permission), (request: Request, response: Response) => {
    handler(request, response).then(
      (result) => {
        if (result instanceof AdminFile) sendFile(response, result);
        else response.json(result ?? {});
      },
      (error: unknown) => {
        if (!(error instanceof Iec61850Error)) red.log.warn(`[iec61850] ${path}: ${String(error)}`);
        if (!response.headersSent) response.status(400).json(adminError(error));
      },
    );
  });
}

function sendFile(response: Response, { name, type, octets }: AdminFile): void {
  response.attachment(name).type(type).set('Cache-Control', 'no-store').send(octets);
}

/**
 * The JSON object that a request carries. A body of another content type is refused, so that no foreign web page can
 * post one past the browser's cross-origin check.
 */
export function jsonBody(request: Request): Record<string, unknown> {
  const body: unknown = request.body;
  if (!request.is('application/json') || typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ArgumentError('The request has no JSON object');
  }
  return body as Record<string, unknown>;
}

/** A text of a request, bounded. */
export function textField(value: unknown, name: string, maxLength = 1024): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string' && typeof value !== 'number') throw new ArgumentError(`${name} is not a text`);
  const text = String(value);
  if (text.length > maxLength) throw new ArgumentError(`${name} is longer than ${maxLength} characters`);
  return text;
}

const registered = new WeakMap<object, Set<string>>();

/** Runs `register` the first time that `name` is asked for in this Node-RED; several nodes share the same routes. */
export function once(red: RED, name: string, register: () => void): void {
  const owner: object = red.httpAdmin ?? red.settings;
  const names = registered.get(owner) ?? new Set<string>();
  registered.set(owner, names);
  if (names.has(name)) return;
  names.add(name);
  register();
}
