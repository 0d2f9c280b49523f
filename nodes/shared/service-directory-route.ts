/** Admin route that lists what a node can be pointed at besides data: setting groups and logs, of a live IED or an SCL file. */
import type { IedClient, IedSession } from '../../src/client/index.js';
import { ArgumentError } from '../../src/errors.js';
import { BROWSE_TIMEOUT_MS } from '../../src/limits.js';
import type { IedModel } from '../../src/model/ied-model.js';
import { adminRoute, jsonBody, once } from './admin.js';
import { BROWSE_PERMISSION } from './browse-routes.js';
import { liveTarget, pointSourceOf } from './browse-source.js';
import { withShortAssociation, type LiveTarget } from './live-source.js';
import type { RED } from './red.js';
import { within } from './within.js';

/** One thing to choose, as the editor shows it. */
export interface OfferedName {
  /** What goes into the node: `BAY1PROT`, or `BAY1CTRL/LLN0.EventLog`. */
  name: string;
  /** Number of setting groups, and the active one; data set of the log. */
  groups?: number;
  active?: number;
  dataSet?: string;
}

type Services = Pick<IedClient | IedSession, 'settingGroups' | 'logs'>;
type Kind = 'settings' | 'logs';

/** Adds the route once, for however many node types. */
export function registerServiceDirectory(red: RED): void {
  once(red, 'services', () => {
    adminRoute(red, 'post', '/iec61850/services', BROWSE_PERMISSION, async (request) => {
      const body = jsonBody(request);
      const { kind } = body;
      if (kind !== 'settings' && kind !== 'logs') throw new ArgumentError('The request names no kind of service');
      const limit = AbortSignal.timeout(BROWSE_TIMEOUT_MS);
      const found =
        body.source === 'scl'
          ? pointSourceOf(red, body)
              .browse(() => undefined, limit)
              .then((model) => offeredByModel(model, kind))
          : liveNames(liveTarget(red, body), kind, limit);
      return { names: await within(found, limit, 'The list') };
    });
  });
}

async function liveNames({ settings, running }: LiveTarget, kind: Kind, signal: AbortSignal): Promise<OfferedName[]> {
  const session = running?.current;
  return session?.state === 'online'
    ? offeredLive(session, kind)
    : withShortAssociation(settings, (client) => offeredLive(client, kind), signal);
}

async function offeredLive({ settingGroups, logs }: Services, kind: Kind): Promise<OfferedName[]> {
  if (kind === 'settings') {
    const states = await settingGroups.list();
    return states.map(({ logicalDevice, groups, active }) => ({ name: logicalDevice, groups, active }));
  }
  const { logs: names, controlBlocks } = await logs.list();
  return names.map((name) => {
    const dataSet = controlBlocks.find(({ log }) => log === name)?.dataSet;
    return { name, ...(dataSet && { dataSet }) };
  });
}

/** What an SCL file has of it. */
export function offeredByModel({ logicalDevices }: IedModel, kind: Kind): OfferedName[] {
  return logicalDevices.flatMap(({ name: device, logicalNodes }) =>
    logicalNodes.flatMap((node): OfferedName[] => {
      if (kind === 'logs') return node.logs.map((log) => ({ name: `${device}/${node.name}.${log}` }));
      const groups = node.settingGroupControlBlock?.numberOfSettingGroups;
      return groups === undefined ? [] : [{ name: device, groups }];
    }),
  );
}
