/** One association that uses every service of the client, as tshark dissects it: nothing malformed in it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Controls, IedSession, ReportHub, substitute } from '../../src/client/index.js';
import { IedServer } from '../../src/index.js';
import { BAY_CID } from './fixtures.js';
import { needPeer } from './peers/index.js';
import { Recorder } from './recorder.js';
import { complaints, fieldValues } from './tshark.js';

/**
 * Numbers of the confirmed services (ISO 9506-2 §7.4.1) that must have been asked for and answered: names, read,
 * write, types, data sets made, described and deleted, ReadJournal, and all of files. Status and Identify are
 * asked by `IedClient` and by the supervision of a silent session, and stand in the other recordings.
 */
const SERVICES = ['1', '4', '5', '6', '11', '12', '13', '46', '65', '72', '73', '74', '75', '76', '77'];

describe('A session of all services, dissected by tshark', function () {
  this.timeout(60_000);
  let folder: string;
  let server: IedServer | undefined;

  before(function () {
    needPeer(this, 'tshark');
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-all-services-'));
    mkdirSync(path.join(folder, 'files'));
    writeFileSync(path.join(folder, 'files', 'record.cfg'), 'BAY1,1,1999\r\n'.repeat(100));
  });
  after(async () => {
    await server?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it('has nothing malformed in it', async () => {
    server = await IedServer.fromScl(BAY_CID, {
      port: 0,
      writable: ['SP', 'SG', 'SE', 'SV', 'CF', 'DC', 'BL'],
      operate: 'simulate',
      files: { folder: path.join(folder, 'files'), writable: true },
    });
    const recorder = new Recorder();
    const port = await recorder.listen((await server.listen()).port);
    const session = new IedSession({ name: 'BAY1', endpoints: [{ host: '127.0.0.1', port }] });
    const file = path.join(folder, 'session.pcapng');
    try {
      session.start();
      await useEverything(session, server);
    } finally {
      await session.close();
      recorder.write(file);
      await recorder.close();
    }
    assert.deepEqual(complaints(file), []);
    const fields = ['mms.confirmedServiceRequest', 'mms.confirmedServiceResponse', 'mms.informationReport_element'];
    const [sent, got] = [fieldValues(file, fields, 'from client'), fieldValues(file, fields, 'from server')];
    const asked = new Set([
      ...(sent['mms.confirmedServiceRequest'] ?? []),
      ...(got['mms.confirmedServiceRequest'] ?? []),
    ]);
    const answered = new Set([
      ...(sent['mms.confirmedServiceResponse'] ?? []),
      ...(got['mms.confirmedServiceResponse'] ?? []),
    ]);
    assert.deepEqual(
      SERVICES.filter((service) => !asked.has(service) || !answered.has(service)),
      [],
    );
    assert.ok((got['mms.informationReport_element']?.length ?? 0) > 0);
  });
});

async function useEverything(session: IedSession, server: IedServer): Promise<void> {
  while (session.state !== 'online') await once(session, 'state');
  await session.browse();
  // Reports of both kinds, a change, and their end.
  const hub = ReportHub.of(session);
  const leases = ['BAY1CTRL/LLN0.urcbAlarms01[RP]', 'BAY1CTRL/LLN0.brcbPositions01[BR]'].map((reference) =>
    hub.subscribe({ reference }),
  );
  for (const lease of leases) while (lease.status.phase !== 'armed') await once(lease.consumer, 'state');
  const changed = once((leases[1] as (typeof leases)[number]).consumer, 'report');
  server.update([{ reference: 'BAY1CTRL/XCBR1.Pos[ST]', value: 'Open' }]);
  await changed;
  await Promise.all(leases.map((lease) => lease.release()));
  // Data sets, writes and substitution.
  await session.dataSets.create('BAY1CTRL/LLN0.Made', ['BAY1CTRL/XCBR1.Pos[ST]']);
  await session.dataSets.read('BAY1CTRL/LLN0.Made');
  await session.dataSets.directory('BAY1CTRL/LLN0.Made');
  await session.dataSets.delete('BAY1CTRL/LLN0.Made');
  await session.write('BAY1CTRL/GGIO1.SPCSO1.d[DC]', 'feeder 1');
  await assert.rejects(session.write('BAY1CTRL/XCBR1.Pos.stVal[ST]', 1));
  await substitute(session, 'BAY1CTRL/XCBR1.Pos', { value: 'Closed', id: 'test' });
  // Control by each way that the model has: direct, selected, enhanced, cancelled.
  const controls = Controls.of(session);
  for (const reference of [
    'BAY1CTRL/GGIO1.SPCSO1',
    'BAY1CTRL/GGIO1.SPCSO2',
    'BAY1CTRL/GGIO1.SPCSO3',
    'BAY1CTRL/GGIO1.SPCSO4',
  ]) {
    await controls.command({ reference, value: true }).catch(() => undefined);
  }
  await controls.command({ reference: 'BAY1CTRL/CSWI1.Pos', action: 'select', value: 'open' }).catch(() => undefined);
  await controls.command({ reference: 'BAY1CTRL/CSWI1.Pos', action: 'cancel' }).catch(() => undefined);
  // Setting groups and logs.
  await session.settingGroups.activate('BAY1PROT', 2);
  await session.settingGroups.edit('BAY1PROT', 3, { 'BAY1PROT/PTOC1.StrVal': 1.5 });
  const { logs } = await session.logs.list();
  for (const log of logs) await session.logs.queryByTime(log);
  // Files in every way.
  await session.files.directory();
  await session.files.get('record.cfg');
  await session.files.put(Buffer.from('settings'), 'given.txt');
  await session.files.rename('given.txt', 'renamed.txt');
  await session.files.delete('renamed.txt');
}
