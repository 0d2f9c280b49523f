/** Admin routes that turn tags into CSV files and back. */
import { tagsFromCsv, tagsToCsv } from '../../src/gateway/points/table.js';
import { adminRoute, jsonBody, once } from './admin.js';
import { BROWSE_PERMISSION } from './browse-routes.js';
import type { RED } from './red.js';
import { parseTags, tagsOf } from './tag-list.js';

/** Adds the routes once, however many node types ask for them. */
export function registerTagRoutes(red: RED): void {
  once(red, 'tags', () => {
    adminRoute(red, 'post', '/iec61850/tags/csv', BROWSE_PERMISSION, async (request) => ({
      csv: tagsToCsv(parseTags(jsonBody(request).tags)),
    }));
    adminRoute(red, 'post', '/iec61850/tags/parse', BROWSE_PERMISSION, async (request) => {
      const { csv } = jsonBody(request);
      return { tags: tagsOf(tagsFromCsv(typeof csv === 'string' ? csv : '')) };
    });
  });
}
