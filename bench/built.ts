/**
 * The compiled product. What is measured is what is shipped: the output of `npm run build`, not the sources as the
 * benchmark's own loader would translate them.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as ConnectModule from '../src/client/connect.js';
import type * as TagReaderModule from '../src/client/tag-reader.js';
import type * as TypeCacheModule from '../src/client/type-cache.js';
import type * as TagsModule from '../src/gateway/tags/index.js';
import type * as PublicModule from '../src/index.js';

export const ROOT = path.resolve(__dirname, '..');
const requireBuilt = createRequire(path.join(ROOT, 'dist', 'src', 'index.js'));

/** A module of `dist/src` with the types of its source. */
function built<T>(file: string): T {
  return requireBuilt(`./${file}`) as T;
}

export const { IedClient, IedServer, loadScl } = built<typeof PublicModule>('index.js');
export const { connectIed } = built<typeof ConnectModule>('client/connect.js');
export const { TagReader } = built<typeof TagReaderModule>('client/tag-reader.js');
export const { TypeCache } = built<typeof TypeCacheModule>('client/type-cache.js');
export const { TagPoller } = built<typeof TagsModule>('gateway/tags/index.js');
