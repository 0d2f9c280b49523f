/**
 * npm run bench: every figure that the project promises, in one table. `npm run bench -- client browse` runs some parts;
 * `BENCH_SECONDS=0.5` shortens the rounds.
 */
import { cpus, loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import { part as browse } from './browse.js';
import { isMet, missingRow, type BenchPart, type BenchRow } from './bench-row.js';
import { Child, serve } from './child.js';
import { part as client } from './client.js';
import { part as files } from './files.js';
import { part as fleet } from './fleet.js';
import { part as goose } from './goose.js';
import { part as memory } from './memory.js';
import { part as modbus } from './modbus.js';
import { part as own } from './own.js';
import { part as reports } from './reports.js';
import { part as scl } from './scl-rows.js';
import { part as server } from './server.js';
import { part as serverReports } from './server-reports.js';
import { part as serverScd } from './server-scd.js';
import { part as processBus } from './process-bus.js';
import { part as sidebar } from './sidebar.js';
import { renderTable } from './table.js';

const PARTS: readonly BenchPart[] = [
  client,
  own,
  server,
  fleet,
  memory,
  browse,
  reports,
  serverReports,
  serverScd,
  files,
  scl,
  modbus,
  goose,
  processBus,
  sidebar,
];

/** A part has a process of its own: what one leaves behind in heap and compiled code does not colour the next. */
const operations = {
  run: (name: string): Promise<BenchRow[]> => PARTS.find((part) => part.name === name)?.run() ?? Promise.resolve([]),
};

async function runPart({ name, title }: BenchPart): Promise<BenchRow[]> {
  const child = new Child<typeof operations>(__filename);
  try {
    return await child.call.run(name);
  } catch (error) {
    console.error(error);
    return [missingRow(title, '', 'it failed, see above')];
  } finally {
    await child.stop();
  }
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !PARTS.some((part) => part.name === name));
  if (unknown.length > 0) {
    console.error(`There is no part ${unknown.join(', ')}. There are: ${PARTS.map(({ name }) => name).join(', ')}`);
    process.exitCode = 1;
    return;
  }
  console.log(machine());
  const rows: [part: string, row: BenchRow][] = [];
  for (const part of PARTS) {
    if (wanted.length > 0 && !wanted.includes(part.name)) continue;
    const start = performance.now();
    const found = await runPart(part);
    console.log(`${part.title}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
    for (const row of found) rows.push([part.name, row]);
  }
  console.log(`\n${renderTable(rows)}\n\n${verdict(rows.map(([, row]) => row))}`);
}

function machine(): string {
  const { length } = cpus();
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
  return `${length} cores (${cpus()[0]?.model.trim()}), Node.js ${process.version}, ${process.platform} ${process.arch}, load ${load}`;
}

function verdict(rows: readonly BenchRow[]): string {
  const missed = rows.filter((row) => row.figure !== undefined && isMet(row) === false).length;
  const unknown = rows.filter((row) => row.figure === undefined).length;
  const parts = [
    missed === 0 ? 'No target is missed' : `${missed} targets are missed`,
    ...(unknown > 0 ? [`${unknown} rows could not be measured`] : []),
  ];
  return `${parts.join('; ')}.`;
}

if (process.send) serve(operations);
else {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
