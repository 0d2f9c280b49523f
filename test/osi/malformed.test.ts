/** Octets that crashed other stacks: each ends the association, never the process. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { tlv } from '../../src/ber/encode.js';
import { encodeServiceRequest, encodeServiceResponse } from '../../src/mms/services.js';
import { encodeTpkt } from '../../src/osi/tpkt.js';
import { encodeSessionConnect } from '../../src/osi/session.js';
import { encodeConnectPpdu } from '../../src/osi/presentation.js';
import { associated, carry, end, parameters, type End } from '../support/pair.js';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const DATA = hex('02f080');
const CONNECTION_REQUEST = hex('0300000b 06e00000000100');

function server(): End {
  const one = end('server', parameters());
  one.association.transportConnected(0);
  return one;
}

/** A server whose transport connection stands. */
function transportServer(): End {
  const one = server();
  one.association.receive(CONNECTION_REQUEST, 0);
  assert.equal(one.closed.length, 0);
  return one;
}

/** A client whose association request is out. */
function askingClient(): End {
  const client = end('client', parameters());
  client.association.transportConnected(0);
  client.association.receive(hex('0300000b 06d00001000100'), 0);
  return client;
}

function assertEnded(one: End, code = 'IEC61850_MALFORMED'): void {
  assert.equal(one.closed.length, 1);
  assert.equal(one.closed[0]?.error?.code, code);
  assert.equal(one.association.open, false);
}

const connect = (ppdu: Buffer): Buffer => encodeTpkt(DATA, encodeSessionConnect('connect', { userData: ppdu }));
const acceptOf = (ppdu: Buffer): Buffer => encodeTpkt(DATA, encodeSessionConnect('accept', { userData: ppdu }));

describe('malformed OSI layers', () => {
  it('CVE-2020-15158: TPKT or COTP length below 4', () => {
    for (const octets of [
      '03000000',
      '03000003',
      '0300000400',
      '03000006 0000',
      '03000007 00f080',
      '03000007 ffe000',
      '03000007 01e000',
    ]) {
      const one = server();
      one.association.receive(hex(octets), 0);
      assertEnded(one);
    }
  });

  it('what is no TPKT at all is said to be no MMS', () => {
    const one = server();
    one.association.receive(Buffer.from('GET / HTTP/1.1\r\n\r\n'), 0);
    assert.match(one.closed[0]?.error?.message ?? '', /does not speak MMS/);
    assert.match(one.closed[0]?.error?.hint ?? '', /address and port/);
  });

  it('CVE-2021-45769: S-CONNECT with no user data', () => {
    for (const spdu of ['0d00', '0d0a 0506130100160102 1400', '0d04 c1020000']) {
      const one = transportServer();
      one.association.receive(encodeTpkt(DATA, hex(spdu)), 0);
      assertEnded(one);
    }
  });

  it('CVE-2022-21159, CVE-2026-66360: presentation normal-mode parameters of length 0', () => {
    for (const ppdu of ['3105 a003800101', '3107 a003800101 a200', '3100', 'a200', '31']) {
      const one = transportServer();
      one.association.receive(connect(hex(ppdu)), 0);
      assertEnded(one);
      const client = askingClient();
      client.association.receive(acceptOf(hex(ppdu)), 0);
      assertEnded(client);
    }
  });

  it('CVE-2026-56758: AARQ calling-AP-title of length 0 or 1', () => {
    for (const title of ['a600', 'a60106', 'a6020600', 'a700', 'a70102', 'a200']) {
      const aarq = tlv(0x60, hex('a107060528ca220203'), hex(title), hex('be0b 2809 020103 a004 a8020000'));
      const one = transportServer();
      one.association.receive(connect(encodeConnectPpdu({}, aarq)), 0);
      assertEnded(one);
    }
  });

  it('CVE-2026-68906: AARE user-information that never advances', () => {
    for (const information of ['be00', 'be022800', 'be052803020103', 'be04 2880 0000', 'be0328a000']) {
      const aare = tlv(0x61, hex('a203020100'), hex(information));
      const accept = tlv(
        0x31,
        hex('a003800101'),
        tlv(
          0xa2,
          hex('a507 3005 800100 8100'.replace(/\s/g, '')),
          tlv(0x61, tlv(0x30, hex('020101'), tlv(0xa0, aare))),
        ),
      );
      const client = askingClient();
      client.association.receive(acceptOf(accept), 0);
      assertEnded(client);
    }
  });

  it('CVE-2024-36702: BER lengths that reach past what is there', () => {
    for (const length of ['84ffffffff', '85ffffffffff', '83ffffff', '80', '7f']) {
      const one = transportServer();
      one.association.receive(connect(hex(`31${length}`)), 0);
      assertEnded(one);
    }
  });

  it('CVE-2026-49035: Initiate requests that are empty, short or absurd', () => {
    for (const initiate of [
      'a800',
      'a803810105',
      'a805800500000000',
      'a80f 800200ff 810105 820105 a40480010181',
      'a900',
    ]) {
      const aarq = tlv(0x60, tlv(0xbe, tlv(0x28, hex('020103'), tlv(0xa0, hex(initiate)))));
      const one = transportServer();
      one.association.receive(connect(encodeConnectPpdu({}, aarq)), 0);
      assert.equal(one.closed.length, 1, initiate);
    }
  });

  it('CVE-2024-45969: Initiate answers that are empty, short or absurd end the client', () => {
    for (const initiate of ['a900', 'a903810105', 'a8', 'aa02a000', 'a106020105a20080']) {
      const aare = tlv(0x61, hex('a203020100'), tlv(0xbe, tlv(0x28, hex('020103'), tlv(0xa0, hex(initiate)))));
      const accept = tlv(0x31, hex('a003800101'), tlv(0xa2, tlv(0x61, tlv(0x30, hex('020101'), tlv(0xa0, aare)))));
      const client = askingClient();
      client.association.receive(acceptOf(accept), 0);
      assert.equal(client.closed.length, 1, initiate);
      assert.ok(client.closed[0]?.error);
    }
  });

  it('data before the association stands, and a second connection request, end it', () => {
    const early = server();
    early.association.receive(encodeTpkt(DATA, hex('01000100 6103 300100')), 0);
    assertEnded(early);
    const twice = transportServer();
    twice.association.receive(CONNECTION_REQUEST, 0);
    assertEnded(twice);
  });

  it('fragments without end are bounded', () => {
    const one = transportServer();
    const fragment = encodeTpkt(hex('02f000'), Buffer.alloc(60000));
    for (let i = 0; i < 20; i++) one.association.receive(fragment, 0);
    assertEnded(one, 'IEC61850_LIMIT');
    const many = transportServer();
    const small = encodeTpkt(hex('02f000'), Buffer.alloc(1));
    for (let i = 0; i < 4100; i++) many.association.receive(small, 0);
    assertEnded(many, 'IEC61850_LIMIT');
  });

  it('random octets never throw and never loop', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (octets, framed) => {
        const one = transportServer();
        one.association.receive(framed ? encodeTpkt(DATA, octets) : Buffer.from(octets), 0);
        const client = askingClient();
        client.association.receive(framed ? encodeTpkt(DATA, octets) : Buffer.from(octets), 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('mutated sessions never throw out of either role', () => {
    const request = encodeServiceRequest({ service: 'identify' });
    const response = encodeServiceResponse({ service: 'identify', vendor: 'v', model: 'm', revision: 'r' });
    /** Every write of a whole session, by role. */
    const record = (): { client: Buffer[]; server: Buffer[] } => {
      const written = { client: [] as Buffer[], server: [] as Buffer[] };
      const pair = associated(
        {},
        { confirmedRequest: (invokeId) => pair.server.association.respond(invokeId, [response], response.length) },
      );
      const client = end('client', parameters());
      const other: End = end('server', parameters(), {
        confirmedRequest: (invokeId) => other.association.respond(invokeId, [response], response.length),
      });
      other.association.transportConnected(0);
      client.association.transportConnected(0);
      for (let i = 0; i < 4; i++) {
        if (i === 2) client.association.request(request, { response: () => undefined, failed: () => undefined }, 0);
        for (const octets of client.sent.splice(0)) {
          written.client.push(Buffer.from(octets));
          other.association.receive(octets, 0);
        }
        for (const octets of other.sent.splice(0)) {
          written.server.push(Buffer.from(octets));
          client.association.receive(octets, 0);
        }
      }
      return written;
    };
    const session = record();
    assert.equal(session.client.length, 3);
    const mutate = (octets: Buffer, changes: readonly (readonly [number, number])[]): Buffer => {
      const copy = Buffer.from(octets);
      for (const [at, value] of changes) copy[at % copy.length] = value;
      return copy;
    };
    const changes = fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.nat(2), changes, (which, change) => {
        const one = server();
        session.client.forEach((octets, i) =>
          one.association.receive(i === which ? mutate(octets, change) : octets, 0),
        );
        const client = end('client', parameters());
        client.association.transportConnected(0);
        session.server.forEach((octets, i) => {
          client.association.receive(i === which ? mutate(octets, change) : octets, 0);
          if (i === 1) client.association.request(request, { response: () => undefined, failed: () => undefined }, 0);
        });
        client.association.tick(5000);
      }),
      { numRuns: 4000 },
    );
  });

  it('an association goes on after an orderly session of many pieces', () => {
    const { client, server: peer } = associated({}, {}, 3);
    carry(client, peer);
    assert.equal(client.association.open, true);
  });
});
