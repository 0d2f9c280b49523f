'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { ROOT, runNpm } = require('./project');

/**
 * Installs packages of the npm registry into a folder below the git-ignored `.peers/`, once for these versions; none of
 * their install scripts runs. Gives whether they are there.
 */
function installOnce(name, dependencies) {
  const folder = path.join(ROOT, '.peers', name);
  const manifest = `${JSON.stringify({ private: true, dependencies }, null, 2)}\n`;
  const done = path.join(folder, 'installed.txt');
  if (fs.existsSync(done) && fs.readFileSync(done, 'utf8') === manifest) return true;
  const what = Object.entries(dependencies).map(([dependency, version]) => `${dependency} ${version}`);
  console.log(`Installing ${what.join(' and ')} …`);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), manifest);
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock', '--loglevel=error'];
  if (runNpm(['install', '--prefix', folder, ...options], { cwd: folder }) !== 0) return false;
  fs.writeFileSync(done, manifest);
  return true;
}

module.exports = { installOnce };
