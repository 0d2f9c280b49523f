/** Two ends of a cable: one here, the other in a network namespace of its own. */
import { spawnSync } from 'node:child_process';

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

function tryIp(...args: string[]): boolean {
  return spawnSync('ip', args, { stdio: 'ignore' }).status === 0;
}

/** For a `before` hook: skips the suite where raw sockets and namespaces may not be made, and fails it in CI. */
export function needRawEthernet(context: Mocha.Context): void {
  const name = `pb${process.pid}`;
  const able = process.platform === 'linux' && process.getuid?.() === 0 && tryIp('netns', 'add', name);
  if (able) {
    tryIp('netns', 'del', name);
    return;
  }
  if (process.env.CI === 'true') throw new Error('raw sockets and network namespaces may not be made here');
  console.log('    skipped, as raw sockets and network namespaces may not be made here (run as root on Linux)');
  context.skip();
}

export interface Cable {
  /** Interface at our end. */
  readonly here: string;
  /** Interface at the other end, inside of the namespace, or here as well. */
  readonly there: string;
  readonly namespace: string;
  /** Lays it anew after an end was removed; both ends must be here. */
  again(): void;
  remove(): void;
}

let count = 0;

/** @param bothHere both ends in this namespace, for what opens both in one process */
export function layCable({ bothHere = false } = {}): Cable {
  const id = `${process.pid % 100_000}${count++}`;
  const cable = { here: `pba${id}`, there: `pbb${id}`, namespace: `pbn${id}` };
  const lay = (): void => {
    ip('link', 'add', cable.here, 'type', 'veth', 'peer', 'name', cable.there);
    if (!bothHere) ip('link', 'set', cable.there, 'netns', cable.namespace);
    ip('link', 'set', cable.here, 'up');
    ip(...(bothHere ? [] : ['-n', cable.namespace]), 'link', 'set', cable.there, 'up');
  };
  if (!bothHere) ip('netns', 'add', cable.namespace);
  lay();
  return {
    ...cable,
    again: lay,
    remove() {
      tryIp('link', 'del', cable.here);
      if (!bothHere) tryIp('netns', 'del', cable.namespace);
    },
  };
}
