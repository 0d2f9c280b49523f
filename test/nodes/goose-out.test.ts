import assert from 'node:assert/strict';
import type { NodeMessage } from 'node-red';
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
  type Caught,
  type Properties,
  type Status,
} from './support/red.js';

const gooseOut = nodeModule('../../../nodes/goose-out/goose-out.js');
const SETTINGS = {
  allowed: true,
  interface: 'none0',
  sclFile: '@substation/node-red-iec61850/examples/scl/bay.cid',
  sclIed: 'BAY1',
  blocks: ['BAY1CTRL/LLN0.gcbPositions'],
  reference: 'BAY1CTRL/XCBR1.Pos[ST]',
};

describe('goose-out', () => {
  before(startRed);
  after(stopRed);
  afterEach(() => helper.unload());

  async function start(settings: Properties): Promise<void> {
    const flow = [
      ...watchers(['goose']),
      { ...SETTINGS, ...settings, id: 'goose', ...PLACE, type: 'goose-out', version: 1, wires: [] },
    ];
    await helper.load([gooseOut, nodes.catch, nodes.status], flow as never);
  }
  const sent = (payload: unknown): Promise<Caught> => {
    const caught = message<Caught>('caught', () => true);
    node('goose').receive({ payload } as NodeMessage);
    return caught;
  };

  it('opens no interface and sends nothing until it is said that this flow may publish', async () => {
    await start({ allowed: false });
    assert.match((await sent('Open')).error.message, /may not publish/);
  });

  it('names an interface that is not there, with those that are', async () => {
    await start({});
    const { status } = await message<Status>('statuses', ({ status: { text } }) => text === 'not publishing');
    assert.equal(status.fill, 'red');
    assert.match((await sent('Open')).error.message, /none0.*There are: .*lo/);
  });

  const TYPED = {
    ...{ gocbRef: 'TEST/LLN0$GO$gcb1', address: '01-0C-CD-01-00-07', appId: '3007', confRev: '7' },
    members: [{ name: 'Pos', type: 'Dbpos' }],
  };

  for (const [what, publisher, expected] of [
    ['no reference of the control block', { gocbRef: 'x' }, /"x" is no reference/],
    ['no APPID', { appId: '' }, /APPID/],
    ['no multicast address', { address: '' }, /multicast address/],
    ['an address that is none', { address: '01-0C' }, /MAC address/],
    ['a MinTime above MaxTime', { minTime: '500', maxTime: '10' }, /500 to 10 ms/],
    ['a timeAllowedtoLive below MaxTime', { timeAllowedToLive: '100' }, /believed for 100 ms/],
    ['a VLAN that is none', { vlanId: '5000' }, /vlanId/],
    ['no members', { members: [] }, /members/],
    [
      'an initial value that is none',
      { members: [{ name: 'L', type: 'INT8', initial: '300' }] },
      /cannot be published/,
    ],
  ] as const) {
    it(`names ${what}, when it was typed in`, async () => {
      await start({ mode: 'typed', interface: 'lo', publisher: { ...TYPED, ...publisher } });
      assert.match((await sent('Open')).error.message, expected);
    });
  }

  for (const [what, settings, expected] of [
    ['no SCL file', { sclFile: '' }, /SCL file/],
    ['no control block', { blocks: [] }, /control block/],
    ['a control block that the file does not have', { blocks: ['BAY1CTRL/LLN0.other'] }, /gcbPositions/],
    ['no interface', { interface: '' }, /interface/],
  ] as const) {
    it(`names ${what}`, async () => {
      await start(settings);
      assert.match((await sent('Open')).error.message, expected);
    });
  }
});
