/** Reports when clients, associations and data sets do not behave. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { IedSession, ReportHub } from '../../src/client/index.js';
import { MAX_UNBUFFERED_OCTETS, REPORT_BACKLOG, REPORTS_PER_TURN } from '../../src/limits.js';
import { IedServer } from '../../src/server/index.js';
import { nameOf } from './loopback.js';
import { BlockClient, COUNT, OptBits, reportModel, useReports, valueOf } from './report-fixture.js';
import { TcpClient } from './tcp-client.js';

const CNT1 = 'TESTLD1/GGIO1.Cnt1[ST]';
const TXT1 = 'TESTLD1/GGIO1.Txt1[ST]';
const VALUE_INVALID = 11;

describe('Reports on bad days', () => {
  const server = useReports();

  it('segments carry a part of the members each, and share a SqNum', () => {
    const client = server.at('urcbMany01', { offer: { maxPduSize: 600 } });
    client.set('OptFlds', OptBits(['seqNum', 'dataRef', 'reasonCode']));
    client.set('RptEna', true);
    client.set('GI', true);
    server.update(CNT1, 1);
    const reports = client.take();
    const change = reports.pop();
    assert.ok(reports.length >= 2);
    assert.deepEqual(
      reports.map(({ sqNum, subSqNum, more }) => [sqNum, subSqNum, more]),
      reports.map((_, i) => [0, i, i < reports.length - 1]),
    );
    assert.equal(reports.flatMap(({ values }) => values).length, COUNT);
    assert.deepEqual(
      reports.flatMap(({ references = [] }) => references),
      Array.from({ length: COUNT }, (_, i) => `TESTLD1/GGIO1$ST$Cnt${i + 1}`),
    );
    assert.deepEqual([change?.sqNum, change?.subSqNum, change?.more], [1, undefined, undefined]);
  });

  it('with segmentation in OptFlds every report has SubSqNum and MoreSegmentsFollow', () => {
    const client = server.at('urcb01');
    client.set('OptFlds', OptBits(['segmentation']));
    client.set('RptEna', true);
    client.set('GI', true);
    const [report] = client.take();
    assert.deepEqual([report?.subSqNum, report?.more], [0, false]);
  });

  it('no segment is larger than the PDU that was agreed on', () => {
    for (const maxPduSize of [512, 513, 577, 640, 1000, 1001]) {
      const client = server.at('urcbMany01', { offer: { maxPduSize } });
      client.set('OptFlds', OptBits(['seqNum', 'dataSet', 'dataRef', 'reasonCode', 'timeStamp']));
      client.set('RptEna', true);
      client.set('GI', true);
      client.loopback.sent = [];
      assert.equal(client.take().flatMap(({ values }) => values).length, COUNT);
      // TPKT, COTP, session and presentation stand before the PDU.
      for (const { length } of client.loopback.sent) assert.ok(length <= maxPduSize + 30, `${length}`);
      client.set('RptEna', false);
    }
  });

  it('a value that no PDU can hold is an error in its place', () => {
    const client = server.at('urcbTexts01', { offer: { maxPduSize: 512 } });
    client.set('DatSet', 'TESTLD1/LLN0$Long');
    client.set('RptEna', true);
    for (const member of ['stVal', 'more']) server.update(`TESTLD1/GGIO1.Txt2.${member}[ST]`, 'x'.repeat(255));
    client.take();
    client.set('GI', true);
    const [first, second, ...more] = client.take();
    assert.deepEqual(more, []);
    assert.deepEqual(first?.values, [{ type: 'other', tag: 0x80, octets: Buffer.of(9) }]);
    assert.deepEqual([first.more, second?.more, second?.inclusion], [true, false, '01']);
  });

  it('an association that ends in the middle of a segmented report has not got it', () => {
    const client = server.at('brcbMany01', { offer: { maxPduSize: 600 } });
    client.set('OptFlds', OptBits(['entryID', 'dataRef', 'bufOvfl']));
    client.set('RptEna', true);
    client.set('GI', true);
    const connection = client.loopback.connection as unknown as { association: { sendUnconfirmed(pdu: Buffer): void } };
    const { association } = connection;
    const send = association.sendUnconfirmed.bind(association);
    let segments = 0;
    association.sendUnconfirmed = (pdu) => {
      send(pdu);
      if (++segments === 2) client.loopback.connection.disconnected(0);
    };
    client.take();
    assert.equal(segments, 2);
    const again = server.at('brcbMany01');
    assert.equal(again.get('RptEna'), false);
    server.update(CNT1, 5);
    again.set('RptEna', true);
    assert.deepEqual(
      again.take().map(({ values }) => values.length),
      [COUNT, 1],
    );
  });

  it('an unbuffered report in the middle of which the association ends hurts nobody', () => {
    const client = server.at('urcb01');
    client.set('RptEna', true);
    const { association } = client.loopback.connection as unknown as {
      association: { sendUnconfirmed(pdu: Buffer): void };
    };
    association.sendUnconfirmed = () => client.loopback.connection.disconnected(0);
    for (let i = 0; i < 3; i++) server.update(CNT1, i);
    client.take();
    assert.deepEqual(client.loopback.failures, []);
    assert.deepEqual(
      client.loopback.events.filter(([name]) => name === 'error'),
      [],
    );
  });

  it('a data set with a member that does not exist reports it as an error', () => {
    const iedModel = reportModel();
    const node = iedModel.logicalDevices[0]?.logicalNodes[0];
    node?.dataSets.push({
      name: 'Broken',
      members: [
        { reference: 'TESTLD1/GGIO1.Nope', fc: 'ST' },
        { reference: 'TESTLD1/GGIO1.Cnt1', fc: 'ST' },
      ],
    });
    const client = server.at('urcb01', { iedModel });
    assert.equal(client.set('DatSet', 'TESTLD1/LLN0$Broken'), undefined);
    client.set('RptEna', true);
    server.update(CNT1, 3);
    client.set('GI', true);
    const [change, all] = client.take();
    assert.deepEqual([change?.inclusion, all?.inclusion], ['01', '11']);
    assert.deepEqual(all?.values[0], { type: 'other', tag: 0x80, octets: Buffer.of(10) });
  });

  it('a data set of the association ends with it, and the block has that of its file again', () => {
    const client = server.at('urcb01');
    client.loopback.request({
      service: 'defineNamedVariableList',
      name: { scope: 'association', item: 'mine' },
      variables: [{ name: nameOf('TESTLD1/GGIO1$ST$Cnt2') }],
    });
    assert.equal(client.set('DatSet', '@mine'), undefined);
    client.set('RptEna', true);
    server.update('TESTLD1/GGIO1.Cnt2[ST]', 4);
    const [report] = client.take();
    assert.deepEqual([report?.dataSet, report?.inclusion, valueOf(report?.values[0])], ['@mine', '1', 4]);
    const other = server.at('urcb02');
    assert.equal(other.set('DatSet', '@mine'), VALUE_INVALID, 'it is not this client’s');
    client.loopback.connection.disconnected(0);
    const again = server.at('urcb01');
    assert.deepEqual([again.get('DatSet'), again.get('ConfRev')], ['TESTLD1/LLN0$Whole', 5]);
    again.loopback.request({
      service: 'defineNamedVariableList',
      name: { scope: 'association', item: 'mine' },
      variables: [{ name: nameOf('TESTLD1/GGIO1$ST$Cnt2') }],
    });
    again.set('DatSet', '@mine');
    again.loopback.connection.disconnected(0);
    assert.equal(server.at('urcb01').get('DatSet'), 'TESTLD1/LLN0$Whole', 'also when it was not enabled');
  });

  it('a data set that a control block names cannot be deleted', () => {
    const client = server.at('brcb01');
    const name = { scope: 'domain', domain: 'TESTLD1', item: 'LLN0$own' } as const;
    const variables = [{ name: nameOf('TESTLD1/GGIO1$ST$Cnt1') }];
    const remove = (): number => client.loopback.request({ service: 'deleteNamedVariableList', names: [name] }).deleted;
    client.loopback.request({ service: 'defineNamedVariableList', name, variables });
    client.set('DatSet', 'TESTLD1/LLN0$own');
    assert.equal(remove(), 0);
    client.set('DatSet', '');
    assert.equal(remove(), 1);
    assert.equal(client.set('DatSet', 'TESTLD1/LLN0$own'), VALUE_INVALID);
  });

  it('of a client that is slow no more waits than its bounds, and every event counts in SqNum', () => {
    const client = server.at('urcbTexts01');
    client.set('RptEna', true);
    client.loopback.backlog = REPORT_BACKLOG;
    const count = 8 * (MAX_UNBUFFERED_OCTETS >> 10);
    for (let i = 0; i < count; i++) server.update(TXT1, `${i} ${'x'.repeat(200)}`);
    client.loopback.backlog = 0;
    const reports = client.take(10);
    assert.ok(reports.length <= MAX_UNBUFFERED_OCTETS / 400, `${reports.length}`);
    assert.equal(reports.at(-1)?.sqNum, (count - 1) % 256);
    assert.match(String(valueOf(reports.at(-1)?.values[0])), new RegExp(`^${count - 1} `));
  });

  it('a work budget that is used up delays reports, and loses none', () => {
    const client = server.at('brcb01', { iedModel: reportModel(), workBudget: 10 });
    client.set('RptEna', true);
    const { budget } = client.loopback.core.options.access;
    budget.spent(1000, performance.now());
    for (let i = 1; i <= 5; i++) server.update(CNT1, i);
    assert.deepEqual(client.take(), []);
    assert.deepEqual(client.take(5000), []);
    const reports = client.take(60_000);
    assert.deepEqual(
      reports.map(({ values }) => valueOf(values[0])),
      [1, 2, 3, 4, 5],
    );
  });

  it('one control block with much to send does not keep another waiting', () => {
    const client = server.at('brcb01');
    const other = new BlockClient(client.loopback, 'brcb02');
    for (let i = 0; i < 3 * REPORTS_PER_TURN; i++) server.update(CNT1, i);
    other.set('PurgeBuf', true);
    client.set('RptEna', true);
    other.set('RptEna', true);
    other.set('GI', true);
    const order = client.take().map(({ rptId }) => rptId.at(-1));
    assert.equal(order.length, 3 * REPORTS_PER_TURN + 1);
    assert.ok(order.indexOf('2') <= REPORTS_PER_TURN);
  });
});

describe('A client that stops reading while reports flow', () => {
  it('holds little of the server, and others get every event', async () => {
    const server = IedServer.fromModel(reportModel(), { port: 0 });
    const { port } = await server.listen();
    const stalled = await TcpClient.open(port);
    await stalled.request({
      service: 'write',
      access: { list: [{ name: nameOf('TESTLD1/LLN0$RP$urcbTexts01$RptEna') }] },
      data: [{ type: 'boolean', value: true }],
    });
    stalled.socket.pause();
    const session = new IedSession({ name: 'TEST', endpoints: [{ host: '127.0.0.1', port }] });
    session.start();
    const lease = ReportHub.of(session).subscribe({ reference: 'TESTLD1/LLN0.brcb01[BR]', interrogate: false });
    while (lease.status.phase !== 'armed') await once(lease.consumer, 'state');
    const values: unknown[] = [];
    lease.consumer.on('report', (report) => values.push(...report.values.map(({ value }) => value)));
    const events = 500;
    const update = (i: number): void => {
      const texts = Array.from({ length: 100 }, (_, k) => ({ reference: TXT1, value: `${i} ${k} ${'x'.repeat(200)}` }));
      // One by one: each is an event of its own.
      for (const one of texts) server.update([one]);
      server.update([{ reference: CNT1, value: i }]);
    };
    for (let i = 1; i <= events; i++) {
      update(i);
      await new Promise((resolve) => setImmediate(resolve));
    }
    while (values.length < events) await once(lease.consumer, 'report');
    assert.deepEqual(
      values,
      Array.from({ length: events }, (_, i) => i + 1),
    );
    const { clients } = (server as unknown as { listener: { clients: Set<{ socket: { writableLength: number } }> } })
      .listener;
    for (const { socket } of clients) {
      assert.ok(socket.writableLength < REPORT_BACKLOG + 2 * REPORTS_PER_TURN * 300, `${socket.writableLength}`);
    }
    await lease.release();
    await session.close();
    stalled.socket.destroy();
    await server.close();
  }).timeout(60_000);
});
