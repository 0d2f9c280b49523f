/** Admin routes of the live SCL check: the file of an IED against the device, before any deploy. */
import { ArgumentError } from '../../src/errors.js';
import { checkDevice, findingsToCsv, type Finding, type SclCheck } from '../../src/gateway/scl-check/index.js';
import { BROWSE_TIMEOUT_MS, MAX_SCL_FINDINGS } from '../../src/limits.js';
import type { IedModel } from '../../src/model/ied-model.js';
import { adminRoute, jsonBody, once, textField } from './admin.js';
import { BROWSE_PERMISSION } from './browse-routes.js';
import { liveTarget, pointSourceOf } from './browse-source.js';
import { withShortAssociation, type LiveTarget } from './live-source.js';
import type { RED } from './red.js';
import { within } from './within.js';

export interface SclCheckAnswer extends SclCheck {
  /** When the check ended, ISO 8601 UTC. */
  checked: string;
}

const FINDING_TEXTS = ['kind', 'part', 'severity', 'reference', 'attribute', 'file', 'device'] as const;

/** Adds the routes once. */
export function registerSclCheck(red: RED): void {
  once(red, 'scl-check', () => {
    // The live IED as for a browse, and beside it `scl: { sclFile, ied, accessPoint }`.
    adminRoute(red, 'post', '/iec61850/scl-check', BROWSE_PERMISSION, async (request, response) => {
      const body = jsonBody(request);
      const scl = typeof body.scl === 'object' && body.scl !== null ? body.scl : {};
      const file = pointSourceOf(red, { ...scl, source: 'scl', z: body.z });
      const target = liveTarget(red, body);
      const gone = new AbortController();
      // Nobody waits any longer: an IED has few client slots.
      response.once('close', () => gone.abort(new ArgumentError('The comparison was cancelled')));
      const limit = AbortSignal.any([AbortSignal.timeout(BROWSE_TIMEOUT_MS), gone.signal]);
      const checked = file.browse(() => undefined, limit).then((model) => check(model, target, limit));
      const answer: SclCheckAnswer = {
        ...(await within(checked, limit, 'The comparison')),
        checked: new Date().toISOString(),
      };
      return answer;
    });
    adminRoute(red, 'post', '/iec61850/scl-check/csv', BROWSE_PERMISSION, async (request) => ({
      csv: findingsToCsv(findingsOf(jsonBody(request).findings)),
    }));
  });
}

function check(file: IedModel, { settings, running }: LiveTarget, signal: AbortSignal): Promise<SclCheck> {
  const session = running?.current;
  return session?.state === 'online'
    ? checkDevice(file, session, signal)
    : withShortAssociation(settings, (client) => checkDevice(file, client, signal), signal);
}

/** What the editor shows, come back to be written to a file. */
function findingsOf(value: unknown): Finding[] {
  if (!Array.isArray(value)) throw new ArgumentError('The findings are not a list');
  return value.slice(0, MAX_SCL_FINDINGS).map((entry: Readonly<Record<string, unknown>> | null) => {
    const texts = FINDING_TEXTS.map((name) => [name, textField(entry?.[name], name, 10_000)] as const);
    return Object.fromEntries(texts.filter(([, text]) => text !== '')) as unknown as Finding;
  });
}
