/** A real broker in this process that tests can cut, stop and start again on its port. */
import type { Aedes, AedesPublishPacket, Client } from 'aedes' with { 'resolution-mode': 'import' };
import { once } from 'node:events';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import tls from 'node:tls';
import { promisify } from 'node:util';
import type { BrokerSettings, MqttVersion } from '../../../src/gateway/mqtt/broker.js';

interface RetainedStore {
  createRetainedStream(pattern: string): AsyncIterable<AedesPublishPacket>;
}

export interface Received {
  topic: string;
  payload: string;
  qos: number;
  retain: boolean;
}

export class BrokerFixture {
  broker!: Aedes;
  port = 0;
  /** What clients published, in order; the broker's own topics are left out. */
  readonly received: Received[] = [];
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly waiters = new Set<() => void>();

  /** @param identity Certificate and key: the broker speaks TLS. */
  constructor(private readonly identity?: { cert: string; key: string }) {}

  async start(): Promise<this> {
    // aedes is an ES module only.
    const aedes = await import('aedes');
    this.broker = await aedes.Aedes.createBroker();
    this.broker.on('publish', (packet: AedesPublishPacket, client: Client | null) => {
      if (!client) return;
      const { topic, payload, qos, retain } = packet;
      this.received.push({ topic, payload: payload.toString(), qos, retain });
      for (const waiter of this.waiters) waiter();
    });
    await this.listen();
    return this;
  }

  /** Listens again on the port that it had, with what it retained. */
  async listen(): Promise<void> {
    const accept = (socket: Socket): void => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
      this.broker.handle(socket);
    };
    const server = this.identity ? tls.createServer(this.identity, accept) : net.createServer(accept);
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Cuts all connections, as a broken network does; new ones are accepted. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Nobody answers on the port any more. */
  async stopListening(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    this.cut();
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    await closed;
  }

  async stop(): Promise<void> {
    await this.stopListening();
    await promisify((done: () => void) => this.broker.close(done))();
  }

  get connections(): number {
    return this.sockets.size;
  }

  /** Resolves when `condition` holds; looked at whenever something is published. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const waiter = (): void => {
        if (!condition()) return;
        this.waiters.delete(waiter);
        resolve();
      };
      this.waiters.add(waiter);
    });
  }

  payloads(topic: string): string[] {
    return this.received.filter((message) => message.topic === topic).map((message) => message.payload);
  }

  /** Retained messages by topic, as a new subscriber gets them. */
  async retained(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    const persistence = (this.broker as unknown as { persistence: RetainedStore }).persistence;
    for await (const packet of persistence.createRetainedStream('#')) found[packet.topic] = packet.payload.toString();
    return found;
  }

  settings(overrides: Partial<BrokerSettings> = {}): BrokerSettings {
    const version: MqttVersion = 4;
    return { url: `mqtt://127.0.0.1:${this.port}`, version, keepalive: 60, clientId: 'gateway', ...overrides };
  }
}
