import { ConnectionError, Iec61850Error } from '../errors.js';
import type { Tag } from '../model/tag.js';
import type { TagValue } from '../model/tag-value.js';
import type { ClientAssociation } from './client-association.js';
import type { TypeCache } from './type-cache.js';

/** What a service of the client works with: the association that stands, and who reads points one by one on it. */
export interface ServiceHost {
  association: ClientAssociation;
  types: TypeCache;
  /** Name of the IED in tag values and errors. */
  ied: string;
  read(tags: readonly Tag[]): Promise<TagValue[]>;
}

/** What the IED refuses or does not answer is undefined; a lost connection is not its answer. */
export async function unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Iec61850Error && !(error instanceof ConnectionError)) return undefined;
    throw error;
  }
}
