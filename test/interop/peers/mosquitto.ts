/** The broker mosquitto and its subscriber, as processes on loopback. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, mosquittoProgram, spawnPeer, stopProcess } from './index.js';

const START_TIMEOUT_MS = 10_000;
const RETRY_MS = 50;

export interface Broker {
  port: number;
  stop(): Promise<void>;
}

/** Starts a broker on a free port. */
export async function startBroker(): Promise<Broker> {
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), 'mosquitto-'));
  const file = path.join(folder, 'mosquitto.conf');
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
  const child = spawnPeer(mosquittoProgram(), ['-c', file]);
  await accepting(port);
  return {
    port,
    stop: async () => {
      child.kill('SIGTERM');
      await stopProcess(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function accepting(port: number): Promise<void> {
  const end = Date.now() + START_TIMEOUT_MS;
  while (!(await accepts(port))) {
    if (Date.now() > end) throw new Error(`nobody listens on port ${port}`);
    await new Promise((resolve) => {
      setTimeout(resolve, RETRY_MS);
    });
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** One message as mosquitto_sub writes it. */
export interface Received {
  topic: string;
  payload: string;
  qos: number;
  retain: number;
}

/** A mosquitto_sub that keeps what it gets. */
export class Subscriber {
  readonly messages: Received[] = [];
  private readonly waiting = new Set<() => void>();
  private readonly child: ChildProcessWithoutNullStreams;

  constructor(port: number, topic: string) {
    this.child = spawnPeer('mosquitto_sub', [
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-t',
      topic,
      '-q',
      '1',
      '-F',
      '%j',
    ]);
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.messages.push(JSON.parse(line) as Received);
      for (const look of this.waiting) look();
    });
  }

  /** Payload of the first message of a topic that satisfies `wanted`, now or within some seconds. */
  first(topic: string, wanted: (message: Received) => boolean = () => true): Promise<string> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
      };
      const look = (): void => {
        const found = this.messages.find((message) => message.topic === topic && wanted(message));
        if (!found) return;
        finish();
        resolve(found.payload);
      };
      const timer = setTimeout(() => {
        finish();
        reject(
          new Error(
            `no such message on ${topic}; there were ${this.messages.map((message) => message.topic).join(', ')}`,
          ),
        );
      }, START_TIMEOUT_MS);
      this.waiting.add(look);
      look();
    });
  }

  stop(): Promise<void> {
    this.child.kill('SIGTERM');
    return stopProcess(this.child);
  }
}
