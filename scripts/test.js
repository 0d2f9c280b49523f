'use strict';
/* npm test: installs and builds where needed, then runs every test that needs nothing but this project. */
const { checkNode, ensureInstalled, ensureBuilt } = require('./lib/project');
const { SEPARATE_SUITES, runMocha } = require('./lib/mocha');

checkNode();
ensureInstalled();
ensureBuilt();
const ignored = SEPARATE_SUITES.flatMap((name) => ['--ignore', `test/${name}/**`]);
process.exitCode = runMocha(['test/**/*.test.ts'], [...ignored, ...process.argv.slice(2)]);
