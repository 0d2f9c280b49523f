/** The ways to raw Ethernet, over a cable between two namespaces: each does the same. libpcap stands for Npcap here. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once, EventEmitter } from 'node:events';
import { openLink, type MediumKind } from '../../../src/ethernet/open-link.js';
import type { EthernetFrame } from '../../../src/ethernet/frame.js';
import type { FrameLink } from '../../../src/ethernet/frame-link.js';
import { layCable, needRawEthernet, type Cable } from './veth.js';

const GOOSE = 0x88b8;
const GROUP = '01-0C-CD-01-00-01';
const OTHER_GROUP = '01-0C-CD-01-00-02';
const BURST = 2000;

describe('raw Ethernet', function () {
  this.timeout(60_000);
  const media: readonly MediumKind[] = ['packet-socket', 'pcap'];

  before(function () {
    needRawEthernet(this);
  });

  for (const kind of media) {
    describe(`by ${kind}`, () => {
      let cable: Cable;
      const links: FrameLink[] = [];
      const heard = new EventEmitter<{ frame: [EthernetFrame]; state: [boolean] }>();
      const frames: EthernetFrame[] = [];

      beforeEach(() => {
        cable = layCable({ bothHere: true });
        frames.length = 0;
      });
      afterEach(async () => {
        for (const link of links.splice(0)) await link.close();
        cable.remove();
      });

      const open = async (name: string): Promise<FrameLink> => {
        const link = await openLink(
          name,
          {
            frame: (frame, time) => {
              assert.ok(Math.abs(Date.now() - time) < 60_000);
              frames.push({ ...frame, payload: Buffer.from(frame.payload) });
              heard.emit('frame', frame);
            },
            state: (up) => heard.emit('state', up),
          },
          kind,
        );
        links.push(link);
        return link;
      };
      const send = (link: FrameLink, text: string, more: Partial<EthernetFrame> = {}): void =>
        link.send({ destination: GROUP, etherType: GOOSE, payload: Buffer.from(text.padEnd(60, '.')), ...more });
      const texts = (): string[] => frames.map(({ payload }) => payload.toString().replace(/\.+$/, ''));
      const until = async (wanted: string): Promise<void> => {
        while (!texts().includes(wanted)) await once(heard, 'frame');
      };

      it('hears what it listens to, with VLAN tags and without, and nothing else', async () => {
        const here = await open(cable.here);
        const there = await open(cable.there);
        here.listen({ etherTypes: [GOOSE], destinations: [GROUP] });
        send(there, 'plain');
        send(there, 'tagged', { vlan: { priority: 4, id: 7 } });
        send(there, 'other type', { etherType: 0x88ba });
        send(there, 'other group', { destination: OTHER_GROUP });
        send(there, 'other type, tagged', { etherType: 0x88ba, vlan: { priority: 4, id: 7 } });
        send(there, 'last');
        await until('last');
        assert.deepEqual(texts(), ['plain', 'tagged', 'last']);
        assert.deepEqual(
          frames.map(({ vlan }) => vlan),
          [undefined, { priority: 4, id: 7 }, undefined],
        );
        assert.deepEqual([frames[0]?.source, frames[0]?.destination], [there.address, GROUP]);
        const { received, dropped, malformed } = here.statistics();
        assert.deepEqual([received, dropped, malformed, there.statistics().sent], [3, 0, 0, 6]);
      });

      it('does not hear itself', async () => {
        const here = await open(cable.here);
        const there = await open(cable.there);
        here.listen({ etherTypes: [GOOSE] });
        send(here, 'mine');
        send(there, 'theirs');
        await until('theirs');
        assert.deepEqual(texts(), ['theirs']);
      });

      it('takes another filter while it runs', async () => {
        const here = await open(cable.here);
        const there = await open(cable.there);
        here.listen({ etherTypes: [GOOSE] });
        send(there, 'one');
        await until('one');
        here.listen({ etherTypes: [0x88ba] });
        send(there, 'two');
        send(there, 'three', { etherType: 0x88ba });
        await until('three');
        assert.deepEqual(texts(), ['one', 'three']);
      });

      it(`loses nothing of ${BURST} frames at once`, async () => {
        const here = await open(cable.here);
        const there = await open(cable.there);
        here.listen({ etherTypes: [GOOSE], destinations: [GROUP] });
        for (let i = 0; i < BURST; i++) {
          send(there, `frame ${i}`);
          // Both ends are one process here: the receiver needs its turn too.
          if (i % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
        }
        await until(`frame ${BURST - 1}`);
        assert.equal(frames.length, BURST);
        assert.equal(here.statistics().dropped, 0);
      });

      it('says that the interface went, and hears again when it is back', async () => {
        const here = await open(cable.here);
        here.listen({ etherTypes: [GOOSE] });
        const gone = once(heard, 'state');
        spawnSync('ip', ['link', 'del', cable.here]);
        assert.deepEqual(await gone, [false]);
        const back = once(heard, 'state');
        cable.again();
        assert.deepEqual(await back, [true]);
        const there = await open(cable.there);
        send(there, 'again');
        await until('again');
      });

      it('refuses an interface that is not there, and names those that are', async () => {
        await assert.rejects(open('nothere0'), (error: Error & { code?: string; hint?: string }) => {
          assert.equal(error.code, 'IEC61850_NO_INTERFACE');
          return (error.hint ?? '').includes(cable.here);
        });
      });

      it('closes while it waits, and may be opened again', async () => {
        for (let i = 0; i < 3; i++) {
          const link = await open(cable.here);
          link.listen({ etherTypes: [GOOSE] });
          await link.close();
        }
      });
    });
  }
});
