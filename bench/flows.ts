/** Flows of the benchmark: IED and read nodes, wired to a node that counts. */
import type { Tag } from '../src/model/tag.js';

export interface Reader {
  ied: string;
  port: number;
  tags: readonly Tag[];
  interval: number;
  onChange: boolean;
}

type Node = Record<string, unknown>;

/** One IED and one read node each, as the editor would save them. */
export function readFlow(readers: readonly Reader[]): Node[] {
  const nodes = readers.flatMap(({ ied, port, tags, interval, onChange }, at): Node[] => [
    {
      id: `ied-${ied}`,
      type: 'iec61850-ied',
      version: 1,
      name: ied,
      host: '127.0.0.1',
      port: String(port),
      timeout: '2000',
    },
    {
      id: `read-${ied}`,
      type: 'iec61850-read',
      version: 1,
      z: 'tab',
      x: 200,
      y: 40 * (at + 1),
      name: ied,
      ied: `ied-${ied}`,
      tags,
      mode: 'poll',
      interval: String(interval),
      onChange,
      initial: true,
      output: 'single',
      wires: [['counter']],
    },
  ]);
  return [
    { id: 'tab', type: 'tab', label: 'bench' },
    ...nodes,
    { id: 'counter', type: 'bench-counter', z: 'tab', x: 500, y: 40, wires: [] },
  ];
}
