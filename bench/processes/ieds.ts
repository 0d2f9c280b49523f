/** The second process: simulated IEDs, each an `IedServer` of its own from a generated SCL file. */
import type { IedServer as IedServerType } from '../../src/index.js';
import { IedServer } from '../built.js';
import { serve } from '../child.js';
import { references, sclText, type Shape } from '../models.js';
import { startRelay, type Relay } from './relay.js';

export interface StartOptions {
  shapes: Shape[];
  /** Share of each IED's values that change each second; none by default. */
  changing?: number;
  /** Place of the IED that `hang` can stop. */
  mayHang?: number;
}

interface Ied {
  server: IedServerType;
  references: string[];
  next: number;
  /** Changes that are to be made, with the fraction of one that is not yet. */
  due: number;
}

/** Values change so often in ms, a few of each IED at a time, as in a real station. */
const CHANGE_MS = 100;
const ieds: Ied[] = [];
let relay: Relay | undefined;
let turn = 0;
let changedAt = 0;

/** Starts IEDs and gives their ports. */
async function start({ shapes, changing = 0, mayHang }: StartOptions): Promise<number[]> {
  const ports: number[] = [];
  for (const [at, shape] of shapes.entries()) {
    const server = await IedServer.fromScl(sclText(shape), { port: 0 });
    server.on('error', (error) => console.error(error));
    const { port } = await server.listen();
    const names = references(shape).map((reference) => `${reference}.mag.f[MX]`);
    const { errors } = server.update(names.map((reference, i) => ({ reference, value: i + 0.5 })));
    if (errors.length > 0) throw new Error(JSON.stringify(errors[0]));
    ieds.push({ server, references: names, next: 0, due: 0 });
    if (at === mayHang) relay = await startRelay(port);
    ports.push(at === mayHang && relay ? relay.port : port);
  }
  changedAt = performance.now();
  if (changing > 0) setInterval(() => change(changing), CHANGE_MS);
  return ports;
}

/**
 * Changes the next few values of each IED, in turn over all of them; as many as the time since the last call makes,
 * because a timer comes late on a busy machine.
 */
function change(share: number): void {
  const now = performance.now();
  const seconds = (now - changedAt) / 1000;
  changedAt = now;
  turn++;
  for (const ied of ieds) {
    const count = ied.references.length;
    ied.due += count * share * seconds;
    const many = Math.floor(ied.due);
    ied.due -= many;
    const updates = Array.from({ length: many }, () => {
      const at = ied.next++ % count;
      return { reference: ied.references[at] as string, value: at + turn };
    });
    ied.server.update(updates);
  }
}

const operations = {
  start,
  /** That one IED answers nothing from now on, on old connections and on new ones. */
  hang: (): void => relay?.hang(),
  /** The last IED ends its associations and refuses connections. */
  refuse: (): Promise<void> | undefined => ieds.at(-1)?.server.close(),
  /** Share of a core that this process took since the last call. */
  cores: (): number => {
    const now = process.cpuUsage();
    const at = performance.now();
    const share = (now.user + now.system - last.cpu) / 1000 / (at - last.at);
    last = { cpu: now.user + now.system, at };
    return share;
  },
};
let last = { cpu: 0, at: performance.now() };

export type IedOperations = typeof operations;
serve(operations);
