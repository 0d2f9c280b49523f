/** A libiec61850 model of many measured values, for benchmarks against the C server. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Domain and logical node of the model; its data objects are `AnIn1`, `AnIn2`, …, each with mag.f, q and t. */
export const BENCH_DOMAIN = 'BENCHMEAS';
export const BENCH_LOGICAL_NODE = 'GGIO1';

/** Functional constraint number of MX, and types FLOAT32, STRUCTURE, Timestamp, Quality as `.cfg` files number them. */
const MX = 1;
const TYPE = { float32: 10, timestamp: 22, quality: 23, structure: 27 } as const;

/** The `.cfg` text of a server with `count` measured values. */
export function benchModel(count: number): string {
  const lines = ['MODEL(BENCH){', 'LD(MEAS){', 'LN(LLN0){', 'DO(Beh 0){', 'DA(stVal 0 12 0 1 0)=1;', '}', '}'];
  lines.push(`LN(${BENCH_LOGICAL_NODE}){`);
  for (let i = 1; i <= count; i++) {
    lines.push(
      `DO(AnIn${i} 0){`,
      `DA(mag 0 ${TYPE.structure} ${MX} 1 0){`,
      `DA(f 0 ${TYPE.float32} ${MX} 1 0)=${i}.5;`,
      '}',
      `DA(q 0 ${TYPE.quality} ${MX} 2 0);`,
      `DA(t 0 ${TYPE.timestamp} ${MX} 0 0);`,
      '}',
    );
  }
  lines.push('}', '}', '}');
  return `${lines.join('\n')}\n`;
}

/** Writes {@link benchModel} to a new temporary folder and gives the file's path. */
export function writeBenchModel(count: number): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'iec61850-bench-')), 'bench.cfg');
  writeFileSync(file, benchModel(count));
  return file;
}

/** MMS items of the data objects, `GGIO1$MX$AnIn1`, … */
export function benchItems(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${BENCH_LOGICAL_NODE}$MX$AnIn${i + 1}`);
}
