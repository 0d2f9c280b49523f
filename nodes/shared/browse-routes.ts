/** Admin routes of the dialog to choose points: browse before any deploy, look through the result, probe. */
import { POINT_CATEGORIES, type PointCategory } from '../../src/gateway/points/point.js';
import { ArgumentError } from '../../src/errors.js';
import { MAX_EDITOR_ROWS, MAX_PROBE_POINTS, MAX_TAGS } from '../../src/limits.js';
import type { Tag } from '../../src/model/tag.js';
import { adminRoute, jsonBody, once, textField } from './admin.js';
import { BrowseJobs } from './browse-jobs.js';
import { liveTarget, pointSourceOf } from './browse-source.js';
import { completeUnits } from './complete-units.js';
import { testConnection } from './live-source.js';
import type { RED, Request } from './red.js';
import { parseTags } from './tag-list.js';

export const BROWSE_PERMISSION = 'iec61850-ied.write';

/** Adds the routes once, however many node types ask for them. */
export function registerBrowseRoutes(red: RED): void {
  once(red, 'browse', () => {
    const jobs = new BrowseJobs();
    const job = (request: Request): ReturnType<BrowseJobs['get']> => jobs.get(textField(request.params.id, 'id', 64));
    const route = (method: 'get' | 'post' | 'delete', path: string, handler: (request: Request) => unknown): void =>
      adminRoute(red, method, `/iec61850/browse${path}`, BROWSE_PERMISSION, async (request) => handler(request));

    adminRoute(red, 'post', '/iec61850/test', BROWSE_PERMISSION, async (request) =>
      testConnection(liveTarget(red, jsonBody(request))),
    );
    route('post', '', (request) => jobs.start(pointSourceOf(red, jsonBody(request))).progress());
    route('get', '/:id', (request) => job(request).progress());
    route('delete', '/:id', (request) => jobs.remove(textField(request.params.id, 'id', 64)));
    route('get', '/:id/rows', (request) => ({
      rows: job(request).points().rows(textField(request.query.path, 'path')),
    }));
    route('get', '/:id/points', (request) => {
      const category = categoryOf(request.query.category);
      return job(request)
        .points()
        .list({
          text: textField(request.query.text, 'text', 200),
          under: textField(request.query.under, 'under'),
          recommended: request.query.recommended === '1',
          hidden: request.query.hidden === '1',
          offset: countOf(request.query.offset, 0, MAX_TAGS),
          limit: countOf(request.query.limit, MAX_EDITOR_ROWS, MAX_EDITOR_ROWS),
          ...(category && { category }),
        });
    });
    route('post', '/:id/names', (request) => {
      const { tags, template, taken } = jsonBody(request);
      const names = Array.isArray(taken) ? taken.slice(0, MAX_TAGS).map(String) : [];
      return {
        tags: job(request)
          .points()
          .name(parseTags(tags), textField(template, 'template', 200), names),
      };
    });
    route('post', '/:id/probe', async (request) => {
      const tags = parseTags(jsonBody(request).tags);
      if (tags.length > MAX_PROBE_POINTS) {
        throw new ArgumentError(`A probe takes at most ${MAX_PROBE_POINTS} points`, 'Probe fewer at a time.');
      }
      return { results: await job(request).source.probe(tags) };
    });
    route('post', '/:id/complete', async (request): Promise<{ tags: Tag[] }> => {
      const found = job(request);
      return { tags: await completeUnits(found.points(), found.source, parseTags(jsonBody(request).tags)) };
    });
  });
}

function categoryOf(value: unknown): PointCategory | undefined {
  return POINT_CATEGORIES.find((category) => category === value);
}

function countOf(value: unknown, fallback: number, max: number): number {
  const number = Number(value ?? fallback);
  return Number.isInteger(number) && number >= 0 ? Math.min(number, max) : fallback;
}
