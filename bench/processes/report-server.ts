/** A server in a process of its own whose values change as fast as is asked for, and what that costs it. */
import { performance } from 'node:perf_hooks';
import { IedServer, loadScl } from '../built.js';
import { serve } from '../child.js';

const STEP_MS = 10;

export interface Work {
  /** Attributes updated a second since {@link operations.begin}. */
  perSecond: number;
  /** Share of one core that the process took. */
  cores: number;
}

let server: Awaited<ReturnType<typeof IedServer.fromScl>> | undefined;
let timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
let references: string[] = [];
let updated = 0;
let began = { at: 0, cpu: process.cpuUsage() };

function update(count: number, each: boolean): void {
  updated += count;
  const value = updated;
  const updates = references.slice(0, count).map((reference, i) => ({ reference, value: value + i }));
  if (each) for (const one of updates) server?.update([one]);
  else server?.update(updates);
}

const operations = {
  /** Serves an SCL text; the references are those that will change. Gives the port. */
  async start(argument: { scl: string; references: string[]; reportBufferSize: number }): Promise<number> {
    const { scl, reportBufferSize } = argument;
    ({ references } = argument);
    server = await IedServer.fromScl(await loadScl(Buffer.from(scl)), { port: 0, reportBufferSize });
    return (await server.listen()).port;
  },
  /** Updates `perSecond` attributes a second, all that are due in one transaction or each in one of its own. */
  begin({ perSecond, each }: { perSecond: number; each: boolean }): void {
    updated = 0;
    began = { at: performance.now(), cpu: process.cpuUsage() };
    timer = setInterval(() => {
      const due = ((performance.now() - began.at) / 1000) * perSecond;
      while (updated + references.length <= due) update(references.length, each);
    }, STEP_MS);
  },
  /** Updates everything again and again, as fast as it goes. */
  rush(): void {
    updated = 0;
    began = { at: performance.now(), cpu: process.cpuUsage() };
    const again = (): void => {
      for (let i = 0; i < 10; i++) update(references.length, false);
      timer = setImmediate(again);
    };
    again();
  },
  end(): Work {
    clearInterval(timer as NodeJS.Timeout);
    clearImmediate(timer as NodeJS.Immediate);
    const seconds = (performance.now() - began.at) / 1000;
    const { user, system } = process.cpuUsage(began.cpu);
    return { perSecond: updated / seconds, cores: (user + system) / 1e6 / seconds };
  },
};
export type ReportServerOperations = typeof operations;

serve(operations);
