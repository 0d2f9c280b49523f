/** Foreign clients use the setting groups of our server, and substitute its values (UCA test groups sSg and sSub). */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedServer, type SettingGroupEvent } from '../../src/index.js';
import { RELAY_CID } from './fixtures.js';
import { inFormOf, Judge } from './judge.js';
import { needPeer, type PeerValue, type StackKind } from './peers/index.js';
import { Recorder } from './recorder.js';
import { complaints } from './tshark.js';

const SGCB = 'RELAYPROT/LLN0.SGCB';
const SETTING = 'RELAYPROT/PTOC1.StrVal.setMag.f';
const DELAY = 'RELAYPROT/PTOC1.OpDlTmms.setVal';
const IND = 'RELAYPROT/GGIO1.Ind1';
const TEMPORARILY_UNAVAILABLE = 2;

for (const kind of ['libiec61850', 'rust', 'java'] as const satisfies StackKind[]) {
  describe(`Setting groups of our server and a ${kind} client`, function () {
    this.timeout(60_000);
    let server: IedServer;
    let port: number;
    let judge: Judge;
    let folder: string;
    let events: SettingGroupEvent[];
    const recorder = new Recorder();

    before(async function () {
      needPeer(this, kind);
      folder = mkdtempSync(path.join(tmpdir(), 'iec61850-settings-'));
      server = await IedServer.fromScl(RELAY_CID, {
        port: 0,
        writable: ['SG', 'SE', 'SV', 'BL'],
        dataDir: path.join(folder, 'kept'),
      });
      assert.deepEqual(server.problems, []);
      events = [];
      server.on('settingGroup', (event) => events.push(event));
      port = await recorder.listen((await server.listen()).port);
      judge = await Judge.connect(kind, { port });
      if (kind === 'java') await judge.peer.call('model');
    });
    after(async () => {
      await judge?.stop();
      await recorder.close();
      await server?.close();
      if (folder) rmSync(folder, { recursive: true });
    });

    const block = (name: string): Promise<PeerValue> => judge.read(`${SGCB}.${name}`, 'SP');
    const reads = async (reference: string, fc: string, expected: PeerValue): Promise<void> => {
      assert.deepEqual(inFormOf(expected, await judge.read(reference, fc)), expected, `${reference}[${fc}]`);
    };

    it('reads the control block, and the active settings', async () => {
      assert.deepEqual([await block('NumOfSG'), await block('ActSG'), await block('EditSG')], [3, 1, 0]);
      await reads(SETTING, 'SG', 1.5);
      await reads(DELAY, 'SG', 100);
    });

    it('reads no edited values while nobody edits', async () => {
      const answer = judge.read(DELAY, 'SE');
      if (kind === 'libiec61850') assert.deepEqual(await answer, { error: TEMPORARILY_UNAVAILABLE });
      else
        await assert.rejects(answer.then((value) => (isError(value) ? Promise.reject(new Error('refused')) : value)));
    });

    it('selects another active group', async () => {
      await judge.write(`${SGCB}.ActSG`, 'SP', 'unsigned', 2);
      assert.equal(await block('ActSG'), 2);
      await reads(SETTING, 'SG', 2.5);
      await reads(DELAY, 'SG', 200);
      assert.deepEqual(
        events.splice(0).map(({ reference, action, group }) => [reference, action, group]),
        [[SGCB, 'activated', 2]],
      );
    });

    it('is refused a group that does not exist', async () => {
      await assert.rejects(judge.write(`${SGCB}.ActSG`, 'SP', 'unsigned', 4));
      assert.equal(await block('ActSG'), 2);
    });

    it('edits a group: select, write, confirm, release', async () => {
      await judge.write(`${SGCB}.EditSG`, 'SP', 'unsigned', 3);
      await reads(DELAY, 'SE', 300);
      await judge.write(DELAY, 'SE', 'integer', 333);
      await judge.write(SETTING, 'SE', 'float32', 33.5);
      await judge.write(`${SGCB}.CnfEdit`, 'SP', 'boolean', true);
      await judge.write(`${SGCB}.EditSG`, 'SP', 'unsigned', 0);
      await reads(DELAY, 'SG', 200);
      await judge.write(`${SGCB}.ActSG`, 'SP', 'unsigned', 3);
      await reads(DELAY, 'SG', 333);
      await reads(SETTING, 'SG', 33.5);
      assert.deepEqual(
        events.splice(0).map(({ action }) => action),
        ['selected', 'confirmed', 'released', 'activated'],
      );
    });

    it('is refused an edit session that another client has', async () => {
      const other = await Judge.connect(kind, { port });
      try {
        if (kind === 'java') await other.peer.call('model');
        await judge.write(`${SGCB}.EditSG`, 'SP', 'unsigned', 1);
        await assert.rejects(other.write(`${SGCB}.EditSG`, 'SP', 'unsigned', 2));
        await assert.rejects(other.write(DELAY, 'SE', 'integer', 1));
        await judge.write(`${SGCB}.EditSG`, 'SP', 'unsigned', 0);
        await other.write(`${SGCB}.EditSG`, 'SP', 'unsigned', 2);
      } finally {
        await other.stop();
      }
      // What the other one had is free when it is gone.
      for (let i = 0; server.settingGroups.list()[0]?.edited !== 0; i++) {
        assert.ok(i < 100);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });

    it('substitutes a value, and gives it back', async () => {
      server.update([{ reference: IND, value: false }]);
      await judge.write(`${IND}.subVal`, 'SV', 'boolean', true);
      await judge.write(`${IND}.subID`, 'SV', 'visible-string', 'operator');
      await judge.write(`${IND}.subEna`, 'SV', 'boolean', true);
      await reads(`${IND}.stVal`, 'ST', true);
      await reads(`${IND}.q`, 'ST', { bits: '0000000000100' });
      await judge.write(`${IND}.subEna`, 'SV', 'boolean', false);
      await reads(`${IND}.stVal`, 'ST', false);
      await reads(`${IND}.q`, 'ST', { bits: '0000000000000' });
    });

    it('blocks a value, and lets it go', async () => {
      await judge.write(`${IND}.blkEna`, 'BL', 'boolean', true);
      server.update([{ reference: IND, value: true }]);
      await reads(`${IND}.stVal`, 'ST', false);
      await reads(`${IND}.q`, 'ST', { bits: '1100000100001' });
      await judge.write(`${IND}.blkEna`, 'BL', 'boolean', false);
      await reads(`${IND}.stVal`, 'ST', true);
    });

    it('finds what was confirmed after a restart of the server', async () => {
      await server.close();
      const again = await IedServer.fromScl(RELAY_CID, { port: 0, dataDir: path.join(folder, 'kept') });
      assert.deepEqual(again.problems, []);
      const { port: second } = await again.listen();
      const client = await Judge.connect(kind, { port: second });
      try {
        if (kind === 'java') await client.peer.call('model');
        assert.equal(await client.read(`${SGCB}.ActSG`, 'SP'), 3);
        assert.equal(await client.read(DELAY, 'SG'), 333);
      } finally {
        await client.stop();
        await again.close();
      }
    });

    it('sees nothing that tshark calls malformed', function () {
      needPeer(this, 'tshark');
      const file = path.join(folder, 'settings.pcapng');
      recorder.write(file);
      assert.deepEqual(complaints(file), []);
    });
  });
}

function isError(value: PeerValue): boolean {
  return typeof value === 'object' && value !== null && 'error' in value;
}
