/** How fast one association delivers values: polled into the tag table, and by `client.read`. */
import type { ClientAssociation } from '../src/client/client-association.js';
import type { IedClient as IedClientType } from '../src/index.js';
import type { Tag } from '../src/model/tag.js';
import { connectIed, IedClient, TagReader, TypeCache } from './built.js';

export interface Subject {
  association: ClientAssociation;
  client: IedClientType;
  /** Reads every tag into the tag table, finds the changes, and tells how many tags it read. */
  poll(): Promise<number>;
  close(): Promise<void>;
}

/** Opens one association and a tag table over it. Fails when a tag cannot be read: an error is quicker than a value. */
export async function openSubject(port: number, tags: readonly Tag[]): Promise<Subject> {
  const options = { host: '127.0.0.1', port, name: 'BENCH', timeout: 20_000 };
  const { association } = await connectIed(options, { lost: (error) => console.error(error) });
  const reader = new TagReader(tags, 'BENCH');
  const types = new TypeCache(association);
  reader.attach(association, types);
  const poll = async (): Promise<number> => {
    const { objects, failed, error } = await reader.run(0);
    if (error) throw error;
    if (failed > 0 || objects !== tags.length)
      throw new Error(`${failed} of ${objects} objects failed, ${tags.length} tags`);
    reader.table.takeChanges(() => undefined);
    return objects;
  };
  await poll();
  return { association, client: IedClient.over(association, types, options), poll, close: () => association.close() };
}

/** Reads references by `client.read` and tells how many values came. */
export async function readAll(client: IedClientType, references: readonly string[]): Promise<number> {
  const values = await client.read(references);
  const bad = values.find(({ status, value }) => status !== 'live' || value === null);
  if (bad || values.length !== references.length) throw new Error(`a value is missing: ${JSON.stringify(bad)}`);
  return values.length;
}
