import assert from 'node:assert/strict';
import { berInteger, tlv } from '../../src/ber/encode.js';
import { BerReader } from '../../src/ber/reader.js';
import type { Iec61850Error } from '../../src/errors.js';
import type { AssociationRequest } from '../../src/osi/connection.js';
import {
  decodeServiceResponse,
  encodeServiceRequest,
  encodeServiceResponse,
  type ServiceResponse,
} from '../../src/mms/services.js';
import { decodeMmsPdu, encodeMmsPdu } from '../../src/mms/pdu.js';
import { serviceErrorByName } from '../../src/mms/service-error.js';
import { associated, carry, end, parameters, type End } from '../support/pair.js';

const IDENTIFY = encodeServiceRequest({ service: 'identify' });
const IDENTITY: ServiceResponse = { service: 'identify', vendor: 'v', model: 'm', revision: 'r' };

/** Sends Identify and collects what becomes of it. */
function ask(client: End, now = 0): { answers: ServiceResponse[]; errors: Iec61850Error[] } {
  const outcome = { answers: [] as ServiceResponse[], errors: [] as Iec61850Error[] };
  client.association.request(
    IDENTIFY,
    {
      response: (octets, start, stop) => {
        const reader = new BerReader(octets, start, stop);
        reader.next();
        outcome.answers.push(decodeServiceResponse(reader));
      },
      failed: (error) => outcome.errors.push(error),
    },
    now,
  );
  return outcome;
}

/** The data TSDU around an MMS PDU, as a peer would send it. */
function wire(pdu: Buffer): Buffer {
  const ppdu = tlv(0x61, tlv(0x30, berInteger(0x02, 3), tlv(0xa0, pdu)));
  const tsdu = Buffer.concat([Buffer.of(2, 0xf0, 0x80, 1, 0, 1, 0), ppdu]);
  const length = tsdu.length + 4;
  return Buffer.concat([Buffer.of(3, 0, length >>> 8, length & 0xff), tsdu]);
}

function answering(): { client: End; server: End; invokeIds: number[] } {
  const invokeIds: number[] = [];
  const pair = associated(
    {},
    {
      confirmedRequest: (invokeId) => {
        invokeIds.push(invokeId);
        const response = encodeServiceResponse(IDENTITY);
        pair.server.association.respond(invokeId, [response], response.length);
      },
    },
  );
  return { ...pair, invokeIds };
}

describe('MmsAssociation', () => {
  for (const piece of [1, 7, Infinity]) {
    it(`associates and answers with ${piece} octets a write`, () => {
      const { client, server } = answering();
      const outcome = ask(client);
      carry(client, server, piece);
      assert.deepEqual(outcome.answers, [IDENTITY]);
    });
  }

  it('the lower offer wins on both sides', () => {
    const client = end('client', parameters({ maxPduSize: 32000, maxOutstanding: 10 }));
    const server = end('server', parameters({ maxPduSize: 65000, maxOutstanding: 1 }));
    server.association.transportConnected(0);
    client.association.transportConnected(0);
    carry(client, server);
    assert.equal(client.association.negotiated.maxPduSize, 32000);
    assert.equal(server.association.negotiated.maxPduSize, 32000);
    assert.equal(client.association.negotiated.maxOutstanding, 1);
  });

  it('a server sees selectors as octet strings, AP-titles and the password (libiec61850 #546)', () => {
    let seen: AssociationRequest | undefined;
    const client = end(
      'client',
      parameters(
        {},
        {
          remoteTSelector: Buffer.from('00ff10', 'hex'),
          remoteSSelector: Buffer.of(7),
          remotePSelector: Buffer.from('00000002', 'hex'),
          password: 'pässword',
        },
      ),
    );
    const server: End = end('server', parameters(), {
      associationRequested: (request) => {
        seen = request;
        server.association.accept();
      },
    });
    server.association.transportConnected(0);
    client.association.transportConnected(0);
    carry(client, server);
    assert.equal(seen?.cotp.calledSelector?.toString('hex'), '00ff10');
    assert.equal(seen.calledSSelector?.toString('hex'), '07');
    assert.equal(seen.calledPSelector?.toString('hex'), '00000002');
    assert.equal(seen.password?.toString(), 'pässword');
    assert.equal(seen.mechanism, '2.2.3.1');
    assert.deepEqual(seen.calling, { apTitle: '1.1.1.999', aeQualifier: 12 });
  });

  it('requests beyond the outstanding number wait their turn', () => {
    const { client, server, invokeIds } = answering();
    const outcomes = Array.from({ length: 12 }, () => ask(client));
    assert.equal(client.sent.length, 5);
    carry(client, server);
    assert.ok(outcomes.every((outcome) => outcome.answers.length === 1));
    assert.equal(new Set(invokeIds).size, 12);
  });

  it('an urgent request goes ahead of those that wait', () => {
    const { client, server } = answering();
    const order: string[] = [];
    const asked = (name: string, urgent: boolean): void => {
      const told = (): void => void order.push(name);
      client.association.request(IDENTIFY, { response: told, failed: told }, 0, undefined, urgent);
    };
    for (let i = 0; i < 7; i++) asked(`request ${i}`, false);
    asked('urgent', true);
    carry(client, server);
    assert.deepEqual(order.slice(4), ['request 4', 'urgent', 'request 5', 'request 6']);
  });

  it('a request without an answer fails at its time limit, and a late answer is ignored', () => {
    const { client, server } = answering();
    const outcome = ask(client, 10);
    assert.equal(client.association.nextWakeup, 1010);
    client.association.tick(1009);
    assert.equal(outcome.errors.length, 0);
    client.association.tick(1010);
    assert.equal(outcome.errors[0]?.code, 'IEC61850_TIMEOUT');
    carry(client, server);
    assert.equal(outcome.answers.length, 0);
    assert.equal(client.association.open, true);
  });

  it('Confirmed-Error carries invokeID in tag 0x80 and not in a universal INTEGER', () => {
    const { client, server } = associated(
      {},
      {
        confirmedRequest: (invokeId) =>
          server.association.respondError(invokeId, serviceErrorByName('definition', 'object-undefined')),
      },
    );
    const outcome = ask(client);
    carry(client, server);
    assert.equal(outcome.errors[0]?.code, 'IEC61850_SERVICE_OBJECT_UNDEFINED');
    const octets = encodeMmsPdu({
      pdu: 'confirmed-error',
      invokeId: 300,
      error: serviceErrorByName('access', 'other'),
    });
    assert.equal(octets.subarray(2, 6).toString('hex'), '8002012c');
  });

  it('a Reject resolves the call that it names', () => {
    const { client, server } = associated(
      {},
      { confirmedRequest: (invokeId) => server.association.reject(invokeId, 1, 1) },
    );
    const outcome = ask(client);
    carry(client, server);
    assert.equal(outcome.errors[0]?.code, 'IEC61850_REJECT');
    assert.match(outcome.errors[0].message, /unrecognized-service/);
  });

  it('a negative invokeID ends the association and does not crash', () => {
    const { client, server } = answering();
    client.association.receive(wire(Buffer.from('a10502018081028200', 'hex').subarray(0, 7)), 0);
    assert.equal(client.closed[0]?.error?.code, 'IEC61850_MALFORMED');
    server.association.receive(wire(tlv(0xa0, Buffer.from('0201ff8200', 'hex'))), 0);
    assert.equal(server.closed[0]?.error?.code, 'IEC61850_MALFORMED');
  });

  it('an answer to nothing that was asked is ignored', () => {
    const { client } = answering();
    client.association.receive(wire(encodeMmsPdu({ pdu: 'confirmed-response', invokeId: 77, response: IDENTITY })), 0);
    assert.equal(client.association.open, true);
  });

  it('a malformed answer fails its request and keeps the association', () => {
    const { client, server } = associated(
      {},
      {
        confirmedRequest: (invokeId) => {
          const wrong = tlv(0xa2, Buffer.from('80', 'hex'));
          server.association.respond(invokeId, [wrong], wrong.length);
        },
      },
    );
    const outcome = ask(client);
    carry(client, server);
    assert.equal(outcome.errors[0]?.code, 'IEC61850_MALFORMED');
    assert.equal(client.association.open, true);
  });

  it('Conclude is answered, then the association is released in order', () => {
    const { client, server } = answering();
    client.association.conclude();
    carry(client, server);
    assert.deepEqual(client.closed, [{}]);
    assert.deepEqual(server.closed, [{}]);
  });

  it('an abort reaches the peer as one', () => {
    const { client, server } = answering();
    client.association.abort();
    carry(client, server);
    assert.equal(server.closed[0]?.error?.code, 'IEC61850_ASSOCIATION');
  });

  it('a client that says nothing after TCP is given up by the server', () => {
    const server = end('server', parameters());
    server.association.transportConnected(0);
    server.association.tick(1000);
    assert.equal(server.closed[0]?.error?.code, 'IEC61850_TIMEOUT');
  });

  it('a refusal tells why', () => {
    const client = end('client', parameters());
    const server: End = end('server', parameters(), {
      associationRequested: () => server.association.refuse(13, 'wrong password'),
    });
    server.association.transportConnected(0);
    client.association.transportConnected(0);
    carry(client, server);
    assert.match(client.closed[0]?.error?.message ?? '', /authentication failed/);
  });

  it('a PDU larger than a TPDU crosses in fragments, more than 32 of them too', () => {
    const names = Array.from({ length: 3000 }, (_, i) => `NAME_WITH_SOME_LENGTH_${i}`);
    const big: ServiceResponse = { service: 'getNameList', names, moreFollows: false };
    const { client, server } = associated(
      {},
      {
        confirmedRequest: (invokeId) => {
          const response = encodeServiceResponse(big);
          server.association.respond(invokeId, [response], response.length);
        },
      },
    );
    const outcome = ask(client);
    carry(client, server, 1000);
    assert.deepEqual(outcome.answers, [big]);
  });

  it('information reports come to the handler as they are', () => {
    const reports: string[] = [];
    const { client, server } = associated({
      informationReport: (octets, start, stop) => reports.push(octets.toString('hex', start, stop)),
    });
    const pdu = encodeMmsPdu({
      pdu: 'information-report',
      access: { listName: { scope: 'vmd', item: 'RPT' } },
      results: [{ success: true, data: { type: 'boolean', value: true } }],
    });
    server.association.sendUnconfirmed(pdu);
    carry(client, server);
    assert.equal(reports.length, 1);
    const decoded = decodeMmsPdu(pdu);
    assert.equal(decoded.pdu, 'information-report');
  });

  it('a prepared request that is sent again before it left is copied', () => {
    const { client } = answering();
    const prepared = client.association.prepare(IDENTIFY);
    const handler = { response: () => undefined, failed: () => undefined };
    client.association.sendPrepared(prepared, handler, 0);
    client.association.sendPrepared(prepared, handler, 0);
    const [first, second] = client.sent as [Buffer, Buffer];
    assert.notEqual(first.toString('hex'), second.toString('hex'));
  });
});
