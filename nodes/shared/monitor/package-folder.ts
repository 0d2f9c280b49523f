import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Folder of this package, whether it runs from its sources or compiled. */
export function packageFolder(): string {
  let folder = __dirname;
  while (!manifestOf(folder)) {
    const above = path.dirname(folder);
    if (above === folder) return __dirname;
    folder = above;
  }
  return folder;
}

/** Name and version of this package. */
export function packageVersion(): { name: string; version: string } {
  const { name = '', version = '' } = manifestOf(packageFolder()) ?? {};
  return { name, version };
}

function manifestOf(folder: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { name?: string; version?: string };
  } catch {
    return undefined;
  }
}
