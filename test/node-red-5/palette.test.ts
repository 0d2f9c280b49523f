/** The packed package, installed into a Node-RED that has just been installed itself, as its users do it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { freePorts, Program } from '../start/programs.js';
import { assertLoaded, type NodeSet, pack, ROOT, run } from './support.js';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- JSON
const manifest = require('../../package.json') as {
  name: string;
  'node-red': Record<'nodes' | 'plugins', Record<string, string>>;
};
const RED = path.join(ROOT, 'node_modules', 'node-red', 'red.js');
const COMPILERS = ['cc', 'c++', 'gcc', 'g++', 'clang', 'make', 'cmake', 'ninja', 'python', 'python3', 'node-gyp'];

/** Programs by the names of compilers, which note that they were called, and fail. */
async function fakeCompilers(folder: string, notes: string): Promise<void> {
  await mkdir(folder);
  for (const name of COMPILERS) {
    await writeFile(path.join(folder, name), `#!/bin/sh\necho "${name} $*" >> '${notes}'\nexit 1\n`);
    await chmod(path.join(folder, name), 0o755);
  }
}

describe("the packed package, by Node-RED's own command line", function () {
  this.timeout(240_000);
  let folder: string;
  let address: string;
  let notes: string;
  let program: Program;

  before(async function () {
    if (process.platform === 'win32') return this.skip();
    folder = await mkdtemp(path.join(os.tmpdir(), 'iec61850-palette-'));
    notes = path.join(folder, 'compilers.txt');
    const tools = path.join(folder, 'tools');
    await fakeCompilers(tools, notes);
    const [port] = await freePorts(1);
    address = `http://127.0.0.1:${port}`;
    const userDir = path.join(folder, 'user');
    await mkdir(userDir);
    const settings = path.join(userDir, 'settings.js');
    await writeFile(
      settings,
      `module.exports = { uiHost: '127.0.0.1', uiPort: ${port}, credentialSecret: false, telemetry: { enabled: false } };`,
    );
    // Install scripts run, as they do for a user; with an npm cache of its own nothing comes from an earlier compilation.
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      PATH: `${tools}${path.delimiter}${process.env.PATH ?? ''}`,
      npm_config_ignore_scripts: 'false',
      npm_config_cache: path.join(folder, 'cache'),
    };
    program = new Program(process.execPath, [RED, '--userDir', userDir, '--settings', settings], { cwd: userDir, env });
    await program.says(/Started flows/);
    const admin = async (...args: string[]): Promise<string> => {
      const { stdout } = await run(process.execPath, [RED, 'admin', '--userDir', userDir, ...args], { env });
      return stdout;
    };
    await admin('target', address);
    await admin('install', manifest.name, await pack(folder));
  });

  after(async () => {
    await program?.kill();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it('loads every node type, without a restart', async () => {
    await assertLoaded(address, manifest.name, Object.keys(manifest['node-red'].nodes));
  });

  it('loads its plugins', async () => {
    const answer = await fetch(`${address}/plugins`, { headers: { accept: 'application/json' } });
    const sets = ((await answer.json()) as NodeSet[]).filter(({ module }) => module === manifest.name);
    assert.equal(sets.length, Object.keys(manifest['node-red'].plugins).length);
    assert.deepEqual(
      sets.filter(({ enabled, err }) => !enabled || err !== undefined),
      [],
    );
  });

  it('calls no compiler', async () => {
    assert.equal(existsSync(notes) ? await readFile(notes, 'utf8') : '', '');
  });

  it('logs no error', () => {
    assert.doesNotMatch(program.output, /\[error\]/);
  });
});
