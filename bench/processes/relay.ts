/** A TCP relay before a server, which can be told to hang: it then takes octets and connections, and gives nothing. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Relay {
  port: number;
  hang(): void;
}

export async function startRelay(port: number): Promise<Relay> {
  let hangs = false;
  const forward = (from: Socket, to: Socket): void => {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.on('data', (octets) => {
      if (!hangs) to.write(octets);
    });
  };
  const relay = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    forward(client, server);
    forward(server, client);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  return { port: (relay.address() as AddressInfo).port, hang: () => (hangs = true) };
}
