/** Reports of the server (UCA groups sRp, sBr). */
import assert from 'node:assert/strict';
import { DATA_SET, OptBits, reportModel, useReports, valueOf, type TestReport } from './report-fixture.js';

const IND1 = 'TESTLD1/GGIO1.Ind1[ST]';
const CNT1 = 'TESTLD1/GGIO1.Cnt1[ST]';
const TEMPORARILY_UNAVAILABLE = 2;
const ACCESS_DENIED = 3;
const VALUE_INVALID = 11;
const DCHG = '0100000';
const QCHG = '0010000';
const DUPD = '0001000';
const INTEGRITY = '0000100';
const GI = '0000010';

const shown = ({ inclusion, values, reasons }: TestReport): unknown => [inclusion, values.map(valueOf), reasons];

describe('Unbuffered reports', () => {
  const server = useReports();

  it('a change is reported with its member, value and reason', () => {
    const client = server.at('urcb01');
    assert.equal(client.set('RptEna', true), undefined);
    server.update(IND1, true);
    const [report, ...more] = client.take();
    assert.deepEqual(more, []);
    assert.deepEqual(report, {
      rptId: 'TESTLD1/LLN0$RP$urcb01',
      optFlds: OptBits(['seqNum', 'timeStamp', 'reasonCode', 'dataSet', 'configRef']),
      sqNum: 0,
      time: Date.now(),
      dataSet: DATA_SET,
      confRev: 3,
      inclusion: '1000',
      values: report?.values,
      reasons: ['0110000'],
    });
    assert.equal(valueOf(report.values[0]), true);
  });

  it('value, quality and time of a data object are of one instant', () => {
    const client = server.at('urcb01');
    client.set('RptEna', true);
    server.update(CNT1, 1);
    server.update(CNT1, 2, 'questionable');
    const reports = client.take();
    assert.deepEqual(reports.map(shown), [
      ['0100', [1], ['0110000']],
      ['0100', [2], ['0110000']],
    ]);
  });

  it('only those conditions count that TrgOps has', () => {
    const client = server.at('urcb01');
    server.update(IND1, true);
    server.update(CNT1, 7);
    client.set('TrgOps', '001000');
    client.set('RptEna', true);
    server.update(IND1, false);
    assert.deepEqual(client.take(), []);
    server.update(IND1, true, 'questionable');
    assert.deepEqual(client.take().map(shown), [['1000', [true], [QCHG]]]);
    client.set('RptEna', false);
    client.set('TrgOps', '000100');
    client.set('RptEna', true);
    server.update(CNT1, 7);
    assert.deepEqual(client.take().map(shown), [['0100', [7], [DUPD]]]);
  });

  it('the same value again is no change', () => {
    const client = server.at('urcb01');
    server.update(IND1, true);
    client.set('RptEna', true);
    server.update(IND1, true);
    assert.deepEqual(client.take(), []);
  });

  it('a transaction is one report', () => {
    const client = server.at('urcb01');
    client.set('RptEna', true);
    client.loopback.core.update(
      [
        { reference: 'TESTLD1/GGIO1.Cnt2[ST]', value: 5 },
        { reference: IND1, value: true },
      ],
      Date.now(),
    );
    assert.deepEqual(
      client.take().map(({ inclusion }) => inclusion),
      ['1001'],
    );
  });

  it('nothing comes before RptEna and after it is taken back', () => {
    const client = server.at('urcb01');
    server.update(IND1, true);
    assert.deepEqual(client.take(), []);
    client.set('RptEna', true);
    client.set('RptEna', false);
    server.update(IND1, false);
    assert.deepEqual(client.take(), []);
  });

  it('general interrogation brings all members, after the answer to its write', () => {
    const client = server.at('urcb01');
    client.set('RptEna', true);
    client.set('GI', true);
    assert.deepEqual(client.loopback.reports, [], 'first the answer');
    assert.deepEqual(client.take().map(shown), [['1111', [false, 0, false, 0], [GI, GI, GI, GI]]]);
    assert.equal(client.get('GI'), false);
  });

  it('events that came before an interrogation are reported before it', () => {
    const client = server.at('urcb01');
    client.set('BufTm', 1000);
    client.set('RptEna', true);
    server.update(CNT1, 3);
    client.set('GI', true);
    assert.deepEqual(
      client.take().map(({ inclusion }) => inclusion),
      ['0100', '1111'],
    );
  });

  it('GI is refused without RptEna, and without its trigger option', () => {
    const client = server.at('urcb01');
    assert.equal(client.set('GI', true), TEMPORARILY_UNAVAILABLE);
    client.set('TrgOps', '010000');
    client.set('RptEna', true);
    assert.equal(client.set('GI', true), TEMPORARILY_UNAVAILABLE);
    assert.deepEqual(client.take(), []);
  });

  it('integrity scans come at their period', () => {
    const client = server.at('urcb01');
    client.set('IntgPd', 1000);
    client.set('RptEna', true);
    assert.deepEqual(client.take(999), []);
    assert.deepEqual(client.take(1).map(shown), [
      ['1111', [false, 0, false, 0], [INTEGRITY, INTEGRITY, INTEGRITY, INTEGRITY]],
    ]);
    assert.equal(client.take(3000).length, 3);
    client.set('RptEna', false);
    assert.deepEqual(client.take(5000), []);
  });

  it('BufTm gathers events of several members into one report', () => {
    const client = server.at('urcb01');
    client.set('BufTm', 50);
    client.set('RptEna', true);
    server.update(IND1, true);
    assert.deepEqual(client.take(30), []);
    server.update(CNT1, 4);
    assert.deepEqual(client.take(19), []);
    assert.deepEqual(client.take(1).map(shown), [['1100', [true, 4], ['0110000', '0110000']]]);
  });

  it('a second event of a member within BufTm sends the first at once', () => {
    const client = server.at('urcb01');
    server.update(CNT1, 1);
    client.set('BufTm', 50);
    client.set('RptEna', true);
    server.update(CNT1, 2);
    server.update(CNT1, 3);
    assert.deepEqual(client.take().map(shown), [['0100', [2], [DCHG]]]);
    assert.deepEqual(client.take(50).map(shown), [['0100', [3], [DCHG]]]);
  });

  it('SqNum starts at 0 with each RptEna and rolls over after 255', () => {
    const client = server.at('urcb01');
    client.set('RptEna', true);
    for (let i = 1; i <= 258; i++) server.update(CNT1, i);
    const numbers = [...client.take(), ...client.take()].map(({ sqNum }) => sqNum);
    assert.deepEqual(numbers.slice(0, 2), [0, 1]);
    assert.deepEqual(numbers.slice(255), [255, 0, 1]);
    assert.equal(client.get('SqNum'), 2);
    client.set('RptEna', false);
    client.set('RptEna', true);
    server.update(CNT1, 0);
    assert.equal(client.take()[0]?.sqNum, 0);
  });

  it('every set of optional fields', () => {
    const client = server.at('urcb01');
    const names = ['seqNum', 'timeStamp', 'reasonCode', 'dataSet', 'dataRef', 'bufOvfl', 'entryID', 'configRef'];
    for (let set = 0; set < 1 << names.length; set++) {
      const chosen = names.filter((_, i) => (set & (1 << i)) !== 0);
      client.set('OptFlds', OptBits(chosen));
      client.set('RptEna', true);
      client.set('GI', true);
      const [report] = client.take();
      const expected = chosen.filter((name) => name !== 'bufOvfl' && name !== 'entryID');
      assert.equal(report?.optFlds, OptBits(expected));
      assert.equal(report.references !== undefined, chosen.includes('dataRef'));
      client.set('RptEna', false);
    }
  });

  it('data references name the members as the data set does', () => {
    const client = server.at('urcb01');
    client.set('OptFlds', OptBits(['dataRef']));
    client.set('RptEna', true);
    client.set('GI', true);
    assert.deepEqual(client.take()[0]?.references, [
      'TESTLD1/GGIO1$ST$Ind1',
      'TESTLD1/GGIO1$ST$Cnt1',
      'TESTLD1/GGIO1$ST$Ind2',
      'TESTLD1/GGIO1$ST$Cnt2',
    ]);
  });

  it('an empty RptID means the own reference, another one is what reports carry', () => {
    const client = server.at('urcb01');
    assert.equal(client.set('RptID', 'mine'), undefined);
    client.set('RptEna', true);
    client.set('GI', true);
    assert.equal(client.take()[0]?.rptId, 'mine');
    client.set('RptEna', false);
    assert.equal(client.set('RptID', ''), undefined);
    client.set('RptEna', true);
    client.set('GI', true);
    assert.equal(client.take()[0]?.rptId, 'TESTLD1/LLN0$RP$urcb01');
  });

  it('CVE-2026-68908: RptID over 129 octets is refused, one of 129 is reported', () => {
    const client = server.at('urcb01');
    assert.equal(client.set('RptID', 'x'.repeat(130)), VALUE_INVALID);
    assert.equal(client.set('RptID', 'x'.repeat(129)), undefined);
    client.set('RptEna', true);
    client.set('GI', true);
    assert.equal(client.take()[0]?.rptId, 'x'.repeat(129));
  });

  it('another data set counts ConfRev up, the same one does not', () => {
    const client = server.at('urcb01');
    assert.equal(client.set('DatSet', DATA_SET), undefined);
    assert.equal(client.get('ConfRev'), 3);
    assert.equal(client.set('DatSet', 'TESTLD1/LLN0$Values'), undefined);
    assert.equal(client.get('ConfRev'), 4);
    client.set('RptEna', true);
    server.update(IND1, true);
    const [report] = client.take();
    assert.deepEqual([report?.dataSet, report?.confRev, report?.inclusion], ['TESTLD1/LLN0$Values', 4, '1']);
  });

  it('a data set that does not exist is refused, none can be written but not enabled', () => {
    const client = server.at('urcb01');
    for (const name of ['TESTLD1/LLN0$Nope', 'Whole', 'NOLD/LLN0$Whole', '@mine']) {
      assert.equal(client.set('DatSet', name), VALUE_INVALID, name);
    }
    assert.equal(client.set('DatSet', ''), undefined);
    assert.equal(client.set('RptEna', true), VALUE_INVALID);
    assert.equal(client.get('RptEna'), false);
  });

  it('what is configured stands while it is enabled', () => {
    const client = server.at('urcb01');
    client.set('RptEna', true);
    const values = { RptID: 'x', DatSet: '', OptFlds: '0', BufTm: 1, TrgOps: '0', IntgPd: 1, Resv: false };
    for (const [attribute, value] of Object.entries(values)) {
      assert.equal(client.set(attribute, value), TEMPORARILY_UNAVAILABLE, attribute);
    }
    assert.equal(client.set('RptEna', true), undefined, 'enabled already');
  });

  it('what the server alone sets is refused', () => {
    const client = server.at('urcb01');
    for (const attribute of ['SqNum', 'ConfRev', 'Owner']) {
      const data = client.loopback.value(`${client.item}$${attribute}`);
      assert.equal(client.loopback.write(`${client.item}$${attribute}`, data as never), ACCESS_DENIED, attribute);
    }
    const whole = client.loopback.value(client.item);
    assert.equal(client.loopback.write(client.item, whole as never), ACCESS_DENIED);
  });

  it('another client is refused while it is reserved or enabled', () => {
    const first = server.at('urcb01');
    const second = server.at('urcb01');
    assert.equal(first.set('Resv', true), undefined);
    assert.equal(second.get('Resv'), true);
    assert.equal(second.get('Owner'), '7f000001');
    for (const [attribute, value] of Object.entries({ Resv: true, RptEna: true, BufTm: 5, GI: true })) {
      assert.equal(second.set(attribute, value), TEMPORARILY_UNAVAILABLE, attribute);
    }
    assert.equal(first.set('RptEna', true), undefined);
    assert.equal(second.set('RptEna', false), TEMPORARILY_UNAVAILABLE);
    first.set('RptEna', false);
    assert.equal(second.set('RptEna', true), TEMPORARILY_UNAVAILABLE, 'it was asked for by Resv');
    assert.equal(first.set('Resv', false), undefined);
    assert.equal(second.get('Owner'), '');
    assert.equal(second.set('RptEna', true), undefined);
    assert.equal(first.get('Resv'), true, 'enabling reserves');
    second.set('RptEna', false);
    assert.equal(first.get('Resv'), false);
  });

  it('a client that is gone leaves it free', () => {
    const first = server.at('urcb01');
    const second = server.at('urcb01');
    first.set('Resv', true);
    first.set('RptEna', true);
    first.loopback.connection.disconnected(0);
    assert.deepEqual([second.get('RptEna'), second.get('Resv'), second.get('Owner')], [false, false, '']);
    assert.equal(second.set('RptEna', true), undefined);
    server.update(IND1, true);
    assert.equal(second.take().length, 1);
  });

  it('its owner is told who enables and disables', () => {
    const client = server.at('urcb01');
    client.set('RptEna', true);
    client.set('RptEna', false);
    const told = client.loopback.events.filter(([name]) => String(name).startsWith('report'));
    assert.deepEqual(
      told.map(([name, , block]) => [name, block]),
      [
        ['reportEnabled', 'TESTLD1/LLN0.urcb01[RP]'],
        ['reportDisabled', 'TESTLD1/LLN0.urcb01[RP]'],
      ],
    );
  });

  it('several clients get the same events each by its own control block', () => {
    const first = server.at('urcb01');
    const second = server.at('urcb02');
    first.set('RptEna', true);
    second.set('TrgOps', '001000');
    second.set('RptEna', true);
    server.update(IND1, true, 'questionable');
    assert.deepEqual(first.take().map(shown), [['1000', [true], ['0110000']]]);
    assert.deepEqual(second.take().map(shown), [['1000', [true], [QCHG]]]);
  });

  it('a client that is slow gets events in one report, and a gap in SqNum that says so', () => {
    const client = server.at('urcbTexts01');
    client.set('RptEna', true);
    client.loopback.backlog = 2 << 20;
    for (let i = 0; i < 3000; i++) server.update('TESTLD1/GGIO1.Txt1[ST]', `${i} ${'x'.repeat(200)}`);
    assert.deepEqual(client.take(100), []);
    client.loopback.backlog = 0;
    const reports = [...client.take(100), ...Array.from({ length: 15 }, () => client.take()).flat()];
    assert.ok(reports.length < 3000 && reports.length > 0);
    assert.match(String(valueOf(reports.at(-1)?.values[0])), /^2999 /);
    assert.equal(reports.at(-1)?.sqNum, 2999 % 256);
  });

  it('a client that takes nothing while reports wait is dropped', () => {
    const client = server.at('urcb01');
    client.set('RptEna', true);
    client.loopback.backlog = 2 << 20;
    server.update(IND1, true);
    client.take();
    client.take(29_000);
    assert.equal(client.loopback.ends.length, 0);
    client.take(2000);
    assert.match(client.loopback.ends[0]?.message ?? '', /does not read the reports/);
    const other = server.at('urcb01');
    assert.equal(other.set('RptEna', true), undefined);
  });

  it('Edition 1 has reasons of six bits', () => {
    const client = server.at('urcb01', { iedModel: reportModel({ edition: '1' }) });
    client.set('RptEna', true);
    client.set('GI', true);
    assert.deepEqual(client.take()[0]?.reasons, Array(4).fill('000001'));
  });

  it('a wrong type is refused by its number, for every attribute', () => {
    const client = server.at('urcb01');
    const wrong = { type: 'float', value: 1, width: 32 } as const;
    for (const attribute of ['RptID', 'RptEna', 'Resv', 'DatSet', 'OptFlds', 'BufTm', 'TrgOps', 'IntgPd', 'GI']) {
      assert.equal(client.loopback.write(`${client.item}$${attribute}`, wrong), 7, attribute);
    }
    assert.equal(client.set('OptFlds', '0'.repeat(11)), 7);
    assert.equal(client.loopback.write(`${client.item}$BufTm`, { type: 'unsigned', value: 2 ** 32 }), VALUE_INVALID);
  });

  it('a client without the right to reports may not write them', () => {
    const client = server.at('urcb01');
    const { session } = client.loopback.connection as unknown as { session: { rights: unknown } };
    session.rights = { role: 'viewer', allows: () => false };
    assert.equal(client.set('RptEna', true), ACCESS_DENIED);
  });
});
