/**
 * Foreign stacks as processes of their own. Each driver in this folder says one event line when it is ready, then
 * answers a JSON line on stdin (`{ id, op, … }`) with one on stdout (`{ id, result }` or `{ id, error }`). They listen
 * and connect on loopback only, and end when stdin closes, so none outlives the test run.
 */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const ROOT = path.resolve(__dirname, '../../..');
const PEERS = path.join(ROOT, '.peers');
const WINDOWS = process.platform === 'win32';
export const PYTHON = path.join(PEERS, 'python', WINDOWS ? 'Scripts/python.exe' : 'bin/python');
const JAVA_CLASSES = path.join(PEERS, 'java', 'classes');
const JAVA_PATH = [JAVA_CLASSES, path.join(PEERS, 'java', 'lib', '*')].join(path.delimiter);
const START_TIMEOUT_MS = 20_000;
const CALL_TIMEOUT_MS = 30_000;

/** `libiec61850` is the C stack, `rust` iec61850-rs, `java` openiec61850. */
export type StackKind = 'libiec61850' | 'rust' | 'java';
export type PeerKind = StackKind | 'comtrade' | 'pymodbus' | 'mosquitto' | 'tshark';

/** A value as the drivers write it; structures and arrays are lists of their members in order. */
export type PeerValue =
  | boolean
  | number
  | string
  | null
  | PeerValue[]
  | { bits: string }
  | { octets: string }
  | { utc: number; quality: number }
  | { binaryTime: number }
  | { error: number | string };

/** Files of a peer that speaks TLS. */
export interface PeerTls {
  cert: string;
  key: string;
  ca: string;
}

export interface PeerServerOptions {
  /** `libiec61850` and `rust`. */
  tls?: PeerTls;
  /** A libiec61850 `.cfg` file, or an SCL file for the others. */
  model: string;
  /** IED of the SCL file; `rust` only. */
  ied?: string;
  /** `libiec61850` only: what clients have to give. */
  password?: string;
  /** `rust` only: paths `LDinst/LN.DO.DA` that clients may write. */
  writable?: string[];
  /** `rust` only, which takes none from the file: `LN$NAME=LDinst/LN.DO.DA,…`. */
  dataSets?: string[];
}

export interface PeerClientOptions {
  port: number;
  /** `libiec61850` and `rust`. */
  tls?: PeerTls;
  /** `libiec61850` and `java`. */
  password?: string;
  /** MMS PDU size to offer; `libiec61850` and `rust`. */
  pduSize?: number;
  /** Leave AP-titles and AE-qualifiers out; `rust` only. */
  noApTitle?: boolean;
}

function runs(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).error === undefined;
}

/** Why a peer cannot be used, or undefined when it can. */
export function peerMissing(kind: PeerKind): string | undefined {
  const setUp = 'run node scripts/setup-peers.js';
  switch (kind) {
    case 'libiec61850':
    case 'rust':
    case 'comtrade':
    case 'pymodbus':
      return existsSync(PYTHON) ? undefined : `no Python environment in .peers; ${setUp}`;
    case 'java':
      if (!existsSync(path.join(JAVA_CLASSES, 'OpenIec61850Peer.class'))) return `no Java classes in .peers; ${setUp}`;
      return runs('java', '-version') ? undefined : 'no java on the path';
    case 'mosquitto':
      if (!runs(mosquittoProgram(), '-h')) return 'no mosquitto; install the package mosquitto';
      return runs('mosquitto_sub', '--help') ? undefined : 'no mosquitto_sub; install the package mosquitto-clients';
    case 'tshark':
      return runs('tshark', '--version') ? undefined : 'no tshark; install the package tshark';
  }
}

/** For a `before` hook: skips the suite when the peer is missing, and fails it in CI. */
export function needPeer(context: Mocha.Context, kind: PeerKind): void {
  const why = peerMissing(kind);
  if (why === undefined) return;
  if (process.env.CI === 'true') throw new Error(`Peer ${kind} is missing: ${why}`);
  console.log(`    skipped, as the peer ${kind} is missing: ${why}`);
  context.skip();
}

/** Debian keeps the broker where only root's path looks. */
export function mosquittoProgram(): string {
  return existsSync('/usr/sbin/mosquitto') ? '/usr/sbin/mosquitto' : 'mosquitto';
}

/** A TCP port that nobody listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

const running = new Set<ChildProcessWithoutNullStreams>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a program whose end the test run does not outlive. */
export function spawnPeer(program: string, args: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(program, args, { cwd: __dirname, stdio: 'pipe' });
  running.add(child);
  child.on('exit', () => running.delete(child));
  child.stdin.on('error', () => undefined);
  return child;
}

/** Ends a process and waits for it: by closing stdin, and by SIGKILL after `patience` ms. */
export function stopProcess(child: ChildProcessWithoutNullStreams, patience = 3000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), patience);
    child.on('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.stdin.end();
  });
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

interface Line {
  event?: 'ready' | 'failed';
  id?: number;
  result?: unknown;
  error?: string;
  [name: string]: unknown;
}

/** One running driver. */
export class Peer {
  /** What the driver said when it was ready. */
  readonly ready: Promise<Line>;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private said = '';

  constructor(
    readonly child: ChildProcessWithoutNullStreams,
    /** Where a server listens, or a client connected. */
    readonly port: number,
  ) {
    child.stderr.on('data', (chunk: Buffer) => (this.said = (this.said + chunk.toString()).slice(-4000)));
    this.ready = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(this.failure('said nothing')), START_TIMEOUT_MS);
      createInterface({ input: child.stdout }).on('line', (text) => {
        const line = JSON.parse(text) as Line;
        if (line.event === 'ready') resolve(line);
        else if (line.event === 'failed') reject(new Error(line.error));
        else this.settle(line);
        clearTimeout(timer);
      });
      child.on('error', reject);
      child.on('exit', () => {
        clearTimeout(timer);
        reject(this.failure('ended'));
        for (const call of this.waiting.values()) {
          clearTimeout(call.timer);
          call.reject(this.failure('ended'));
        }
        this.waiting.clear();
      });
    });
    this.ready.catch(() => undefined);
  }

  /** Sends one command and gives its result; an error that the peer reports rejects with the peer's own words. */
  call<T = unknown>(op: string, parameters: Record<string, unknown> = {}): Promise<T> {
    const id = this.nextId++;
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(this.failure(`did not answer ${op}`));
      }, CALL_TIMEOUT_MS);
      this.waiting.set(id, { resolve: (value) => resolve(value as T), reject, timer });
      this.child.stdin.write(`${JSON.stringify({ id, op, ...parameters })}\n`);
    });
  }

  /** Lets the peer close in its own way, and kills it when it does not. */
  stop(): Promise<void> {
    return stopProcess(this.child);
  }

  /** Ends the process at once, as a crash would. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await stopProcess(this.child);
  }

  private settle(line: Line): void {
    const call = this.waiting.get(line.id ?? -1);
    if (!call) return;
    this.waiting.delete(line.id as number);
    clearTimeout(call.timer);
    if (line.error !== undefined) call.reject(new Error(line.error));
    else call.resolve(line.result);
  }

  private failure(what: string): Error {
    return new Error(`The peer ${what}. Its stderr: ${this.said.trim() || '(nothing)'}`);
  }
}

async function ready(peer: Peer): Promise<Peer> {
  try {
    await peer.ready;
    return peer;
  } catch (error) {
    await peer.kill();
    throw error;
  }
}

/** Starts a foreign server on a free port of loopback; rejects when it does not listen. */
export async function startPeerServer(kind: StackKind, options: PeerServerOptions): Promise<Peer> {
  const port = await freePort();
  const common = ['--model', options.model, '--port', String(port), ...tlsArguments(options.tls)];
  const [program, args] = ((): [string, string[]] => {
    switch (kind) {
      case 'libiec61850':
        return [
          PYTHON,
          ['libiec61850_server.py', ...common, ...(options.password ? ['--password', options.password] : [])],
        ];
      case 'rust': {
        const writable = (options.writable ?? []).flatMap((item) => ['--writable', item]);
        const dataSets = (options.dataSets ?? []).flatMap((item) => ['--data-set', item]);
        return [PYTHON, ['rust_server.py', ...common, '--ied', options.ied ?? '', ...writable, ...dataSets]];
      }
      case 'java':
        return ['java', ['-cp', JAVA_PATH, 'OpenIec61850Peer', 'server', options.model, String(port)]];
    }
  })();
  return ready(new Peer(spawnPeer(program, args), port));
}

function tlsArguments(tls: PeerTls | undefined): string[] {
  return tls ? ['--tls', tls.cert, tls.key, tls.ca] : [];
}

/** Starts a foreign client and lets it associate; rejects with the peer's own words when it is refused. */
export async function startPeerClient(kind: StackKind, options: PeerClientOptions): Promise<Peer> {
  const { port, password } = options;
  const args = ['--port', String(port)];
  if (options.pduSize) args.push('--pdu-size', String(options.pduSize));
  let program = PYTHON;
  if (kind === 'java') {
    program = 'java';
    args.splice(0, args.length, '-cp', JAVA_PATH, 'OpenIec61850Peer', 'client', String(port));
    if (password !== undefined) args.push(password);
  } else {
    args.unshift(`${kind}_client.py`);
    if (options.noApTitle) args.push('--no-ap-title');
    args.push(...tlsArguments(options.tls));
    if (password !== undefined) args.push('--password', password);
  }
  return ready(new Peer(spawnPeer(program, args), port));
}

/** libiec61850 with GOOSE on an interface, in a network namespace of its own when one is named. */
export function startGoosePeer(networkInterface: string, namespace?: string): Promise<Peer> {
  return startBusPeer('libiec61850_goose.py', networkInterface, namespace);
}

/** The same with sampled values. */
export function startSvPeer(networkInterface: string, namespace?: string): Promise<Peer> {
  return startBusPeer('libiec61850_sv.py', networkInterface, namespace);
}

function startBusPeer(program: string, networkInterface: string, namespace?: string): Promise<Peer> {
  const args = [PYTHON, program, '--interface', networkInterface];
  if (namespace !== undefined) args.unshift('ip', 'netns', 'exec', namespace);
  return ready(new Peer(spawnPeer(args[0] as string, args.slice(1)), 0));
}

/** A foreign client that takes reports; the commands of the Java one are those of its other client as well. */
export function startReportClient(kind: StackKind, options: PeerClientOptions): Promise<Peer> {
  if (kind === 'java') return startPeerClient(kind, options);
  const args = [`${kind}_report_client.py`, '--port', String(options.port)];
  if (options.pduSize) args.push('--pdu-size', String(options.pduSize));
  return ready(new Peer(spawnPeer(PYTHON, args), options.port));
}

/** A foreign client that reads logs; the Java stack does not. */
export function startJournalClient(kind: Exclude<StackKind, 'java'>, options: PeerClientOptions): Promise<Peer> {
  const args = [`${kind}_journal_client.py`, '--port', String(options.port)];
  if (options.pduSize) args.push('--pdu-size', String(options.pduSize));
  return ready(new Peer(spawnPeer(PYTHON, args), options.port));
}

/** Starts a Python driver of this folder on a free port of loopback, with `--port` behind its other arguments. */
export async function startDriver(script: string, ...args: string[]): Promise<Peer> {
  const port = await freePort();
  return ready(new Peer(spawnPeer(PYTHON, [script, ...args, '--port', String(port)]), port));
}

/** A pymodbus master, connected to a Modbus TCP server on loopback. */
export function startModbusMaster(port: number): Promise<Peer> {
  return ready(new Peer(spawnPeer(PYTHON, ['pymodbus_master.py', '--port', String(port)]), port));
}
