/**
 * The compiled product. What is measured is what is shipped: the output of `npm run build`, not the sources as the
 * benchmark's own loader would translate them.
 */
import { createRequire } from 'node:module';
import path from 'node:path';

export const ROOT = path.resolve(__dirname, '..');
const requireBuilt = createRequire(path.join(ROOT, 'dist', 'src', 'index.js'));

/** A module of `dist/src` with the types of its source. */
function built<T>(file: string): T {
  return requireBuilt(`./${file}`) as T;
}

export const { IedClient, IedServer, loadScl } = built<typeof import('../src/index.js')>('index.js');
export const { connectIed } = built<typeof import('../src/client/connect.js')>('client/connect.js');
export const { TagReader } = built<typeof import('../src/client/tag-reader.js')>('client/tag-reader.js');
export const { TypeCache } = built<typeof import('../src/client/type-cache.js')>('client/type-cache.js');
export const { TagPoller } = built<typeof import('../src/gateway/tags/index.js')>('gateway/tags/index.js');
