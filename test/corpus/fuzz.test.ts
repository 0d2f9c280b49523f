/** 10,000 mutated PDUs and streams of the captures, thrown at both roles: nothing throws, nothing hangs. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { berInteger, tlv } from '../../src/ber/encode.js';
import { encodeServiceRequest } from '../../src/mms/services.js';
import { encodeTpkt } from '../../src/osi/tpkt.js';
import { Loopback } from '../server/loopback.js';
import { generator, mutated } from '../support/mutate.js';
import { associated, end, parameters } from '../support/pair.js';
import { carriedBy } from './associations.js';
import { readCapture, tcpConnections } from './pcap.js';

const FOLDER = path.resolve(__dirname, '../../../shared/corpus/pcap');
const CASES = 10_000;
const IDENTIFY = encodeServiceRequest({ service: 'identify' });

/** A data TSDU around an MMS PDU. */
function wire(pdu: Buffer): Buffer {
  const ppdu = tlv(0x61, tlv(0x30, berInteger(0x02, 3), tlv(0xa0, pdu)));
  return encodeTpkt(Buffer.of(2, 0xf0, 0x80, 1, 0, 1, 0), ppdu);
}

describe('mutated captures', function () {
  this.timeout(300_000);
  const pdus: Buffer[] = [];
  const streams: Buffer[] = [];

  before(function () {
    if (!existsSync(FOLDER)) {
      console.log(`      skipped: there is no ${FOLDER}`);
      this.skip();
    }
    for (const file of readdirSync(FOLDER)) {
      for (const connection of tcpConnections(readCapture(readFileSync(path.join(FOLDER, file))))) {
        pdus.push(...carriedBy(connection).pdus.filter((pdu) => pdu.length < 4000));
        for (const direction of connection.directions) streams.push(...direction.runs.filter((run) => run[0] === 3));
      }
    }
    assert.ok(pdus.length > 500 && streams.length > 50);
  });

  it(`${CASES} PDUs and streams end in an answer, an error or nothing, for a client and for a server`, () => {
    const random = generator(61850);
    let server = new Loopback();
    let client = associated().client;
    for (let i = 0; i < CASES; i++) {
      const pdu = pdus[random(pdus.length)] as Buffer;
      const octets = wire(mutated(pdu, random));
      if (server.ends.length > 0) server = new Loopback();
      server.connection.receive(octets, 0);
      assert.deepEqual(server.failures, []);
      if (!client.association.open) client = associated().client;
      client.association.request(IDENTIFY, { response: () => undefined, failed: () => undefined }, 0);
      client.association.receive(octets, 0);
      client.association.tick(1e6);
      if (i % 10 === 0) {
        const stream = mutated((streams[random(streams.length)] as Buffer).subarray(0, 20_000), random);
        for (const role of ['client', 'server'] as const) {
          const one = end(role, parameters());
          one.association.transportConnected(0);
          one.association.receive(stream, 0);
        }
      }
    }
  });
});
