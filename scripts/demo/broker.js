'use strict';
const net = require('node:net');

/** Starts an MQTT broker (3.1.1) in this process; gives a function that ends it. */
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
  return () =>
    new Promise((resolve) => {
      broker.close(() => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
    });
}

module.exports = { startBroker };
