/** Time quality by the state of this machine's clock, asked for as long as the server runs. */
import { execFile } from 'node:child_process';
import { HOST_CLOCK_INTERVAL_MS, HOST_CLOCK_TIMEOUT_MS } from '../../limits.js';
import type { TimeQuality } from '../../model/timestamp.js';
import type { ServerContext, ServerPart } from '../server-part.js';
import { fromChrony, fromTimedate, UNSYNCHRONIZED } from './clock-state.js';

/** What a program prints; undefined when it is not there or fails. */
export type RunProgram = (program: string, parameters: readonly string[]) => Promise<string | undefined>;

const SOURCES: readonly (readonly [
  program: string,
  parameters: string[],
  read: (text: string) => TimeQuality | undefined,
])[] = [
  ['chronyc', ['-c', 'tracking'], fromChrony],
  ['timedatectl', ['show', '--property=NTPSynchronized'], fromTimedate],
];

/** The state of the clock by the first service that tells one. */
export async function readClock(run: RunProgram): Promise<TimeQuality | undefined> {
  for (const [program, parameters, read] of SOURCES) {
    const text = await run(program, parameters);
    const state = text === undefined ? undefined : read(text);
    if (state) return state;
  }
  return undefined;
}

export class HostClock implements ServerPart {
  private timer: NodeJS.Timeout | undefined;
  private silent = false;

  /** Times are those of a clock that is not synchronised until a service says otherwise. */
  constructor(
    private readonly context: Pick<ServerContext, 'options' | 'tell'>,
    private readonly run: RunProgram = runProgram,
  ) {
    this.take(UNSYNCHRONIZED);
  }

  start(): void {
    this.stop();
    void this.look();
    this.timer = setInterval(() => void this.look(), HOST_CLOCK_INTERVAL_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Asks once. */
  async look(): Promise<void> {
    const state = await readClock(this.run);
    this.take(state ?? UNSYNCHRONIZED);
    if (!state && !this.silent) {
      this.context.tell(
        'warning',
        'neither chrony nor systemd tells whether the clock of this machine is synchronised; times are sent as not synchronised',
      );
    }
    this.silent = !state;
  }

  /** Parts of the server hold the object; it changes in place. */
  private take(state: TimeQuality): void {
    Object.assign(this.context.options.timeQuality, state);
  }
}

const runProgram: RunProgram = (program, parameters) =>
  new Promise((resolve) => {
    const options = { timeout: HOST_CLOCK_TIMEOUT_MS, windowsHide: true, env: { ...process.env, LC_ALL: 'C' } };
    execFile(program, [...parameters], options, (error, stdout) => resolve(error ? undefined : stdout));
  });
