/** What clients do, as lines for people. */
import { toJson } from '../model/tag-value.js';
import type { IedServer } from '../server/index.js';

const MAX_VALUE = 60;

/** Prints each thing that the clients of a server do, with the server's name before it. */
export function printActivity(server: IedServer, name: string, print: (line: string) => void): void {
  server.on('access', ({ time, client, action, operation, object, result, reason, value }) => {
    // Reports have lines of their own, below.
    if (operation === 'write RptEna' && result === 'accepted') return;
    const who = `${client.address}:${client.port}${client.name === undefined ? '' : ` (${client.name})`}`;
    const what = [action, operation, object].filter((part) => part !== undefined && part !== '').join(' ');
    const shown = value === undefined ? '' : ` = ${short(value)}`;
    const ended = result === 'accepted' ? '' : ` ${result}`;
    print(`${clock(time)} ${name} ${who} ${what}${shown}${ended}${reason === undefined ? '' : `: ${reason}`}`);
  });
  server.on('reportEnabled', (client, block) => {
    print(`${clock(new Date().toISOString())} ${name} ${client.address}:${client.port} takes the reports of ${block}`);
  });
  server.on('reportDisabled', (client, block) => {
    print(`${clock(new Date().toISOString())} ${name} ${client.address}:${client.port} takes no more of ${block}`);
  });
}

function clock(iso: string): string {
  return iso.slice(11, 23);
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : toJson(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;
}
