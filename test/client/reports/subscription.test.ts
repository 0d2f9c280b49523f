import assert from 'node:assert/strict';
import { once, type EventEmitter } from 'node:events';
import sinon from 'sinon';
import { IedSession } from '../../../src/client/index.js';
import type { Report, SubscriptionStatus } from '../../../src/client/reports/report-consumer.js';
import { ReportHub, type ReportLease, type SubscribeOptions } from '../../../src/client/reports/report-hub.js';
import type { ResumeStore } from '../../../src/client/reports/resume-store.js';
import type { Iec61850Error } from '../../../src/errors.js';
import type { TagValue } from '../../../src/model/tag-value.js';
import { sps } from '../../support/fake-ied.js';
import { FakeControlBlock, type FakeControlBlockOptions } from './fake-control-block.js';
import { reportPdu, type ReportFields } from './report-octets.js';

class MemoryStore implements ResumeStore {
  readonly points = new Map<string, string>();
  load(key: string): Promise<string | undefined> {
    return Promise.resolve(this.points.get(key));
  }
  save(key: string, entryId: string): void {
    this.points.set(key, entryId);
  }
}

const RESERVED_BY = { type: 'octet-string', octets: Buffer.from([10, 0, 0, 7]) } as const;
const KEY = 'BAY LD/LLN0.brcb01[BR]';

describe('report subscription', () => {
  const cleanups: (() => Promise<void> | void)[] = [];

  afterEach(async () => {
    sinon.restore();
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function serve(options: FakeControlBlockOptions = {}): Promise<FakeControlBlock> {
    const block = new FakeControlBlock(options);
    await block.ied.listen();
    cleanups.push(() => block.ied.close());
    return block;
  }

  function open(block: FakeControlBlock): IedSession {
    const session = new IedSession({
      name: 'BAY',
      endpoints: [{ host: '127.0.0.1', port: block.ied.port }],
      timeout: 1000,
    });
    cleanups.push(() => session.close());
    return session;
  }

  function subscribe(session: IedSession, more: Partial<SubscribeOptions> = {}): ReportLease {
    const lease = ReportHub.of(session).subscribe({ reference: 'LD/LLN0.brcb01[BR]', ...more });
    cleanups.push(() => lease.release());
    session.start();
    return lease;
  }

  async function next<T>(emitter: EventEmitter, event: string): Promise<T> {
    return ((await once(emitter, event)) as [T])[0];
  }

  async function phase(lease: ReportLease, wanted: string): Promise<SubscriptionStatus> {
    while (lease.status.phase !== wanted) await once(lease.consumer, 'state');
    return lease.status;
  }

  const report = (more: Partial<ReportFields> = {}): Buffer =>
    reportPdu({
      rptId: 'events',
      sqNum: 0,
      entryId: '0000000000000001',
      inclusion: '10',
      values: [sps(true)],
      ...more,
    });

  /** The next event of one, after octets were sent. */
  async function after<T>(lease: ReportLease, event: string, block: FakeControlBlock, ...pdus: Buffer[]): Promise<T> {
    const came = next<T>(lease.consumer, event);
    for (const pdu of pdus) block.ied.sendUnconfirmed(pdu);
    return came;
  }

  it('writes only what differs, reservation first, then RptEna and GI (field note: SIPROTEC 5)', async () => {
    const block = await serve();
    const lease = subscribe(open(block), { integrityPeriod: 5000 });
    await phase(lease, 'armed');
    while (!block.written.includes('GI')) await new Promise(setImmediate);
    assert.deepEqual(block.written, ['ResvTms', 'TrgOps', 'IntgPd', 'RptEna', 'GI']);
  });

  it('what is already so is not written, since writing purges the buffer (field note: Edition 2 BRCB)', async () => {
    const block = await serve();
    const lease = subscribe(open(block), {
      rptId: 'events',
      dataSet: 'LD/LLN0.ds',
      bufferTime: 50,
      interrogate: false,
    });
    await phase(lease, 'armed');
    assert.deepEqual(block.written, ['ResvTms', 'RptEna']);
  });

  it('an IED without ResvTms and Owner, as of Edition 1, takes RptEna alone (field note: OCR7SR12)', async () => {
    const block = await serve({ attributes: { ResvTms: undefined, Owner: undefined, PurgeBuf: undefined } });
    const lease = subscribe(open(block), { interrogate: false });
    await phase(lease, 'armed');
    assert.deepEqual(block.written, ['RptEna']);
  });

  it('an unbuffered control block is reserved by Resv and given back', async () => {
    const block = await serve({
      item: 'LLN0$RP$urcb01',
      attributes: {
        Resv: { type: 'boolean', value: false },
        ResvTms: undefined,
        PurgeBuf: undefined,
        EntryID: undefined,
        OptFlds: { type: 'bit-string', bits: '0111100010' },
      },
    });
    const lease = subscribe(open(block), { reference: 'LD/LLN0.urcb01[RP]', interrogate: false });
    await phase(lease, 'armed');
    await lease.release();
    assert.deepEqual(
      block.writes.map(([name, value]) => [name, value.type === 'boolean' && value.value]),
      [
        ['Resv', true],
        ['RptEna', true],
        ['RptEna', false],
        ['Resv', false],
      ],
    );
  });

  it('a refused optional attribute is a warning that names it, and reports come', async () => {
    const block = await serve({
      refuse: (attribute) => (attribute === 'TrgOps' || attribute === 'ResvTms' ? 3 : undefined),
    });
    const lease = subscribe(open(block), { triggerOptions: ['dchg'], interrogate: false });
    const warnings: string[] = [];
    lease.consumer.on('warning', ({ message }) => warnings.push(message));
    await phase(lease, 'armed');
    const { values } = await after<Report>(lease, 'report', block, report());
    assert.equal(values[0]?.value, true);
    assert.match(warnings.join('\n'), /brcb01\[BR\]: ResvTms was refused/);
    assert.match(warnings.join('\n'), /brcb01\[BR\]: TrgOps was refused/);
  });

  it('a reserved control block says by whom, and is taken after about 3 s when it is free', async () => {
    const block = await serve({ attributes: { RptEna: { type: 'boolean', value: true }, Owner: RESERVED_BY } });
    const timers = sinon.spy(globalThis, 'setTimeout');
    const lease = subscribe(open(block), { interrogate: false });
    const { error } = await phase(lease, 'reserved');
    assert.equal(error?.code, 'IEC61850_RESERVED');
    assert.match(error?.message ?? '', /reserved by 10\.0\.0\.7/);
    const again = timers.getCalls().find(({ args }) => args[1] === 3000);
    assert.ok(again, 'it is tried again after 3 s');
    block.attributes.RptEna = { type: 'boolean', value: false };
    block.attributes.Owner = { type: 'octet-string', octets: Buffer.alloc(0) };
    (again.args[0] as () => void)();
    await phase(lease, 'armed');
  });

  it('a control block that nobody holds and the IED does not permit says that, and not that it is reserved', async () => {
    const block = await serve({ refuse: (attribute) => (attribute === 'RptEna' ? 3 : undefined) });
    const lease = subscribe(open(block), { interrogate: false });
    const { error } = await phase(lease, 'failed');
    assert.equal(error?.code, 'IEC61850_ACCESS_DENIED');
    assert.match(error?.message ?? '', /brcb01\[BR\]: RptEna was refused/);
  });

  it('a report that arrives before the answer that enables it is not lost', async () => {
    const block: FakeControlBlock = await serve({
      written: (attribute, value) => {
        if (attribute === 'RptEna' && value.type === 'boolean' && value.value) block.ied.sendUnconfirmed(report());
      },
    });
    const lease = subscribe(open(block), { interrogate: false });
    const { values, sqNum } = await next<Report>(lease.consumer, 'report');
    assert.equal(sqNum, 0);
    assert.equal(values[0]?.tag, 'LD.GGIO1.Ind1');
  });

  it('an empty RptID means the control block’s own reference (libiec61850 #3)', async () => {
    const block = await serve({ attributes: { RptID: { type: 'visible-string', value: '' } } });
    const lease = subscribe(open(block), { interrogate: false });
    await phase(lease, 'armed');
    const { values } = await after<Report>(lease, 'report', block, report({ rptId: 'LD/LLN0$BR$brcb01' }));
    assert.equal(values.length, 1);
  });

  it('a report from a control block that is not ours is counted and left alone', async () => {
    const block = await serve();
    const session = open(block);
    const lease = subscribe(session, { interrogate: false });
    await phase(lease, 'armed');
    const broken = report().subarray(0, 20);
    broken[1] = 18;
    const { entryId } = await after<Report>(lease, 'report', block, report({ rptId: 'foreign' }), broken, report());
    assert.equal(entryId, '0000000000000001');
    assert.deepEqual(ReportHub.of(session).ignored, { foreign: 1, malformed: 1 });
    assert.equal(session.state, 'online');
  });

  it('gaps of SqNum are counted; it starts at 0 and rolls over', async () => {
    const block = await serve();
    const lease = subscribe(open(block), { interrogate: false });
    await phase(lease, 'armed');
    await after<Report>(lease, 'report', block, report({ sqNum: 65534 }));
    const warned = next<Iec61850Error>(lease.consumer, 'warning');
    await after<Report>(lease, 'report', block, report({ sqNum: 65535 }));
    await after<Report>(lease, 'report', block, report({ sqNum: 0 }));
    await after<Report>(lease, 'report', block, report({ sqNum: 1 }));
    assert.equal(lease.status.counters.missed, 0);
    await after<Report>(lease, 'report', block, report({ sqNum: 4 }));
    assert.equal(lease.status.counters.missed, 2);
    assert.match((await warned).message, /2 reports did not arrive before SqNum 4/);
  });

  it('segments are joined; a lost one drops the report, and says so', async () => {
    const block = await serve();
    const lease = subscribe(open(block), { interrogate: false });
    await phase(lease, 'armed');
    const part = (subSqNum: number, moreFollows: boolean, inclusion: string, sqNum = 3): Buffer =>
      report({ sqNum, segment: { subSqNum, moreFollows }, inclusion });
    const whole = await after<Report>(lease, 'report', block, part(0, true, '10'), part(1, false, '01'));
    assert.deepEqual(
      whole.values.map(({ tag }) => tag),
      ['LD.GGIO1.Ind1', 'LD.GGIO1.Ind2'],
    );
    const warning = await after<Iec61850Error>(
      lease,
      'warning',
      block,
      part(0, true, '10', 4),
      part(2, false, '01', 4),
    );
    assert.match(warning.message, /segment was lost/);
    assert.equal(lease.status.counters.dropped, 1);
    assert.equal(lease.status.counters.reports, 1);
  });

  it('BufOvfl is told apart from a lost segment, and at the first arming it says nothing', async () => {
    const block = await serve();
    const lease = subscribe(open(block), { interrogate: false });
    await phase(lease, 'armed');
    const first = await after<Report>(lease, 'report', block, report({ bufOvfl: true }));
    assert.equal(first.bufferOverflow, true);
    assert.equal(lease.status.counters.overflows, 0);
    const warning = await after<Iec61850Error>(lease, 'warning', block, report({ sqNum: 1, bufOvfl: true }));
    assert.equal(warning.code, 'IEC61850_BUFFER_OVERFLOW');
    assert.equal(lease.status.counters.overflows, 1);
  });

  it('resumes after the last entry, also after a restart (libiec61850 #47)', async () => {
    const store = new MemoryStore();
    store.points.set(KEY, '00000000000000aa');
    const block = await serve();
    const lease = subscribe(open(block), { store, interrogate: false });
    await phase(lease, 'armed');
    assert.deepEqual(block.written, ['ResvTms', 'EntryID', 'RptEna']);
    const [, written] = block.writes[1] as (typeof block.writes)[number];
    assert.equal(written.type === 'octet-string' && written.octets.toString('hex'), '00000000000000aa');
    await after<Report>(lease, 'report', block, report({ entryId: '00000000000000ab' }));
    assert.equal(store.points.get(KEY), '00000000000000ab');
  });

  it('an EntryID that the IED no longer knows means a full replay and a possible gap', async () => {
    const store = new MemoryStore();
    store.points.set(KEY, '00000000000000aa');
    const block = await serve({
      refuse: (attribute, value) =>
        attribute === 'EntryID' && value.type === 'octet-string' && value.octets.some((octet) => octet !== 0)
          ? 11
          : undefined,
    });
    const lease = subscribe(open(block), { store, interrogate: false });
    const warning = await next<Iec61850Error>(lease.consumer, 'warning');
    assert.equal(warning.code, 'IEC61850_REPORT_GAP');
    await phase(lease, 'armed');
    assert.deepEqual(block.written, ['ResvTms', 'EntryID', 'EntryID', 'RptEna']);
  });

  it('an acknowledging consumer holds the resume point back until it has the entry', async () => {
    const store = new MemoryStore();
    const block = await serve();
    const session = open(block);
    const lease = subscribe(session, { store, acknowledges: true, interrogate: false });
    const second = subscribe(session, { store, interrogate: false });
    await phase(lease, 'armed');
    for (const [sqNum, entryId] of ['01', '02', '03'].entries())
      await after<Report>(lease, 'report', block, report({ sqNum, entryId }));
    assert.equal(store.points.get(KEY), undefined);
    lease.consumer.acknowledge('02');
    assert.equal(store.points.get(KEY), '02');
    lease.consumer.acknowledge('unknown');
    assert.equal(store.points.get(KEY), '02');
    await lease.release();
    assert.equal(store.points.get(KEY), '03');
    assert.equal(second.status.phase, 'armed');
  });

  it('an entry that comes again says so, and is delivered', async () => {
    const block = await serve();
    const lease = subscribe(open(block), { interrogate: false });
    await phase(lease, 'armed');
    const first = await after<Report>(lease, 'report', block, report());
    const second = await after<Report>(lease, 'report', block, report({ sqNum: 1 }));
    assert.deepEqual([first.repeat, second.repeat], [false, true]);
    assert.equal(lease.status.counters.repeats, 1);
  });

  it('one control block feeds many users, and is given back after the last', async () => {
    const block = await serve();
    const session = open(block);
    const one = subscribe(session, { interrogate: false });
    const two = subscribe(session, {
      interrogate: false,
      tags: [{ tag: 'second', reference: 'LD/GGIO1.Ind2', fc: 'ST' }],
    });
    await phase(one, 'armed');
    assert.equal(two.status.phase, 'armed');
    const others = next<Report>(two.consumer, 'report');
    const all = await after<Report>(one, 'report', block, report({ inclusion: '11', values: [sps(true), sps(false)] }));
    assert.deepEqual(
      [all.values.map(({ tag }) => tag), (await others).values.map(({ tag }) => tag)],
      [['LD.GGIO1.Ind1', 'LD.GGIO1.Ind2'], ['second']],
    );
    await one.release();
    assert.ok(!block.written.slice(block.written.indexOf('RptEna') + 1).includes('RptEna'));
    await two.release();
    assert.deepEqual(block.written.slice(-2), ['RptEna', 'ResvTms']);
  });

  it('another ConfRev is noticed: the data set is read anew', async () => {
    const block = await serve();
    const timers = sinon.spy(globalThis, 'setTimeout');
    const lease = subscribe(open(block), { interrogate: false });
    await phase(lease, 'armed');
    await after<Report>(lease, 'report', block, report({ confRev: 1 }));
    const stale = next<TagValue[]>(lease.consumer, 'status');
    const warning = await after<Iec61850Error>(lease, 'warning', block, report({ sqNum: 1, confRev: 2 }));
    assert.equal(warning.code, 'IEC61850_CONF_REV');
    assert.deepEqual(
      (await stale).map(({ tag, status, value }) => [tag, status, value]),
      [['LD.GGIO1.Ind1', 'stale', true]],
    );
    block.members = ['GGIO1$ST$Ind2'];
    block.attributes.ConfRev = { type: 'unsigned', value: 2 };
    (timers.getCalls().find(({ args }) => args[1] === 3000)?.args[0] as () => void)();
    await phase(lease, 'armed');
    const { values } = await after<Report>(lease, 'report', block, report({ confRev: 2, inclusion: '1' }));
    assert.equal(values[0]?.tag, 'LD.GGIO1.Ind2');
  });

  it('a report for a data set that changed is dropped, and given up when it comes again', async () => {
    const block = await serve();
    const timers = sinon.spy(globalThis, 'setTimeout');
    const store = new MemoryStore();
    const lease = subscribe(open(block), { interrogate: false, store });
    await phase(lease, 'armed');
    const misfit = report({ inclusion: '1111111111' });
    assert.match((await after<Iec61850Error>(lease, 'warning', block, misfit)).message, /does not fit a data set of 2/);
    (timers.getCalls().find(({ args }) => args[1] === 3000)?.args[0] as () => void)();
    await phase(lease, 'armed');
    await after<Iec61850Error>(lease, 'warning', block, misfit);
    assert.equal(lease.status.phase, 'armed');
    assert.equal(store.points.get(KEY), '0000000000000001');
    await after<Report>(lease, 'report', block, report({ sqNum: 1, entryId: '02' }));
    assert.equal(lease.status.counters.dropped, 2);
  });

  it('an integrity period that was missed twice makes its values stale, and the next report live', async () => {
    const block = await serve({ attributes: { IntgPd: { type: 'unsigned', value: 1000 } } });
    const timers = sinon.spy(globalThis, 'setTimeout');
    const lease = subscribe(open(block), { interrogate: false });
    await phase(lease, 'armed');
    await after<Report>(lease, 'report', block, report({ reasons: ['000100'] }));
    const stale = next<TagValue[]>(lease.consumer, 'status');
    (timers.getCalls().findLast(({ args }) => args[1] === 2500)?.args[0] as () => void)();
    assert.equal((await stale)[0]?.status, 'stale');
    const { values } = await after<Report>(lease, 'report', block, report({ sqNum: 1 }));
    assert.equal(values[0]?.status, 'live');
  });

  it('a lost connection makes the values disconnected, and the control block is taken again', async () => {
    const block = await serve();
    const lease = subscribe(open(block), { interrogate: false });
    await phase(lease, 'armed');
    await after<Report>(lease, 'report', block, report());
    const gone = next<TagValue[]>(lease.consumer, 'status');
    block.ied.cut();
    assert.deepEqual(
      (await gone).map(({ status, value }) => [status, value]),
      [['disconnected', true]],
    );
    block.attributes.RptEna = { type: 'boolean', value: false };
    await phase(lease, 'armed');
    assert.equal(lease.status.counters.armed, 2);
    assert.ok(block.written.includes('EntryID'));
  });

  it('an interrogation on demand is one write, and an error while it is not armed', async () => {
    const block = await serve();
    const session = open(block);
    const lease = subscribe(session, { interrogate: false });
    await assert.rejects(lease.interrogate(), /is not armed/);
    await phase(lease, 'armed');
    await lease.interrogate();
    assert.deepEqual(block.written.at(-1), 'GI');
  });

  it('the buffer is purged once, before the first enabling', async () => {
    const block = await serve();
    const store = new MemoryStore();
    store.points.set(KEY, '00000000000000aa');
    const lease = subscribe(open(block), { purge: true, store, interrogate: false });
    await phase(lease, 'armed');
    assert.deepEqual(block.written, ['ResvTms', 'PurgeBuf', 'RptEna']);
  });

  const SERVICES = ['getVariableAccessAttributes', 'read', 'getNamedVariableListAttributes', 'write'] as const;
  for (const service of SERVICES) {
    it(`a server that closes in the middle of ${service} is asked again, and reports come`, async () => {
      let closed = false;
      const block = await serve({
        closes: (request) => {
          if (closed || request.service !== service) return false;
          closed = true;
          return true;
        },
      });
      const lease = subscribe(open(block), { interrogate: false });
      await phase(lease, 'armed');
      assert.ok(closed);
      const { values } = await after<Report>(lease, 'report', block, report());
      assert.equal(values.length, 1);
    });
  }

  it('of an IED that is taken for Edition 1 is reserved by nothing, and nobody owns it', async () => {
    for (const [edition, resvTms] of [
      ['1', false],
      ['2', true],
      ['2.1', true],
    ] as const) {
      const block = await serve({ attributes: { Owner: RESERVED_BY } });
      const session = new IedSession({
        name: 'BAY',
        endpoints: [{ host: '127.0.0.1', port: block.ied.port }],
        timeout: 1000,
        edition,
      });
      cleanups.push(() => session.close());
      await phase(subscribe(session), 'armed');
      assert.equal(block.written.includes('ResvTms'), resvTms, edition);
      const { controlBlocks } = await session.listReports();
      assert.equal(controlBlocks[0]?.owner, resvTms ? '10.0.0.7' : '', edition);
    }
  });

  it('wakes who waits for a data object that it reports', async () => {
    const block = await serve();
    const session = open(block);
    assert.equal(ReportHub.existing(session), undefined);
    const lease = subscribe(session, { interrogate: false });
    const hub = ReportHub.of(session);
    const news = (ms: number): Promise<boolean> => hub.newsOf('LD/GGIO1$ST$Ind1', 'LD/GGIO1.Ind1', ms);
    assert.equal(await news(5000), false, 'not armed yet');
    await phase(lease, 'armed');
    assert.equal(await hub.newsOf('LD/GGIO1$MX$AnIn1', 'LD/GGIO1.AnIn1', 5000), false, 'not in the data set');
    const other = news(5000);
    block.ied.sendUnconfirmed(report({ inclusion: '01', values: [sps(true)] }));
    await next<Report>(lease.consumer, 'report');
    let woken = false;
    void other.then(() => (woken = true));
    await new Promise(setImmediate);
    assert.equal(woken, false, 'a report of Ind2');
    block.ied.sendUnconfirmed(report({ sqNum: 1, entryId: '0000000000000002' }));
    assert.equal(await other, true);
    assert.equal(await news(20), true, 'by its time');
  });

  describe('that is silent for 30 s', () => {
    let clock: sinon.SinonFakeTimers;

    /** An armed subscription under a clock of its own; sockets and time limits keep theirs. */
    async function armed(): Promise<{ block: FakeControlBlock; lease: ReportLease; reads(): number }> {
      clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
      const block = await serve();
      const session = new IedSession({
        name: 'BAY',
        endpoints: [{ host: '127.0.0.1', port: block.ied.port }],
        timeout: 1000,
        superviseAfter: 3_600_000,
      });
      cleanups.push(() => session.close());
      const lease = subscribe(session, { interrogate: false });
      await phase(lease, 'armed');
      return { block, lease, reads: () => block.ied.requests.filter(({ service }) => service === 'read').length };
    }

    it('is asked for its RptEna, and taken again when the IED has disabled it', async () => {
      const { block, lease, reads } = await armed();
      const before = reads();
      clock.tick(29_000);
      assert.equal(reads(), before);
      block.attributes.RptEna = { type: 'boolean', value: false };
      const warned = next<Iec61850Error>(lease.consumer, 'warning');
      clock.tick(1000);
      const warning = await warned;
      assert.equal(warning.code, 'IEC61850_DISABLED');
      assert.match(warning.message, /brcb01.*disabled/);
      assert.equal(lease.status.phase, 'waiting');
    });

    it('goes on when it is still enabled', async () => {
      const { block, lease, reads } = await armed();
      block.attributes.RptEna = { type: 'boolean', value: true };
      const warnings: Iec61850Error[] = [];
      lease.consumer.on('warning', (error) => warnings.push(error));
      for (const round of [1, 2]) {
        const before = reads();
        clock.tick(30_000);
        while (reads() === before) await new Promise(setImmediate);
        assert.equal(lease.status.phase, 'armed', `round ${round}`);
      }
      assert.deepEqual(warnings, []);
    });

    it('is not asked while reports come', async () => {
      const { block, lease, reads } = await armed();
      const before = reads();
      for (let sqNum = 0; sqNum < 4; sqNum++) {
        clock.tick(20_000);
        const came = next<Report>(lease.consumer, 'report');
        block.ied.sendUnconfirmed(report({ sqNum, entryId: `000000000000000${sqNum + 1}` }));
        await came;
      }
      assert.equal(reads(), before);
    });
  });
});
