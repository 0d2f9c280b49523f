'use strict';
/*
 * What every script needs first: the right Node.js, the packages of the lock file, and a build of the sources as they
 * are. Only Node's own modules are used here, because nothing else may be installed yet.
 */
const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.resolve(__dirname, '..', '..');
const DIST = path.join(ROOT, 'dist');
const BUILD_STAMP = path.join(DIST, '.build-stamp');
/** What a build is made from. */
const BUILD_INPUTS = [
  'src',
  'nodes',
  'plugins',
  'icons',
  'scripts/build.js',
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
];

/** Ends the process with a sentence for people when Node.js is older than `engines` asks for. */
function checkNode() {
  const wanted = require(path.join(ROOT, 'package.json')).engines.node.replace(/^>=/, '');
  const [major, minor = 0] = wanted.split('.').map(Number);
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  console.error(
    `This needs Node.js ${wanted} or later; here is ${process.versions.node}. Get it from https://nodejs.org`,
  );
  process.exit(1);
}

/** Runs a program in the project, its output on the terminal, and gives its exit code. */
function run(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

/** Runs a JavaScript file of an installed package under this very Node.js. */
function runNode(file, args, options) {
  return run(process.execPath, [path.join(ROOT, file), ...args], options);
}

/** Runs npm, the one that started us where there is one. */
function runNpm(args, options = {}) {
  const starter = process.env.npm_execpath;
  if (starter !== undefined && /npm-cli\.c?js$/.test(starter))
    return run(process.execPath, [starter, ...args], options);
  // On Windows npm is a batch file, which only a shell starts.
  return run('npm', args, { shell: process.platform === 'win32', ...options });
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether node_modules holds what the lock file says; npm writes its own note of that at the end of an install. */
function isInstalled() {
  const wanted = readJson(path.join(ROOT, 'package-lock.json'))?.packages ?? {};
  const present = readJson(path.join(ROOT, 'node_modules', '.package-lock.json'))?.packages;
  if (present === undefined) return false;
  return Object.entries(wanted).every(([place, { version, optional, extraneous }]) => {
    // Optional packages are those of other platforms, and a broken one must not make every start an install.
    if (place === '' || optional || extraneous) return true;
    return present[place]?.version === version && fs.existsSync(path.join(ROOT, place));
  });
}

/** Installs the packages of the lock file unless they are there. */
function ensureInstalled() {
  if (isInstalled()) return;
  console.log('Installing packages (npm ci) …');
  if (runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']) !== 0) {
    console.error('npm ci failed. Check the network and that no other program uses node_modules, then start again.');
    process.exit(1);
  }
}

/** Files below `place`, or `place` itself when it is a file; sorted, relative to the project. */
function listFiles(place) {
  const full = path.join(ROOT, place);
  if (!fs.existsSync(full)) return [];
  if (!fs.statSync(full).isDirectory()) return [place];
  return fs
    .readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** Hash of everything that a build is made from. */
function sourceFingerprint() {
  const hash = crypto.createHash('sha256');
  for (const file of BUILD_INPUTS.flatMap(listFiles)) {
    hash
      .update(`${file}\0`)
      .update(fs.readFileSync(path.join(ROOT, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function isBuilt() {
  return fs.existsSync(BUILD_STAMP) && fs.readFileSync(BUILD_STAMP, 'utf8') === sourceFingerprint();
}

/** Builds unless `dist/` stems from the sources as they are. */
function ensureBuilt() {
  if (isBuilt()) return;
  console.log('Building …');
  if (runNode('scripts/build.js', []) !== 0) process.exit(1);
}

module.exports = {
  ROOT,
  DIST,
  BUILD_STAMP,
  checkNode,
  run,
  runNode,
  runNpm,
  isInstalled,
  ensureInstalled,
  listFiles,
  sourceFingerprint,
  isBuilt,
  ensureBuilt,
};
