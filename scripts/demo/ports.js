'use strict';
const net = require('node:net');

/** The demo's ports: the variable that changes one, its default, and what listens there. */
const PORTS = [
  { variable: 'PORT', fallback: 1880, what: 'Node-RED' },
  { variable: 'MQTT_PORT', fallback: 1883, what: 'the MQTT broker' },
  { variable: 'MODBUS_PORT', fallback: 10502, what: 'the Modbus TCP server' },
  { variable: 'IEC61850_PORT', fallback: 10102, what: 'the IEC 61850 server (MMS)' },
];

function isWildcard(host) {
  return host === '0.0.0.0' || host === '::';
}

function isLoopback(host) {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** How a person sets a variable for one start, in the shell of this platform. */
function howToSet(variable, value) {
  return process.platform === 'win32'
    ? `set ${variable}=${value} && npm start   (PowerShell: $env:${variable}=${value}; npm start)`
    : `${variable}=${value} npm start`;
}

/**
 * Reads HOST and the ports from the environment.
 * @throws Error with a sentence for people when one of them cannot be used.
 */
function readPorts(environment) {
  const host = environment.HOST || '127.0.0.1';
  const ports = {};
  for (const { variable, fallback } of PORTS) {
    const text = environment[variable] || String(fallback);
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      throw new Error(`${variable}=${text} is no port. Give a number from 1 to 65535.`);
    }
    const other = PORTS.find((row) => ports[row.variable] === port);
    if (other !== undefined) throw new Error(`${other.variable} and ${variable} are both ${port}. Give each its own.`);
    ports[variable] = port;
  }
  // Where the demo's own clients find its servers.
  const connectHost = isWildcard(host) ? '127.0.0.1' : host;
  return { host, connectHost, ports };
}

/** Error code of listening on a port, or undefined when it works. */
function tryListen(port, host) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** Whether somebody answers there. */
function isAnswered(port, host) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host });
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** Sentences about ports that cannot be used; none when all are free. */
async function findProblems({ host, connectHost, ports }) {
  const problems = [];
  for (const { variable, what } of PORTS) {
    const port = ports[variable];
    const code = await tryListen(port, host);
    const spare = port < 1024 ? port + 10_000 : port + 1;
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      return [`HOST=${host} is no address of this machine. Leave HOST out to listen on 127.0.0.1 only.`];
    }
    // A listener on all addresses does not everywhere keep us from listening on one of them.
    if (code === 'EADDRINUSE' || (code === undefined && (await isAnswered(port, connectHost)))) {
      problems.push(`Port ${port} for ${what} is in use. ${variable} changes it:  ${howToSet(variable, spare)}`);
    } else if (code === 'EACCES') {
      problems.push(`Port ${port} for ${what} is not permitted. ${variable} changes it:  ${howToSet(variable, spare)}`);
    } else if (code !== undefined) {
      problems.push(`Port ${port} for ${what} cannot be opened (${code}). ${variable} changes it.`);
    }
  }
  return problems;
}

module.exports = { readPorts, findProblems, isLoopback };
