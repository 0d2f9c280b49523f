'use strict';
/*
 * Installs node-red-dev, by which the catalogue of Node-RED scores packages, from the npm registry into the git-ignored
 * `.peers/`, for `npm run test:node-red-5`.
 */
const path = require('node:path');
const { ROOT } = require('./lib/project');
const { installOnce } = require('./lib/peer');

const VERSION = '0.1.6';

/** Its command, once it is installed. */
const NODE_RED_DEV = path.join(ROOT, '.peers', 'node-red-dev', 'node_modules', 'node-red-dev', 'bin', 'run');

/** Installs it unless it is there; gives whether it is there now. */
function setUp() {
  return installOnce('node-red-dev', { 'node-red-dev': VERSION });
}

module.exports = { NODE_RED_DEV, setUp };

if (require.main === module) process.exitCode = setUp() ? 0 : 1;
