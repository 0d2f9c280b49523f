'use strict';
/*
 * npm run build: compiles src/, nodes/ and plugins/ to dist/, and puts beside the compiled nodes and plugins what Node-RED looks for there:
 * the editor page, its languages, and the icons.
 */
const fs = require('node:fs');
const path = require('node:path');
const {
  ROOT,
  DIST,
  BUILD_STAMP,
  checkNode,
  ensureInstalled,
  runNode,
  listFiles,
  sourceFingerprint,
} = require('./lib/project');

/** Folders of which each has its like in dist/. */
const FOLDERS = ['src', 'nodes', 'plugins'];

/** Outputs of a source file, relative to dist/. */
function outputsOf(file) {
  if (!file.endsWith('.ts') || file.endsWith('.d.ts')) return [file];
  const stem = file.slice(0, -'.ts'.length);
  return [`${stem}.js`, `${stem}.js.map`, `${stem}.d.ts`];
}

function copy(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.copyFileSync(from, to);
}

/** Copies what is no TypeScript, and the icons into each node's folder; gives the copies relative to dist/. */
function copyAssets(sources) {
  const copies = sources.filter((file) => !file.endsWith('.ts')).map((file) => ({ from: file, to: file }));
  const icons = listFiles('icons');
  const { nodes } = require(path.join(ROOT, 'package.json'))['node-red'];
  for (const file of Object.values(nodes)) {
    const folder = path.relative('dist', path.dirname(file));
    for (const icon of icons) copies.push({ from: icon, to: path.join(folder, 'icons', path.basename(icon)) });
  }
  for (const { from, to } of copies) copy(path.join(ROOT, from), path.join(DIST, to));
  return copies.map(({ to }) => to);
}

/** Removes what an earlier build left of sources that are gone. */
function removeStale(kept) {
  const wanted = new Set(kept.map((file) => path.normalize(file)));
  for (const folder of FOLDERS) {
    for (const file of listFiles(path.join('dist', folder))) {
      if (!wanted.has(path.relative('dist', file))) fs.rmSync(path.join(ROOT, file));
    }
  }
}

checkNode();
ensureInstalled();
const fingerprint = sourceFingerprint();
const sources = FOLDERS.flatMap(listFiles);
fs.rmSync(BUILD_STAMP, { force: true });
const status = runNode('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
if (status === 0) {
  const copies = copyAssets(sources);
  removeStale([...sources.filter((file) => file.endsWith('.ts')).flatMap(outputsOf), ...copies]);
  fs.writeFileSync(BUILD_STAMP, fingerprint);
}
process.exitCode = status;
