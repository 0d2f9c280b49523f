import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { NodeMessage } from 'node-red';
import type { TagValue } from '../../src/model/tag-value.js';
import { FakeControlBlock, type FakeControlBlockOptions } from '../client/reports/fake-control-block.js';
import { reportPdu, type ReportFields } from '../client/reports/report-octets.js';
import { mv, mvType, sps } from '../support/fake-ied.js';
import {
  BAY_IN_PACKAGE,
  helper,
  message,
  node,
  nodeModule,
  nodes,
  PLACE,
  startRed,
  stopRed,
  watchers,
  type Caught,
  type Properties,
  type Status,
} from './support/red.js';

interface ReportMessage extends NodeMessage {
  quality: string | null;
  iec61850: TagValue;
  report: Record<string, unknown>;
}

const report = nodeModule('../../../nodes/iec61850-report/iec61850-report.js');
const BLOCK = 'LD/LLN0.brcb01[BR]';
const TAGS = [
  { tag: 'Ind1', reference: 'LD/GGIO1.Ind1', fc: 'ST' },
  { tag: 'Ind2', reference: 'LD/GGIO1.Ind2', fc: 'ST' },
  { tag: 'AnIn1', reference: 'LD/GGIO1.AnIn1', fc: 'MX' },
];

describe('iec61850-report', () => {
  let block: FakeControlBlock;

  beforeEach(startRed);
  afterEach(async () => {
    await stopRed();
    await block.ied.close();
  });

  async function load(properties: Properties, options: FakeControlBlockOptions = {}): Promise<void> {
    block = new FakeControlBlock({ variables: { 'LD/GGIO1$MX$AnIn1': { type: mvType, data: mv(1.5) } }, ...options });
    await block.ied.listen();
    const flow: Properties[] = [
      ...watchers(['report']),
      {
        id: 'ied',
        type: 'iec61850-ied',
        version: 1,
        name: 'BAY1',
        host: '127.0.0.1',
        port: String(block.ied.port),
        timeout: '2000',
      },
      {
        id: 'report',
        ...PLACE,
        type: 'iec61850-report',
        version: 1,
        ied: 'ied',
        mode: 'blocks',
        blocks: [BLOCK],
        interval: '50',
        interrogate: false,
        resume: true,
        output: 'single',
        wires: [['out']],
        ...properties,
      },
      { id: 'out', ...PLACE, type: 'helper' },
    ];
    await helper.load([nodes.ied, report, nodes.catch, nodes.status], flow as never);
  }

  const status = (text: string): Promise<Status> =>
    message<Status>('statuses', ({ status: { text: shown } }) => shown === text);
  const send = (more: Partial<ReportFields> = {}): void =>
    block.ied.sendUnconfirmed(
      reportPdu({
        rptId: 'events',
        sqNum: 0,
        datSet: 'LD/LLN0$ds',
        timeOfEntry: { ms: 0, days: 15_000 },
        entryId: '0000000000000001',
        confRev: 1,
        inclusion: '11',
        values: [sps(true), sps(false, '0100000000000')],
        reasons: ['010000', '001000'],
        ...more,
      }),
    );

  it('sends one message a tag, with quality, reason and what is known of the report', async () => {
    await load({});
    await status('1 RCB armed');
    const first = message<ReportMessage>('out');
    const second = message<ReportMessage>('out', ({ topic }) => topic === 'BAY1/LD.GGIO1.Ind2');
    send();
    const { topic, payload, quality, iec61850, report: details } = await first;
    assert.deepEqual([topic, payload, quality], ['BAY1/LD.GGIO1.Ind1', true, 'good']);
    assert.equal(iec61850.source, 'report');
    assert.deepEqual(iec61850.reason, ['data-change']);
    assert.deepEqual(details, {
      controlBlock: BLOCK,
      rptId: 'events',
      dataSet: 'LD/LLN0$ds',
      sqNum: 0,
      entryTime: iec61850.entryTime,
      entryId: '0000000000000001',
      confRev: 1,
      bufferOverflow: false,
      repeat: false,
    });
    assert.equal((await second).quality, 'invalid');
  });

  it('sends one message a report, as an object or a table', async () => {
    await load({ output: 'all' });
    await status('1 RCB armed');
    const came = message('out');
    send();
    assert.deepEqual((await came).payload, { 'LD.GGIO1.Ind1': true, 'LD.GGIO1.Ind2': false });
  });

  it('interrogates on demand, and refuses a message that asks for nothing', async () => {
    await load({});
    await status('1 RCB armed');
    node('report').receive({ payload: 'interrogate' });
    while (!block.written.includes('GI')) await new Promise(setImmediate);
    const caught = message<Caught>('caught');
    node('report').receive({ payload: 17 });
    assert.match((await caught).error.message, /asks for nothing/);
  });

  it('a reserved control block says by whom, in the status and once to a catch node', async () => {
    const owner = { type: 'octet-string', octets: Buffer.from([10, 0, 0, 7]) } as const;
    const shown = (): Promise<Status> => status('by 10.0.0.7');
    await load({}, { attributes: { RptEna: { type: 'boolean', value: true }, Owner: owner } });
    const [caught] = await Promise.all([message<Caught>('caught'), shown()]);
    assert.match(caught.error.message, /LLN0\.brcb01\[BR\].* is reserved by 10\.0\.0\.7/);
  });

  it('keeps the resume point in the user directory, and holds it back until it is acknowledged', async () => {
    await load({ acknowledge: true });
    await status('1 RCB armed');
    const { userDir } = (helper as unknown as { settings(): { userDir: string } }).settings();
    const file = path.join(userDir, 'iec61850', 'report-resume-points.json');
    const came = message<ReportMessage>('out');
    send();
    const received = await came;
    await assert.rejects(readFile(file));
    node('report').receive({ ...received, acknowledge: true } as NodeMessage);
    await new Promise(setImmediate);
    await helper.unload();
    assert.match(await readFile(file, 'utf8'), /"BAY1 LD\/LLN0\.brcb01\[BR\]":"0000000000000001"/);
    assert.deepEqual(block.written.slice(-2), ['RptEna', 'ResvTms']);
  });

  it('takes reports for the chosen tags and polls the rest, and says which is which', async () => {
    await load({ mode: 'tags', tags: TAGS });
    const polled = message<ReportMessage>('out', ({ topic }) => topic === 'BAY1/AnIn1');
    await status('2 rpt · 1 poll');
    assert.equal((await polled).iec61850.source, 'poll');
    const reported = message<ReportMessage>('out', ({ report: details }) => details !== undefined);
    send();
    assert.deepEqual([(await reported).topic, (await reported).payload], ['BAY1/Ind1', true]);
  });

  it('writes RptID and DatSet of the one control block that is chosen, and never of several', async () => {
    await load({ rptId: 'mine', dataSet: 'LD/LLN0.other' });
    await status('1 RCB armed');
    const written = new Map(block.writes);
    assert.deepEqual(written.get('RptID'), { type: 'visible-string', value: 'mine' });
    assert.deepEqual(written.get('DatSet'), { type: 'visible-string', value: 'LD/LLN0$other' });
    await helper.unload();
    for (const [wrong, reason] of [
      [{ blocks: [BLOCK, 'LD/LLN0.brcb02[BR]'], rptId: 'mine' }, /several control blocks/],
      [{ dataSet: 'other' }, /names no data set/],
      [{ rptId: 'x'.repeat(130) }, /129 characters/],
    ] as const) {
      await block.ied.close();
      await load(wrong);
      const caught = message<Caught>('caught');
      node('report').receive({ payload: 'gi' });
      assert.match((await caught).error.message, reason);
      await helper.unload();
    }
  });

  it('polls the rest, and says so once, when the IED makes no data sets', async () => {
    await load({ mode: 'tags', tags: TAGS, makeDataSets: 'persistent' }, { members: ['GGIO1$ST$Ind3'] });
    const values = TAGS.map(({ tag }) => message('out', ({ topic }) => topic === `BAY1/${tag}`));
    await status('0 rpt · 3 poll');
    assert.deepEqual(
      (await Promise.all(values)).map(({ payload }) => payload),
      [true, false, 1.5],
    );
    assert.ok(!block.written.includes('RptEna'));
  });

  it('lost entries reach a catch node', async () => {
    await load({});
    await status('1 RCB armed');
    send();
    const caught = message<Caught>('caught');
    send({ sqNum: 5, entryId: '0000000000000002' });
    assert.match((await caught).error.message, /4 reports did not arrive before SqNum 5/);
    await status('1 RCB · 4 missed');
  });

  it('refuses every message when no control block is chosen, or one is none', async () => {
    for (const [blocks, why] of [
      [[], /No report control block is chosen/],
      [['LD/LLN0.Mod[ST]'], /names no report control block/],
    ] as const) {
      await load({ blocks });
      const caught = message<Caught>('caught', ({ error }) => why.test(error.message));
      node('report').receive({ payload: 'interrogate' });
      await caught;
      await helper.unload();
      await block.ied.close();
    }
  });

  it('lists control blocks with members and state, of the IED and of its SCL file', async () => {
    await load({}, { attributes: { RptEna: { type: 'boolean', value: true } } });
    const live = await helper
      .request()
      .post('/iec61850/reports')
      .send({ source: 'live', node: 'ied', form: { name: 'BAY1', host: '127.0.0.1', port: String(block.ied.port) } })
      .expect(200);
    assert.deepEqual(live.body, {
      controlBlocks: [
        {
          reference: BLOCK,
          buffered: true,
          rptId: 'events',
          dataSet: 'LD/LLN0.ds',
          confRev: 1,
          integrityPeriod: 0,
          bufferTime: 50,
          inUse: true,
          owner: '',
        },
      ],
      dataSets: [{ reference: 'LD/LLN0.ds', members: ['LD/GGIO1.Ind1[ST]', 'LD/GGIO1.Ind2[ST]'] }],
    });
    const file = await helper
      .request()
      .post('/iec61850/reports')
      .send({ source: 'scl', sclFile: BAY_IN_PACKAGE, ied: 'BAY1' });
    assert.ok(Array.isArray((file.body as { controlBlocks?: unknown }).controlBlocks), JSON.stringify(file.body));
  });
});
