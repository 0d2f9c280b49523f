import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFrame } from '../../src/ethernet/frame.js';
import { encodeApplicationFrame, EtherType } from '../../src/mms/application-header.js';
import { BUS_ALGORITHMS, encrypts, type BusAlgorithm } from '../../src/routable/algorithms.js';
import { signFrame } from '../../src/routable/extension.js';
import { decodePayload } from '../../src/routable/payload.js';
import { RoutableSender } from '../../src/routable/routable-sender.js';
import { decodeSpdu } from '../../src/routable/spdu.js';
import { pcapOf, udpFrame } from '../routable/datagrams.js';
import { busKey, GOOSE_APDU } from '../routable/frames.js';
import { needPeer } from './peers/index.js';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const KEY_SINCE = Date.parse('2026-11-20T11:00:00Z');
const FIELDS = [
  'rgoose.spdu_id',
  'rgoose.session_hdr_len',
  'rgoose.hdr_len',
  'rgoose.spdu_len',
  'rgoose.spdu_num',
  'rgoose.version',
  'rgoose.curr_key_t',
  'rgoose.next_key_t',
  'rgoose.key_id',
  'rgoose.init_v_len',
  'rgoose.payload_len',
  'rgoose.pdu_tag',
  'rgoose.simulation',
  'rgoose.appid',
  'rgoose.apdu_len',
  'rgoose.hmac',
  'goose.gocbRef',
  'goose.stNum',
] as const;
type Field = (typeof FIELDS)[number];
const TEXTS = new Set<Field>(['rgoose.hmac', 'goose.gocbRef']);

describe('R-GOOSE as tshark sees it', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'iec61850-'));
  before(function () {
    needPeer(this, 'tshark');
  });
  after(() => rmSync(folder, { recursive: true }));

  function tshark(frames: readonly Buffer[], ...args: string[]): string {
    const file = join(folder, 'made.pcap');
    writeFileSync(file, pcapOf(frames));
    const { status, stdout, stderr } = spawnSync('tshark', ['-r', file, ...args], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout;
  }
  /** Numbers as such: versions of tshark differ on the base that they are written in. */
  function fields(datagram: Buffer): Record<Field, string | number> {
    const columns = FIELDS.flatMap((field) => ['-e', field]);
    const text = tshark([udpFrame(datagram)], '-T', 'fields', '-E', 'separator=/t', ...columns);
    const cells = text.replace(/\n$/, '').split('\t');
    const value = (field: Field, cell: string): string | number =>
      TEXTS.has(field) ? cell.replaceAll(':', '') : Number(cell);
    return Object.fromEntries(FIELDS.map((field, i) => [field, value(field, cells[i] ?? '')])) as Record<
      Field,
      string | number
    >;
  }
  const complaints = (frames: readonly Buffer[]): string =>
    // 0x00800000 is the severity "error" of expert information.
    tshark(frames, '-Y', '_ws.malformed || _ws.expert.severity >= 0x00800000');

  const cases: (BusAlgorithm | undefined)[] = [undefined, ...BUS_ALGORITHMS.filter((name) => !encrypts(name))];
  for (const algorithm of cases) {
    it(`has every field where tshark looks for it, ${algorithm ? `with ${algorithm}` : 'without security'}`, () => {
      const keys = algorithm ? [{ ...busKey(algorithm, 0x01020304), from: KEY_SINCE, until: NOW + 90 * 60_000 }] : [];
      const sender = new RoutableSender({ keys });
      const datagram = sender.encode({ kind: 'goose', appId: 0x3001, simulated: true, apdu: GOOSE_APDU }, NOW);
      const spdu = decodeSpdu(datagram);
      const [element] = decodePayload(spdu.payload);
      const seen = fields(datagram);
      const hmac = spdu.mac ? `85${spdu.mac.length.toString(16).padStart(2, '0')}${spdu.mac.toString('hex')}` : '';
      assert.deepEqual(seen, {
        'rgoose.spdu_id': 0xa1,
        'rgoose.session_hdr_len': spdu.headerLength,
        'rgoose.hdr_len': spdu.commonLength,
        'rgoose.spdu_len': spdu.spduLength,
        'rgoose.spdu_num': spdu.number,
        'rgoose.version': 2,
        'rgoose.curr_key_t': algorithm ? KEY_SINCE / 1000 : 0,
        'rgoose.next_key_t': algorithm ? 90 : 0,
        'rgoose.key_id': algorithm ? 0x01020304 : 0,
        'rgoose.init_v_len': spdu.iv.length,
        'rgoose.payload_len': spdu.payload.length,
        'rgoose.pdu_tag': 0x81,
        'rgoose.simulation': 1,
        'rgoose.appid': 0x3001,
        'rgoose.apdu_len': element?.apdu.length,
        'rgoose.hmac': hmac,
        'goose.gocbRef': 'BAY1CTRL/LLN0$GO$gcb1',
        'goose.stNum': 1,
      });
    });
  }

  it('has nothing that tshark complains of when it is signed, over UDP and on Ethernet', () => {
    const simulated = false;
    const frames = cases.flatMap((algorithm) => {
      const keys = algorithm ? [busKey(algorithm)] : [];
      const datagram = new RoutableSender({ keys }).encode(
        { kind: 'goose', appId: 1, simulated, apdu: GOOSE_APDU },
        NOW,
      );
      const payload = encodeApplicationFrame(1, simulated, GOOSE_APDU);
      const [key] = keys;
      const etherType = EtherType.goose;
      const signed = key ? signFrame(etherType, payload, key, { timeOfCurrentKey: 1, timeToNextKey: 2 }) : payload;
      const addresses = { destination: '01-0C-CD-01-00-01', source: '00-11-22-33-44-55' };
      return [udpFrame(datagram), encodeFrame({ ...addresses, etherType, payload: signed })];
    });
    assert.equal(complaints(frames), '');
    assert.equal(tshark(frames, '-Y', 'goose.stNum == 1').trim().split('\n').length, frames.length);
  });
});
