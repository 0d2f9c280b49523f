import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrameLink } from '../../../src/ethernet/frame-link.js';
import { openLink } from '../../../src/ethernet/open-link.js';
import { GooseReceiver, type GooseDetails } from '../../../src/gateway/process-bus/index.js';
import { EtherType } from '../../../src/mms/application-header.js';
import { GoosePublisher } from '../../../src/goose/publisher.js';
import { fixedLengthData } from '../../../src/goose/fixed-length.js';
import { encodeData } from '../../../src/mms/data-codec.js';
import type { MmsData } from '../../../src/mms/data.js';
import type { MemberNode } from '../../../src/model/member-node.js';
import type { TagType, TagValue } from '../../../src/model/tag-value.js';
import { needPeer, startGoosePeer, type Peer, type PeerValue } from '../peers/index.js';
import { layCable, needRawEthernet, type Cable } from './veth.js';

const ADDRESS = '01-0C-CD-01-00-07';
const BLOCK = {
  gocbRef: 'PEERCTRL/LLN0$GO$gcb01',
  datSet: 'PEERCTRL/LLN0$ds01',
  goId: 'peer',
  appId: 0x1234,
  confRev: 7,
};

/** What libiec61850's subscriber saw of a frame. */
interface Heard {
  stNum: number;
  sqNum: number;
  confRev: number;
  timeAllowedToLive: number;
  t: number;
  goId: string;
  datSet: string;
  simulation: boolean;
  valid: boolean;
  ndsCom: boolean;
  vlan: [priority: number, id: number] | null;
  parseError: number;
  values: PeerValue[];
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('GOOSE with libiec61850', function () {
  this.timeout(30_000);
  let cable: Cable;
  let peer: Peer;
  let link: FrameLink | undefined;
  let receiver: GooseReceiver | undefined;

  before(function () {
    needRawEthernet(this);
    needPeer(this, 'libiec61850');
  });
  beforeEach(async () => {
    cable = layCable();
    peer = await startGoosePeer(cable.there, cable.namespace);
  });
  afterEach(async () => {
    receiver?.close();
    await link?.close();
    await peer?.stop();
    cable?.remove();
  });

  describe('its publisher', () => {
    const seen: { values: TagValue[]; details: GooseDetails }[] = [];

    beforeEach(async () => {
      seen.length = 0;
      const made = (receiver = new GooseReceiver({
        subscriptions: [
          { ied: 'PEER', appId: BLOCK.appId, expected: { gocbRef: BLOCK.gocbRef, confRev: 7, datSet: BLOCK.datSet } },
        ],
        everyFrame: true,
      }));
      made.on('values', (values, details) => seen.push({ values, details }));
      link = await openLink(cable.here, { frame: (frame, time) => made.receive(frame, time) });
      link.listen({ etherTypes: [EtherType.goose], destinations: [ADDRESS] });
    });

    for (const [what, vlan] of [
      ['without a VLAN tag', undefined],
      ['with a VLAN tag', [5, 101]],
    ] as const) {
      it(`is heard ${what}, with every type of value`, async () => {
        await peer.call('publisher', { ...BLOCK, address: ADDRESS, ...(vlan && { vlan }) });
        await peer.call('publish', {
          gocbRef: BLOCK.gocbRef,
          values: [
            ['boolean', true],
            ['bit-string', '10'],
            ['integer', -70_000],
            ['unsigned', 4_000_000_000],
            ['float32', 1.5],
            ['visible-string', 'bay'],
            ['utc-time', { utc: 1_700_000_000_123, quality: 10 }],
            [
              'structure',
              [
                ['boolean', false],
                ['integer', 5],
              ],
            ],
          ],
        });
        const { values, details } = await until(() => seen[0]);
        assert.deepEqual(
          values.map(({ value }) => value),
          [true, '10', -70_000, 4_000_000_000, 1.5, 'bay', '2023-11-14T22:13:20.123Z', null],
        );
        assert.deepEqual(details.vlan, vlan && { priority: vlan[0], id: vlan[1] });
        assert.equal(details.destination, ADDRESS);
        assert.equal(details.state, 'live');
      });
    }

    it('gives changes, repeats and the expiry of timeAllowedtoLive', async () => {
      await peer.call('publisher', { ...BLOCK, address: ADDRESS, timeAllowedToLive: 3000 });
      const states: string[] = [];
      receiver?.on('state', (state) => states.push(state));
      const send = (value: boolean, changed: boolean): Promise<unknown> =>
        peer.call('publish', { gocbRef: BLOCK.gocbRef, values: [['boolean', value]], changed });
      await send(false, false);
      await send(false, false);
      await send(true, true);
      await until(() => (states.includes('expired') ? true : undefined));
      const live = seen.filter(({ values }) => values[0]?.status === 'live');
      assert.deepEqual(
        live.map(({ details }) => [details.stNum, details.sqNum]),
        [
          [1, 0],
          [1, 1],
          [2, 0],
        ],
      );
      assert.deepEqual(states, ['live', 'expired']);
      assert.equal(seen.at(-1)?.values[0]?.status, 'stale');
    });

    it('is not believed when it simulates, needs commissioning, or has another confRev', async () => {
      const states: string[] = [];
      receiver?.on('state', (state) => states.push(state));
      for (const [settings, state] of [
        [{ simulation: true }, 'simulated'],
        [{ ndsCom: true }, 'needsCommissioning'],
        [{ confRev: 8 }, 'confRevMismatch'],
        [{ datSet: 'PEERCTRL/LLN0$other' }, 'dataSetMismatch'],
      ] as const) {
        await peer.call('publisher', { ...BLOCK, ...settings, address: ADDRESS });
        await peer.call('publish', { gocbRef: BLOCK.gocbRef, values: [['boolean', true]] });
        await until(() => (states.includes(state) ? true : undefined));
      }
      assert.equal(seen.length, 0, 'none of them gave values');
    });
  });

  describe('its subscriber', () => {
    const values = (closed: boolean): MmsData[] => [
      { type: 'boolean', value: closed },
      { type: 'bit-string', bits: '0100000000000' },
      { type: 'integer', value: -5 },
      { type: 'unsigned', value: 4_000_000_000 },
      { type: 'float', value: 0.25, width: 32 },
      { type: 'visible-string', value: 'text' },
      { type: 'utc-time', seconds: 1_700_000_000, fraction: 0x800000, quality: 10 },
      { type: 'structure', items: [{ type: 'boolean', value: true }] },
    ];
    const T = { seconds: 1_700_000_000, fraction: 0x800000, quality: 10 };
    const member = (type: TagType, children: MemberNode[] = []): MemberNode => ({ name: '', type, children });
    const MEMBERS = [
      ...[member('Boolean'), member('Quality'), member('Int32'), member('UInt32'), member('Float32')],
      ...[member('VisibleString'), member('Timestamp'), member('Structure', [member('Boolean')])],
    ];

    for (const [what, vlan, fixedLength] of [
      ['without a VLAN tag', undefined, false],
      ['with a VLAN tag', { priority: 4, id: 12 }, false],
      ['of fixed length (FixedOffs)', undefined, true],
    ] as const) {
      it(`hears our frames ${what}, change and repeats`, async () => {
        assert.equal(await peer.call('subscribe', { gocbRef: BLOCK.gocbRef, appId: BLOCK.appId }), true);
        const publisher = new GoosePublisher({ ...BLOCK, minTime: 10, maxTime: 100, fixedLength });
        const publish = (closed: boolean): Buffer => {
          const octets = Buffer.concat(values(closed).map(encodeData));
          const data = fixedLength ? fixedLengthData(octets, MEMBERS) : octets;
          return publisher.publishEncoded(data, MEMBERS.length, T, 0);
        };
        link = await openLink(cable.here, { frame: () => undefined });
        const send = (payload: Buffer | undefined): void => {
          if (payload) {
            link?.send({ destination: ADDRESS, etherType: EtherType.goose, payload, ...(vlan && { vlan }) });
          }
        };
        send(publish(false));
        // It says that it runs a little before it listens.
        await until(async () => {
          send(publisher.tick(publisher.nextWakeup as number));
          return (await peer.call<Heard[]>('received')).at(0);
        });
        send(publish(true));
        send(publisher.tick(10));
        const heard = await until(async () => {
          const frames = await peer.call<Heard[]>('received');
          return frames.at(-1)?.stNum === 2 && frames.at(-1)?.sqNum === 1 ? frames : undefined;
        });
        assert.deepEqual(
          heard.slice(-2).map(({ stNum, sqNum }) => [stNum, sqNum]),
          [
            [2, 0],
            [2, 1],
          ],
        );
        for (const frame of heard) {
          assert.equal(frame.parseError, 0);
          assert.equal(frame.valid, true);
          assert.equal(frame.confRev, 7);
          assert.equal(frame.datSet, BLOCK.datSet);
          assert.equal(frame.goId, 'peer');
          assert.equal(frame.t, 1_700_000_000_500);
          assert.equal(frame.vlan, null, 'the kernel takes the tag off before it looks');
        }
        assert.deepEqual(heard.at(-1)?.values, [
          true,
          { bits: '0100000000000' },
          -5,
          4_000_000_000,
          0.25,
          'text',
          { utc: 1_700_000_000_500, quality: 10 },
          [true],
        ]);
      });
    }
  });

  for (const fixedLength of [false, true]) {
    it(`what we send is what tshark reads, without a malformed frame${fixedLength ? ', of fixed length too' : ''}`, async function () {
      needPeer(this, 'tshark');
      const folder = mkdtempSync(join(tmpdir(), 'goose-'));
      try {
        const file = join(folder, 'sent.pcapng');
        const capture = spawn('ip', [
          'netns',
          'exec',
          cable.namespace,
          'tshark',
          '-i',
          cable.there,
          '-c',
          '12',
          '-w',
          file,
        ]);
        capture.stdout.resume();
        let said = '';
        capture.stderr.on('data', (text: Buffer) => (said += text.toString()));
        await until(() => (said.includes('Capturing') ? true : undefined));
        const publisher = new GoosePublisher({ ...BLOCK, minTime: 4, maxTime: 100, fixedLength });
        link = await openLink(cable.here, { frame: () => undefined });
        // tshark says that it captures a little before it does.
        const ended = once(capture, 'exit');
        let now = 0;
        const timer = setInterval(() => {
          const seven = encodeData({ type: 'integer', value: 7 });
          const data = fixedLength ? fixedLengthData(seven, [{ name: '', type: 'Int32', children: [] }]) : seven;
          const payload =
            now === 0
              ? publisher.publishEncoded(data, 1, { seconds: 1, fraction: 0, quality: 0 }, 0)
              : publisher.tick(now);
          now = publisher.nextWakeup ?? 0;
          if (payload)
            link?.send({ destination: ADDRESS, etherType: EtherType.goose, payload, vlan: { priority: 4, id: 9 } });
        }, 50);
        await ended;
        clearInterval(timer);
        const fields = [
          'goose.stNum',
          'goose.confRev',
          'goose.goID',
          'goose.appid',
          'goose.integer',
          'vlan.id',
          '_ws.malformed',
        ];
        const { stdout } = spawnSync(
          'tshark',
          ['-r', file, '-Y', 'goose', '-T', 'fields', ...fields.flatMap((field) => ['-e', field])],
          {
            encoding: 'utf8',
          },
        );
        const rows = stdout.trimEnd().split('\n');
        // The system's own frames (IPv6) are among the twelve.
        assert.ok(rows.length >= 6, stdout);
        for (const row of rows) assert.equal(row.replace(/\t$/, ''), ['1', '7', 'peer', '0x1234', '7', '9'].join('\t'));
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});
