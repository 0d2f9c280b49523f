import assert from 'node:assert/strict';
import { ArgumentError, SecurityError } from '../../src/errors.js';
import { ROUTABLE_RESTART_MS } from '../../src/limits.js';
import { BUS_ALGORITHMS, encrypts, macLength, needsIv } from '../../src/routable/algorithms.js';
import type { BusKey } from '../../src/routable/keys.js';
import { encodePayload } from '../../src/routable/payload.js';
import { RoutableReceiver, type RoutableFrame, type RoutableOutcome } from '../../src/routable/routable-receiver.js';
import { RoutableSender, type RoutableSenderOptions } from '../../src/routable/routable-sender.js';
import { decodeSpdu, encodeSpdu } from '../../src/routable/spdu.js';
import { generator, mutated } from '../support/mutate.js';
import { busKey, GOOSE_APDU, gooseApdu, SV_APDU } from './frames.js';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const GOOSE = { kind: 'goose', appId: 0x3001, simulated: false, apdu: GOOSE_APDU } as const;

function datagram(options: RoutableSenderOptions): Buffer {
  return new RoutableSender(options).encode(GOOSE, NOW);
}

function frames(outcome: RoutableOutcome): RoutableFrame[] {
  if ('frames' in outcome) return outcome.frames;
  throw new Error(`not taken: ${JSON.stringify(outcome)}`);
}

describe('a session of IEC 61850-90-5', () => {
  for (const version of [1, 2] as const) {
    it(`brings GOOSE and sampled values as they were in version ${version}`, () => {
      const sender = new RoutableSender({ version });
      const receiver = new RoutableReceiver({});
      for (const kind of ['goose', 'sampledValues'] as const) {
        const apdu = kind === 'goose' ? GOOSE_APDU : SV_APDU;
        const sent = sender.encode({ kind, appId: 0x4001, simulated: true, apdu }, NOW);
        const [frame] = frames(receiver.receive(sent, NOW, 0));
        assert.equal(frame?.kind, kind);
        assert.equal(frame.appId, 0x4001);
        assert.equal(frame.simulated, true);
        assert.deepEqual(frame.apdu, apdu);
        assert.equal(frame.security.verdict, 'unsigned');
        assert.equal(frame.security.version, version);
      }
    });
  }

  for (const algorithm of BUS_ALGORITHMS) {
    for (const version of needsIv(algorithm) ? ([2] as const) : ([1, 2] as const)) {
      for (const coverage of ['session', 'transport'] as const) {
        it(`is checked with ${algorithm}, version ${version}, from the ${coverage} header on`, () => {
          const keys = [busKey(algorithm, 77)];
          const sent = datagram({ keys, version, coverage });
          const receiver = new RoutableReceiver({ keys });
          const [frame] = frames(receiver.receive(sent, NOW, 0));
          assert.deepEqual(frame?.apdu, GOOSE_APDU);
          assert.equal(frame.security.verdict, 'verified');
          assert.equal(frame.security.keyId, 77);
          assert.equal(frame.security.algorithm, algorithm);
          assert.equal(frame.security.macLength, macLength(algorithm));
          assert.equal(sent.includes(GOOSE_APDU), !encrypts(algorithm), 'who encrypts shows nothing');
          assert.equal(receiver.security.counts.verified, 1);
        });
      }
    }

    it(`is refused when one bit of it is another one, with ${algorithm}`, () => {
      const keys = [busKey(algorithm)];
      const sent = datagram({ keys });
      for (let at = 0; at < sent.length; at++) {
        const changed = Buffer.from(sent);
        changed[at] = (changed[at] as number) ^ 1;
        const outcome = new RoutableReceiver({ keys }).receive(changed, NOW, 0);
        assert.ok(!('frames' in outcome), `octet ${at}`);
      }
    });
  }

  it('is refused with a code of another key, of another algorithm, or that was cut shorter', () => {
    const keys = [busKey('HMAC-SHA256-128')];
    const refusal = (sent: Buffer): RoutableOutcome => new RoutableReceiver({ keys }).receive(sent, NOW, 0);
    const other = { ...busKey('HMAC-SHA256-128'), secret: Buffer.alloc(32, 9) };
    assert.deepEqual(refusal(datagram({ keys: [other] })), { refused: 'badSignature' });
    assert.deepEqual(refusal(datagram({ keys: [busKey('HMAC-SHA256-80')], version: 1 })), { refused: 'badSignature' });
    assert.deepEqual(refusal(datagram({ keys: [busKey('HMAC-SHA256-80')] })), { refused: 'badSignature' });
    const spdu = decodeSpdu(datagram({ keys }));
    const cut = { ...spdu, spduLength: 20, mac: spdu.mac?.subarray(0, 1) as Buffer, macSaid: 1 };
    assert.deepEqual(refusal(encodeSpdu(cut)), { refused: 'badSignature' });
  });

  it('is refused unsigned, with an unknown key, and with one that has expired', () => {
    const keys = [{ ...busKey('HMAC-SHA256-256', 5), until: NOW + 1000 }];
    const sent = datagram({ keys });
    const receiver = new RoutableReceiver({ keys });
    assert.deepEqual(receiver.receive(datagram({}), NOW, 0), { refused: 'unsigned' });
    assert.deepEqual(receiver.receive(datagram({ keys: [busKey('HMAC-SHA256-256', 6)] }), NOW, 0), {
      refused: 'unknownKey',
    });
    assert.deepEqual(receiver.receive(sent, NOW + 1000, 0), { refused: 'expiredKey' });
    assert.equal('frames' in receiver.receive(sent, NOW, 0), true);
    assert.deepEqual(receiver.security.counts, {
      verified: 1,
      unsigned: 1,
      notChecked: 0,
      unknownKey: 1,
      expiredKey: 1,
      badSignature: 0,
      replayed: 0,
    });
  });

  it('that promises a code in its header, and has none, was cut', () => {
    const keys = [busKey('HMAC-SHA256-256')];
    const { mac: _cut, ...spdu } = decodeSpdu(datagram({ keys, version: 1 }));
    const receiver = new RoutableReceiver({ keys, required: false });
    assert.deepEqual(receiver.receive(encodeSpdu({ ...spdu, spduLength: 20 }), NOW, 0), { refused: 'badSignature' });
  });

  it('is taken unsigned beside a key when that is allowed, and never with a wrong code', () => {
    const keys = [busKey('HMAC-SHA256-128')];
    const receiver = new RoutableReceiver({ keys, required: false });
    assert.equal(frames(receiver.receive(datagram({}), NOW, 0))[0]?.security.verdict, 'unsigned');
    const other = { ...busKey('HMAC-SHA256-128'), secret: Buffer.alloc(16) };
    assert.deepEqual(receiver.receive(datagram({ keys: [other] }), NOW, 0), { refused: 'badSignature' });
  });

  it('is shown as not checked where there is no key, and refused when it is encrypted', () => {
    const receiver = new RoutableReceiver({});
    const [frame] = frames(receiver.receive(datagram({ keys: [busKey('HMAC-SHA256-128', 9)] }), NOW, 0));
    assert.equal(frame?.security.verdict, 'notChecked');
    assert.equal(frame.security.keyId, 9);
    assert.deepEqual(receiver.receive(datagram({ keys: [busKey('AES-256-GCM')] }), NOW, 0), { refused: 'unknownKey' });
  });

  it('is refused where there is no key when version 1 says that it is encrypted', () => {
    const spdu = decodeSpdu(datagram({ keys: [busKey('HMAC-SHA256-128')], version: 1 }));
    const encrypted = encodeSpdu({ ...spdu, encryption: 1, payload: Buffer.alloc(spdu.payload.length, 0x55) });
    assert.deepEqual(new RoutableReceiver({}).receive(encrypted, NOW, 0), { refused: 'unknownKey' });
  });

  it('is refused where a check is required, and there is no key', () => {
    const receiver = new RoutableReceiver({ required: true });
    assert.deepEqual(receiver.receive(datagram({ keys: [busKey('HMAC-SHA256-128')] }), NOW, 0), {
      refused: 'unknownKey',
    });
    assert.deepEqual(receiver.receive(datagram({}), NOW, 0), { refused: 'unsigned' });
  });

  describe('has numbers', () => {
    const keys = [busKey('HMAC-SHA256-128')];
    const sent = (count: number, gocbRef?: string): Buffer[] => {
      const sender = new RoutableSender({ keys });
      return Array.from({ length: count }, (_, i) => sender.encode({ ...GOOSE, apdu: gooseApdu(1, i, gocbRef) }, NOW));
    };
    const taken = (receiver: RoutableReceiver, octets: Buffer, clock = 0): boolean =>
      'frames' in receiver.receive(octets, NOW, clock);

    it('of which none is taken twice', () => {
      const receiver = new RoutableReceiver({ keys });
      const all = sent(3);
      for (const octets of all) assert.equal(taken(receiver, octets), true);
      for (const octets of all) assert.deepEqual(receiver.receive(octets, NOW, 0), { refused: 'replayed' });
      assert.equal(receiver.security.counts.replayed, 3);
    });

    it('that may come out of order by 64, and not by more', () => {
      const receiver = new RoutableReceiver({ keys });
      const all = sent(100);
      assert.equal(taken(receiver, all[99] as Buffer), true);
      assert.equal(taken(receiver, all[99 - 63] as Buffer), true);
      assert.equal(taken(receiver, all[99 - 63] as Buffer), false);
      assert.equal(taken(receiver, all[99 - 64] as Buffer), false);
    });

    it('of its own for each control block, whoever the sender says it is', () => {
      const receiver = new RoutableReceiver({ keys });
      const [one] = sent(1);
      const [other] = sent(1, 'BAY2CTRL/LLN0$GO$gcb1');
      assert.equal(taken(receiver, one as Buffer), true);
      assert.equal(taken(receiver, other as Buffer), true);
      assert.equal(taken(receiver, one as Buffer), false);
    });

    it('that begin anew after a silence: the publisher was restarted', () => {
      const receiver = new RoutableReceiver({ keys });
      const [old, , newest] = sent(3);
      assert.equal(taken(receiver, newest as Buffer), true);
      assert.equal(taken(receiver, old as Buffer, ROUTABLE_RESTART_MS + 1), true);
    });

    it('that roll over', () => {
      const receiver = new RoutableReceiver({});
      // Unsigned ones are anybody's, and not counted on.
      assert.equal(taken(receiver, datagram({})), true);
      assert.equal(taken(receiver, datagram({})), true);
    });

    it('that go on ahead when our publisher is started again', () => {
      const first = decodeSpdu(new RoutableSender().encode(GOOSE, NOW)).number;
      const second = decodeSpdu(new RoutableSender().encode(GOOSE, NOW + 4000)).number;
      assert.equal((second - first) | 0, 1000);
    });
  });

  describe('has keys', () => {
    it('of which a publisher takes the next when the first expires, and subscribers both', () => {
      const keys: BusKey[] = [
        { ...busKey('HMAC-SHA256-128', 1), until: NOW + 60_000 },
        busKey('HMAC-SHA256-128', 2, Buffer.alloc(32, 5)),
      ];
      const sender = new RoutableSender({ keys });
      const receiver = new RoutableReceiver({ keys });
      const before = sender.encode(GOOSE, NOW);
      const after = sender.encode(GOOSE, NOW + 60_000);
      assert.equal(decodeSpdu(before).timeToNextKey, 1);
      assert.equal(frames(receiver.receive(before, NOW, 0))[0]?.security.keyId, 1);
      assert.equal(frames(receiver.receive(after, NOW + 60_000, 0))[0]?.security.keyId, 2);
    });

    it('without which nothing leaves unsigned', () => {
      const sender = new RoutableSender({ keys: [{ ...busKey('HMAC-SHA256-128'), until: NOW }] });
      assert.throws(() => sender.encode(GOOSE, NOW), SecurityError);
    });

    it('that suit their algorithm, and are never part of what is said of them', () => {
      const secret = Buffer.from('0123456789abcdef');
      for (const key of [
        { id: 0, algorithm: 'HMAC-SHA256-128', secret },
        { id: 1, algorithm: 'HMAC-SHA256-128', secret: secret.subarray(1) },
        { id: 1, algorithm: 'AES-256-GCM', secret },
        { id: 1, algorithm: 'AES-GMAC-64', secret: Buffer.concat([secret, secret.subarray(8)]) },
      ] as const) {
        assert.throws(
          () => new RoutableReceiver({ keys: [key] }),
          (error) => error instanceof ArgumentError && !/0123|3031/.test(`${error.message} ${error.hint}`),
        );
      }
      assert.throws(
        () => new RoutableSender({ keys: [busKey('HMAC-SHA256-80'), busKey('HMAC-SHA256-80')] }),
        /two keys/,
      );
    });

    it('that version 1 has no place for', () => {
      const sender = new RoutableSender({ keys: [busKey('AES-128-GCM')], version: 1 });
      assert.throws(() => sender.encode(GOOSE, NOW), ArgumentError);
    });
  });

  it('counts what is neither GOOSE nor sampled values', () => {
    const receiver = new RoutableReceiver({});
    const spdu = decodeSpdu(datagram({}));
    const management = encodePayload([{ tag: 0x84, simulation: 0, appId: 0, apdu: Buffer.alloc(2), excess: 0 }]);
    assert.deepEqual(receiver.receive(encodeSpdu({ ...spdu, spduLength: 20, payload: management }), NOW, 0), {
      frames: [],
    });
    assert.equal(receiver.unsupported, 1);
  });

  it('takes 30,000 mutated datagrams without a crash', function () {
    this.timeout(60_000);
    const keys = [busKey('HMAC-SHA256-128')];
    const receivers = [new RoutableReceiver({}), new RoutableReceiver({ keys })];
    const random = generator(905);
    const originals = [datagram({}), datagram({ keys }), datagram({ keys: [busKey('AES-256-GCM')] })];
    for (let i = 0; i < 30_000; i++) {
      const octets = mutated(originals[i % originals.length] as Buffer, random);
      for (const receiver of receivers) receiver.receive(octets, NOW, 0);
    }
    // A mutant can be what it was made of.
    assert.ok((receivers[1]?.security.counts.verified ?? 2) <= 100);
    assert.ok((receivers[1]?.security.counts.badSignature ?? 0) > 300);
  });
});
