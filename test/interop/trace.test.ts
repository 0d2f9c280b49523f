/** The capture file of a trace that was begun in the middle of an association, as tshark dissects it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  encodeTcpCapture,
  IedServer,
  IedSession,
  SessionTrace,
  type IedServerFromSclOptions,
  type IedSessionOptions,
  type NumberedLine,
} from '../../src/index.js';
import { own, Pki } from '../security/pki.js';
import { PEER_CID, STACKS, startPeerBay } from './fixtures.js';
import { needPeer } from './peers/index.js';
import { complaints, fieldValues } from './tshark.js';

const SECRET = 'very-secret-word';
/** Numbers of the services in the dissector, which are their tags (ISO 9506-2 §7.2). */
const SERVICES: Readonly<Record<string, string>> = {
  '1': 'getNameList',
  '4': 'read',
  '5': 'write',
  '6': 'getVariableAccessAttributes',
  '12': 'getNamedVariableListAttributes',
};

describe('A trace, dissected by tshark', function () {
  this.timeout(120_000);
  const pki = new Pki();
  let folder: string;

  before(function () {
    needPeer(this, 'tshark');
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-trace-'));
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** Traces a session with a device, of which it is written to a file what passed. */
  async function traced(port: number, options: Partial<IedSessionOptions> = {}): Promise<[string, NumberedLine[]]> {
    const session = new IedSession({ name: 'PEER', endpoints: [{ host: '127.0.0.1', port }], ...options });
    try {
      session.start();
      while (session.state !== 'online') await once(session, 'state');
      const trace = SessionTrace.of(session);
      trace.start();
      await session.browse();
      await session.read(['PEERCTRL/XCBR1.Pos[ST]', 'PEERMEAS/MMXU1.TotW[MX]']);
      await session.write('PEERCTRL/PTOC1.Ena.setVal[SP]', true).catch(() => undefined);
      await assert.rejects(session.dataSets.directory('PEERMEAS/LLN0.NoSuchSet'));
      while (trace.read().more);
      const { packets, connections } = trace.capture();
      assert.equal(connections.get(1)?.tls, options.tls !== undefined);
      const pieces = packets.map(({ direction, ...packet }) => ({
        ...packet,
        from: direction === 'sent' ? ('client' as const) : ('server' as const),
      }));
      const octets = encodeTcpCapture(pieces, () => ({}), 102, { comment: 'a trace' });
      const file = path.join(folder, `${port}.pcapng`);
      writeFileSync(file, octets);
      assert.ok(!octets.includes(SECRET));
      return [file, trace.read().lines];
    } finally {
      await session.close();
    }
  }

  function same(file: string, lines: readonly NumberedLine[]): void {
    assert.deepEqual(complaints(file), []);
    const seen = fieldValues(file, ['mms.invokeID', 'mms.confirmedServiceRequest'], 'from client');
    const asked = lines.filter(({ kind }) => kind === 'request');
    assert.deepEqual(
      seen['mms.invokeID'],
      asked.map(({ invokeId }) => String(invokeId)),
    );
    assert.deepEqual(
      seen['mms.confirmedServiceRequest']?.map((number) => SERVICES[number] ?? number),
      asked.map(({ service }) => service),
    );
    const answered = lines.filter(({ kind }) => kind === 'response' || kind === 'error');
    const back = fieldValues(file, ['mms.invokeID', 'mms.originalInvokeID'], 'from server');
    assert.deepEqual(
      [...(back['mms.invokeID'] ?? []), ...(back['mms.originalInvokeID'] ?? [])].sort(),
      answered.map(({ invokeId }) => String(invokeId)).sort(),
    );
    assert.ok(answered.every(({ duration }) => duration !== undefined));
    const begun = fieldValues(file, ['mms.initiate_RequestPDU_element'], 'from client');
    assert.equal(begun['mms.initiate_RequestPDU_element']?.length, 1);
  }

  async function withOurServer(server: IedServerFromSclOptions, session: Partial<IedSessionOptions>): Promise<string> {
    const served = await IedServer.fromScl(PEER_CID, { port: 0, host: '127.0.0.1', writable: ['SP'], ...server });
    try {
      const [file, lines] = await traced((await served.listen()).port, session);
      same(file, lines);
      return file;
    } finally {
      await served.close();
    }
  }
  const ofServer = { ...own(pki.server), ca: pki.ca.cert };
  const ofClient = { ...own(pki.client), ca: pki.ca.cert };

  it('has the same services, and stars for the password', async () => {
    const file = await withOurServer({ password: SECRET }, { password: SECRET });
    const { 'acse.charstring': shown } = fieldValues(file, ['acse.charstring'], 'from client');
    assert.deepEqual(shown, ['********']);
  });

  it('has them over TLS', async () => {
    await withOurServer({ tls: ofServer }, { tls: ofClient });
  });

  it('has no certificate and no signature of an association with both', async () => {
    const file = await withOurServer({ mace: ofServer }, { mace: ofClient });
    for (const direction of ['from client', 'from server'] as const) {
      const { 'acse.charstring': shown = [] } = fieldValues(file, ['acse.charstring'], direction);
      assert.match(shown.join(''), /^\*+$/, direction);
    }
  });

  for (const stack of STACKS) {
    it(`has them of a ${stack.kind} server`, async function () {
      needPeer(this, stack.kind);
      const server = await startPeerBay(stack);
      try {
        const [file, lines] = await traced(server.port);
        same(file, lines);
      } finally {
        await server.stop();
      }
    });
  }
});
