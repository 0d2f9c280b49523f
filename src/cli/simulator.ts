/** Simulated devices: every IED of an SCL file on a port of its own. */
import { readFile } from 'node:fs/promises';
import { ArgumentError, Iec61850Error } from '../errors.js';
import type { SclDocument } from '../scl/document.js';
import { loadScl } from '../scl/index.js';
import { IedServer, type IedServerOptions } from '../server/index.js';
import { printActivity } from './activity.js';
import type { SimArguments } from './arguments.js';
import { FaultRecorder } from './fault-recorder.js';
import { Movement } from './movement/movement.js';

/** Problems of one IED that are printed; the rest is counted. */
const SHOWN_PROBLEMS = 5;
const WRITABLE = ['SP', 'SE', 'SG', 'SV', 'CF', 'DC', 'BL'] as const;
const MS_PER_S = 1000;

export interface SimOutput {
  print(line: string): void;
  warn(line: string): void;
}

export interface SimulatedIed {
  name: string;
  server: IedServer;
  host: string;
  port: number;
}

export class Simulator {
  readonly ieds: SimulatedIed[] = [];
  private readonly movements: Movement[] = [];
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly options: SimArguments,
    private readonly output: SimOutput,
  ) {}

  /**
   * Serves what the arguments say.
   * @throws SclError, ArgumentError, ListenError and what reading files fails with; nothing listens then
   */
  static async start(options: SimArguments, output: SimOutput, random: () => number = Math.random): Promise<Simulator> {
    const simulator = new Simulator(options, output);
    try {
      await simulator.serve(await loadScl(options.file, { path: true }), random);
      return simulator;
    } catch (error) {
      await simulator.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.ieds.splice(0).map(({ server }) => server.close()));
  }

  private async serve(scl: SclDocument, random: () => number): Promise<void> {
    const { options, output } = this;
    const names = chosenIeds(scl, options);
    const common = await serverOptions(options);
    for (const [index, name] of names.entries()) {
      const port = options.port === undefined ? (options.tls ? 3782 : 102) : options.port;
      const server = await IedServer.fromScl(scl, {
        ...common,
        ied: name,
        ...(options.accessPoint !== undefined && { accessPoint: options.accessPoint }),
        port: port === 0 ? 0 : port + index,
      });
      this.watch(server, name);
      const recorder = await this.recorder(name, names.length > 1);
      const movement = new Movement(server.model, server, random, () => void recorder?.record(true));
      movement.start();
      this.movements.push(movement);
      const place = await server.listen();
      this.ieds.push({ name, server, ...place });
      output.print(`${name} listens on ${place.host}:${place.port} (${movement.size} values)`);
    }
    this.move();
  }

  /** A recorder with its first record; undefined when no records are wanted. */
  private async recorder(name: string, several: boolean): Promise<FaultRecorder | undefined> {
    const { options, output } = this;
    if (!options.records || options.files === undefined) return undefined;
    const recorder = new FaultRecorder(options.files, name, several ? `${name}_` : '', (text) =>
      output.warn(`${name}: ${text}`),
    );
    await recorder.record(false);
    return recorder;
  }

  private move(): void {
    const { interval } = this.options;
    if (interval === 0) return;
    this.timer = setInterval(() => {
      for (const movement of this.movements) movement.step(interval / MS_PER_S);
    }, interval);
  }

  private watch(server: IedServer, name: string): void {
    const { output, options } = this;
    const { problems } = server;
    for (const { reference, message } of problems.slice(0, SHOWN_PROBLEMS))
      output.warn(`${name}: ${reference}: ${message}`);
    if (problems.length > SHOWN_PROBLEMS) output.warn(`${name}: and ${problems.length - SHOWN_PROBLEMS} more`);
    server.on('error', (error) => output.warn(`${name}: ${error.message}`));
    server.on('warning', (text) => output.warn(`${name}: ${text}`));
    if (!options.quiet) printActivity(server, name, (line) => output.print(line));
  }
}

/** @throws ArgumentError when the file has no such IED, or none at all that can be served */
function chosenIeds({ ieds }: SclDocument, { ieds: wanted }: SimArguments): string[] {
  const served = ieds.filter(({ accessPoints }) => accessPoints.some(({ server }) => server)).map(({ name }) => name);
  for (const name of wanted) {
    if (served.includes(name)) continue;
    throw new ArgumentError(
      `the file has no IED ${name} with a server`,
      served.length === 0 ? 'It has none at all.' : `It has ${served.slice(0, 20).join(', ')}.`,
    );
  }
  if (served.length === 0)
    throw new ArgumentError('the file has no IED with a server', 'Give an SCD, CID, ICD or IID.');
  return wanted.length > 0 ? [...new Set(wanted)] : served;
}

async function serverOptions(options: SimArguments): Promise<IedServerOptions> {
  const { host, readOnly, passwordFile, tls, dataDir, files } = options;
  const password = passwordFile === undefined ? undefined : (await textOf(passwordFile)).split(/\r?\n/, 1)[0];
  return {
    host,
    ...(!readOnly && { writable: WRITABLE, operate: 'simulate' }),
    ...(password !== undefined && { password }),
    ...(tls && { tls }),
    ...(dataDir !== undefined && { dataDir }),
    ...(files !== undefined && { files: { folder: files } }),
  };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ArgumentError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What went wrong, and what to do about it, in one line. */
export function errorText(error: unknown): string {
  if (error instanceof Iec61850Error) return error.hint === '' ? error.message : `${error.message}. ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
