'use strict';
const http = require('node:http');
const RED = require('node-red');

/** Node-RED says at every start, as a warning, that a feature which the demo does not use is off. */
const NO_NEWS = /^Projects disabled/;

/** The demo's IED node tries to connect before the demo's server listens; it does so again a second later. */
let settled = false;

function logCalmly({ level, type, name, id, msg }) {
  const text = msg instanceof Error ? (msg.stack ?? msg.message) : String(msg?.message ?? msg);
  if (NO_NEWS.test(text) || (!settled && type === 'iec61850-ied' && level === RED.log.WARN)) return;
  const kind = level <= RED.log.ERROR ? 'error' : 'warn';
  const source = type === undefined ? '' : `[${type}:${name || id}] `;
  console.log(`[${kind}] ${source}${text}`);
}

/** Settings of the demo: quiet, without questions, and without anything that needs a network. */
function demoSettings({ userDir, secret, host, port }) {
  return {
    userDir,
    flowFile: 'flows.json',
    flowFilePretty: true,
    uiHost: host,
    uiPort: port,
    httpAdminRoot: '/',
    httpNodeRoot: '/',
    credentialSecret: secret,
    functionExternalModules: false,
    externalModules: { autoInstall: false },
    telemetry: { enabled: false, updateNotification: false },
    diagnostics: { enabled: false },
    lang: 'en-US',
    logging: { console: { level: 'off' }, calm: { level: 'warn', handler: () => logCalmly } },
    nodeCloseTimeout: 2000,
    paletteCategories: ['IEC 61850', 'dashboard 2', 'common', 'function', 'network', 'sequence', 'parser', 'storage'],
    editorTheme: {
      tours: false,
      // The palette manager would ask its catalogue on the internet for updates at every start.
      palette: { catalogues: [] },
      page: { title: 'Node-RED: IEC 61850' },
      header: { title: 'IEC 61850 demo' },
    },
  };
}

/**
 * Starts Node-RED in this process; resolves when its flows run. Gives a function that ends it, and one to be called
 * when everything in the flows has had its time to start.
 */
async function startNodeRed(options) {
  const { host, port } = options;
  const server = http.createServer((request, response) => {
    RED.httpAdmin(request, response, () => {
      RED.httpNode(request, response, () => {
        response.statusCode = 404;
        response.end();
      });
    });
  });
  RED.init(server, demoSettings(options));
  const flowsStarted = new Promise((resolve) => {
    RED.events.once('flows:started', resolve);
  });
  await RED.start();
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  await flowsStarted;
  const stop = async () => {
    const closed = new Promise((resolve) => {
      server.close(resolve);
    });
    await RED.stop();
    server.closeAllConnections();
    await closed;
  };
  return {
    stop,
    settled: () => {
      settled = true;
    },
  };
}

module.exports = { startNodeRed };
