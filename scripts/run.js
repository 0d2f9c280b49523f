'use strict';
/* The smaller npm scripts: lint, format, bench and the suites that need more than this project. */
const fs = require('node:fs');
const path = require('node:path');
const { ROOT, checkNode, ensureInstalled, ensureBuilt, runNode } = require('./lib/project');
const { SEPARATE_SUITES, runSuite } = require('./lib/mocha');

const ESLINT = 'node_modules/eslint/bin/eslint.js';
const PRETTIER = 'node_modules/prettier/bin/prettier.cjs';

function lint(extra) {
  const folders = ['src', 'nodes', 'plugins', 'test', 'bench', 'scripts', 'resources'].filter((name) =>
    fs.existsSync(path.join(ROOT, name)),
  );
  const eslint = runNode(ESLINT, ['--max-warnings', '0', '--no-error-on-unmatched-pattern', ...extra, ...folders]);
  const prettier = runNode(PRETTIER, ['--check', '--log-level', 'warn', '.']);
  return eslint || prettier;
}

function bench(extra) {
  ensureBuilt();
  return runNode('node_modules/tsx/dist/cli.mjs', [path.join(ROOT, 'bench', 'index.ts'), ...extra]);
}

const COMMANDS = {
  lint,
  bench,
  format: (extra) => runNode(PRETTIER, ['--write', '--log-level', 'warn', ...(extra.length > 0 ? extra : ['.'])]),
};
for (const suite of SEPARATE_SUITES) {
  COMMANDS[suite] = (extra) => {
    ensureBuilt();
    if (suite === 'node-red-5') {
      require('./setup-node-red-5').setUp();
      require('./setup-node-red-dev').setUp();
    }
    return runSuite(suite, extra);
  };
}

const [name, ...extra] = process.argv.slice(2);
if (!Object.hasOwn(COMMANDS, name ?? '')) {
  console.error(`node scripts/run.js needs one of: ${Object.keys(COMMANDS).join(', ')}`);
  process.exit(1);
}
checkNode();
ensureInstalled();
process.exitCode = COMMANDS[name](extra);
