/** The example flows of the server nodes, whole, as a person imports them: the server, and our client at it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { NodeMessage } from 'node-red';
import { freePort } from '../support/free-port.js';
import {
  helper,
  message,
  node,
  nodeModule,
  nodes,
  startRed,
  stopRed,
  type Caught,
  type Properties,
} from './support/red.js';

const EXAMPLES = path.join(__dirname, '..', '..', 'examples');
const TYPES = [
  ...['server', 'server-out', 'server-in', 'server-reply', 'control', 'report'].map((name) =>
    nodeModule(`../../../nodes/iec61850-${name}/iec61850-${name}.js`),
  ),
  ...[nodes.ied, nodes.read, nodes.catch],
  ...['common/20-inject', 'function/10-function', 'function/15-change'].map((name) =>
    nodeModule(`@node-red/nodes/core/${name}.js`),
  ),
];

interface Told extends NodeMessage {
  payload?: unknown;
  outcome?: string;
  reason?: string;
}

describe('the example flows of the server', () => {
  let flow: Properties[];
  let failures: string[] = [];

  beforeEach(async () => {
    failures = [];
    await startRed();
  });
  afterEach(stopRed);

  async function load(name: string): Promise<void> {
    const port = String(await freePort());
    const file = readFileSync(path.join(EXAMPLES, `${name}.json`), 'utf8');
    flow = (JSON.parse(file) as Properties[])
      .filter(({ type }) => type !== 'comment')
      .map((one) => ({
        ...one,
        ...(one.type === 'debug' && { type: 'helper' }),
        ...((one.type === 'iec61850-server' || one.type === 'iec61850-ied') && { port }),
      }));
    await helper.load(TYPES as never, flow as never);
    node(called('what went wrong')).on('input', (msg: NodeMessage) => {
      const { message: text } = (msg as Caught).error;
      // On a loaded machine the client's first attempts come before the server of the same flow listens.
      if (!/refuses the TCP connection/.test(text)) failures.push(text);
    });
  }
  const called = (name: string): string => {
    const found = flow.find((one) => one.name === name);
    assert.ok(found, name);
    return found.id as string;
  };
  const seen = (at: string, fits: (msg: Told) => boolean): Promise<Told> => message<Told>(called(at), fits);
  const press = (button: string): void => node(called(button)).receive({});

  it('iec61850-server: the values of a flow come back from its server', async () => {
    await load('iec61850-server');
    const { payload } = await seen('what clients see', ({ payload }) => typeof payload === 'number' && payload > 30);
    assert.ok((payload as number) <= 50);
    assert.deepEqual(failures, []);
  });

  it('iec61850-server-in: a power value is seen and reported, a command accepted, and refused with the cause of the flow', async () => {
    await load('iec61850-server-in');
    await seen('what clients do', () => true);
    press('power 25 MW');
    await seen('what the client sees', ({ payload }) => payload === 25);
    const reported = seen('what is reported to the client', ({ payload }) => payload === 40);
    press('power 40 MW');
    await reported;
    const accepted = seen('done or refused', () => true);
    press('open QB1');
    assert.equal((await accepted).outcome, 'done', JSON.stringify(await accepted));
    press('earthing switch closed');
    const refused = seen('done or refused', () => true);
    press('close QB1');
    assert.match(JSON.stringify(await refused), /Blocked-by-interlocking/);
  });

  it('wind-turbine-server: variables of a PLC are data of the turbine', async () => {
    await load('wind-turbine-server');
    await seen('what the client sees', ({ payload }) => typeof payload === 'number' && payload > 0);
    assert.deepEqual(failures, []);
  });
});
