'use strict';
const net = require('node:net');

/**
 * Starts an MQTT broker (3.1.1) in this process. Gives `stop`, which ends it, and `waitFor`, which tells whether a
 * client published that text under that topic before so many milliseconds.
 */
async function startBroker(port, host) {
  const { Aedes } = await import('aedes');
  const broker = await Aedes.createBroker();
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    broker.handle(socket);
  });
  broker.on('clientError', (client, error) =>
    console.warn(`MQTT broker: ${client?.id ?? 'a client'}: ${error.message}`),
  );
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const stop = () =>
    new Promise((resolve) => {
      broker.close(() => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
    });
  const waitFor = (topic, text, limit) =>
    new Promise((resolve) => {
      const end = (found) => {
        clearTimeout(timer);
        broker.off('publish', look);
        resolve(found);
      };
      const look = (packet) => {
        if (packet.topic === topic && packet.payload.toString() === text) end(true);
      };
      const timer = setTimeout(end, limit, false);
      broker.on('publish', look);
    });
  return { stop, waitFor };
}

module.exports = { startBroker };
