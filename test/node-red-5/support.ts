/** The packed package, and npm as these tests use it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

export const ROOT = path.resolve(__dirname, '..', '..');
export const run = promisify(execFile);

/** Runs npm by the file that this Node.js brings, or by its name. */
export async function npm(args: string[], cwd: string): Promise<string> {
  const starter = process.env.npm_execpath;
  const [program, first] = starter && /npm-cli\.c?js$/.test(starter) ? [process.execPath, [starter]] : ['npm', []];
  const { stdout } = await run(program, [...first, ...args], {
    cwd,
    shell: program === 'npm' && process.platform === 'win32',
  });
  return stdout;
}

/** Packs this project as it is built, into `folder`; gives the archive's full name. */
export async function pack(folder: string): Promise<string> {
  await npm(['pack', '--pack-destination', folder, '--ignore-scripts'], ROOT);
  const packed = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  assert.ok(packed, 'npm pack made no file');
  return path.join(folder, packed);
}

/** What Node-RED's admin API tells of a set of nodes. */
export interface NodeSet {
  id: string;
  types: string[];
  enabled: boolean;
  err?: string;
  module: string;
}

/** Checks that a running Node-RED has loaded each of these types from the package `name`, and none with an error. */
export async function assertLoaded(address: string, name: string, types: string[]): Promise<void> {
  const answer = await fetch(`${address}/nodes`, { headers: { accept: 'application/json' } });
  const sets = ((await answer.json()) as NodeSet[]).filter(({ module }) => module === name);
  assert.deepEqual(
    sets.filter(({ enabled, err }) => !enabled || err !== undefined),
    [],
  );
  assert.deepEqual(sets.flatMap((set) => set.types).sort(), [...types].sort());
}
