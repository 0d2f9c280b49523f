/**
 * Settings belong to one configuration of an IED: with another file they mean something else. Those of earlier
 * configurations stay for the day when their file comes back, a few of them.
 */
import { MAX_KEPT_REVISIONS } from '../../limits.js';
import type { IedModel } from '../../model/ied-model.js';
import type { KeptMap, Store } from './store.js';

/** What is kept by configuration. */
const KINDS = ['values', 'setting groups', 'log control blocks'] as const;
export type KeptKind = (typeof KINDS)[number];
/** Configurations by the time when they were served last, in ms since 1970. */
const KNOWN = 'configurations';
const TIME_OCTETS = 8;

/** IEC 61850-6 configVersion with the configRev of all name plates (IEC 61850-7-3 LPL). */
function configurationOf({ configVersion = '', logicalDevices }: IedModel): string {
  const revisions = logicalDevices.map(({ logicalNodes }) => {
    const plate = logicalNodes
      .find(({ lnClass }) => lnClass === 'LLN0')
      ?.dataObjects.find(({ name }) => name === 'NamPlt');
    return plate?.attributes.find(({ name }) => name === 'configRev')?.value ?? '';
  });
  return [configVersion, ...revisions].join('|');
}

const nameOf = (kind: KeptKind, configuration: string): string => `${kind} ${configuration}`;

/** What is kept of a kind for the configuration of a model. */
export function keptOf(store: Store, kind: KeptKind, model: IedModel): KeptMap {
  return store.map(nameOf(kind, configurationOf(model)));
}

/**
 * Notes that a model is served, and forgets the configurations that were not for longest.
 * @returns whether it is served for the first time, after others
 */
export function useConfiguration(store: Store, model: IedModel, now: number): boolean {
  const configuration = configurationOf(model);
  const known = store.map(KNOWN);
  const before = known.entries();
  const time = Buffer.alloc(TIME_OCTETS);
  time.writeDoubleBE(now);
  known.put(configuration, time);
  const others = before
    .filter(([name]) => name !== configuration)
    .sort(([, a], [, b]) => b.readDoubleBE() - a.readDoubleBE());
  for (const [name] of others.slice(MAX_KEPT_REVISIONS - 1)) {
    for (const kind of KINDS) store.map(nameOf(kind, name)).clear();
    known.delete(name);
  }
  return others.length > 0 && others.length === before.length;
}
