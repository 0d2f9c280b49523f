#!/usr/bin/env node
/** The terminal command `iec61850-sim`: simulated IEC 61850 devices from an SCL file. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ArgumentError } from '../errors.js';
import { HELP, readArguments, type SimArguments } from './arguments.js';
import { errorText, Simulator } from './simulator.js';

/** Exit codes: of a wrong command line, of everything else that fails, and of a second Ctrl-C. */
const WRONG_USE = 2;
const FAILED = 1;
const INTERRUPTED = 130;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function warn(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** From the manifest of the package, above `dist/src/cli` and `src/cli` alike. */
function version(): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
      return manifest.version;
    } catch (error) {
      if (path.dirname(folder) === folder) throw error;
    }
  }
}

async function serve(options: SimArguments): Promise<void> {
  const simulator = await Simulator.start(options, { print, warn });
  let ending = false;
  const end = (): void => {
    // Who cannot wait for the clients to be told gets out at once.
    if (ending) process.exit(INTERRUPTED);
    ending = true;
    simulator.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}

function fail(error: unknown): void {
  warn(`iec61850-sim: ${errorText(error)}`);
  process.exitCode = error instanceof ArgumentError ? WRONG_USE : FAILED;
}

function main(args: readonly string[]): void {
  // What reads our lines may have gone, as `head` does.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(FAILED));
  try {
    const options = readArguments(args);
    if (options === 'help') process.stdout.write(HELP);
    else if (options === 'version') print(version());
    else serve(options).catch(fail);
  } catch (error) {
    fail(error);
  }
}

main(process.argv.slice(2));
