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

const TAB: Node = { id: 'tab', type: 'tab', label: 'bench' };
const COUNTER: Node = { id: 'counter', type: 'bench-counter', z: 'tab', x: 500, y: 40, wires: [] };

const iedNode = (ied: string, port: number): Node => ({
  id: `ied-${ied}`,
  type: 'iec61850-ied',
  version: 1,
  name: ied,
  host: '127.0.0.1',
  port: String(port),
  timeout: '2000',
});

/** One IED and a report node for one of its control blocks. */
export function reportFlow(ied: string, port: number, controlBlock: string): Node[] {
  const place = { z: 'tab', x: 200, y: 40, wires: [['counter']] };
  const report = { id: 'report', type: 'iec61850-report', version: 1, ied: `ied-${ied}`, ...place };
  return [TAB, iedNode(ied, port), { ...report, blocks: [controlBlock], interrogate: false }, COUNTER];
}

/** One IED and one read node each, as the editor would save them. */
export function readFlow(readers: readonly Reader[]): Node[] {
  const nodes = readers.flatMap(({ ied, port, tags, interval, onChange }, at): Node[] => [
    iedNode(ied, port),
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
  return [TAB, ...nodes, COUNTER];
}
