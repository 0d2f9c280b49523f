/** Node-RED with our nodes in the test's own process, and a simulated IED for them. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import path from 'node:path';
import helper from 'node-red-node-test-helper';
import type { Node, NodeMessage } from 'node-red';
import { IedServer } from '../../../src/server/ied-server.js';
import type { IedServerOptions } from '../../../src/server/options.js';

export { helper };

/** Node-RED's nodes and ours are functions that are exported as the module. */
export function nodeModule(file: string): () => void {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- CommonJS modules that export one function
  return require(file) as () => void;
}

export const BAY = path.join(__dirname, '..', '..', '..', 'examples', 'scl', 'bay.cid');
export const BAY_IN_PACKAGE = '@substation/node-red-iec61850/examples/scl/bay.cid';

export const nodes = {
  ied: nodeModule('../../../nodes/iec61850-ied/iec61850-ied.js'),
  read: nodeModule('../../../nodes/iec61850-read/iec61850-read.js'),
  sclImport: nodeModule('../../../nodes/scl-import/scl-import.js'),
  catch: nodeModule('@node-red/nodes/core/common/25-catch.js'),
  status: nodeModule('@node-red/nodes/core/common/25-status.js'),
};

/** Node-RED takes what has no place on a tab for a config node. */
export const PLACE = { z: 'tab', x: 0, y: 0, wires: [] as string[][] };

export type Properties = Record<string, unknown>;

export interface Caught extends NodeMessage {
  error: { message: string; source: { id: string }; code?: string };
}

export interface Status extends NodeMessage {
  status: { fill: string; shape: string; text: string };
}

/** User directory of Node-RED, new at every start. */
let userDir = '';

/** Where Node-RED keeps its own. */
export function userDirectory(): string {
  return userDir;
}

export async function startRed(): Promise<void> {
  userDir = await mkdtemp(path.join(tmpdir(), 'iec61850-user-'));
  helper.init(require.resolve('node-red'));
  // Settings given to init would replace Node-RED's own, which nodes need.
  Object.assign((helper as unknown as { settings(): object }).settings(), { userDir });
  await promisify((done: () => void) => helper.startServer(done))();
}

export async function stopRed(): Promise<void> {
  await helper.unload();
  await promisify((done: () => void) => helper.stopServer(done))();
  await rm(userDir, { recursive: true, force: true });
}

/** A simulated bay on a free port of loopback. */
export async function startBay(options: IedServerOptions = {}): Promise<{ server: IedServer; port: number }> {
  const server = await IedServer.fromScl(BAY, { ied: 'BAY1', port: 0, ...options });
  const { port } = await server.listen();
  return { server, port };
}

/** Nodes that catch errors and status of the others: `caught` and `statuses`. */
export function watchers(scope: string[]): Properties[] {
  return [
    { id: 'tab', type: 'tab' },
    { id: 'catcher', ...PLACE, type: 'catch', scope: null, wires: [['caught']] },
    { id: 'caught', ...PLACE, type: 'helper' },
    { id: 'watcher', ...PLACE, type: 'status', scope, wires: [['statuses']] },
    { id: 'statuses', ...PLACE, type: 'helper' },
  ];
}

export function node(id: string): Node {
  return helper.getNode(id) as unknown as Node;
}

/** The next message that a helper node gets and that fits. */
export async function message<T extends NodeMessage = NodeMessage>(
  id: string,
  fits: (message: T) => boolean = () => true,
): Promise<T> {
  for (;;) {
    const [received] = (await once(node(id), 'input')) as [T];
    if (fits(received)) return received;
  }
}
