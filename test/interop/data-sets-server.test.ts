/** Foreign clients make, read, write and delete data sets of our server (UCA group sDs). */
import assert from 'node:assert/strict';
import { IedServer } from '../../src/index.js';
import { PEER_CID } from './fixtures.js';
import { Judge } from './judge.js';
import { needPeer, type PeerValue } from './peers/index.js';

const MADE = 'PEERCTRL/LLN0.Made';
const STATIC = 'PEERCTRL/LLN0.Positions';

describe('Data sets that foreign clients make on our server', function () {
  this.timeout(60_000);
  let server: IedServer;
  let port: number;
  let judge: Judge | undefined;

  before(async () => {
    server = await IedServer.fromScl(PEER_CID, { ied: 'PEER', port: 0, writable: ['CF'] });
    ({ port } = await server.listen());
    server.update([
      { reference: 'PEERCTRL/XCBR1.Pos.stVal[ST]', value: 2 },
      { reference: 'PEERMEAS/MMXU1.TotW.mag.f[MX]', value: 12.5 },
      { reference: 'PEERMEAS/MHAI1.HPhV.phsAHar(1).cVal.mag.f[MX]', value: 2 },
    ]);
  });
  afterEach(async () => {
    await judge?.stop();
    judge = undefined;
  });
  after(async () => server?.close());

  async function call<T = unknown>(op: string, request: object = {}): Promise<T> {
    assert.ok(judge);
    return judge.peer.call<T>(op, { ...request });
  }
  async function refused(op: string, request: object): Promise<void> {
    await assert.rejects(call(op, request));
  }

  describe('by libiec61850', () => {
    const LIST = { domain: 'PEERCTRL', item: 'LLN0$Made' };
    const MEMBERS = [
      ['PEERCTRL', 'XCBR1$ST$Pos$stVal'],
      ['PEERMEAS', 'MMXU1$MX$TotW$mag$f'],
      ['PEERMEAS', 'MHAI1$MX$HPhV$phsAHar', 1, 'cVal$mag$f'],
    ];
    interface Found {
      deletable: boolean;
      members: { domain: string; item: string; index?: number; component?: string }[];
      values: PeerValue[];
    }

    beforeEach(async function () {
      needPeer(this, 'libiec61850');
      judge = await Judge.connect('libiec61850', { port });
    });

    it('sDs: makes one in a logical node, with a member of another device and an array element', async () => {
      await call('defineDataSet', { ...LIST, members: MEMBERS });
      assert.ok((await call<string[]>('variableLists', { domain: 'PEERCTRL' })).includes('LLN0$Made'));
      const { deletable, members, values } = await call<Found>('dataSet', LIST);
      assert.equal(deletable, true);
      assert.deepEqual(
        members.map(({ domain, item, index, component }) => [domain, item, ...(component ? [index, component] : [])]),
        MEMBERS,
      );
      assert.deepEqual(values, [{ bits: '10' }, 12.5, 2]);
    });

    it('sDs: it is there for the next client, who deletes it', async () => {
      assert.deepEqual((await call<Found>('dataSet', LIST)).values, [{ bits: '10' }, 12.5, 2]);
      assert.equal(await call('deleteDataSet', LIST), true);
      assert.ok(!(await call<string[]>('variableLists', { domain: 'PEERCTRL' })).includes('LLN0$Made'));
    });

    it('sDs: makes one of its association, which goes with it', async () => {
      await call('defineDataSet', { item: 'own', members: MEMBERS.slice(0, 1) });
      assert.deepEqual(await call('ownDataSets'), ['own']);
      assert.deepEqual((await call<Found>('dataSet', { item: 'own' })).values, [{ bits: '10' }]);
      await judge?.stop();
      judge = await Judge.connect('libiec61850', { port });
      assert.deepEqual(await call('ownDataSets'), []);
      await call('defineDataSet', { item: 'own', members: MEMBERS.slice(1, 2) });
      assert.deepEqual((await call<Found>('dataSet', { item: 'own' })).values, [12.5]);
      assert.equal(await call('deleteDataSet', { item: 'own' }), true);
      assert.deepEqual(await call('ownDataSets'), []);
    });

    it('sDs: writes one, each member with its own result', async () => {
      const members = [
        ['PEERCTRL', 'GGIO1$CF$Strings$vis'],
        ['PEERCTRL', 'XCBR1$ST$Pos$stVal'],
        ['PEERCTRL', 'GGIO1$CF$Strings$i8'],
      ];
      await call('defineDataSet', { ...LIST, members });
      const values = [
        ['visible-string', 'by list'],
        ['bit-string', '01'],
        ['integer', -7],
      ];
      const results = await call<number[]>('writeDataSet', { ...LIST, values });
      assert.equal(results.length, 3);
      assert.deepEqual((await call<Found>('dataSet', LIST)).values, ['by list', { bits: '10' }, -7]);
      assert.equal(await call('deleteDataSet', LIST), true);
    });

    it('sDs, negative: a name that is taken, a member and a node that are not there, one of the file', async () => {
      await refused('defineDataSet', { domain: 'PEERCTRL', item: 'LLN0$Positions', members: MEMBERS });
      await refused('defineDataSet', { ...LIST, members: [['PEERCTRL', 'XCBR1$ST$Nothing']] });
      await refused('defineDataSet', { domain: 'PEERCTRL', item: 'NONE1$Made', members: MEMBERS });
      await refused('defineDataSet', { ...LIST, members: [['PEERCTRL', 'XCBR1$ST']] });
      await refused('deleteDataSet', { domain: 'PEERCTRL', item: 'LLN0$Positions' });
      await refused('deleteDataSet', { domain: 'PEERCTRL', item: 'LLN0$None' });
      assert.equal((await call<Found>('dataSet', { domain: 'PEERCTRL', item: 'LLN0$Positions' })).deletable, false);
    });
  });

  describe('by iec61850-rs', () => {
    beforeEach(async function () {
      needPeer(this, 'rust');
      judge = await Judge.connect('rust', { port });
    });

    it('sDs: makes one, reads its directory and values, and deletes it', async () => {
      // Its client takes only a NULL that is written as constructed (0xab) for the answer; ISO 8825-1 §8.8 has it primitive.
      const answer = call('defineDataSet', {
        reference: MADE,
        members: [
          ['PEERCTRL/GGIO1.Ind1.stVal', 'ST', {}],
          ['PEERMEAS/MMXU1.TotW.mag.f', 'MX', {}],
        ],
      });
      await assert.rejects(answer, /expected=0xAB, actual=0x8B/);
      const { deletable, members, values } = await call<{ deletable: boolean; members: string[]; values: unknown[] }>(
        'dataSet',
        { reference: MADE },
      );
      assert.equal(deletable, true);
      assert.equal(members.length, 2);
      assert.equal(values[1], 12.5);
      assert.equal(await call('deleteDataSet', { reference: MADE }), true);
      await refused('dataSet', { reference: MADE });
    });

    it('sDs, negative: one of the file stays', async () => {
      const result = await call('deleteDataSet', { reference: STATIC }).catch(() => false);
      assert.notEqual(result, true);
      assert.equal((await call<{ values: unknown[] }>('dataSet', { reference: STATIC })).values.length, 4);
    });
  });

  describe('by OpenIEC61850', () => {
    beforeEach(async function () {
      needPeer(this, 'java');
      judge = await Judge.connect('java', { port });
      await call('model');
    });

    it('sDs: makes one, reads its values, and deletes it', async () => {
      await call('defineDataSet', {
        reference: MADE,
        members: [
          ['PEERCTRL/XCBR1.Pos', 'ST'],
          ['PEERMEAS/MMXU1.TotW.mag.f', 'MX'],
        ],
      });
      const { members, values } = await call<{ members: string[]; values: unknown[] }>('dataSet', { reference: MADE });
      assert.deepEqual(members, ['PEERCTRL/XCBR1.Pos[ST]', 'PEERMEAS/MMXU1.TotW.mag.f[MX]']);
      assert.equal(values[1], 12.5);
      await call('deleteDataSet', { reference: MADE });
      const { dataSets } = await call<{ dataSets: string[] }>('model');
      assert.ok(!dataSets.includes(MADE));
    });
  });
});
