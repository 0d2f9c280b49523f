import assert from 'node:assert/strict';
import { ArgumentError } from '../../../src/errors.js';
import {
  GoosePublishing,
  typedModel,
  type OutgoingFrame,
  type TypedPublisher,
} from '../../../src/gateway/process-bus/index.js';
import { decodeGoosePdu, type GoosePdu } from '../../../src/goose/goose-pdu.js';
import { decodeApplicationHeader } from '../../../src/mms/application-header.js';
import { IedServer } from '../../../src/server/ied-server.js';

const TYPED: TypedPublisher = {
  gocbRef: 'TESTCTRL/LLN0$GO$gcb1',
  confRev: 7,
  address: { mac: '01-0C-CD-01-00-07', appId: 0x3007, vlanId: 5, vlanPriority: 6 },
  members: [
    { name: 'Pos', type: 'Dbpos' },
    { name: 'Pos.q', type: 'Quality' },
    { name: 'Pos.t', type: 'Timestamp' },
    { name: 'Level', type: 'INT16', initial: '12' },
    { name: 'Trip.general', type: 'BOOLEAN' },
    { name: 'Trip.q', type: 'Quality' },
  ],
};

function pduOf({ payload }: OutgoingFrame): GoosePdu {
  const { start, end } = decodeApplicationHeader(payload);
  return decodeGoosePdu(payload, start, end);
}

describe('a GOOSE publisher that was typed in', () => {
  let publishing: GoosePublishing | undefined;
  afterEach(() => publishing?.close());

  const start = (typed: TypedPublisher): { server: IedServer; sent: OutgoingFrame[]; of(name: string): string } => {
    const { model, references, datSet } = typedModel(typed);
    const server = IedServer.fromModel(model);
    assert.deepEqual(server.problems, []);
    const sent: OutgoingFrame[] = [];
    const handler = {
      send: (frame: OutgoingFrame) => void sent.push(frame),
      failed: (error: Error) => assert.fail(error),
    };
    publishing = new GoosePublishing(server, { datSet, scan: 0 }, handler);
    return { server, sent, of: (name) => references.get(name) as string };
  };

  it('sends its members in their order, by the names and the address that it was given', () => {
    const { sent } = start(TYPED);
    assert.deepEqual([sent[0]?.destination, sent[0]?.vlan], ['01-0C-CD-01-00-07', { id: 5, priority: 6 }]);
    const { gocbRef, datSet, goId, confRev, allData } = pduOf(sent[0] as OutgoingFrame);
    assert.deepEqual(
      [gocbRef, datSet, goId, confRev],
      ['TESTCTRL/LLN0$GO$gcb1', 'TESTCTRL/LLN0$gcb1', 'TESTCTRL/LLN0$GO$gcb1', 7],
    );
    assert.deepEqual(
      allData.map(({ type }) => type),
      ['bit-string', 'bit-string', 'utc-time', 'integer', 'boolean', 'bit-string'],
    );
    assert.deepEqual(allData[3], { type: 'integer', value: 12 });
    assert.deepEqual(allData[1], { type: 'bit-string', bits: '0100000000000' }, 'nobody gave a value: invalid');
  });

  it('a value brings its own quality and time along, and leaves those of others alone', () => {
    const { server, sent, of } = start(TYPED);
    assert.deepEqual(server.update([{ reference: of('Pos'), value: 'Open' }]).errors, []);
    const { allData, stNum } = pduOf(sent.at(-1) as OutgoingFrame);
    assert.equal(stNum, 2);
    assert.deepEqual(allData[0], { type: 'bit-string', bits: '01' });
    assert.deepEqual(allData[1], { type: 'bit-string', bits: '0000000000000' });
    assert.deepEqual(allData[5], { type: 'bit-string', bits: '0100000000000' });
    server.update([{ reference: of('Trip.general'), value: true, quality: 'good, test' }]);
    assert.deepEqual(pduOf(sent.at(-1) as OutgoingFrame).allData[5], { type: 'bit-string', bits: '0000000000010' });
  });

  it('says which values have to be given first: all without an initial one, but no quality and time', () => {
    const { missing, references } = typedModel(TYPED);
    assert.deepEqual([...missing], [references.get('Pos'), references.get('Trip.general')]);
  });

  it('takes any logical node, the one of its own values too', () => {
    for (const node of ['GGIO1', 'PTRC2', 'Q1XCBR1']) {
      publishing?.close();
      const { sent } = start({ ...TYPED, gocbRef: `TESTCTRL/${node}$GO$gcb1` });
      assert.equal(pduOf(sent[0] as OutgoingFrame).gocbRef, `TESTCTRL/${node}$GO$gcb1`);
    }
  });

  it('keeps its length when that is asked for', () => {
    const { server, sent, of } = start({ ...TYPED, fixedLength: true });
    for (const value of [0, 200, -30_000]) server.update([{ reference: of('Level'), value }]);
    assert.equal(new Set(sent.map(({ payload }) => payload.length)).size, 1);
    assert.deepEqual(pduOf(sent.at(-1) as OutgoingFrame).allData[3], { type: 'integer', value: -30_000 });
  });

  for (const [what, different] of [
    ['a reference that is none', { gocbRef: 'TESTCTRL/LLN0.gcb1' }],
    ['no members', { members: [] }],
    ['a member without a name', { members: [{ name: '', type: 'BOOLEAN' }] }],
    ['two members of one name', { members: [TYPED.members[0], TYPED.members[0]] }],
    ['a type that is none', { members: [{ name: 'a', type: 'Struct9' }] }],
  ] as [string, Partial<TypedPublisher>][]) {
    it(`refuses ${what}`, () => {
      assert.throws(() => typedModel({ ...TYPED, ...different }), ArgumentError);
    });
  }
});
