import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import sinon from 'sinon';
import { GoosePublishing, type OutgoingFrame } from '../../../src/gateway/process-bus/index.js';
import { decodeApplicationHeader } from '../../../src/mms/application-header.js';
import { decodeGoosePdu, type GoosePdu } from '../../../src/goose/goose-pdu.js';
import { EthernetError } from '../../../src/errors.js';
import { loadScl } from '../../../src/scl/index.js';
import { IedServer } from '../../../src/server/ied-server.js';

const BAY = path.join(__dirname, '../../../examples/scl/bay.cid');

function pduOf({ payload }: OutgoingFrame): GoosePdu {
  const { start, end } = decodeApplicationHeader(payload);
  return decodeGoosePdu(payload, start, end);
}

describe('a server that publishes its GOOSE', () => {
  let server: IedServer;
  let clock: sinon.SinonFakeTimers;
  let publishing: GoosePublishing | undefined;
  let sent: OutgoingFrame[];
  const failures: Error[] = [];

  beforeEach(async () => {
    const scl = await loadScl(BAY, { path: true });
    server = await IedServer.fromScl(scl, { ied: 'BAY1' });
    sent = [];
    failures.length = 0;
    clock = sinon.useFakeTimers({ now: 1_700_000_000_000 });
  });
  afterEach(() => {
    publishing?.close();
    clock.restore();
  });

  const start = (options = {}): GoosePublishing =>
    (publishing = new GoosePublishing(
      server,
      options,
      { send: (frame) => sent.push(frame), failed: (error) => failures.push(error) },
      () => Date.now(),
    ));
  const enabled = (): unknown => server.read('BAY1CTRL/LLN0.gcbPositions.GoEna[GO]').value;

  it('sends as the file says: address, VLAN, names, confRev', () => {
    start();
    assert.equal(sent.length, 1);
    const [frame] = sent as [OutgoingFrame];
    assert.equal(frame.destination, '01-0C-CD-01-00-01');
    assert.deepEqual(frame.vlan, { id: 0, priority: 4 });
    const pdu = pduOf(frame);
    assert.equal(pdu.gocbRef, 'BAY1CTRL/LLN0$GO$gcbPositions');
    assert.equal(pdu.datSet, 'BAY1CTRL/LLN0$dsGoose');
    assert.equal(pdu.goId, 'BAY1CTRL/LLN0$GO$gcbPositions');
    assert.equal(pdu.confRev, 1);
    assert.equal(pdu.allData.length, 9);
    assert.equal(enabled(), true);
  });

  it('sends a change at once and repeats it on the curve of MinTime and MaxTime', () => {
    start();
    clock.tick(5000);
    sent.length = 0;
    server.update([{ reference: 'BAY1CTRL/XCBR1.Pos[ST]', value: 'Open' }]);
    assert.equal(sent.length, 1);
    assert.equal(pduOf(sent[0] as OutgoingFrame).stNum, 2);
    assert.deepEqual(pduOf(sent[0] as OutgoingFrame).allData[0], { type: 'bit-string', bits: '01' });
    clock.tick(4 + 8 + 16);
    assert.deepEqual(
      sent.map((frame) => pduOf(frame).sqNum),
      [0, 1, 2, 3],
    );
  });

  it('sends one frame for a transaction of many members, and none for what the data set does not hold', () => {
    start();
    sent.length = 0;
    server.update([
      { reference: 'BAY1CTRL/XCBR1.Pos[ST]', value: 'Open' },
      { reference: 'BAY1CTRL/XSWI1.Pos[ST]', value: 'Open' },
    ]);
    server.update([{ reference: 'BAY1MEAS/MMXU1.TotW[MX]', value: 5 }]);
    assert.equal(sent.length, 1);
  });

  it('looks in a cycle for what changes without a trigger', () => {
    start({ scan: 50 });
    sent.length = 0;
    server.update([{ reference: 'BAY1CTRL/XCBR1.Pos.t[ST]', value: '2026-01-01T00:00:00.000Z' }]);
    assert.equal(sent.length, 0);
    clock.tick(50);
    assert.equal(sent.filter((frame) => pduOf(frame).stNum === 2).length >= 1, true);
  });

  it('has frames of one length when the file says fixedOffs, and GoCB.FixedOffs says so', async () => {
    const text = readFileSync(BAY, 'utf8').replace('<GSEControl ', '<GSEControl fixedOffs="true" ');
    server = await IedServer.fromScl(await loadScl(Buffer.from(text)), { ied: 'BAY1' });
    start();
    clock.tick(60_000);
    const lengths = new Set(sent.map(({ payload }) => payload.length));
    assert.equal(lengths.size, 1);
    assert.equal(server.read('BAY1CTRL/LLN0.gcbPositions.FixedOffs[GO]').value, true);
    assert.equal(pduOf(sent.at(-1) as OutgoingFrame).allData.length, 9);
  });

  it('ends when it is closed, and says so in GoEna', () => {
    start().close();
    sent.length = 0;
    clock.tick(10_000);
    server.update([{ reference: 'BAY1CTRL/XCBR1.Pos[ST]', value: 'Open' }]);
    assert.equal(sent.length, 0);
    assert.equal(enabled(), false);
  });

  it('publishes the chosen control blocks alone', () => {
    assert.deepEqual(start({ only: ['BAY1CTRL/LLN0.other'] }).blocks, []);
    assert.equal(enabled(), false);
  });

  it('goes on when the interface does not take a frame', () => {
    let down = true;
    publishing = new GoosePublishing(
      server,
      {},
      {
        send: (frame) => {
          if (down) throw new EthernetError('IEC61850_ETHERNET', 'a frame was not sent: ENETDOWN');
          sent.push(frame);
        },
        failed: (error) => failures.push(error),
      },
      () => Date.now(),
    );
    clock.tick(100);
    assert.ok(failures.length >= 1);
    down = false;
    clock.tick(2000);
    assert.ok(sent.length >= 1);
  });
});
