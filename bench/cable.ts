/** A cable between two interfaces of this machine, for what goes over Ethernet. */
import { spawnSync } from 'node:child_process';

export interface Cable {
  here: string;
  there: string;
  remove(): void;
}

/** Undefined where interfaces may not be made. */
export function layCable(prefix: string): Cable | undefined {
  const id = process.pid % 100_000;
  const [here, there] = [`${prefix}a${id}`, `${prefix}b${id}`];
  const ip = (...args: string[]): boolean => spawnSync('ip', args, { stdio: 'ignore' }).status === 0;
  const laid =
    process.platform === 'linux' &&
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there) &&
    ip('link', 'set', here, 'up') &&
    ip('link', 'set', there, 'up');
  return laid ? { here, there, remove: () => void ip('link', 'del', here) } : undefined;
}
