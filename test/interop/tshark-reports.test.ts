/** Sessions of reports and data sets, as tshark dissects them: both kinds, segments, interrogations, and nothing malformed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedSession, ReportHub, type Report, type ReportLease } from '../../src/client/index.js';
import type { OptionalField } from '../../src/client/reports/control-block-bits.js';
import { IedServer } from '../../src/index.js';
import { BAY_CID } from './fixtures.js';
import { needPeer, ROOT, startPeerServer, type Peer } from './peers/index.js';
import { Recorder } from './recorder.js';
import { complaints, fieldValues } from './tshark.js';

const MODEL = path.join(ROOT, 'test', 'interop', 'models', 'reports.cfg');
const FIELDS: readonly OptionalField[] = [
  'seqNum',
  'timeStamp',
  'reasonCode',
  'dataSet',
  'dataRef',
  'bufOvfl',
  'entryID',
  'configRef',
];

interface Plan {
  /** A PDU that the members of `blocks[0]` do not fit with all optional fields. */
  maxPduSize: number;
  /** The last one reports the change. */
  blocks: readonly string[];
  member: string;
  node: string;
  change(): unknown;
}

describe('Sessions of reports and data sets, dissected by tshark', function () {
  this.timeout(60_000);
  let folder: string;
  let peer: Peer | undefined;
  let server: IedServer | undefined;

  before(function () {
    needPeer(this, 'tshark');
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-report-session-'));
  });
  afterEach(async () => {
    await peer?.stop();
    await server?.close();
    peer = server = undefined;
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** Takes the control blocks, sees changes and interrogations, and makes and deletes data sets; gives the recording. */
  async function record(target: number, plan: Plan): Promise<{ file: string; reports: Report[] }> {
    const { blocks, maxPduSize } = plan;
    const recorder = new Recorder();
    const port = await recorder.listen(target);
    const file = path.join(folder, `${plan.node.replace('/', '-')}.pcapng`);
    const session = new IedSession({ name: 'IED', endpoints: [{ host: '127.0.0.1', port }], maxPduSize });
    const reports: Report[] = [];
    try {
      session.start();
      const hub = ReportHub.of(session);
      const leases: ReportLease[] = blocks.map((reference) => hub.subscribe({ reference, optionalFields: FIELDS }));
      for (const lease of leases) lease.consumer.on('report', (report) => reports.push(report));
      for (const lease of leases) while (lease.status.phase !== 'armed') await once(lease.consumer, 'state');
      const came = async (controlBlock: string, reason: string): Promise<void> => {
        const found = (): boolean =>
          reports.some(
            (report) =>
              report.controlBlock === controlBlock && report.values.some((value) => value.reason?.includes(reason)),
          );
        while (!found()) await Promise.race(leases.map(({ consumer }) => once(consumer, 'report')));
      };
      for (const reference of blocks) await came(reference, 'general-interrogation');
      await plan.change();
      await came(blocks.at(-1) as string, 'data-change');
      for (const name of [`${plan.node}.Made`, '@own']) {
        await session.dataSets.create(name, [plan.member]);
        await session.dataSets.read(name);
        await session.dataSets.directory(name);
        await session.dataSets.delete(name);
        await session.dataSets.delete(name).catch(() => undefined);
      }
      await session.dataSets.list();
      await Promise.all(leases.map((lease) => lease.release()));
    } finally {
      await session.close();
      recorder.write(file);
      await recorder.close();
    }
    return { file, reports };
  }

  function judge({ file, reports }: { file: string; reports: Report[] }, plan: Plan): void {
    assert.deepEqual(complaints(file), []);
    const many = reports.filter(({ controlBlock }) => controlBlock === plan.blocks[0]);
    assert.ok(many.length > 0);
    const fields = ['mms.confirmedServiceRequest', 'mms.confirmedServiceResponse', 'mms.informationReport_element'];
    const sent = fieldValues(file, fields, 'from client');
    const got = fieldValues(file, fields, 'from server');
    // DefineNamedVariableList and DeleteNamedVariableList (ISO 9506-2 §7.4.1).
    for (const service of ['11', '13']) {
      assert.ok(sent['mms.confirmedServiceRequest']?.includes(service), `request ${service}`);
      assert.ok(got['mms.confirmedServiceResponse']?.includes(service), `response ${service}`);
    }
    const segments = got['mms.informationReport_element']?.length ?? 0;
    assert.ok(segments > reports.length, `${segments} information reports for ${reports.length} reports`);
  }

  it('of a libiec61850 server', async function () {
    needPeer(this, 'libiec61850');
    peer = await startPeerServer('libiec61850', { model: MODEL });
    const plan: Plan = {
      maxPduSize: 1600,
      blocks: [
        'RPTSCTRL/LLN0.urcbMany01[RP]',
        'RPTSCTRL/LLN0.brcbMany01[BR]',
        'RPTSCTRL/LLN0.urcbWhole01[RP]',
        'RPTSCTRL/LLN0.brcbWhole01[BR]',
      ],
      member: 'RPTSCTRL/GGIO1.Ind1[ST]',
      node: 'RPTSCTRL/LLN0',
      change: () => peer?.call('update', { values: [['RPTSCTRL/GGIO1.IntIn1.stVal', 'integer', 7]] }),
    };
    judge(await record(peer.port, plan), plan);
  });

  it('of our own server', async () => {
    server = await IedServer.fromScl(BAY_CID, { port: 0 });
    const { port } = await server.listen();
    const plan: Plan = {
      maxPduSize: 560,
      blocks: ['BAY1CTRL/LLN0.urcbAlarms01[RP]', 'BAY1CTRL/LLN0.brcbPositions01[BR]'],
      member: 'BAY1CTRL/XCBR1.Pos[ST]',
      node: 'BAY1CTRL/LLN0',
      change: () => server?.update([{ reference: 'BAY1CTRL/XCBR1.Pos[ST]', value: 1 }]),
    };
    judge(await record(port, plan), plan);
  });
});
