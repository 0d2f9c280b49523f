/** Admin routes of the sidebar. They only read, and nothing is measured or made when nobody asks. */
import { adminRoute, jsonBody, once } from '../admin.js';
import type { RED } from '../red.js';
import { monitorLog } from './log-ring.js';
import { overview } from './overview.js';
import { monitor } from './registry.js';
import { RequestTimes } from './request-times.js';
import { tagRevision, tagTables, valueCells } from './value-index.js';

export const MONITOR_PERMISSION = 'iec61850.read';

const times = new RequestTimes();

/** Adds the routes once. */
export function registerMonitorRoutes(red: RED): void {
  once(red, 'monitor', () => {
    adminRoute(red, 'get', '/iec61850/monitor/overview', MONITOR_PERMISSION, async () => {
      times.touch();
      return overview(monitor, times);
    });

    adminRoute(red, 'get', '/iec61850/monitor/tags', MONITOR_PERMISSION, async () => ({
      revision: tagRevision(monitor),
      tables: tagTables(monitor),
    }));

    adminRoute(red, 'post', '/iec61850/monitor/values', MONITOR_PERMISSION, async (request) => {
      const { revision, ranges } = jsonBody(request);
      const present = tagRevision(monitor);
      // Rows of another table would be other tags.
      return present === revision
        ? { revision: present, now: Date.now(), values: valueCells(monitor, ranges) }
        : { revision: present };
    });

    adminRoute(red, 'get', '/iec61850/monitor/log', MONITOR_PERMISSION, async (request) => {
      const after = Number(request.query.after ?? 0);
      return {
        entries: monitorLog.after(Number.isSafeInteger(after) && after > 0 ? after : 0),
        newest: monitorLog.newest,
      };
    });
  });
}
