import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { MAX_SCL_BYTES, SCL_INLINE_BYTES } from '../limits.js';
import type { SclDocument } from './document.js';
import { fileError, parseScl, tooLarge, type SclParseOptions } from './parse.js';
import { readInWorker } from './worker-host.js';

export interface SclLoadOptions extends SclParseOptions {
  /** Whether a string is a path (true) or text (false); by default it is text when it begins with `<`. */
  path?: boolean;
}

/** Longest string that can be a path: a longer one, or one with lines, is text that lacks its first `<`. */
const MAX_PATH_LENGTH = 4096;

/**
 * Reads an SCL file beside the event loop: a large one in a worker, whose heap and time are bounded, and each IED's
 * model only when it is asked for.
 * @param source content of a file, its text, or its path
 * @throws SclError `SCL_FILE` when it cannot be read, `SCL_TOO_LARGE` before it is read, `SCL_TIMEOUT` and `SCL_BUSY`
 * from the worker, and those of {@link parseScl}.
 */
export async function loadScl(source: string | Buffer, options: SclLoadOptions = {}): Promise<SclDocument> {
  const strict = options.strict ?? false;
  if (typeof source === 'string' && (options.path ?? isPath(source))) return loadFile(source, { strict });
  if (source.length > MAX_SCL_BYTES) throw tooLarge(source.length);
  return source.length <= SCL_INLINE_BYTES ? parseScl(source, { strict }) : readInWorker({ content: source, strict });
}

function isPath(text: string): boolean {
  return text.length <= MAX_PATH_LENGTH && !/^[\ufeff\s]*</.test(text) && !/[\r\n]/.test(text) && text.trim() !== '';
}

async function loadFile(path: string, options: { strict: boolean }): Promise<SclDocument> {
  const size = await readable(path, async () => {
    const file = await stat(path);
    if (!file.isFile()) throw new Error('it is not a file');
    return file.size;
  });
  if (size > MAX_SCL_BYTES) throw tooLarge(size);
  const document =
    size <= SCL_INLINE_BYTES
      ? parseScl(await readable(path, () => readFile(path)), options)
      : await readInWorker({ path, ...options });
  return { ...document, fileName: basename(path) };
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw fileError(path, cause);
  }
}
