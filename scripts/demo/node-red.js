'use strict';
const http = require('node:http');
const RED = require('node-red');

/** Settings of the demo: quiet, without questions, and without anything that needs a network. */
function demoSettings(userDir, host, port) {
  return {
    userDir,
    flowFile: 'flows.json',
    flowFilePretty: true,
    uiHost: host,
    uiPort: port,
    httpAdminRoot: '/',
    httpNodeRoot: '/',
    // The demo has no secrets; a fixed key keeps Node-RED from warning about a generated one.
    credentialSecret: 'demo',
    functionExternalModules: false,
    externalModules: { autoInstall: false },
    telemetry: { enabled: false, updateNotification: false },
    diagnostics: { enabled: false },
    logging: { console: { level: 'warn', metrics: false, audit: false } },
    nodeCloseTimeout: 2000,
    editorTheme: {
      tours: false,
      projects: { enabled: false },
      page: { title: 'Node-RED: IEC 61850' },
      header: { title: 'IEC 61850 demo' },
    },
  };
}

/** Starts Node-RED in this process; resolves when its flows run. Gives a function that ends it. */
async function startNodeRed(userDir, host, port) {
  const server = http.createServer((request, response) => {
    RED.httpAdmin(request, response, () => {
      RED.httpNode(request, response, () => {
        response.statusCode = 404;
        response.end();
      });
    });
  });
  RED.init(server, demoSettings(userDir, host, port));
  const flowsStarted = new Promise((resolve) => {
    RED.events.once('flows:started', resolve);
  });
  await RED.start();
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  await flowsStarted;
  return async () => {
    const closed = new Promise((resolve) => {
      server.close(resolve);
    });
    await RED.stop();
    server.closeAllConnections();
    await closed;
  };
}

module.exports = { startNodeRed };
