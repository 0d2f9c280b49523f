'use strict';
const crypto = require('node:crypto');
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
 * The key of this directory's credentials, made at the first start. An empty credentials file comes with it, because
 * Node-RED warns when it has a key and finds no encrypted file.
 */
function credentialSecret() {
  const file = path.join(USER_DIRECTORY, '.secret');
  if (!fs.existsSync(file)) fs.writeFileSync(file, crypto.randomBytes(32).toString('hex'), { mode: 0o600 });
  const secret = fs.readFileSync(file, 'utf8');
  const credentials = path.join(USER_DIRECTORY, 'flows_cred.json');
  if (!fs.existsSync(credentials)) {
    const key = crypto.createHash('sha256').update(secret).digest();
    const vector = crypto.randomBytes(16);
    const cipher = crypto.createCipheriv('aes-256-ctr', key, vector);
    const text = vector.toString('hex') + cipher.update('{}', 'utf8', 'base64') + cipher.final('base64');
    fs.writeFileSync(credentials, JSON.stringify({ $: text }));
  }
  return secret;
}

/**
 * Makes the demo's Node-RED user directory. Flows that are there already are kept, unless `fresh`.
 * Gives the key of the credentials, and whether the flows are the example's.
 */
function prepareUserDirectory(fresh) {
  if (fresh) fs.rmSync(USER_DIRECTORY, { recursive: true, force: true });
  fs.mkdirSync(USER_DIRECTORY, { recursive: true });
  linkProject();
  const example = path.join(ROOT, 'examples', 'flows.json');
  if (!fs.existsSync(FLOWS)) fs.copyFileSync(example, FLOWS);
  const isExample = fs.readFileSync(FLOWS, 'utf8') === fs.readFileSync(example, 'utf8');
  return { secret: credentialSecret(), isExample };
}

module.exports = { USER_DIRECTORY, prepareUserDirectory };
