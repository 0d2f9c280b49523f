'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('../lib/project');

/** The tests of npm start use one of their own. */
const USER_DIRECTORY = path.resolve(process.env.DEMO_DIRECTORY || path.join(ROOT, '.demo'));
const FLOWS = path.join(USER_DIRECTORY, 'flows.json');
const PACKAGE = '@substation/node-red-iec61850';

/** Puts a link to this project where Node-RED looks for installed nodes. */
function linkProject() {
  const link = path.join(USER_DIRECTORY, 'node_modules', ...PACKAGE.split('/'));
  if (fs.existsSync(link) && fs.realpathSync(link) === fs.realpathSync(ROOT)) return;
  fs.rmSync(link, { recursive: true, force: true });
  fs.mkdirSync(path.dirname(link), { recursive: true });
  // A junction needs no special right on Windows; elsewhere the type is ignored.
  fs.symlinkSync(ROOT, link, 'junction');
}

/**
 * Makes the demo's Node-RED user directory. Flows that are there already are kept, unless `fresh`.
 * Gives whether the flows are the example's.
 */
function prepareUserDirectory(fresh) {
  if (fresh) fs.rmSync(USER_DIRECTORY, { recursive: true, force: true });
  fs.mkdirSync(USER_DIRECTORY, { recursive: true });
  linkProject();
  const example = path.join(ROOT, 'examples', 'flows.json');
  if (!fs.existsSync(FLOWS)) fs.copyFileSync(example, FLOWS);
  return fs.readFileSync(FLOWS, 'utf8') === fs.readFileSync(example, 'utf8');
}

module.exports = { USER_DIRECTORY, prepareUserDirectory };
