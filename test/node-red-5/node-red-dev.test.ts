/** The checks by which the catalogue of Node-RED scores a package, run on the packed one. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pack, ROOT, run } from './support.js';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- a script of this project in plain JavaScript
const { NODE_RED_DEV } = require('../../scripts/setup-node-red-dev.js') as { NODE_RED_DEV: string };

/** What others have published by today decides these, so that they are told and fail nothing. */
const OF_THE_DAY = new Map([
  ['P08', 'another package of this name'],
  ['N01', 'a node type of another package'],
  ['D03', 'a dependency with a newer major version'],
]);

describe('node-red-dev', function () {
  this.timeout(240_000);

  it('finds no failed check in the packed package', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'iec61850-node-red-dev-'));
    try {
      const unpacked = path.join(folder, 'unpacked');
      const scores = path.join(folder, 'scores.json');
      await mkdir(unpacked);
      await run('tar', ['-xzf', await pack(folder), '-C', unpacked]);
      const preload = path.join(ROOT, 'scripts', 'lib', 'catalogue-or-none.js');
      const { stdout, stderr } = await run(process.execPath, [
        '--require',
        preload,
        NODE_RED_DEV,
        'validate',
        '--path',
        path.join(unpacked, 'package'),
        '--output',
        scores,
      ]);
      const checks = JSON.parse(await readFile(scores, 'utf8')) as Record<string, { test?: boolean }>;
      const failed = Object.keys(checks).filter((name) => checks[name]?.test === false);
      for (const name of failed.filter((entry) => OF_THE_DAY.has(entry))) {
        console.log(`      node-red-dev ${name}: ${OF_THE_DAY.get(name) ?? ''}`);
      }
      const ours = failed.filter((name) => !OF_THE_DAY.has(name));
      assert.deepEqual(ours, [], `${stdout}\n${stderr}`);
      // All of them ran: licence, repository, name, keyword, versions of Node-RED and Node.js, examples, dependencies.
      const wanted = ['P01', 'P03', 'P04', 'P05', 'P06', 'P07', 'N02', 'D01', 'D02'];
      assert.deepEqual(
        wanted.filter((name) => checks[name]?.test !== true),
        [],
        stdout,
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
