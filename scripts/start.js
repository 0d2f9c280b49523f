'use strict';
/*
 * npm start: installs and builds where needed, then runs the demo: Node-RED with examples/flows.json, and an MQTT broker.
 * Environment: HOST (127.0.0.1), PORT (1880), MQTT_PORT (1883), MODBUS_PORT (10502), IEC61850_PORT (10102).
 * npm start -- --fresh forgets the flows of earlier starts.
 */
const { checkNode, ensureInstalled, ensureBuilt } = require('./lib/project');
const { readPorts, findProblems } = require('./demo/ports');

/** Time for everything to close after Ctrl-C, in ms; then the process ends all the same. */
const STOP_LIMIT_MS = 2500;
/** Time for the bay's first value to come all the way from its server over MMS to MQTT, in ms. */
const LIVE_LIMIT_MS = 30_000;

function stopOnSignals(stops) {
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    console.log('\nStopping …');
    setTimeout(() => process.exit(0), STOP_LIMIT_MS).unref();
    for (const end of stops.reverse()) await end().catch((error) => console.error(error.message));
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
}

async function main() {
  checkNode();
  const unknown = process.argv.slice(2).filter((argument) => argument !== '--fresh');
  if (unknown.length > 0) throw new Error(`npm start knows --fresh only, not ${unknown.join(' ')}.`);
  const settings = readPorts(process.env);
  const problems = await findProblems(settings);
  if (problems.length > 0) throw new Error(problems.join('\n'));

  ensureInstalled();
  ensureBuilt();
  const { USER_DIRECTORY, prepareUserDirectory } = require('./demo/user-directory');
  const { startBroker } = require('./demo/broker');
  const { startNodeRed } = require('./demo/node-red');
  const { banner } = require('./demo/banner');

  const { host, connectHost, ports } = settings;
  // The flow takes its addresses from these.
  Object.assign(process.env, { HOST: host, CONNECT_HOST: connectHost });
  for (const [variable, port] of Object.entries(ports)) process.env[variable] = String(port);

  const { secret, isExample } = prepareUserDirectory(process.argv.includes('--fresh'));
  const stops = [];
  stopOnSignals(stops);
  console.log('Starting Node-RED …');
  const broker = await startBroker(ports.MQTT_PORT, host);
  stops.push(broker.stop);
  const live = broker.waitFor('iec61850/BAY1/CTRL.XCBR1.Pos/status', 'live', LIVE_LIMIT_MS);
  const nodeRed = await startNodeRed({ userDir: USER_DIRECTORY, secret, host, port: ports.PORT });
  stops.push(nodeRed.stop);
  if (isExample && !(await live))
    console.error('No value of the bay has arrived yet; look at the nodes in the editor.');
  nodeRed.settled();
  console.log(banner(settings, isExample));
}

main().catch((error) => {
  console.error(error.code === undefined && !(error instanceof TypeError) ? error.message : error);
  process.exit(1);
});
