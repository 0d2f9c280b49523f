import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { NodeMessage } from 'node-red';
import type { GooseDetails } from '../../src/gateway/process-bus/index.js';
import type { TagValue } from '../../src/model/tag-value.js';
import { RoutableSender, type OutgoingApdu } from '../../src/routable/index.js';
import { GOOSE_APDU, SV_APDU } from '../routable/frames.js';
import { imported } from './support/demo-bay.js';
import {
  BAY_IN_PACKAGE,
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

const modules = ['goose-in', 'goose-out', 'sv-in'].map((name) => nodeModule(`../../../nodes/${name}/${name}.js`));
const KEY = '000102030405060708090a0b0c0d0e0f';
const SECURITY = { securityAlgorithm: 'HMAC-SHA256-128', keyId: '7' };
const SCL = { mode: 'scl', sclFile: BAY_IN_PACKAGE, sclIed: 'BAY1', blocks: ['BAY1CTRL/LLN0.gcbPositions'] };

interface GooseMessage extends NodeMessage {
  iec61850: TagValue;
  goose: GooseDetails;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

describe('GOOSE over UDP', () => {
  let port: number;
  const repeating: (() => Promise<void>)[] = [];
  before(startRed);
  after(stopRed);
  beforeEach(async () => {
    port = await freeUdpPort();
  });
  afterEach(async () => {
    await Promise.all(repeating.splice(0).map((end) => end()));
    await helper.unload();
  });

  const listener = (settings: Properties): Properties => ({
    ...SCL,
    source: 'udp',
    udpAddress: '127.0.0.1',
    udpPort: String(port),
    ...settings,
    id: 'in',
    ...PLACE,
    type: 'goose-in',
    version: 1,
    wires: [['values'], ['states']],
  });
  const publisher = (settings: Properties): Properties => ({
    ...SCL,
    allowed: true,
    over: 'udp',
    udpAddress: '127.0.0.1',
    udpPort: String(port),
    reference: 'BAY1CTRL/XCBR1.Pos[ST]',
    ...settings,
    id: 'out',
    ...PLACE,
    type: 'goose-out',
    version: 1,
    wires: [],
  });
  async function start(flow: Properties[], keys: Record<string, object>): Promise<void> {
    const helpers = ['values', 'states'].map((id) => ({ id, ...PLACE, type: 'helper', wires: [] }));
    await helper.load(
      [...modules, nodes.catch, nodes.status],
      [...watchers(flow.map(({ id }) => id as string)), ...flow, ...helpers] as never,
      keys as never,
    );
  }
  /** Sends a signed APDU again and again, as it is not told when a node hears. */
  function repeat(apdu: OutgoingApdu): void {
    const secret = Buffer.from(KEY, 'hex');
    const sender = new RoutableSender({ keys: [{ id: 7, algorithm: 'HMAC-SHA256-128', secret }] });
    const socket = createSocket('udp4');
    const timer = setInterval(() => socket.send(sender.encode(apdu, Date.now()), port, '127.0.0.1'), 20);
    repeating.push(() => {
      clearInterval(timer);
      return new Promise((resolve) => socket.close(resolve));
    });
  }
  const breaker = (wanted: string): Promise<GooseMessage> =>
    message<GooseMessage>(
      'values',
      (msg) => msg.topic === 'BAY1/CTRL.XCBR1.Pos.stVal' && (msg as GooseMessage).iec61850.text === wanted,
    );

  for (const [how, settings, credentials, verdict] of [
    ['without security', {}, {}, 'unsigned'],
    ['signed', SECURITY, { busKey: KEY }, 'verified'],
    ['encrypted', { securityAlgorithm: 'AES-128-GCM', keyId: '9' }, { busKey: KEY }, 'verified'],
    [
      'as IEC TR 61850-90-5 has it',
      { ...SECURITY, udpVersion: '1', udpCoverage: 'transport' },
      { busKey: KEY },
      'verified',
    ],
  ] as const) {
    it(`brings the values of goose-out to goose-in, ${how}`, async () => {
      await start([listener(settings), publisher(settings)], { in: credentials, out: credentials });
      // Whenever the one begins to hear, the other repeats it.
      const opened = breaker('Open');
      node('out').receive({ payload: 'Open' } as NodeMessage);
      const { iec61850, goose } = await opened;
      assert.equal(iec61850.value, 1);
      assert.equal(goose.security?.verdict, verdict);
      assert.equal(goose.destination, `127.0.0.1:${port}`);
    });
  }

  for (const [reason, text, settings, credentials] of [
    ['badSignature', 'bad signature', SECURITY, { busKey: KEY.replace('00', 'ff') }],
    ['unknownKey', 'unknown key', { ...SECURITY, keyId: '8' }, { busKey: KEY }],
    ['expiredKey', 'expired key', { ...SECURITY, keyUntil: '2020-01-01T00:00:00Z' }, { busKey: KEY }],
  ] as const) {
    it(`takes no value, and says so in status, message and statistics: ${reason}`, async () => {
      await start([listener(settings)], { in: credentials });
      node('values').on('input', () => assert.fail('a value of a frame that is not authentic'));
      const told = message<NodeMessage>('states', ({ topic }) => topic === 'security');
      const shown = message<Status>('statuses', ({ status }) => status.text === text);
      repeat({ kind: 'goose', appId: 1, simulated: false, apdu: GOOSE_APDU });
      assert.equal((await told).payload, reason);
      assert.equal((await shown).status.fill, 'yellow');
      const counted = message<NodeMessage>('states', ({ topic }) => topic === 'statistics');
      node('in').receive({ payload: '' } as NodeMessage);
      const { payload } = (await counted) as { payload: { interface: { security: Record<string, number> } } };
      assert.ok((payload.interface.security[reason] ?? 0) >= 1);
      assert.equal(payload.interface.security.verified, 0);
    });
  }

  it('runs as the example has it, imported and unedited but for the port', async () => {
    const flow = imported('goose-udp', 0)
      .filter(({ type }) => type !== 'inject' && type !== 'catch')
      .map((one) => ('udpPort' in one ? { ...one, udpPort: String(port) } : one));
    await helper.load([...modules, nodes.catch, nodes.status], flow as never);
    const opened = message<GooseMessage>(
      'goose-udp-values',
      (msg) => msg.topic === 'BAY1/CTRL.XCBR1.Pos.stVal' && (msg as GooseMessage).iec61850.text === 'Open',
    );
    node('goose-udp-out').receive({ payload: 'Open' } as NodeMessage);
    assert.equal((await opened).iec61850.value, 1);
  });

  it('publishes nothing when the key of goose-out has expired, and tells it', async () => {
    await start([publisher({ ...SECURITY, keyUntil: '2020-01-01T00:00:00Z' })], { out: { busKey: KEY } });
    const caught = message<Caught>('caught', () => true);
    node('out').receive({ payload: 'Open' } as NodeMessage);
    assert.match((await caught).error.message, /key.*expired/);
  });

  it('measures sampled values of UDP', async () => {
    const settings = { ...SECURITY, mode: 'listen', source: 'udp', udpAddress: '127.0.0.1', udpPort: String(port) };
    await start([{ ...settings, id: 'in', ...PLACE, type: 'sv-in', version: 1, wires: [['values'], ['states']] }], {
      in: { busKey: KEY },
    });
    const live = message<NodeMessage>('states', ({ topic, payload }) => topic === 'MU01' && payload === 'live');
    repeat({ kind: 'sampledValues', appId: 0x4000, simulated: false, apdu: SV_APDU });
    await live;
  });

  for (const [what, settings, credentials, expected] of [
    ['no group', { udpAddress: '' }, {}, /multicast group or address/],
    ['a group that is none', { udpAddress: 'relay' }, {}, /no IP address/],
    ['a port that is none', { udpPort: '70000' }, {}, /udpPort/],
    ['no key id', { ...SECURITY, keyId: '' }, { busKey: KEY }, /key id/],
    ['no key', SECURITY, {}, /No key is given/],
    ['a key that is not hexadecimal', SECURITY, { busKey: 'secret' }, /hexadecimal/],
    ['a key that is too short', SECURITY, { busKey: '0011' }, /2 octets/],
    ['an algorithm that is none', { ...SECURITY, securityAlgorithm: 'ROT13' }, { busKey: KEY }, /ROT13/],
    ['a time that is none', { ...SECURITY, keyUntil: 'soon' }, { busKey: KEY }, /soon/],
    [
      'encryption on Ethernet',
      { securityAlgorithm: 'AES-128-GCM', keyId: '1', source: 'interface', interface: 'none0' },
      { busKey: KEY },
      /not encrypted/,
    ],
  ] as const) {
    it(`names ${what} to a catch node, and no key`, async () => {
      const caught = new Promise<Caught>((resolve) => {
        void start([listener(settings)], { in: credentials }).then(() => {
          node('caught').on('input', (msg: NodeMessage) => resolve(msg as Caught));
        });
      });
      const { error } = await caught;
      assert.match(error.message, expected);
      assert.doesNotMatch(JSON.stringify(error), /secret/);
    });
  }
});
