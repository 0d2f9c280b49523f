/** 10,000 inputs that nobody would send on purpose: the server neither throws nor stops to serve others. */
import assert from 'node:assert/strict';
import { encodeServiceRequest, type ServiceRequest } from '../../src/mms/services.js';
import { tlv } from '../../src/mms/wire.js';
import { ServerCore } from '../../src/server/server-core.js';
import { generator, mutated } from '../support/mutate.js';
import { testModel } from './fixture.js';
import { dataPacket, Loopback, nameOf } from './loopback.js';

const RANDOM_STREAMS = 2000;
const MUTATED_CONNECTS = 2000;
const MUTATED_REQUESTS = 6000;

const list = [{ name: nameOf('TESTLD1/XCBR1$ST$Pos') }, { name: nameOf('TESTLD2/MMXU1') }];
const element = [
  {
    name: nameOf('TESTLD2/MHAI1$MX$HA$phsAHar'),
    access: [{ select: 'range', index: 1, count: 2 } as const, { select: 'component', name: 'cVal$mag$f' } as const],
  },
];
const REQUESTS: ServiceRequest[] = [
  { service: 'status', extended: false },
  { service: 'identify' },
  { service: 'getNameList', objectClass: 0, scope: { scope: 'domain', domain: 'TESTLD1' }, continueAfter: 'LLN0$BR' },
  { service: 'getNameList', objectClass: 9, scope: { scope: 'vmd' } },
  { service: 'read', specificationWithResult: true, access: { list } },
  { service: 'read', specificationWithResult: false, access: { list: element } },
  { service: 'read', specificationWithResult: false, access: { listName: nameOf('TESTLD1/LLN0$dsPositions') } },
  { service: 'getVariableAccessAttributes', name: nameOf('TESTLD1/GGIO1') },
  { service: 'getNamedVariableListAttributes', name: nameOf('TESTLD1/LLN0$dsPositions') },
  {
    service: 'write',
    access: {
      list: [
        { name: nameOf('TESTLD1/GGIO1$SP$SINT32$setVal') },
        { name: nameOf('TESTLD1/GGIO1$SP$STimestamp$setVal') },
      ],
    },
    data: [
      { type: 'integer', value: 5 },
      { type: 'utc-time', seconds: 1, fraction: 2, quality: 3 },
    ],
  },
  {
    service: 'write',
    access: { list: [{ name: nameOf('TESTLD1/GGIO1$SP$Crv$crvPts'), access: [{ select: 'index', index: 1 }] }] },
    data: [{ type: 'structure', items: [1, 2].map((value) => ({ type: 'float', value, width: 32 }) as const) }],
  },
  {
    service: 'write',
    access: { listName: nameOf('TESTLD1/LLN0$dsSettings') },
    data: [
      { type: 'integer', value: 1 },
      { type: 'bit-string', bits: '01' },
    ],
  },
  {
    service: 'write',
    access: { list: ['ActSG', 'EditSG', 'CnfEdit'].map((name) => ({ name: nameOf(`TESTLD1/LLN0$SP$SGCB$${name}`) })) },
    data: [
      { type: 'unsigned', value: 2 },
      { type: 'unsigned', value: 1 },
      { type: 'boolean', value: true },
    ],
  },
  {
    service: 'write',
    access: { list: ['TrgOps', 'LogEna'].map((name) => ({ name: nameOf(`TESTLD1/LLN0$LG$lcb$${name}`) })) },
    data: [
      { type: 'bit-string', bits: '011011' },
      { type: 'boolean', value: true },
    ],
  },
  {
    service: 'readJournal',
    journal: nameOf('TESTLD1/LLN0$Events'),
    start: { time: { ms: 1000, days: 15_000 } },
    stop: { entries: 7 },
    variables: ['TESTLD1/XCBR1$ST$Pos'],
    after: { time: { ms: 1000, days: 15_000 }, entry: Buffer.from('0000000000000001', 'hex') },
  },
];

describe('a server under random octets', () => {
  let core: ServerCore;
  beforeEach(() => {
    core = new ServerCore(testModel(), { writable: ['SP', 'SG', 'SE', 'CF', 'DC', 'SV', 'BL'] }, () => undefined);
  });

  function assertServes(): void {
    const client = Loopback.open({ core });
    assert.equal(client.read('TESTLD1/XCBR1$ST$Pos')[0]?.success, true);
    assert.ok(client.names('TESTLD1').names.length > 100);
  }

  it(`${RANDOM_STREAMS} streams of noise`, () => {
    const random = generator(1);
    for (let i = 0; i < RANDOM_STREAMS; i++) {
      const client = new Loopback({ core });
      client.connection.connected(0);
      const noise = Buffer.from(Array.from({ length: 1 + random(200) }, () => random(256)));
      // Half of them get past the first header.
      if (i % 2 === 0) Buffer.of(3, 0, 0, Math.min(255, noise.length)).copy(noise);
      client.connection.receive(noise, 0);
      assert.deepEqual(client.failures, []);
      assert.equal(client.connection.open, false);
    }
    assertServes();
  });

  it(`${MUTATED_CONNECTS} associations with an error in them`, () => {
    const random = generator(2);
    let stood = 0;
    for (let i = 0; i < MUTATED_CONNECTS; i++) {
      const client = new Loopback({
        core,
        tamper: (octets, index) => (index === i % 2 ? mutated(octets, random) : octets),
      });
      client.connect();
      assert.deepEqual(client.failures, []);
      if (client.connection.open) stood++;
    }
    // Where the error sits in what is not looked at, the association stands.
    assert.ok(stood > 0 && stood < MUTATED_CONNECTS);
    assertServes();
  });

  it(`${MUTATED_REQUESTS} requests with an error in them`, () => {
    const random = generator(3);
    let client = Loopback.open({ core });
    let ended = 0;
    for (let i = 0; i < MUTATED_REQUESTS; i++) {
      const service = encodeServiceRequest(REQUESTS[i % REQUESTS.length] as ServiceRequest);
      const pdu = tlv(0xa0, Buffer.of(2, 1, 5), service);
      // The error is in the MMS PDU, or anywhere in the packet.
      const packet = i % 4 === 0 ? mutated(dataPacket(pdu), random) : dataPacket(mutated(pdu, random));
      client.sent = [];
      client.connection.receive(packet, 0);
      assert.deepEqual(client.failures, []);
      const answered = client.sent.reduce((sum, octets) => sum + octets.length, 0);
      assert.ok(answered < 70_000, `${answered} octets for one request`);
      // A packet that is not complete waits for more, which would be the next case.
      if (client.serverEnd) ended++;
      if (client.serverEnd || i % 4 === 0) client = Loopback.open({ core });
    }
    assert.ok(ended > 0);
    assertServes();
  });
});
