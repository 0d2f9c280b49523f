/** The reports of the demo: a simulated bay of the flow, and its events in the same flow by report. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { serverSettings } from '../../nodes/iec61850-server/server-settings.js';
import type { ServerNode } from '../../nodes/shared/server-node.js';
import { ArgumentError } from '../../src/errors.js';
import type { TagValue } from '../../src/model/tag-value.js';
import { freePort } from '../support/free-port.js';
import {
  helper,
  message,
  node,
  nodeModule,
  nodes,
  PLACE,
  startRed,
  stopRed,
  watchers,
  type Properties,
  type Status,
} from './support/red.js';

const FLOWS = path.join(__dirname, '..', '..', 'examples', 'flows.json');
const OF_DEMO = ['bay1-server', 'into-server', 'bay1-ied', 'reports-bay'];

describe('Report buffers of the server node', () => {
  const sizeOf = (reportBuffer?: string): number | undefined =>
    serverSettings(
      { sclFile: 'bay.cid', ...(reportBuffer !== undefined && { reportBuffer }) } as never,
      () => undefined,
    ).options.reportBufferSize;

  it('are given in KiB, 512 where nothing is said', () => {
    assert.deepEqual([sizeOf(), sizeOf(''), sizeOf('8')], [512 << 10, 512 << 10, 8 << 10]);
  });

  it('have bounds', () => {
    for (const wrong of ['3', '65537', 'much']) assert.throws(() => sizeOf(wrong), ArgumentError);
  });
});

describe('Reports of the demo', () => {
  beforeEach(startRed);
  afterEach(stopRed);

  it('a value that the flow gives its server comes back as an event', async () => {
    const port = String(await freePort());
    const demo = (JSON.parse(readFileSync(FLOWS, 'utf8')) as Properties[])
      .filter(({ id }) => OF_DEMO.includes(id as string))
      .map((one) => ({
        ...one,
        ...(one.z !== undefined && PLACE),
        ...(one.port !== undefined && { port, host: '127.0.0.1' }),
        ...(one.id === 'reports-bay' && { wires: [['events']] }),
      }));
    const flow = [...watchers(['reports-bay']), ...demo, { id: 'events', ...PLACE, type: 'helper' }];
    const types = ['iec61850-server', 'iec61850-server-out', 'iec61850-report'];
    const ours = types.map((type) => nodeModule(`../../../nodes/${type}/${type}.js`));
    const armed = (): Promise<Status> =>
      message<Status>('statuses', ({ status: { text } }) => /^3 RCBs? armed/.test(text));
    await helper.load([...ours, nodes.ied, nodes.catch, nodes.status], flow as never);
    await armed();
    assert.equal((node('bay1-server') as ServerNode).host.state, 'listening');
    const event = message<{ iec61850: TagValue } & Status>('events', ({ iec61850: { tag, reason } }) =>
      Boolean(tag.endsWith('XCBR1.Pos') && reason?.includes('data-change')),
    );
    node('into-server').receive({ topic: 'BAY1CTRL/XCBR1.Pos[ST]', payload: 'Open' });
    const { iec61850 } = await event;
    assert.deepEqual(
      [iec61850.text, iec61850.quality?.text, iec61850.source, typeof iec61850.entryId],
      ['Open', 'good', 'report', 'string'],
    );
  });
});
