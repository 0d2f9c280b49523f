/** One process at a time owns a store: who it is stands in a file beside it, for those who come when it was killed. */
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '../../errors.js';
import { STORE_OWNER_INTERVAL_MS, STORE_OWNER_WAIT_MS } from '../../limits.js';

/** How often a newcomer looks for a sign of life, in ms. */
const LOOK_MS = 500;

/** What can be said of a process so that it is not mistaken for a later one with the same number. */
interface Owner {
  id: string;
  pid: number;
  machine: string;
  /** On Linux, what tells one start of the machine from another, and the space in which process numbers count. */
  where: string;
  /** On Linux, when the process started, in ticks since the machine's start. */
  started: string;
}

function textOf(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}

const startOf = (pid: number): string =>
  // The name of the process, in parentheses, may hold blanks; the start is the 20th field after it.
  textOf(
    () =>
      readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\)\s/s, '')
        .split(' ')[19] ?? '',
  );
const here = (): string =>
  [
    textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')),
    textOf(() => readlinkSync('/proc/self/ns/pid')),
  ].join(' ');

/**
 * Whether the owner runs; undefined when it cannot be seen from here: another machine or container.
 * @param touched when it gave its last sign of life, in ms since 1970
 */
function alive(owner: Owner, touched: number): boolean | undefined {
  if (owner.machine !== hostname()) return undefined;
  if (owner.where !== here()) {
    // This machine was started anew, and there was no sign of life since.
    const silent = Date.now() - touched;
    return silent > STORE_OWNER_WAIT_MS ? false : undefined;
  }
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: there is one, and it is somebody else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return owner.started === startOf(owner.pid);
}

export class OwnerFile {
  private readonly id = randomUUID();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly path: string) {}

  /** Takes the store. @throws StoreError when somebody else has it, or the signal ends the wait for that */
  async take(signal?: AbortSignal): Promise<void> {
    for (;;) {
      if (this.write()) break;
      const owner = this.read();
      if (owner && (await this.runs(owner, signal))) {
        throw new StoreError(
          `${this.path} says that process ${owner.pid} uses these files`,
          'Give each server a folder of its own, or end the other process.',
        );
      }
      this.remove(owner);
    }
    this.timer = setInterval(() => this.touch(), STORE_OWNER_INTERVAL_MS);
    this.timer.unref();
  }

  release(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.read()?.id === this.id) rmSync(this.path, { force: true });
  }

  /** Writes the file whole or not at all. @returns false when there is one */
  private write(): boolean {
    const owner: Owner = {
      id: this.id,
      pid: process.pid,
      machine: hostname(),
      where: here(),
      started: startOf(process.pid),
    };
    const draft = `${this.path}.${this.id}`;
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeSync(file, JSON.stringify(owner));
    } finally {
      closeSync(file);
    }
    try {
      linkSync(draft, this.path);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return false;
      // A file system without links: who comes in the same instant is told apart by reading it again.
      if (this.read()) return false;
      renameSync(draft, this.path);
      return this.read()?.id === this.id;
    } finally {
      rmSync(draft, { force: true });
    }
  }

  private read(): Owner | undefined {
    try {
      const owner = JSON.parse(readFileSync(this.path, 'utf8')) as Partial<Owner> | null;
      return typeof owner?.id === 'string' && typeof owner.pid === 'number' ? (owner as Owner) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whether the owner still runs. One that cannot be seen is waited for: it touches its file every few seconds. */
  private async runs(owner: Owner, signal: AbortSignal | undefined): Promise<boolean> {
    const seen = this.touched();
    const known = alive(owner, seen);
    if (known !== undefined) return known;
    for (let waited = 0; waited < STORE_OWNER_WAIT_MS; waited += LOOK_MS) {
      if (signal?.aborted) throw new StoreError(`${this.path} was not waited for`, 'Start the server again.');
      await delay(LOOK_MS, undefined, { ...(signal && { signal }) }).catch(() => undefined);
      if (this.read()?.id !== owner.id) return false;
      if (this.touched() !== seen) return true;
    }
    return false;
  }

  /** Takes away the file of an owner that is gone, and not the one of somebody who was quicker. */
  private remove(owner: Owner | undefined): void {
    const aside = `${this.path}.${this.id}.old`;
    try {
      renameSync(this.path, aside);
    } catch {
      return;
    }
    const moved = new OwnerFile(aside).read();
    if (moved && moved.id !== owner?.id) {
      try {
        linkSync(aside, this.path);
      } catch {
        // There is a third one by now; the next look finds it.
      }
    }
    rmSync(aside, { force: true });
  }

  private touched(): number {
    try {
      return statSync(this.path).mtimeMs;
    } catch {
      return 0;
    }
  }

  private touch(): void {
    try {
      const now = new Date();
      utimesSync(this.path, now, now);
    } catch {
      // Somebody removed it; the files are ours as long as we run.
    }
  }
}
