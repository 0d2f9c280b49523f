/** Helpers of the tests that start the demo as a person would: as a program of its own, on free ports. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import mqtt from 'mqtt';
import ModbusRTU from 'modbus-serial';

/** Ports that nobody listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(async (server) => once(server.close(), 'close')));
  return ports;
}

/** Where everything of one demo listens. */
export interface DemoPorts {
  PORT: number;
  MQTT_PORT: number;
  MODBUS_PORT: number;
  IEC61850_PORT: number;
}

export async function demoPorts(): Promise<DemoPorts> {
  const [PORT, MQTT_PORT, MODBUS_PORT, IEC61850_PORT] = (await freePorts(4)) as [number, number, number, number];
  return { PORT, MQTT_PORT, MODBUS_PORT, IEC61850_PORT };
}

/** A program with its output, waited for by what it says. */
export class Program {
  output = '';
  exitCode: number | null | undefined;
  private readonly child: ChildProcess;
  private readonly listeners = new Set<() => void>();

  constructor(command: string, args: string[], options: SpawnOptions = {}) {
    this.child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const append = (chunk: Buffer): void => {
      this.output += chunk.toString();
      for (const listener of this.listeners) listener();
    };
    this.child.stdout?.on('data', append);
    this.child.stderr?.on('data', append);
    this.child.on('error', (error) => append(Buffer.from(error.message)));
    this.child.on('close', (code) => {
      this.exitCode = code;
      for (const listener of this.listeners) listener();
    });
  }

  /** Resolves when the output matches; rejects when the program ends first, or after `limit` ms. */
  async says(pattern: RegExp, limit = 60_000): Promise<void> {
    await this.until(() => pattern.test(this.output), limit, `It did not say ${String(pattern)}`);
  }

  /** Its exit code. */
  async ends(limit = 60_000): Promise<number | null> {
    await this.until(() => this.exitCode !== undefined, limit, 'It did not end');
    return this.exitCode ?? null;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Ends it whatever it does. */
  async kill(): Promise<void> {
    if (this.exitCode !== undefined) return;
    this.child.kill('SIGKILL');
    await this.ends();
  }

  private async until(done: () => boolean, limit: number, complaint: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const finish = (error?: Error): void => {
        clearTimeout(timer);
        this.listeners.delete(check);
        if (error) reject(error);
        else resolve();
      };
      const check = (): void => {
        if (done()) finish();
        else if (this.exitCode !== undefined)
          finish(new Error(`${complaint}, but ended with ${String(this.exitCode)}:\n${this.output}`));
      };
      const timer = setTimeout(() => finish(new Error(`${complaint} within ${limit} ms:\n${this.output}`)), limit);
      this.listeners.add(check);
      check();
    });
  }
}

/** Reads with one Modbus TCP connection of its own. */
export async function withModbus<T>(port: number, use: (client: ModbusRTU) => Promise<T>): Promise<T> {
  const client = new ModbusRTU();
  await client.connectTCP('127.0.0.1', { port });
  client.setID(1);
  client.setTimeout(5000);
  try {
    return await use(client);
  } finally {
    await new Promise<void>((resolve) => {
      client.close(() => resolve());
    });
  }
}

/** Payloads by topic, once there is one that matches for every topic of `wanted`. */
export async function mqttValues(
  port: number,
  filter: string,
  wanted: Readonly<Record<string, RegExp>>,
  limit = 30_000,
): Promise<Map<string, string>> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4, reconnectPeriod: 0 });
  const seen = new Map<string, string>();
  const missing = (): string[] =>
    Object.entries(wanted)
      .filter(([topic, pattern]) => !pattern.test(seen.get(topic) ?? ''))
      .map(([topic]) => `${topic} (${seen.get(topic) ?? 'nothing'})`);
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`Not as wanted after ${limit} ms: ${missing().join(', ')}`)),
        limit,
      );
      client.on('message', (topic, payload) => {
        seen.set(topic, payload.toString());
        if (missing().length > 0) return;
        clearTimeout(timer);
        resolve();
      });
      client.on('error', reject);
      client.subscribe(filter);
    });
  } finally {
    await client.endAsync(true);
  }
  return seen;
}
