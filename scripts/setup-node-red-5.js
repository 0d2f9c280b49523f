'use strict';
/*
 * Installs Node-RED 5, and the Node.js that it needs, from the npm registry into the git-ignored `.peers/`, for
 * `npm run test:node-red-5`. What stands there in the right version is left alone.
 */
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('./lib/project');
const { installOnce } = require('./lib/peer');

const FOLDER = path.join(ROOT, '.peers', 'node-red-5');
const NODE_VERSION = '24.9.0';
const NODE_RED_VERSION = '5.0.7';

/** The npm package that holds Node.js for this machine, or undefined where there is none. */
function nodePackage() {
  const system = { linux: 'linux', darwin: 'darwin', win32: 'win' }[process.platform];
  return system && ['x64', 'arm64'].includes(process.arch) ? `node-${system}-${process.arch}` : undefined;
}

/** Whether the Node.js that runs this is one that Node-RED 5 takes. */
function isRecentEnough() {
  return Number(process.versions.node.split('.')[0]) >= 22;
}

/** Where both stand after the set-up. */
function nodeRed5() {
  const name = nodePackage();
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  const node = name && path.join(FOLDER, 'node_modules', name, 'bin', binary);
  return {
    node: node !== undefined && fs.existsSync(node) ? node : isRecentEnough() ? process.execPath : undefined,
    nodeRed: path.join(FOLDER, 'node_modules', 'node-red', 'red.js'),
  };
}

/** Installs what is missing; gives whether all is there now. */
function setUp() {
  const name = nodePackage();
  installOnce('node-red-5', { 'node-red': NODE_RED_VERSION, ...(name && { [name]: NODE_VERSION }) });
  const { node, nodeRed } = nodeRed5();
  return node !== undefined && fs.existsSync(nodeRed);
}

module.exports = { nodeRed5, setUp };

if (require.main === module) process.exitCode = setUp() ? 0 : 1;
