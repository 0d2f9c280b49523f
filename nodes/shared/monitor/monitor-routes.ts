/** Admin routes of the sidebar. They only read, and nothing is measured or made when nobody asks. */
import { ArgumentError } from '../../../src/errors.js';
import { toJson } from '../../../src/model/tag-value.js';
import { adminRoute, jsonBody, once, textField } from '../admin.js';
import type { RED } from '../red.js';
import { followDiagnostics } from './follow-diagnostics.js';
import { monitorLog } from './log-ring.js';
import { overview } from './overview.js';
import { monitor } from './registry.js';
import { RequestTimes } from './request-times.js';
import { activityTable, connectionTable, logTable, valueTable } from './record-tables.js';
import { supportRecord, type SupportRecord } from './support-record.js';
import { validationReport } from './validation-report.js';
import { tagRevision, tagTables, valueCells } from './value-index.js';

export const MONITOR_PERMISSION = 'iec61850.read';

const times = new RequestTimes();

/** Adds the routes once. */
export function registerMonitorRoutes(red: RED): void {
  followDiagnostics();
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

    adminRoute(red, 'post', '/iec61850/monitor/export', MONITOR_PERMISSION, async (request) => {
      const body = jsonBody(request);
      const record = await supportRecord(red, monitor, times, monitorLog);
      const stamp = record.header.created.slice(0, 19).replace(/\D/g, '');
      const { name, type, text } = await exported(textField(body.form, 'form'), record, body);
      return { name: name.replace('*', stamp), type, text };
    });
  });
}

interface Exported {
  /** File name; the asterisk becomes the time. */
  name: string;
  type: string;
  text: string;
}

async function exported(form: string, record: SupportRecord, body: Record<string, unknown>): Promise<Exported> {
  const csv = (part: string, text: string): Exported => ({ name: `iec61850-*-${part}.csv`, type: 'text/csv', text });
  switch (form) {
    case 'json':
      return { name: 'iec61850-*.json', type: 'application/json', text: toJson(record) };
    case 'values':
      return csv(form, valueTable(record));
    case 'connections':
      return csv(form, connectionTable(record));
    case 'activity':
      return csv(form, activityTable(record));
    case 'log':
      return csv(form, logTable(record));
    case 'report': {
      const field = (name: string): string => textField(body[name], name);
      const [project, site, tester, remarks] = ['project', 'site', 'tester', 'remarks'].map(field) as [
        string,
        string,
        string,
        string,
      ];
      const text = await validationReport(record, { project, site, tester, remarks });
      return { name: 'iec61850-*-validation.md', type: 'text/markdown', text };
    }
    default:
      throw new ArgumentError(
        `There is no export "${form}"`,
        'Choose json, values, connections, activity, log or report.',
      );
  }
}
