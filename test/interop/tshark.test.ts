/** A recorded session of every service, as tshark dissects it: nothing malformed, and its values equal ours. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeMmsPdu } from '../../src/mms/pdu.js';
import { carriedBy } from '../corpus/associations.js';
import { readCapture, tcpConnections } from '../corpus/pcap.js';
import { FIELDS, Flattener } from './flatten.js';
import { needPeer } from './peers/index.js';
import { RECORDED_SERVER_PORT } from './recorder.js';
import { recordSession } from './session.js';
import { complaints, fieldValues, isoOf } from './tshark.js';

const DIRECTIONS = ['from client', 'from server'] as const;
/** Fields of which the session must have shown some values, so that an empty comparison does not pass. */
const MUST_OCCUR = FIELDS.filter((field) => field !== 'mms.data.octet-string');

describe('A session between our client and our server, dissected by tshark', function () {
  this.timeout(120_000);
  let folder: string;
  let file: string;
  const ours: Record<string, Flattener['values']> = {};
  const theirs: Record<string, Record<string, string[]>> = {};

  before(async function () {
    needPeer(this, 'tshark');
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-session-'));
    file = path.join(folder, 'session.pcapng');
    await recordSession(file);
    const connections = tcpConnections(readCapture(readFileSync(file)));
    for (const direction of DIRECTIONS) {
      const flattener = new Flattener();
      for (const connection of connections) {
        const fromServer = (end: string): boolean => end.endsWith(`:${RECORDED_SERVER_PORT}`);
        const directions = connection.directions.filter(
          (one) => fromServer(one.from) === (direction === 'from server'),
        );
        const { pdus, problems } = carriedBy({ directions });
        assert.deepEqual(problems, []);
        for (const pdu of pdus) flattener.add(decodeMmsPdu(pdu));
      }
      ours[direction] = flattener.values;
      theirs[direction] = fieldValues(file, FIELDS, direction);
    }
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it('has no malformed packet and no error', () => {
    assert.deepEqual(complaints(file), []);
  });

  for (const field of FIELDS) {
    it(`${field} is the same`, () => {
      for (const direction of DIRECTIONS) {
        const found = theirs[direction]?.[field] ?? [];
        assert.deepEqual(field === 'mms.utc_time' ? found.map(isoOf) : found, ours[direction]?.[field], direction);
      }
    });
  }

  it('showed each of these fields', () => {
    const empty = MUST_OCCUR.filter((field) =>
      DIRECTIONS.every((direction) => theirs[direction]?.[field]?.length === 0),
    );
    assert.deepEqual(empty, []);
  });
});
