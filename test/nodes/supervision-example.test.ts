/** The example flow `process-bus-supervision`, whole, as a person imports it. */
import assert from 'node:assert/strict';
import type { NodeMessage } from 'node-red';
import type { TagValue } from '../../src/model/tag-value.js';
import type { ServerNode } from '../../nodes/shared/server-node.js';
import { freePort } from '../support/free-port.js';
import { example, loadFlow, types } from './support/demo-bay.js';
import { helper, node, startRed, stopRed } from './support/red.js';

const SIM = 'SUPERLD0/LPHD1.Sim.stVal[ST]';
const TYPES = types(['goose-in', 'sv-in', 'iec61850-read']);

describe('the example of supervision', function () {
  this.timeout(60_000);
  beforeEach(startRed);
  afterEach(stopRed);

  it('a client reads in LGOS and LSVS that both recordings are heard; LPHD.Sim is set by a button', async () => {
    const port = String(await freePort());
    const flow = example('process-bus-supervision')
      .filter(({ type }) => type !== 'comment')
      .map((one) => ({ ...one, ...(one.type === 'debug' && { type: 'helper' }), ...('port' in one && { port }) }));
    await loadFlow(TYPES, flow);
    const seen = new Map<string, TagValue>();
    await new Promise<void>((resolve) => {
      node('supervision-show').on('input', (msg: NodeMessage) => {
        const { iec61850: value } = msg as NodeMessage & { iec61850: TagValue };
        seen.set(value.tag, value);
        const said = ['LGOS1.St', 'LSVS1.St'].map((tag) => seen.get(tag)?.value);
        if (said.every((live) => live === true) && Number(seen.get('LGOS1.LastStNum')?.value) > 0) resolve();
      });
    });
    assert.equal(seen.get('LGOS1.NdsCom')?.value, false);
    assert.equal(seen.get('LGOS1.St')?.quality?.validity, 'good');
    const lease = (node('supervision-server') as ServerNode).host.acquire(() => undefined);
    const server = await lease.server();
    const allowed = new Promise((resolve) => server.watch(SIM, ({ value }) => resolve(value)));
    node('supervision-on').receive({});
    assert.equal(await allowed, true);
    lease.release();
    await helper.clearFlows();
  });
});
