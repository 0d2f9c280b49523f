'use strict';
const { isLoopback } = require('./ports');

/** What a person needs to know once the demo runs. */
function banner({ host, connectHost, ports }, isExample) {
  const { PORT, MQTT_PORT, MODBUS_PORT, IEC61850_PORT } = ports;
  const name = connectHost.includes(':') ? `[${connectHost}]` : connectHost;
  const web = `http://${name}:${PORT}`;
  const lines = [
    '',
    'IEC 61850 for Node-RED: the simulated bay is running.',
    '',
    `  Editor      ${web}/`,
    `  Dashboard   ${web}/dashboard/bay1`,
    `  Modbus TCP  ${name}:${MODBUS_PORT}  unit 1`,
    `  MQTT 3.1.1  ${name}:${MQTT_PORT}  topics iec61850/BAY1/...`,
    `  MMS         ${name}:${IEC61850_PORT}  IED BAY1 (examples/scl/bay.cid)`,
    '',
    'To try:',
    '  Editor     open the node "Read bay 1", press Browse, tick another point, Deploy',
    '  Your IED   choose the tab "My values", follow its three steps: docs/walks.md tells them click by click',
    '  Dashboard  press "Line fault": the protection trips, the breaker opens and recloses',
    '  Modbus     input register 30001 (FC04, address 0): the breaker, 1 open, 2 closed',
    '             holding registers 40001-40002 (FC03, address 0): voltage L1 in kV as Float32',
    '             discrete input 10001 (FC02, address 0): general trip, held for 5 s',
    `  MQTT       mosquitto_sub -h ${connectHost} -p ${MQTT_PORT} -v -t 'iec61850/BAY1/CTRL.XCBR1.Pos/#'`,
    '  MMS        point any IEC 61850 client at the address above: it may operate, write and get files',
    '  Examples   in the editor Ctrl-I, Examples: each flow runs against this bay as it is',
  ];
  if (!isExample) lines.push('', 'The flows are yours from an earlier start; npm start -- --fresh starts anew.');
  if (!isLoopback(host)) {
    lines.push('', `HOST=${host}: others on the network reach all of this, the editor included, without a password.`);
  }
  lines.push('', 'Ctrl-C ends it.', '');
  return lines.join('\n');
}

module.exports = { banner };
