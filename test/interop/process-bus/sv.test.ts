/** Sampled values of libiec61850's publisher, over a cable between two namespaces. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrameLink } from '../../../src/ethernet/frame-link.js';
import type { EthernetFrame } from '../../../src/ethernet/frame.js';
import { openLink } from '../../../src/ethernet/open-link.js';
import { SvReceiver, type SvSubscription } from '../../../src/gateway/process-bus/index.js';
import { EtherType } from '../../../src/mms/application-header.js';
import { lightEditionLayout, type SvLayout } from '../../../src/sv/channels.js';
import { decodeSvFrame, type SvFrame } from '../../../src/sv/sv-frame.js';
import type { SvMeasurement } from '../../../src/sv/sv-stream.js';
import type { SvWaveform } from '../../../src/sv/waveform-recorder.js';
import { layoutOf } from '../../sv/streams.js';
import { needPeer, startSvPeer, type Peer } from '../peers/index.js';
import { layCable, needRawEthernet, type Cable } from './veth.js';

const ADDRESS = '01-0C-CD-04-00-07';

/** An ASDU as the peer sends it: smpCnt, numbers, qualities (9-2LE: validity in the low bits). */
type PeerAsdu = [smpCnt: number, values: number[], qualities: number[]];

async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Numbers of a symmetric system, as they stand in the frame. */
function numbersAt(layout: SvLayout, rate: number, frequency: number, count: number): number[] {
  return layout.channels.map(({ unit, scale }, i) => {
    const peak = (unit === 'A' ? 400 : 63_500) * Math.SQRT2;
    return Math.round((peak * Math.cos(2 * Math.PI * ((frequency * count) / rate - (i % 4) / 3))) / scale);
  });
}

/** Frames from one count to another, of some ASDUs each. */
function framesOf(
  layout: SvLayout,
  rate: number,
  frequency: number,
  from: number,
  to: number,
  asdus: number,
): PeerAsdu[][] {
  const frames: PeerAsdu[][] = [];
  for (let first = from; first < to; first += asdus) {
    frames.push(
      Array.from({ length: asdus }, (_, i): PeerAsdu => {
        const numbers = numbersAt(layout, rate, frequency, first + i);
        return [(first + i) % rate, numbers, numbers.map(() => 0)];
      }),
    );
  }
  return frames;
}

describe('sampled values of libiec61850', function () {
  this.timeout(60_000);
  let cable: Cable;
  let peer: Peer;
  let link: FrameLink | undefined;
  let receiver: SvReceiver | undefined;

  before(function () {
    needRawEthernet(this);
    needPeer(this, 'libiec61850');
  });
  beforeEach(async () => {
    cable = layCable();
    peer = await startSvPeer(cable.there, cable.namespace);
  });
  afterEach(async () => {
    receiver?.close();
    await link?.close();
    await peer?.stop();
    cable?.remove();
  });

  async function listen(take: (frame: EthernetFrame, time: number) => void): Promise<void> {
    link = await openLink(cable.here, { frame: take });
    link.listen({ etherTypes: [EtherType.sampledValues], destinations: [ADDRESS] });
  }

  for (const [name, rate, frequency, asdus, vlan] of [
    ['9-2LE, 80 samples a period', 4000, 50, 1, undefined],
    ['9-2LE, 256 samples a period with 8 ASDUs a frame and a VLAN tag', 12_800, 50, 8, [4, 101]],
    ['F4800S2I4U4', 4800, 60, 2, [4, 0]],
    ['F14400S6I4U4', 14_400, 60, 6, [4, 0]],
  ] as const) {
    it(`${name}: not a sample is lost over the roll-over of smpCnt, and each has its value`, async () => {
      const layout = asdus === 1 ? lightEditionLayout() : layoutOf(4, 4);
      const subscription: SvSubscription = { svId: 'PEER01', appId: 0x4007, confRev: 3, layout, rate };
      const made = (receiver = new SvReceiver({
        subscriptions: [subscription],
        nominal: frequency,
        interval: 200,
        waveform: { before: 20, after: 150, holdOff: 0 },
      }));
      const measured: SvMeasurement[] = [];
      const waveforms: SvWaveform[] = [];
      made.on('measured', (measurement) => measured.push(measurement));
      made.on('waveform', (waveform) => waveforms.push(waveform));
      await listen((frame, time) => made.receive(frame, time));
      const channels = layout.channels.map(() => 'INT32');
      await peer.call('publisher', {
        svId: 'PEER01',
        appId: 0x4007,
        confRev: 3,
        address: ADDRESS,
        asdus,
        channels,
        ...(vlan && { vlan }),
      });
      // At once: a pause of half a second would be one of the stream.
      made.on('state', (state) => {
        if (state === 'live') made.trigger('PEER01');
      });
      // From 0.9 s to the end of the second, and on until 0.2 s of the next one.
      await peer.call('publish', {
        svId: 'PEER01',
        frames: framesOf(layout, rate, frequency, 0.9 * rate, 1.2 * rate, asdus),
        // Not as quick as Python can, which is quicker than any merging unit.
        pause: 0.0001,
      });
      await until(() => (made.streams[0]?.samples === (rate * 3) / 10 ? true : undefined));
      const waveform = await until(() => waveforms[0]);
      const [stream] = made.streams;
      assert.deepEqual([stream?.lost, stream?.incomplete, made.counts.malformed], [0, 0, 0]);
      const [measurement] = measured;
      assert.ok(measurement);
      assert.equal(measurement.samples, rate / 5);
      assert.ok(Math.abs(measurement.frequency - frequency) < 0.001);
      for (const [i, channel] of measurement.channels.entries()) {
        assert.ok(
          Math.abs(channel.rms - (i < 4 ? 400 : 63_500)) < (i < 4 ? 0.01 : 1),
          `${channel.name} ${channel.rms}`,
        );
        assert.equal(channel.quality, 'good');
      }
      assert.ok(Math.abs((measurement.channels[5]?.angle ?? NaN) + 120) < 0.01);
      assert.equal(waveform.samples, Math.round(rate * 0.15));
      assert.equal(waveform.smpCnt, Math.round(rate * 0.9));
      for (let k = 0; k < waveform.samples; k++) {
        const numbers = numbersAt(layout, rate, frequency, Math.round(rate * 0.9) + k);
        waveform.channels.forEach(({ channel, values }, i) => {
          assert.equal(Math.round((values[k] as number) / channel.scale) - (numbers[i] as number), 0);
        });
      }
    });
  }

  it('what tshark reads of its frames is what we read: names, counts, times, values, qualities', async function () {
    needPeer(this, 'tshark');
    const folder = mkdtempSync(join(tmpdir(), 'sv-'));
    try {
      const file = join(folder, 'sent.pcapng');
      const COUNT = 24;
      const filter = ['-f', 'ether proto 0x88ba or (vlan and ether proto 0x88ba)'];
      const capture = spawn('tshark', ['-i', cable.here, ...filter, '-c', String(COUNT), '-w', file]);
      capture.stdout.resume();
      let said = '';
      capture.stderr.on('data', (text: Buffer) => (said += text.toString()));
      await until(() => (said.includes('Capturing') ? true : undefined));
      const ended = once(capture, 'exit');
      const ours = new Map<number, { frame: SvFrame; payload: Buffer }>();
      await listen(({ payload }) => {
        const octets = Buffer.from(payload);
        const frame = decodeSvFrame(octets);
        ours.set(frame.asdus[0]?.smpCnt ?? -1, { frame, payload: octets });
      });
      const stream = { svId: 'PEER02', appId: 0x4007, confRev: 9, address: ADDRESS, vlan: [4, 7] };
      await peer.call('publisher', {
        ...stream,
        datSet: 'MU01/LLN0$PhsMeas1',
        channels: Array(8).fill('INT32'),
        asdus: 2,
        smpRate: 4800,
        smpMod: 1,
        refrTm: true,
      });
      const QUALITIES = [0, 1, 3, 0x800, 0x40, 0x2000, 0x1000, 0x3];
      let count = 0;
      // tshark says that it captures a little before it does.
      const timer = setInterval(() => {
        const frame = [0, 1].map((i): PeerAsdu => {
          const values = Array.from({ length: 8 }, (_, k) => (k % 2 === 0 ? 1 : -1) * (100_000 * k + count + i));
          return [(count + i) % 4800, values, QUALITIES];
        });
        count += 2;
        peer
          .call('publish', { svId: 'PEER02', frames: [frame], smpSynch: 1, refrTm: 1_700_000_000_250_000_000 })
          .catch(() => undefined);
      }, 30);
      await ended;
      clearInterval(timer);
      const fields = [
        'sv.appid',
        'sv.svID',
        'sv.datSet',
        'sv.smpCnt',
        'sv.confRev',
        'sv.smpSynch',
        'sv.smpRate',
        'sv.smpMod',
      ];
      const values = ['sv.refrTm', 'sv.meas_value', 'sv.meas_quality', '_ws.malformed'];
      const { stdout } = spawnSync(
        'tshark',
        [
          '-r',
          file,
          ...['-o', 'sv.decode_data_as_phsmeas:TRUE', '-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=;'],
          ...[...fields, ...values].flatMap((field) => ['-e', field]),
        ],
        { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } },
      );
      const rows = stdout.trimEnd().split('\n');
      assert.equal(rows.length, COUNT);
      let compared = 0;
      for (const row of rows) {
        const [
          appId,
          svId,
          datSet,
          smpCnt,
          confRev,
          smpSynch,
          smpRate,
          smpMod,
          refrTm,
          value,
          quality,
          malformed = [''],
        ] = row.split('\t').map((field) => field.split(';'));
        assert.deepEqual(malformed, ['']);
        const mine = ours.get(Number(smpCnt?.[0]));
        if (!mine) continue;
        compared++;
        const { frame, payload } = mine;
        const of = <T>(look: (asdu: SvFrame['asdus'][number]) => T): T[] => frame.asdus.map(look);
        assert.deepEqual([Number(appId?.[0]), Number(appId?.[0]) === frame.appId], [0x4007, true]);
        assert.deepEqual(
          svId,
          of((asdu) => asdu.svId),
        );
        assert.deepEqual(
          datSet,
          of((asdu) => asdu.datSet),
        );
        assert.deepEqual(
          smpCnt?.map(Number),
          of((asdu) => asdu.smpCnt),
        );
        assert.deepEqual(
          confRev?.map(Number),
          of((asdu) => asdu.confRev),
        );
        assert.deepEqual(
          smpSynch?.map(Number),
          of((asdu) => asdu.smpSynch),
        );
        assert.deepEqual(
          smpRate?.map(Number),
          of((asdu) => asdu.smpRate),
        );
        assert.deepEqual(
          smpMod?.map(Number),
          of((asdu) => asdu.smpMod),
        );
        assert.deepEqual(
          of((asdu) => asdu.refrTm?.readUInt32BE(0)),
          [1_700_000_000, 1_700_000_000],
        );
        assert.match(refrTm?.[0] ?? '', /22:13:20\.25/);
        const words = of(({ start, end }) =>
          Array.from({ length: (end - start) / 8 }, (_, k) => [
            payload.readInt32BE(start + k * 8),
            payload.readUInt32BE(start + k * 8 + 4),
          ]),
        ).flat();
        assert.deepEqual(
          value?.map(Number),
          words.map(([number]) => number),
        );
        assert.deepEqual(
          quality?.map(Number),
          words.map(([, bits]) => bits),
        );
      }
      assert.ok(compared >= COUNT / 2, `${compared} frames were seen by both`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is live, expires when it falls silent, and is not believed with another confRev or number of channels', async () => {
    const layout = lightEditionLayout();
    const made = (receiver = new SvReceiver({
      subscriptions: [{ svId: 'PEER03', appId: 0x4007, confRev: 3, layout, rate: 4000 }],
      nominal: 50,
      interval: 200,
    }));
    const states: string[] = [];
    made.on('state', (state) => states.push(state));
    await listen((frame, time) => made.receive(frame, time));
    const stream = { svId: 'PEER03', appId: 0x4007, address: ADDRESS };
    const send = async (different: object, channels: number, state: string): Promise<void> => {
      await peer.call('publisher', { ...stream, confRev: 3, channels: Array(channels).fill('INT32'), ...different });
      await peer.call('publish', { svId: 'PEER03', frames: [[[0, Array(channels).fill(1), Array(channels).fill(0)]]] });
      await until(() => (states.at(-1) === state ? true : undefined));
    };
    await send({}, 8, 'live');
    await until(() => (states.at(-1) === 'expired' ? true : undefined));
    await send({ confRev: 4 }, 8, 'mismatch');
    await send({}, 8, 'live');
    await send({}, 9, 'mismatch');
    assert.equal(made.counts.malformed, 0);
  });
});
