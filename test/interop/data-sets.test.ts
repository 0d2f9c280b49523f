/** Our client makes, reads, writes and deletes data sets of foreign servers (UCA group cDs). */
import assert from 'node:assert/strict';
import { IedClient } from '../../src/client/index.js';
import type { Iec61850Error } from '../../src/errors.js';
import { STACKS, startPeerBay, type Stack } from './fixtures.js';
import { needPeer, type Peer, type StackKind } from './peers/index.js';

const STATIC = 'PEERCTRL/LLN0.Positions';
const MADE = 'PEERCTRL/LLN0.Made';

/** What each stack can do (docs/interop.md). */
interface Abilities {
  /** Takes whole data objects, and not leaves alone. */
  objects: boolean;
  arrays: boolean;
  /** Has data sets of one association. */
  ownOnes: boolean;
  /** Refuses a name that is taken; the Java server makes the data set anew. */
  refusesTaken: boolean;
  /** Answers a member that it does not have with an error; the Java server ends the association. */
  refusesUnknown: boolean;
  /** Refuses a write to a status; the others' data sets let it through. */
  guardsStatus: boolean;
}

const ABILITIES: Readonly<Record<StackKind, Abilities>> = {
  libiec61850: {
    objects: true,
    arrays: true,
    ownOnes: true,
    refusesTaken: true,
    refusesUnknown: true,
    guardsStatus: true,
  },
  rust: {
    objects: false,
    arrays: false,
    ownOnes: false,
    refusesTaken: true,
    refusesUnknown: true,
    guardsStatus: false,
  },
  java: {
    objects: true,
    arrays: false,
    ownOnes: false,
    refusesTaken: false,
    refusesUnknown: false,
    guardsStatus: false,
  },
};

for (const stack of STACKS) suite(stack, ABILITIES[stack.kind]);

function suite(stack: Stack, can: Abilities): void {
  describe(`Data sets of a ${stack.kind} server`, function () {
    this.timeout(60_000);
    let server: Peer;
    let client: IedClient;

    before(async function () {
      needPeer(this, stack.kind);
      server = await startPeerBay(stack);
    });
    beforeEach(async () => {
      client = new IedClient({ host: '127.0.0.1', port: server.port, name: 'PEER' });
      await client.connect();
    });
    afterEach(async () => client?.close());
    after(async () => server?.stop());

    it('lists them, and tells the members of one that came with the configuration', async () => {
      assert.ok((await client.dataSets.list()).includes(STATIC));
      const { deletable, members } = await client.dataSets.directory(STATIC);
      assert.equal(deletable, false);
      assert.equal(members.length, stack.positions.length);
      assert.match(members[0] ?? '', /^PEERCTRL\/XCBR1\.Pos(\.stVal)?\[ST\]$/);
    });

    it('cDs: makes one, reads it as one, and deletes it', async () => {
      const members = can.objects
        ? ['PEERCTRL/XCBR1.Pos[ST]', 'PEERMEAS/MMXU1.TotW[MX]', 'PEERCTRL/GGIO1.Ind1.stVal[ST]']
        : ['PEERCTRL/XCBR1.Pos.stVal[ST]', 'PEERMEAS/MMXU1.TotW.mag.f[MX]', 'PEERCTRL/GGIO1.Ind1.stVal[ST]'];
      await client.dataSets.create(MADE, members);
      assert.deepEqual(await client.dataSets.directory(MADE), { reference: MADE, deletable: true, members });
      assert.ok((await client.dataSets.list()).includes(MADE));
      const values = await client.dataSets.read(MADE);
      assert.deepEqual(
        values.map(({ tag, value, status }) => [tag, value, status]),
        members.map((member, i) => [member.slice(0, -4), [stack.told ? 2 : values[0]?.value, 12.5, true][i], 'live']),
      );
      if (can.objects) assert.deepEqual(values[1]?.quality?.flags, ['oldData']);
      await client.dataSets.delete(MADE);
      assert.ok(!(await client.dataSets.list()).includes(MADE));
    });

    it('cDs: one that stays is there for the next association', async () => {
      await client.dataSets.create(MADE, ['PEERCTRL/GGIO1.Ind1.stVal[ST]']);
      await client.close();
      await client.connect();
      assert.equal((await client.dataSets.read(MADE))[0]?.value, true);
      await client.dataSets.delete(MADE);
    });

    it('cDs: writes all members in one request, each with its own result', async () => {
      const status = 'PEERCTRL/XCBR1.Pos.stVal[ST]';
      const members = ['PEERCTRL/GGIO1.Strings.vis[CF]', 'PEERCTRL/GGIO1.Strings.i8[CF]'];
      await client.dataSets.create(MADE, can.guardsStatus ? [...members, status] : members);
      const values = ['by data set', -7, ...(can.guardsStatus ? [1] : [])];
      const written = await client.dataSets.write(MADE, values);
      assert.deepEqual(
        written.map(({ reference, error }) => [reference, error?.code]),
        [
          ...members.map((member) => [member, undefined]),
          ...(can.guardsStatus ? [[status, 'IEC61850_ACCESS_DENIED']] : []),
        ],
      );
      assert.deepEqual(
        (await client.dataSets.read(MADE)).slice(0, 2).map(({ value }) => value),
        ['by data set', -7],
      );
      await client.dataSets.delete(MADE);
    });

    if (can.arrays) {
      it('cDs: elements of arrays, and members of them', async () => {
        const members = ['PEERMEAS/MHAI1.HPhV.phsAHar(2)[MX]', 'PEERMEAS/MHAI1.HPhV.phsAHar(1).cVal.mag.f[MX]'];
        await client.dataSets.create(MADE, members);
        assert.deepEqual((await client.dataSets.directory(MADE)).members, members);
        assert.deepEqual(
          (await client.dataSets.read(MADE)).map(({ value }) => value),
          [3, 2],
        );
        await client.dataSets.delete(MADE);
      });
    }

    if (can.ownOnes) {
      it('cDs: one of this association goes with it', async () => {
        await client.dataSets.create('@own', ['PEERCTRL/XCBR1.Pos[ST]']);
        assert.ok((await client.dataSets.list()).includes('@own'));
        assert.equal((await client.dataSets.read('@own'))[0]?.value, 2);
        await client.close();
        await client.connect();
        assert.ok(!(await client.dataSets.list()).includes('@own'));
        await client.dataSets.create('@own', ['PEERCTRL/XSWI1.Pos[ST]']);
        assert.equal((await client.dataSets.read('@own'))[0]?.value, 1);
        await client.dataSets.delete('@own');
      });
    } else {
      it('cDs, negative: one of this association is refused, and the association goes on', async () => {
        await fails(client.dataSets.create('@own', ['PEERCTRL/XCBR1.Pos.stVal[ST]']), /@own/);
        if (!client.connected) await client.connect();
        assert.ok((await client.dataSets.list()).includes(STATIC));
      });
    }

    it('cDs, negative: one of the configuration is not deletable, and one that is not there is undefined', async () => {
      const fixed = await fails(client.dataSets.delete(STATIC), /configuration/);
      assert.equal(fixed.code, 'IEC61850_DATA_SET_NOT_DELETABLE');
      const none = await fails(client.dataSets.delete('PEERCTRL/LLN0.None'), /no data set/);
      assert.equal(none.code, 'IEC61850_DATA_SET_UNDEFINED');
      await fails(client.dataSets.read('PEERCTRL/LLN0.None'), /LLN0\.None/);
    });

    if (can.refusesTaken) {
      it('cDs, negative: a name that is taken', async () => {
        const error = await fails(client.dataSets.create(STATIC, ['PEERCTRL/GGIO1.Ind1.stVal[ST]']), /was not made/);
        assert.equal(error.code, 'IEC61850_SERVICE_OBJECT_EXISTS');
      });
    }

    if (can.refusesUnknown) {
      it('cDs, negative: a member and a logical node that the IED does not have', async () => {
        await fails(client.dataSets.create(MADE, ['PEERCTRL/XCBR1.Nothing.stVal[ST]']), /was not made/);
        await fails(
          client.dataSets.create('PEERCTRL/NONE1.Made', ['PEERCTRL/XCBR1.Nothing.stVal[ST]']),
          /was not made/,
        );
        assert.ok(!(await client.dataSets.list()).includes(MADE));
      });
    }
  });
}

async function fails(work: Promise<unknown>, text: RegExp): Promise<Iec61850Error> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason as Iec61850Error,
  );
  assert.ok(error, 'it did not fail');
  assert.match(error.message, text);
  return error;
}
