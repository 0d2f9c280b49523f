/** Where a server keeps what shall survive a restart. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { IedModel } from '../../model/ied-model.js';
import type { Tell } from '../events.js';
import type { CheckedOptions } from '../options.js';
import type { Problems } from '../problems.js';
import { MemoryStore } from './memory-store.js';
import { SqliteStore } from './sqlite-store.js';
import type { Store } from './store.js';

/** The store of a server: a file of its own in the owner's folder, or memory without one. */
export function makeStore(
  model: IedModel,
  { dataDir }: Pick<CheckedOptions, 'dataDir'>,
  problems: Problems,
  tell: Tell,
): Store {
  if (dataDir === undefined) return new MemoryStore();
  return new SqliteStore(path.join(path.resolve(dataDir), fileNameOf(model)), {
    failed: (error) => tell('error', error),
    replaced: (damaged, why) =>
      problems.add(model.name, `the file of what was kept could not be read and was put aside as ${damaged}: ${why}`),
  });
}

/** Characters that every file system takes; what else a name has is told apart by a digest of it. */
function fileNameOf({ name, accessPoint = '' }: IedModel): string {
  const readable = `${name}-${accessPoint}`.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60);
  const digest = createHash('sha256').update(`${name}\0${accessPoint}`).digest('hex').slice(0, 8);
  return `${readable}-${digest}.sqlite`;
}
