/** Admin routes for SCL files: upload, list, remove, and what a form needs to know about one. */
import { ArgumentError } from '../../src/errors.js';
import { adminRoute, jsonBody, once, textField } from './admin.js';
import type { RED, Request } from './red.js';
import { sclLibrary } from './scl-library.js';
import { isHash, parseSclSource, type SclSource } from './scl-source.js';
import { summarizeScl, type SclFormSummary } from './scl-summary.js';

export const SCL_PERMISSION = 'iec61850-scl.write';

/** Adds the routes once, however many node types ask for them. */
export function registerSclRoutes(red: RED): void {
  once(red, 'scl', () => {
    const library = sclLibrary(red);
    const summary = async (source: SclSource): Promise<SclFormSummary> =>
      summarizeScl(source, await library.open(source));

    adminRoute(red, 'get', '/iec61850/scl', SCL_PERMISSION, async () => ({ files: await library.store.list() }));

    adminRoute(red, 'post', '/iec61850/scl', SCL_PERMISSION, async (request) => {
      requireOctets(request);
      const { name, hash, isNew } = await library.store.save(request, textField(request.query.name, 'name'));
      try {
        return await summary({ name, hash });
      } catch (error) {
        // One that was there before may be what deployed nodes work with.
        if (isNew) await library.store.remove(hash);
        throw error;
      }
    });

    adminRoute(red, 'post', '/iec61850/scl/summary', SCL_PERMISSION, async (request) => {
      const source = parseSclSource(jsonBody(request).source);
      if (!source) throw new ArgumentError('No SCL file is chosen', 'Upload one, or give its path.');
      return summary(source);
    });

    adminRoute(red, 'delete', '/iec61850/scl/:hash', SCL_PERMISSION, async (request) => {
      const hash = request.params.hash;
      if (!isHash(hash)) throw new ArgumentError('That is not the hash of a file');
      await library.store.remove(hash);
    });
  });
}

/** This content type is what a foreign web page cannot send without asking first, and what no body parser swallows. */
export function requireOctets(request: Request): void {
  if (!request.is('application/octet-stream')) throw new ArgumentError('An upload is application/octet-stream');
}
