/** The simulated bay of `npm start`, as examples/flows.json has it, in the Node-RED of a test. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../support/free-port.js';
import { helper, nodeModule, nodes, type Properties } from './red.js';

export const EXAMPLES = path.join(__dirname, '..', '..', '..', 'examples');
/** Port of the simulated bay in every example. */
const PORT_OF_EXAMPLES = '10102';

const ours = (...names: string[]): (() => void)[] =>
  names.map((name) => nodeModule(`../../../nodes/${name}/${name}.js`));
const core = (...names: string[]): (() => void)[] => names.map((name) => nodeModule(`@node-red/nodes/core/${name}.js`));

/** What the bay is made of. */
export const BAY_TYPES = [
  ...ours('iec61850-server', 'iec61850-server-out', 'iec61850-server-in', 'iec61850-server-reply', 'iec61850-file'),
  ...core('common/20-inject', 'common/25-status', 'function/10-function', 'common/60-link'),
  nodes.ied,
];

/** Loads flows. The helper's own way with core nodes registers a type once for each node that has it. */
export async function loadFlow(types: (() => void)[], flow: Properties[]): Promise<void> {
  const inner = helper as unknown as { _nodeModules: object };
  const { _nodeModules } = inner;
  inner._nodeModules = {};
  try {
    await helper.load(types as never, flow as never);
  } finally {
    inner._nodeModules = _nodeModules;
  }
}

/** Loads node files of this package and of Node-RED beside those of the bay. */
export function types(own: string[], builtIn: string[] = []): (() => void)[] {
  return [...new Set([...BAY_TYPES, ...ours(...own), ...core(...builtIn)])];
}

/** An example file, as it is. */
export function example(name: string): Properties[] {
  return JSON.parse(readFileSync(path.join(EXAMPLES, `${name}.json`), 'utf8')) as Properties[];
}

/** The story of the bay from its end on, without a second round: nothing happens that a test does not ask for. */
function quiet(story: string): string {
  const changed = story
    .replace('LENGTH = 120;', 'LENGTH = Infinity;')
    .replace('at: 0, last: now', 'at: 110, last: now');
  assert.ok(changed.includes('Infinity') && changed.includes('at: 110'), 'the story of the demo has another form');
  return changed;
}

/**
 * The nodes of the bay: those of its group with the server, and the connection that stores its records.
 * @param pace seconds between two steps of its process
 */
export async function demoBay(pace = 0.2): Promise<{ flow: Properties[]; port: number }> {
  const port = await freePort();
  const flow = example('flows')
    .filter(({ g, id }) => g === 'group-bay' || ['bay1-flow', 'bay1-server', 'bay1-ied'].includes(id as string))
    .filter(({ type }) => type !== 'group')
    .map(({ g: _group, ...one }) => ({
      ...one,
      ...('host' in one && { host: '127.0.0.1', port: String(port) }),
      ...(one.id === 'every-half-second' && { repeat: String(pace) }),
      ...(one.id === 'story' && { func: quiet(one.func as string) }),
    }));
  return { flow, port };
}

/**
 * An example as a person imports it: only the port of the bay is another one, for tests run beside each other. Debug nodes
 * become helper nodes, which give their messages to the test.
 */
export function imported(name: string, port: number): Properties[] {
  return example(name)
    .filter(({ type }) => type !== 'comment' && type !== 'group')
    .map(({ g: _group, ...one }) => ({
      ...one,
      ...(one.type === 'debug' && { type: 'helper' }),
      ...(one.type === 'iec61850-ied' && one.port === PORT_OF_EXAMPLES && { port: String(port) }),
    }));
}
