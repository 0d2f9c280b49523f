import assert from 'node:assert/strict';
import type { FrameLink, LinkHandler } from '../../src/ethernet/frame-link.js';
import type { EthernetFrame } from '../../src/ethernet/frame.js';
import type { BusFrame } from '../../src/bus-link/bus-link.js';
import { SecuredLink } from '../../src/bus-link/secured-link.js';
import { ArgumentError, DecodeError } from '../../src/errors.js';
import { encodeApplicationFrame, EtherType } from '../../src/mms/application-header.js';
import { BUS_ALGORITHMS, encrypts } from '../../src/routable/algorithms.js';
import { decodeExtension, signFrame, splitFrame } from '../../src/routable/extension.js';
import type { BusKey } from '../../src/routable/keys.js';
import type { BusSecurityState } from '../../src/routable/bus-security.js';
import { busKey, GOOSE_APDU } from './frames.js';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const PLAIN = encodeApplicationFrame(0x3001, true, GOOSE_APDU);
const TIMES = { timeOfCurrentKey: 1_600_000_000, timeToNextKey: 60 };
const SIGNING = BUS_ALGORITHMS.filter((algorithm) => !encrypts(algorithm));

/** What follows the EtherType, with the octets that an Ethernet frame is filled up with. */
function signed(key: BusKey, etherType: number = EtherType.goose): Buffer {
  return Buffer.concat([signFrame(etherType, PLAIN, key, TIMES), Buffer.alloc(7)]);
}

describe('the security extension of IEC 62351-6', () => {
  it('stands behind the APDU, and its length in the first reserved word', () => {
    const frame = signFrame(EtherType.goose, PLAIN, busKey('HMAC-SHA256-128', 7), TIMES);
    assert.equal(frame.readUInt16BE(2), PLAIN.length, 'the length is that of the frame without it');
    assert.equal(frame.readUInt16BE(4), 0x8000 | (frame.length - PLAIN.length), 'simulation stays');
    assert.equal(
      frame.subarray(PLAIN.length, frame.length - 16).toString('hex'),
      // Extension, authentication value: version 1, time of current key, minutes to the next one, key id, code.
      '3026a424' + '800101' + '81045f5e1000' + '82013c' + '840400000007' + '8510',
    );
    assert.deepEqual(splitFrame(frame).apdu, GOOSE_APDU);
  });

  /** A link whose frames the test makes. */
  async function link(options: { keys?: BusKey[]; required?: boolean }): Promise<{
    secured: SecuredLink;
    sent: Omit<EthernetFrame, 'source'>[];
    taken: BusFrame[];
    states: BusSecurityState[];
    give: (payload: Buffer, etherType?: number) => void;
  }> {
    const [sent, taken, states]: [Omit<EthernetFrame, 'source'>[], BusFrame[], BusSecurityState[]] = [[], [], []];
    let inner: LinkHandler | undefined;
    const handler = {
      frame: (frame: BusFrame) => taken.push(frame),
      security: (state: BusSecurityState) => states.push(state),
    };
    const opened = (own: LinkHandler): Promise<FrameLink> => {
      inner = own;
      return Promise.resolve({
        name: 'test',
        address: '00-00-00-00-00-01',
        up: true,
        listen: () => undefined,
        send: (frame) => sent.push(frame),
        statistics: () => ({ received: 0, sent: 0, dropped: 0, malformed: 0 }),
        close: () => Promise.resolve(),
      } satisfies FrameLink);
    };
    const secured = await SecuredLink.open(options, handler, opened, () => NOW);
    const give = (payload: Buffer, etherType: number = EtherType.goose): void =>
      inner?.frame({ source: 'a', destination: 'b', etherType, payload }, 0);
    return { secured, sent, taken, states, give };
  }

  for (const algorithm of SIGNING) {
    it(`is checked with ${algorithm}, and taken off`, async () => {
      const keys = [busKey(algorithm, 9)];
      const { secured, taken, give } = await link({ keys });
      give(signed(keys[0] as BusKey));
      await secured.close();
      assert.deepEqual(taken[0]?.payload, PLAIN);
      assert.deepEqual(taken[0].security, {
        verdict: 'verified',
        keyId: 9,
        algorithm,
        macLength: taken[0].security?.macLength,
        timeOfCurrentKey: '2020-09-13T12:26:40.000Z',
        timeToNextKey: 60,
      });
    });

    it(`does not let one other bit pass, with ${algorithm}`, async () => {
      const keys = [busKey(algorithm)];
      const { secured, taken, give } = await link({ keys });
      const frame = signFrame(EtherType.goose, PLAIN, keys[0] as BusKey, TIMES);
      const { apduEnd } = splitFrame(frame);
      for (let at = 0; at < apduEnd; at++) {
        const changed = Buffer.from(frame);
        changed[at] = (changed[at] as number) ^ 1;
        give(changed);
      }
      give(frame, EtherType.sampledValues);
      assert.equal(taken.length, 0);
      give(frame);
      assert.equal(taken.length, 1);
      await secured.close();
    });
  }

  it('is put on frames that leave when there is a key', async () => {
    const keys = [busKey('HMAC-SHA256-256')];
    const { secured, sent, taken, give } = await link({ keys });
    secured.send({ destination: '01-0C-CD-01-00-01', etherType: EtherType.goose, payload: PLAIN });
    give(sent[0]?.payload as Buffer);
    await secured.close();
    assert.equal(taken[0]?.security?.verdict, 'verified');
  });

  it('is shown, taken off and not checked where there is no key', async () => {
    const { secured, taken, states, give } = await link({});
    give(signed(busKey('HMAC-SHA256-80', 3)));
    give(PLAIN);
    await secured.close();
    assert.deepEqual(taken[0]?.payload, PLAIN);
    assert.equal(taken[0].security?.verdict, 'notChecked');
    assert.equal(taken[0].security.keyId, 3);
    assert.equal(taken[1]?.security, undefined);
    assert.deepEqual(states, []);
  });

  it('may be counted in the length, and be of another form', async () => {
    const { secured, taken, give } = await link({});
    // As IEC 61850 Studio writes it: 32 octets of a code, which the length counts, and their number in the second word.
    const other = Buffer.concat([PLAIN, Buffer.alloc(32, 0xf9)]);
    other.writeUInt16BE(other.length, 2);
    other.writeUInt16BE(32, 6);
    give(other);
    // A second reserved word that is no length says nothing of an extension.
    const reserved = Buffer.from(PLAIN);
    reserved.writeUInt16BE(5, 6);
    give(reserved);
    assert.equal(taken[1]?.security, undefined);
    await secured.close();
    assert.deepEqual(taken[0]?.security, { verdict: 'notChecked', macLength: 32 });
    assert.equal(decodeExtension(Buffer.alloc(32, 0xf9)), undefined);
  });

  for (const [reason, keys, payload] of [
    ['unsigned', [busKey('HMAC-SHA256-128')], PLAIN],
    ['unknownKey', [busKey('HMAC-SHA256-128', 2)], signed(busKey('HMAC-SHA256-128', 1))],
    ['expiredKey', [{ ...busKey('HMAC-SHA256-128'), until: NOW }], signed(busKey('HMAC-SHA256-128'))],
    ['badSignature', [busKey('HMAC-SHA256-128', 1, Buffer.alloc(32))], signed(busKey('HMAC-SHA256-128'))],
  ] as const) {
    it(`is a counted error and a state when it is ${reason}, and gives no frame`, async () => {
      const { secured, taken, states, give } = await link({ keys: [...keys] });
      give(payload);
      give(payload);
      const { security } = secured.statistics();
      await secured.close();
      assert.deepEqual(taken, []);
      assert.equal(security[reason], 2);
      assert.equal(security.state, reason);
      assert.deepEqual(states, [reason]);
    });
  }

  it('is malformed when it is cut off, or the frame has no APDU', async () => {
    const { secured, taken, give } = await link({});
    const frame = signFrame(EtherType.goose, PLAIN, busKey('HMAC-SHA256-128'), TIMES);
    give(frame.subarray(0, frame.length - 1));
    give(Buffer.from('30010008000a0000', 'hex'));
    assert.equal(secured.statistics().malformed, 2);
    await secured.close();
    assert.deepEqual(taken, []);
    assert.throws(() => splitFrame(Buffer.alloc(4)), DecodeError);
  });

  it('does not encrypt on Ethernet', async () => {
    await assert.rejects(link({ keys: [busKey('AES-128-GCM')] }), ArgumentError);
  });
});
