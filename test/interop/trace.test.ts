/** The capture file of a trace, over TLS and in the middle of an association, as tshark dissects it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodeTcpCapture, IedServer, IedSession, SessionTrace, type NumberedLine } from '../../src/index.js';
import { own, Pki } from '../security/pki.js';
import { PEER_CID } from './fixtures.js';
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
  this.timeout(60_000);
  let folder: string;

  before(function () {
    needPeer(this, 'tshark');
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-trace-'));
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  for (const secured of [false, true]) {
    it(`${secured ? 'over TLS' : 'without TLS'} has the same services, and no password`, async () => {
      const pki = secured ? new Pki() : undefined;
      const server = await IedServer.fromScl(PEER_CID, {
        port: 0,
        host: '127.0.0.1',
        password: SECRET,
        writable: ['SP'],
        ...(pki && { tls: { ...own(pki.server), ca: pki.ca.cert } }),
      });
      const { port } = await server.listen();
      const session = new IedSession({
        name: 'PEER',
        endpoints: [{ host: '127.0.0.1', port }],
        password: SECRET,
        ...(pki && { tls: { ...own(pki.client), ca: pki.ca.cert } }),
      });
      const file = path.join(folder, `${secured ? 'tls' : 'plain'}.pcapng`);
      let lines: NumberedLine[];
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
        lines = trace.read().lines;
        assert.equal(trace.capture().connections.get(1)?.tls, secured);
        const pieces = trace.capture().packets.map(({ direction, ...packet }) => ({
          ...packet,
          from: direction === 'sent' ? ('client' as const) : ('server' as const),
        }));
        const octets = encodeTcpCapture(pieces, () => ({}), 102, { comment: 'a trace' });
        assert.ok(!octets.includes(SECRET));
        writeFileSync(file, octets);
      } finally {
        await session.close();
        await server.close();
      }
      assert.deepEqual(complaints(file), []);
      const fields = ['mms.invokeID', 'mms.confirmedServiceRequest'];
      const seen = fieldValues(file, fields, 'from client');
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
      const begun = fieldValues(file, ['mms.initiate_RequestPDU_element'], 'from client');
      assert.equal(begun['mms.initiate_RequestPDU_element']?.length, 1);
    });
  }
});
