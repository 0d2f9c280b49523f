/** Certificates in ACSE, as client and as server (IEC 62351-4 §11). */
import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { once } from 'node:events';
import fc from 'fast-check';
import { DecodeError, IedClient, IedServer, SecurityError, type MaceOptions } from '../../src/index.js';
import { tlv } from '../../src/ber/encode.js';
import { decodeMaceValue, encodeMaceValue, isSigned, MACE_MECHANISM } from '../../src/security/mace-value.js';
import { Mace } from '../../src/security/mace.js';
import { X509Certificate } from 'node:crypto';
import { testModel } from '../server/fixture.js';
import { makeCertificate, makeKey, makeRevocationList, own, Pki, WRONG, type Wrong } from './pki.js';

const NOW = Date.parse('2026-05-06T07:08:09.120Z');
const FAILURES: Record<Exclude<Wrong, 'for another use'>, string> = {
  expired: 'EXPIRED',
  'not yet valid': 'NOT_YET_VALID',
  'of another CA': 'UNTRUSTED',
  'self-signed': 'UNTRUSTED',
  revoked: 'REVOKED',
  'not a known peer': 'UNKNOWN_PEER',
  'of a short key': 'SHORT_KEY',
  'without its intermediate CA': 'UNTRUSTED',
};

describe('MACE', () => {
  const pki = new Pki();
  const certificate = new X509Certificate(pki.client.cert);
  const { privateKey } = pki.client.key;

  describe('an authentication value', () => {
    for (const kind of ['ec', 'rsa'] as const) {
      it(`with ${kind} keys is taken apart as it was put together`, () => {
        const { cert, key } = makeCertificate({ subject: kind, key: kind === 'ec' ? makeKey('ec') : makeKey('rsa') });
        const value = decodeMaceValue(encodeMaceValue(new X509Certificate(cert), key.privateKey, NOW));
        assert.equal(value.time, NOW);
        assert.equal(value.timeText, '20260506070809.12Z');
        assert.equal(value.certificate.raw.equals(new X509Certificate(cert).raw), true);
        assert.equal(isSigned(value), true);
      });
    }

    const parts = (time: string, signed: Buffer): Buffer[] => [
      tlv(0x80, certificate.raw),
      tlv(0x81, Buffer.from(time)),
      tlv(0x82, sign('sha256', signed, privateKey)),
    ];
    it('is taken in the forms that others give it: other wrappers, times without Z, other octets signed', () => {
      const text = '20260506070809.';
      const time = Buffer.from(text);
      for (const signed of [time, tlv(0x81, time), tlv(0x18, time)]) {
        const content = parts(text, signed);
        for (const value of [
          tlv(0xa2, tlv(0xa0, tlv(0xa0, ...content))),
          tlv(0xa2, tlv(0x06, Buffer.from('28864800010104', 'hex')), tlv(0xa0, tlv(0xa0, tlv(0x30, ...content)))),
          tlv(0xa0, ...content),
        ]) {
          const decoded = decodeMaceValue(value);
          assert.equal(decoded.time, Date.parse('2026-05-06T07:08:09Z'));
          assert.equal(isSigned(decoded), true);
        }
      }
    });

    it('is refused when a part is missing, broken or too long', () => {
      const [first, second, third] = parts('20260506070809Z', Buffer.from('')) as [Buffer, Buffer, Buffer];
      const wrong: Buffer[] = [
        tlv(0xa0, first, second),
        tlv(0xa0, tlv(0x80, Buffer.from('no certificate')), second, third),
        tlv(0xa0, first, tlv(0x81, Buffer.from('yesterday')), third),
        tlv(0xa0, first, tlv(0x81, Buffer.from('20269906070809Z')), third),
        tlv(0xa0, first, second, tlv(0x82, Buffer.alloc(2000))),
        tlv(0xa0, tlv(0x80, Buffer.alloc(9000)), second, third),
        Array.from({ length: 40 }).reduce<Buffer>((inner) => tlv(0xa0, inner), Buffer.alloc(0)),
      ];
      for (const value of wrong) assert.throws(() => decodeMaceValue(value), /authentication value|depth|nest/i);
    });

    it('never throws anything but its errors, whatever octets come', () => {
      const whole = encodeMaceValue(certificate, privateKey, NOW);
      fc.assert(
        fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, octet) => {
          const octets = Buffer.from(whole);
          octets[at] = octet;
          try {
            isSigned(decodeMaceValue(octets));
          } catch (error) {
            assert.ok(error instanceof SecurityError || error instanceof DecodeError, String(error));
          }
        }),
        { numRuns: 300 },
      );
    });
  });

  describe('a peer', () => {
    const load = (options: Partial<MaceOptions> = {}): Promise<Mace> =>
      Mace.load({ ...own(pki.server), ca: pki.ca.cert, ...options }, Date.now());
    const valueOf = (of: { cert: string; key: { privateKey: Parameters<typeof sign>[2] } }, time: number) => ({
      mechanism: MACE_MECHANISM,
      value: encodeMaceValue(new X509Certificate(of.cert), of.key.privateKey as never, time),
    });
    const failure = (code: string) => (error: unknown) => error instanceof SecurityError && error.failure === code;

    it('is known by its certificate', async () => {
      const identity = await (await load()).verify(valueOf(pki.client, Date.now()), Date.now());
      assert.equal(identity.fingerprint, pki.client.fingerprint);
    });

    it('counts once: the same value again is a replay', async () => {
      const mace = await load();
      const value = valueOf(pki.client, Date.now());
      await mace.verify(value, Date.now());
      await assert.rejects(mace.verify(value, Date.now()), failure('REPLAY'));
    });

    it('counts within ten minutes of our own time, or the window that is set', async () => {
      const mace = await load();
      const now = Date.now();
      await mace.verify(valueOf(pki.client, now - 599_000), now);
      await mace.verify(valueOf(pki.client, now + 599_000), now);
      await assert.rejects(mace.verify(valueOf(pki.client, now - 601_000), now), failure('TIME'));
      await assert.rejects(mace.verify(valueOf(pki.client, now + 601_000), now), failure('TIME'));
      const strict = await load({ timeWindow: 2000 });
      await assert.rejects(strict.verify(valueOf(pki.client, now - 3000), now), failure('TIME'));
    });

    it('with a signature of another key is refused', async () => {
      const { cert } = pki.client;
      const value = valueOf({ cert, key: pki.server.key }, Date.now());
      await assert.rejects((await load()).verify(value, Date.now()), failure('SIGNATURE'));
    });

    it('with another mechanism is refused', async () => {
      const value = { ...valueOf(pki.client, Date.now()), mechanism: '1.2.3' };
      await assert.rejects((await load()).verify(value, Date.now()), /mechanism 1\.2\.3 is unknown/);
    });

    it('whose intermediate CA is among those that are known is taken', async () => {
      const leaf = pki.wrong('client', 'without its intermediate CA');
      await (await load({ ca: [pki.ca.cert, pki.intermediate.cert] })).verify(valueOf(leaf, Date.now()), Date.now());
    });

    for (const how of WRONG) {
      // Extended key usages are those of TLS.
      if (how === 'for another use') continue;
      it(`with a certificate that is ${how} is refused, and that is said`, async () => {
        const wrong = pki.wrong('client', how);
        const mace = await load({
          ...(how === 'revoked' && { crl: makeRevocationList({ issuer: pki.ca, revoked: [wrong] }) }),
          ...(how === 'not a known peer' && { knownPeers: [pki.client.fingerprint] }),
        });
        await assert.rejects(mace.verify(valueOf(wrong, Date.now()), Date.now()), failure(FAILURES[how]));
      });
    }
  });

  describe('an association', () => {
    const ends: { close(): Promise<void> }[] = [];
    afterEach(async () => {
      for (const end of ends.splice(0).reverse()) await end.close();
    });
    const serve = async (mace?: Partial<MaceOptions>, more = {}): Promise<[IedServer, number]> => {
      const server = IedServer.fromModel(testModel(), {
        port: 0,
        ...(mace && { mace: { ...own(pki.server), ca: pki.ca.cert, ...mace } }),
        ...more,
      });
      ends.push(server);
      return [server, (await server.listen()).port];
    };
    const connect = async (port: number, mace?: Partial<MaceOptions>): Promise<IedClient> => {
      const client = new IedClient({
        host: '127.0.0.1',
        port,
        name: 'BAY1',
        timeout: 2000,
        ...(mace && { mace: { ...own(pki.client), ca: pki.ca.cert, ...mace } }),
      });
      ends.push(client);
      await client.connect();
      return client;
    };

    it('stands when both ends have shown certificates, and the client has the role of its own', async () => {
      const clients = [{ name: 'SCADA', role: 'operator' as const, certificate: pki.client.fingerprint }];
      const [server, port] = await serve({}, { clients });
      const connected = once(server, 'clientConnected');
      const client = await connect(port, {});
      const [identity] = (await connected) as [Record<string, unknown>];
      assert.equal(identity.name, 'SCADA');
      assert.equal(identity.role, 'operator');
      assert.equal(identity.identifiedBy, 'mace');
      assert.equal((await client.identify()).model.length >= 0, true);
    });

    it('is refused by the server without a certificate, or with a wrong one', async () => {
      const [server, port] = await serve({});
      for (const [given, words, why] of [
        [undefined, /authentication required/, /gave no certificate/],
        [own(pki.wrong('client', 'of another CA')), /authentication failed/, /does not lead to a CA that is trusted/],
      ] as const) {
        const refused = once(server, 'clientRefused');
        await assert.rejects(connect(port, given), words);
        assert.match(String((await refused)[1]), why);
      }
    });

    it('is given up by the client when the server proves nothing, or something wrong', async () => {
      const [, port] = await serve();
      await assert.rejects(connect(port, {}), /gave no certificate in its association response/);
      await connect(port, { required: false });
      const [, other] = await serve({});
      await assert.rejects(connect(other, { knownPeers: [pki.client.fingerprint] }), /not among the known peers/);
    });

    it('lets in who gives none where the server does not insist', async () => {
      const [, port] = await serve({ required: false });
      await connect(port);
    });
  });
});
