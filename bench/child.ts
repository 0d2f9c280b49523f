/** A second process that answers calls, one after the other. */
import { fork, type ChildProcess } from 'node:child_process';

interface Call {
  id: number;
  op: string;
  argument: unknown;
}
interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

export type Operations = Record<string, (argument: never) => unknown>;

/** A result comes as a promise, whatever the operation returns in its own process. */
type Remote<O extends Operations> = {
  [K in keyof O]: (...argument: Parameters<O[K]>) => Promise<Awaited<ReturnType<O[K]>>>;
};

const STOP_PATIENCE_MS = 4000;

/** Characters of a quiet process's output that are shown when it ends before its time. */
const KEPT_OUTPUT = 4000;

/** One forked process of the benchmark. */
export class Child<O extends Operations> {
  private readonly process: ChildProcess;
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private nextId = 1;

  constructor(
    file: string,
    { execArgv = [], env = {}, quiet = false }: { execArgv?: string[]; env?: NodeJS.ProcessEnv; quiet?: boolean } = {},
  ) {
    const options = { execArgv: [...process.execArgv, ...execArgv], env: { ...process.env, ...env }, silent: quiet };
    this.process = fork(file, [], options);
    let said = '';
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-KEPT_OUTPUT)));
    }
    this.process.on('message', (answer: Answer) => this.settle(answer));
    this.process.on('error', (error) => this.failAll(error));
    this.process.on('exit', (code, signal) => this.failAll(new Error(`${file} ended: ${code ?? signal}\n${said}`)));
  }

  /** Calls of the operations that the process serves. */
  readonly call = new Proxy({} as Remote<O>, {
    get: (_target, op: string) => (argument: unknown) => this.send(op, argument),
  });

  private send(op: string, argument: unknown): Promise<unknown> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.process.send({ id, op, argument } satisfies Call, (error) => {
        if (error) reject(error);
      });
    });
  }

  private settle({ id, result, error }: Answer): void {
    const call = this.waiting.get(id);
    this.waiting.delete(id);
    if (error !== undefined) call?.reject(new Error(error));
    else call?.resolve(result);
  }

  private failAll(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  /** Lets the process end, and kills it when it does not. */
  stop(): Promise<void> {
    const child = this.process;
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
      child.on('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      if (child.connected) child.disconnect();
    });
  }
}

/** In the second process: serves the operations until the first one lets go. */
export function serve(operations: Operations): void {
  process.on('message', ({ id, op, argument }: Call) => {
    const operation = operations[op] as ((argument: unknown) => unknown) | undefined;
    Promise.resolve()
      .then(() => {
        if (!operation) throw new Error(`there is no operation ${op}`);
        return operation(argument);
      })
      .then(
        (result) => process.send?.({ id, result } satisfies Answer),
        (error: unknown) =>
          process.send?.({
            id,
            error: error instanceof Error ? (error.stack ?? error.message) : String(error),
          } satisfies Answer),
      );
  });
  process.on('disconnect', () => process.exit(0));
}
