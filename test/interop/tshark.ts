/** What tshark, somebody else's dissector, makes of a recorded session. */
import { spawnSync } from 'node:child_process';

const DECODE_AS = ['-d', 'tcp.port==102,tpkt'];
const MANY = '\x1f';
const MAX_OUTPUT = 64 << 20;

function tshark(file: string, ...args: string[]): string {
  const result = spawnSync('tshark', ['-r', file, ...DECODE_AS, ...args], { encoding: 'utf8', maxBuffer: MAX_OUTPUT });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`tshark ended with ${result.status}: ${result.stderr}`);
  return result.stdout;
}

/** Frames that the dissector calls malformed or in error; empty when it is content. */
export function complaints(file: string): string[] {
  // 0x00800000 is the severity "error" of expert information.
  return tshark(file, '-Y', '_ws.malformed || _ws.expert.severity >= 0x00800000').split('\n').filter(Boolean);
}

/** Values of the fields in the order of the file, for one direction: all frames whose TCP source port is `port`, or is not. */
export function fieldValues(
  file: string,
  fields: readonly string[],
  direction: 'from server' | 'from client',
): Record<string, string[]> {
  const filter = direction === 'from server' ? 'tcp.srcport==102' : 'tcp.dstport==102';
  const columns = fields.flatMap((field) => ['-e', field]);
  const text = tshark(
    file,
    '-Y',
    filter,
    '-T',
    'fields',
    '-E',
    'separator=/t',
    '-E',
    'occurrence=a',
    '-E',
    `aggregator=${MANY}`,
    ...columns,
  );
  const values: Record<string, string[]> = Object.fromEntries(fields.map((field) => [field, []]));
  for (const line of text.split('\n').filter(Boolean)) {
    line.split('\t').forEach((cell, i) => {
      if (cell !== '') values[fields[i] as string]?.push(...cell.split(MANY));
    });
  }
  return values;
}

/** A time as the dissector writes it, `May  6, 2024 07:08:09.123000025 UTC`, as ISO 8601 with milliseconds. */
export function isoOf(text: string): string {
  const [, seconds, fraction] = /^(.*)\.(\d+) UTC$/.exec(text) ?? [];
  if (seconds === undefined) throw new Error(`no time: ${text}`);
  return new Date(Date.parse(`${seconds} UTC`) + Math.round(Number(`0.${fraction}`) * 1000)).toISOString();
}
