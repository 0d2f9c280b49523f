/** What crashed other stacks (FIELD_NOTES): here it ends at most the association that it came by. */
import assert from 'node:assert/strict';
import { encodeServiceRequest } from '../../src/mms/services.js';
import { tlv } from '../../src/mms/wire.js';
import { OsiConnection } from '../../src/osi/connection.js';
import { ServerCore } from '../../src/server/server-core.js';
import { testModel } from './fixture.js';
import { Loopback, nameOf, packet } from './loopback.js';

const CORE = new ServerCore(testModel(), {}, () => undefined);
const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
/** A confirmed request with invokeID 5. */
const confirmed = (service: Buffer): Buffer => tlv(0xa0, Buffer.of(2, 1, 5), service);

/** The server ended this association with an error of its own making, and serves the next one. */
function assertEnded(client: Loopback): void {
  assert.ok(client.serverEnd?.error, 'the association goes on');
  assert.deepEqual(client.failures, []);
  assert.equal(Loopback.open({ core: client.core }).read('TESTLD1/XCBR1')[0]?.success, true);
}

/** The server rejected the request and answers the next one. */
function assertRejected(client: Loopback, pdu: Buffer): void {
  const [answer] = client.inject(pdu);
  assert.equal(answer?.pdu, 'reject', JSON.stringify(answer));
  assert.equal(client.serverEnd, undefined);
  assert.deepEqual(client.failures, []);
  assert.equal(client.read('TESTLD1/XCBR1')[0]?.success, true);
}

/** First octets to a server that nobody talked to before. */
function fresh(octets: Buffer): Loopback {
  const client = new Loopback({ core: CORE });
  client.connection.connected(0);
  client.connection.receive(octets, 0);
  return client;
}

/** Associates with something changed in the session CONNECT, which is the second thing that a client sends. */
function connectWith(change: (connect: Buffer) => Buffer): Loopback {
  const client = new Loopback({ core: CORE, tamper: (octets, index) => (index === 1 ? change(octets) : octets) });
  client.connect();
  return client;
}

/** Associates as a client does that sends these octets as its Initiate request. */
function associatedWith(initiate: Buffer): Loopback {
  const client = new Loopback();
  const osi = new OsiConnection(
    'client',
    { local: {}, remote: {} },
    {
      send: (octets) => client.connection.receive(octets, 0),
      connected: () => undefined,
      data: () => undefined,
      released: () => undefined,
      ended: () => undefined,
    },
  );
  client.connection.connected(0);
  osi.connect(initiate);
  // The connection confirm is the one thing that it has to hear.
  osi.receive(client.sent[0] ?? Buffer.alloc(0));
  return client;
}

/** Puts `after` in the place of `before`, which stands in the octets once, and corrects the outer lengths by rebuilding. */
function replaced(octets: Buffer, before: Buffer, after: Buffer): Buffer {
  assert.equal(before.length, after.length);
  const at = octets.indexOf(before);
  assert.ok(at >= 0, 'the octets to change are not there');
  const copy = Buffer.from(octets);
  after.copy(copy, at);
  return copy;
}

describe('malformed transport and session', () => {
  for (let length = 0; length < 7; length++) {
    it(`TPKT of length ${length} (CVE-2020-15158)`, () => {
      assertEnded(fresh(Buffer.concat([Buffer.of(3, 0, 0, length), Buffer.alloc(16)])));
    });
  }

  it('something that is no TPKT: HTTP, TLS, zeros', () => {
    for (const octets of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), hex('160301020001'), Buffer.alloc(64)])
      assertEnded(fresh(octets));
  });

  it('COTP length indicator beyond the packet, and COTP data before a connection', () => {
    assertEnded(fresh(hex('0300000b ff e0 0000 0001 00')));
    assertEnded(fresh(hex('03000007 02f080')));
  });

  it('COTP connection request twice', () => {
    const request = hex('0300000b 06 e0 0000 0001 00');
    const client = fresh(request);
    assert.equal(client.serverEnd, undefined);
    client.connection.receive(request, 0);
    assertEnded(client);
  });

  it('S-CONNECT with no user data (CVE-2021-45769)', () => {
    assertEnded(connectWith(() => packet(hex('0d 00'))));
    assertEnded(connectWith(() => packet(hex('0d 02 c1 00'))));
  });

  it('S-CONNECT cut at every octet', () => {
    let whole: Buffer = Buffer.alloc(0);
    connectWith((connect) => (whole = connect));
    for (let length = 8; length < whole.length; length++) {
      const client = connectWith((connect) => packet(connect.subarray(7, length)));
      assert.equal(client.connection.open, false);
      assert.ok(client.serverEnd?.error, `cut at ${length}`);
    }
  });

  it('session data in place of S-CONNECT', () => {
    assertEnded(connectWith(() => packet(hex('01000100 6100'))));
  });
});

describe('malformed presentation and ACSE', () => {
  it('presentation normal-mode parameters of length 0 (CVE-2022-21159, CVE-2026-66360)', () => {
    for (const ppdu of [
      '31 00',
      '31 05 a0 03 80 01 01',
      '31 07 a0 03 80 01 01 a2 00',
      '31 09 a0 03 80 01 01 a2 02 a4 00',
    ]) {
      const body = hex(ppdu);
      assertEnded(
        connectWith(() => packet(Buffer.concat([Buffer.of(0x0d, body.length + 2, 0xc1, body.length), body]))),
      );
    }
  });

  it('calling-AP-title of length 0 and 1 (CVE-2026-56758)', () => {
    // A6 05 06 03 29 87 67: [6] { OBJECT IDENTIFIER 1.1.999 }, with the inner length made wrong.
    const title = hex('a606 0604 29018767');
    for (const wrong of ['a606 0600 00000000', 'a606 0601 80000000', 'a600 0604 29018767', 'a601 0604 29018767']) {
      const client = connectWith((connect) => replaced(connect, title, hex(wrong)));
      assert.equal(client.connection.open, false, wrong);
      assertEnded(client);
    }
  });
});

describe('malformed MMS', () => {
  it('Initiate request with wrong lengths, empty and without its detail (CVE-2026-49035)', () => {
    const detail = 'a40e 800101 810305f100 820403ee1c00';
    assert.equal(
      associatedWith(hex(`a81d 8002 ffff 810105 820105 83010a ${detail}`)).serverEnd?.error?.name,
      'DecodeError',
    );
    assert.equal(associatedWith(hex(`a81e 800300ffff 810105 820105 83010a ${detail}`)).serverEnd, undefined);
    const wrong = [
      '',
      'a8',
      'a800',
      'a802 8000',
      'a803 a40180',
      'a805 8003ffffff',
      'a80b 8109000000000000000000',
      'a100',
      'a8ff',
    ];
    const wrongDetail = ['a40e 800101 810109 820403ee1c00 00', 'a402 8000', 'a400', 'a4ff'];
    wrong.push(
      ...wrongDetail.map(
        (one) => `a8${(10 + hex(one).length).toString(16).padStart(2, '0')} 80020400 810105 820105 ${one}`,
      ),
    );
    for (const initiate of wrong) {
      const client = associatedWith(hex(initiate));
      assert.equal(client.connection.open, false, initiate);
      assertEnded(client);
    }
  });

  it('negative invokeID', () => {
    for (const pdu of ['a005 0201ff 8200', 'a006 0202ff00 8200', 'a004 0200 8200', 'a00a 0206800000000000 8200']) {
      const client = Loopback.open();
      client.inject(hex(pdu));
      assertEnded(client);
    }
    const client = Loopback.open();
    const [answer] = client.inject(hex('a009 0205 00ffffffff 8200'));
    assert.ok(answer?.pdu === 'confirmed-response' && answer.invokeId === 0xffffffff);
  });

  it('deep ReadRequest (CVE-2026-50039)', () => {
    const client = Loopback.open();
    for (const depth of [10, 40, 200, 5000]) {
      let access = tlv(0x81, Buffer.from('x'));
      for (let i = 0; i < depth; i++) access = tlv(0xa0, tlv(0x80, Buffer.from('x')), tlv(0x30, access));
      const variable = tlv(0x30, tlv(0xa0, Buffer.from('8001 78'.replace(' ', ''), 'hex')), tlv(0xa5, access));
      const request = confirmed(tlv(0xa4, tlv(0xa1, tlv(0xa0, variable))));
      if (depth === 10) assert.equal(client.inject(request)[0]?.pdu, 'confirmed-response');
      else assertRejected(client, request);
    }
  });

  it('deep Data in a write', () => {
    const client = Loopback.open({ writable: ['SP'] });
    let data: Buffer = Buffer.of(0x83, 1, 1);
    for (let i = 0; i < 3000; i++) data = tlv(0xa2, data);
    const name = encodeServiceRequest({
      service: 'getVariableAccessAttributes',
      name: nameOf('TESTLD1/GGIO1$SP$SINT8'),
    }).subarray(2);
    assertRejected(client, confirmed(tlv(0xa5, tlv(0xa0, tlv(0x30, name)), tlv(0xa0, data))));
  });

  it('confirmed request with a multi-octet tag (CVE-2026-63550, CVE-2026-66349)', () => {
    const client = Loopback.open();
    for (const service of ['bf4900', 'bf8101 00', 'bfffff7f 00', 'bf', 'bf49', 'ffffffffff'])
      assertRejected(client, confirmed(hex(service)));
  });

  it('BOOLEAN and INTEGER of wrong length (CVE-2026-65421)', () => {
    const client = Loopback.open({ writable: ['SP'] });
    for (const service of ['8000', '8003 000001', 'a40a 8000 a106 a004 3002 a000', 'a40b 800a 01020304050607080900']) {
      assertRejected(client, confirmed(hex(service)));
    }
    for (const data of [
      '8300',
      '83020101',
      '8500',
      '8512 000000000000000000000000000000000000',
      '8700',
      '8702 0801',
      '8703080102',
      '9100',
    ]) {
      const name = encodeServiceRequest({
        service: 'getVariableAccessAttributes',
        name: nameOf('TESTLD1/GGIO1$SP$SINT8'),
      }).subarray(2);
      assertRejected(client, confirmed(tlv(0xa5, tlv(0xa0, tlv(0x30, name)), tlv(0xa0, hex(data)))));
    }
  });

  it('Data and BIT STRING with wrong contents (CVE-2020-7054, CVE-2019-19931), array (CVE-2019-1010300)', () => {
    const client = Loopback.open({ writable: ['SP'] });
    for (const data of [
      '8400',
      '8401ff',
      '840109',
      '84020900',
      'a101',
      'a10584038400',
      '8c03000000',
      '8b',
      '92',
      'a2 03 a1 05 00',
    ]) {
      const name = encodeServiceRequest({
        service: 'getVariableAccessAttributes',
        name: nameOf('TESTLD1/GGIO1$SP$SQuality'),
      }).subarray(2);
      assertRejected(client, confirmed(tlv(0xa5, tlv(0xa0, tlv(0x30, name)), tlv(0xa0, hex(data)))));
    }
    // Longer than its padding says: no bits at all, which the type does not forbid.
    assert.equal(client.write('TESTLD1/GGIO1$SP$SQuality$setVal', { type: 'bit-string', bits: '' }), undefined);
  });

  it('GetNameList lengths (CVE-2024-25366)', () => {
    const client = Loopback.open();
    const parts = [
      'a000',
      'a00480020000',
      'a003800100 a100',
      'a003800100 a1028100 82ff',
      'a003800109 a1028000 8284ffffffff',
      'a003800100',
    ];
    for (const part of parts) assertRejected(client, confirmed(tlv(0xa1, hex(part))));
    const long = 'x'.repeat(300);
    assertRejected(client, confirmed(tlv(0xa1, hex('a003800109 a1028000'), tlv(0x82, Buffer.from(long)))));
    assertRejected(client, confirmed(tlv(0xa1, hex('a003800100'), tlv(0xa1, tlv(0x81, Buffer.from(long))))));
    const empty = client.inject(confirmed(tlv(0xa1, hex('a003800100 a1028100'))))[0];
    assert.equal(empty?.pdu, 'confirmed-error');
  });

  it('BER length encodings (CVE-2024-36702)', () => {
    for (const pdu of [
      'a0',
      'a080',
      'a081',
      'a0ff',
      'a084ffffffff',
      'a085 0000000005 0201058200',
      'a0820100 020105',
      'a004 020105',
    ]) {
      const client = Loopback.open();
      client.inject(hex(pdu));
      if (client.serverEnd) assertEnded(client);
      assert.deepEqual(client.failures, [], pdu);
    }
    // Longer than needed is legal in BER.
    const client = Loopback.open();
    assert.equal(client.inject(hex('a0820006 02810105 8200'))[0]?.pdu, 'confirmed-response');
  });

  it('DeleteNamedVariableList without a list (CVE-2024-26529), FileClose and others that are not served (CVE-2024-28286)', () => {
    const client = Loopback.open();
    for (const service of [
      'ad00',
      'ab00',
      '9f4a 01 00',
      '9f4a 00',
      'bf48 00',
      'bf49 00',
      'bf4d 00',
      'bf41 00',
      'b300',
      '9f49 0101',
    ]) {
      assertRejected(client, confirmed(hex(service)));
    }
  });

  it('a request without a service, and one with modifiers before it', () => {
    const client = Loopback.open();
    assertRejected(client, hex('a003 020105'));
    assertRejected(client, hex('a005 020105 3000'));
    assert.equal(client.inject(hex('a007 020105 3000 8200'))[0]?.pdu, 'confirmed-response');
  });

  it('PDUs that a client never sends: responses are ignored, the rest ends the association', () => {
    for (const pdu of ['a105 020105 a000', 'a303 a00100', 'a400', 'a203 800105']) {
      const client = Loopback.open();
      client.inject(hex(pdu));
      assert.deepEqual(client.failures, [], pdu);
    }
    for (const pdu of ['a800', 'a900', 'ff00', '00']) {
      const client = Loopback.open();
      client.inject(hex(pdu));
      assertEnded(client);
    }
  });

  it('a write to RptID of more than 129 characters, and then GI (CVE-2026-68908)', () => {
    const client = Loopback.open({ writable: ['SP', 'CF'] });
    assert.equal(client.write('TESTLD1/LLN0$RP$urcb01$RptID', { type: 'visible-string', value: 'x'.repeat(500) }), 11);
    assert.equal(client.write('TESTLD1/LLN0$RP$urcb01$GI', { type: 'boolean', value: true }), 2);
    assert.deepEqual(client.failures, []);
  });

  it('names with any octets', () => {
    const client = Loopback.open();
    for (const name of [
      '',
      '$',
      '$$',
      'XCBR1$',
      '$ST',
      'XCBR1$ST$$',
      '__proto__',
      'constructor$prototype',
      '\u0000',
      'XCBR1\u0000$ST',
      'ÿ'.repeat(255),
    ]) {
      assert.equal(client.read(`TESTLD1/${name}`)[0]?.success, false, JSON.stringify(name));
      assert.deepEqual(client.names('TESTLD1', 2, name).moreFollows, false);
      client.names('TESTLD1', 0, name);
    }
  });

  it('a read of more variables than an answer holds', () => {
    const client = Loopback.open();
    const list = Array.from({ length: 20_000 }, () => ({ name: { scope: 'vmd', item: 'x' } as const }));
    const service = encodeServiceRequest({ service: 'read', specificationWithResult: false, access: { list } });
    assert.ok(service.length > 65_000);
    // Past our own client, which would not send it.
    client.connection.receive(fragmented(confirmed(service)), 0);
    assert.equal(client.serverEnd, undefined);
    assert.equal(client.read('TESTLD1/XCBR1')[0]?.success, true);
  });
});

/** TPKTs of 1000 octets that carry one MMS PDU. */
function fragmented(pdu: Buffer): Buffer {
  const tsdu = Buffer.concat([Buffer.of(1, 0, 1, 0), tlv(0x61, tlv(0x30, Buffer.of(2, 1, 3), tlv(0xa0, pdu)))]);
  const packets: Buffer[] = [];
  for (let at = 0; at < tsdu.length; at += 1000) {
    const one = packet(tsdu.subarray(at, at + 1000));
    if (at + 1000 < tsdu.length) one[6] = 0;
    packets.push(one);
  }
  return Buffer.concat(packets);
}
