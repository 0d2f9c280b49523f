import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { IedServer, IedSession, SessionTrace, type NumberedLine } from '../../src/index.js';
import { PacketRing } from '../../src/client/trace/packet-ring.js';
import { encodeTcpCapture } from '../../src/ethernet/capture/tcp-capture.js';
import { encodeMmsPdu } from '../../src/mms/pdu.js';
import { TraceReader } from '../../src/mms/trace/trace-reader.js';
import { dataPackets } from '../../src/osi/tsdu.js';

const BAY = path.join(__dirname, '..', '..', 'examples', 'scl', 'bay.cid');
const SECRET = 'very-secret-word';

function allLines(trace: SessionTrace): NumberedLine[] {
  while (trace.read().more);
  return trace.read().lines;
}

function captureOf(trace: SessionTrace): Buffer {
  const { packets } = trace.capture();
  const pieces = packets.map(({ direction, ...packet }) => ({
    ...packet,
    from: direction === 'sent' ? ('client' as const) : ('server' as const),
  }));
  return encodeTcpCapture(pieces, () => ({}), 102);
}

describe('an MMS trace of one IED', () => {
  let server: IedServer;
  let session: IedSession;
  let port = 0;

  const begin = async (password = SECRET): Promise<void> => {
    session = new IedSession({ name: 'BAY1', endpoints: [{ host: '127.0.0.1', port }], password });
    session.start();
    while (session.state !== 'online' && session.state !== 'offline') await once(session, 'state');
  };

  beforeEach(async () => {
    server = await IedServer.fromScl(BAY, { ied: 'BAY1', port: 0, host: '127.0.0.1', password: SECRET });
    ({ port } = await server.listen());
  });
  afterEach(async () => {
    await session.close();
    await server.close();
  });

  it('shows requests with their objects, and answers with what was asked and how long it took', async () => {
    await begin();
    const trace = SessionTrace.of(session);
    trace.start();
    await session.read(['BAY1CTRL/XCBR1.Pos[ST]']);
    await assert.rejects(session.write('BAY1CTRL/XCBR1.Pos.ctlModel[CF]', 1));
    await assert.rejects(session.dataSets.directory('BAY1CTRL/LLN0.NoSuchSet'));
    const lines = allLines(trace);
    const read = lines.find(({ kind, service }) => kind === 'request' && service === 'read');
    assert.deepEqual(read?.objects, ['BAY1CTRL/XCBR1$ST$Pos']);
    const answer = lines.find(({ kind, invokeId }) => kind === 'response' && invokeId === read?.invokeId);
    assert.deepEqual([answer?.service, answer?.objects, answer?.failures], ['read', read?.objects, 0]);
    assert.ok(answer?.duration !== undefined && answer.duration >= 0 && answer.valueCount === 1);
    assert.match(answer.values[0] ?? '', /^\{/);
    const write = lines.find(({ kind, service }) => kind === 'response' && service === 'write');
    assert.deepEqual([write?.failures, write?.error], [1, 'object-access-denied']);
    const refused = lines.find(({ kind }) => kind === 'error');
    assert.equal(refused?.service, 'getNamedVariableListAttributes');
    assert.match(refused.error ?? '', /object-non-existent/);
    assert.deepEqual(
      lines.map(({ number }) => number),
      lines.map((_, i) => i + 1),
    );
    assert.deepEqual(trace.read(lines.length - 1).lines, lines.slice(-1));
  });

  it('has the beginning of an association that stood before, and no password in lines or file', async () => {
    await begin();
    const trace = SessionTrace.of(session);
    trace.start();
    const lines = allLines(trace);
    assert.deepEqual(
      lines.map(({ service }) => service),
      ['connection-request', 'connection-confirm', 'connect', 'initiate-request', 'accept', 'initiate-response'],
    );
    const file = captureOf(trace);
    assert.ok(!JSON.stringify(lines).includes(SECRET));
    assert.ok(!file.includes(SECRET));
    // Its length is not told either.
    assert.ok(file.includes(Buffer.from('\x80\x08********', 'latin1')));
  });

  it('shows an association that was refused', async () => {
    session = new IedSession({ name: 'BAY1', endpoints: [{ host: '127.0.0.1', port }], password: 'wrong-word' });
    const trace = SessionTrace.of(session);
    trace.start();
    session.start();
    while (trace.state.packets < 4) await once(session, 'state');
    const lines = allLines(trace);
    const refusal = lines.find(({ service }) => service === 'refuse');
    assert.match(refusal?.detail ?? '', /wrong password/);
    assert.ok(!captureOf(trace).includes('wrong-word'));
  });

  it('goes on after a reconnect, ends when it is ended, and begins anew', async () => {
    await begin();
    const trace = SessionTrace.of(session);
    trace.start();
    await server.close();
    server = await IedServer.fromScl(BAY, { ied: 'BAY1', port, host: '127.0.0.1', password: SECRET });
    await server.listen();
    while (trace.state.connections < 2 || session.state !== 'online') await once(session, 'state');
    assert.ok(allLines(trace).some(({ connection, service }) => connection > 1 && service === 'initiate-response'));
    trace.stop();
    const { packets } = trace.state;
    await session.read(['BAY1CTRL/XCBR1.Pos[ST]']);
    assert.deepEqual([trace.state.active, trace.state.packets], [false, packets]);
    trace.start();
    assert.equal(trace.state.connections, 1);
    assert.equal(SessionTrace.existing(session), trace);
    await session.close();
    assert.equal(trace.state.active, false);
  });
});

describe('the packets of a trace', () => {
  const packet = (size: number) => ({ direction: 'sent' as const, time: 0, octets: Buffer.alloc(size) });

  it('are bounded in number and octets, the oldest give way', () => {
    const ring = new PacketRing(3, 100);
    for (let i = 0; i < 5; i++) ring.add(packet(10), 1);
    assert.deepEqual([ring.length, ring.octets, ring.dropped], [3, 30, 2]);
    assert.deepEqual(
      ring.after(0).map(({ number }) => number),
      [3, 4, 5],
    );
    ring.add(packet(95), 1);
    assert.deepEqual([ring.length, ring.octets], [1, 95]);
    assert.deepEqual(ring.after(6), []);
    for (let i = 0; i < 10_000; i++) ring.add(packet(1), 1);
    assert.deepEqual([ring.length, ring.after(10_005).length], [3, 1]);
  });

  it('that are missing cost the PDU that they belonged to, and no more', () => {
    const reader = new TraceReader();
    const pdu = encodeMmsPdu({
      pdu: 'confirmed-response',
      invokeId: 1,
      response: { service: 'identify', vendor: 'x'.repeat(300), model: 'm', revision: '1' },
    });
    const octets = dataPackets([pdu], pdu.length, 3, 128);
    const second = octets.indexOf(Buffer.of(3, 0), 4);
    assert.equal(reader.read('received', octets.subarray(0, second), 1).length, 0);
    reader.skip();
    assert.deepEqual(reader.read('received', octets.subarray(octets.indexOf(Buffer.of(3, 0), second + 4)), 2), []);
    const [line] = reader.read('received', octets, 3);
    assert.deepEqual([line?.service, line?.values[1]], ['identify', 'm']);
  });

  it('that cannot be read are a line of their own', () => {
    const reader = new TraceReader();
    const [line] = reader.read('sent', Buffer.of(9, 9, 9, 9, 9, 9, 9), 1);
    assert.equal(line?.kind, 'unreadable');
    assert.match(line.error ?? '', /TPKT/);
  });
});
