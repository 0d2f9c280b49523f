import assert from 'node:assert/strict';
import { DecodeError, Iec61850Error } from '../../../src/errors.js';
import { BINARY_TIME_EPOCH_MS } from '../../../src/model/timestamp.js';
import type { TagValue } from '../../../src/model/tag-value.js';
import type { Tag } from '../../../src/model/tag.js';
import type { MmsData } from '../../../src/mms/data.js';
import { openInformationReport } from '../../../src/mms/information-report.js';
import type { TypeDescription } from '../../../src/mms/type-description.js';
import type { VariableSpecification } from '../../../src/mms/variable-access.js';
import { objectNameText } from '../../../src/mms/object-name.js';
import { ReportDecoder } from '../../../src/client/reports/report-decoder.js';
import { readReportHeader, type ReportHeader } from '../../../src/client/reports/report-header.js';
import { dataSetEntry } from '../../../src/client/data-sets/directory.js';
import { layOut } from '../../../src/client/data-sets/layout.js';
import type { TypeCache } from '../../../src/client/type-cache.js';
import { mv, mvType, sps, spsType } from '../../support/fake-ied.js';
import { pduOf, reportData, reportPdu, type ReportFields } from './report-octets.js';

const DBPOS: TypeDescription = {
  type: 'structure',
  components: [{ name: 'stVal', type: { type: 'bit-string', size: 2 } }, ...spsComponents()],
};
function spsComponents(): { name: string; type: TypeDescription }[] {
  return spsType.type === 'structure' ? spsType.components.slice(1) : [];
}

const TYPES: Record<string, TypeDescription> = {
  'LD/XCBR1$ST$Pos': DBPOS,
  'LD/GGIO1$ST$Ind1': spsType,
  'LD/GGIO1$MX$AnIn1': mvType,
};
const types = {
  expect: () => Promise.resolve(),
  typeOf: ({ name }: VariableSpecification): Promise<TypeDescription> => {
    const type = TYPES[objectNameText(name)];
    return type ? Promise.resolve(type) : Promise.reject(new Iec61850Error('NONE', 'no such type'));
  },
} as unknown as TypeCache;

async function decoderOf(items: string[], tags?: Tag[]): Promise<ReportDecoder> {
  const members = items.map((item) => dataSetEntry({ name: { scope: 'domain', domain: 'LD', item } }));
  const layout = await layOut({ name: 'LD/LLN0$ds', deletable: false, members }, types, 2, tags ? { tags } : {});
  return new ReportDecoder(layout, 'BAY');
}

function opened(pdu: Buffer): { octets: Buffer; header: ReportHeader } {
  // The unconfirmed PDU's own header is two to four octets.
  const start = pdu[1] === 0x81 ? 3 : pdu[1] === 0x82 ? 4 : 2;
  const report = openInformationReport(pdu, start, pdu.length);
  assert.ok(report);
  return { octets: pdu, header: readReportHeader(pdu, report.start, report.end) };
}

const decode = (decoder: ReportDecoder, fields: ReportFields): TagValue[] =>
  decoder.decode([opened(reportPdu(fields))], 1_700_000_000_000, 0);

const pos = (bits: string, quality = '0000000000000'): MmsData => ({
  type: 'structure',
  items: [
    { type: 'bit-string', bits },
    { type: 'bit-string', bits: quality },
    { type: 'utc-time', seconds: 1_700_000_000, fraction: 0, quality: 0x0a },
  ],
});

const WHOLE = ['XCBR1$ST$Pos', 'GGIO1$ST$Ind1', 'GGIO1$MX$AnIn1'];

describe('report decoder', () => {
  it('reads the fields in their order, whatever the OptFlds (field note: fields of a report)', () => {
    const all: ReportFields = {
      rptId: 'events',
      sqNum: 7,
      timeOfEntry: { ms: 1234, days: 10 },
      datSet: 'LD/LLN0$ds',
      bufOvfl: true,
      entryId: '00000000000000ff',
      confRev: 3,
      segment: { subSqNum: 0, moreFollows: false },
      inclusion: '100',
      values: [pos('10')],
    };
    const optional = ['sqNum', 'timeOfEntry', 'datSet', 'bufOvfl', 'entryId', 'confRev', 'segment'] as const;
    // Every subset of the optional fields.
    for (let mask = 0; mask < 1 << optional.length; mask++) {
      const fields: ReportFields = { ...all };
      optional.forEach((name, i) => {
        if ((mask & (1 << i)) === 0) delete fields[name];
      });
      const { header } = opened(reportPdu(fields));
      assert.equal(header.rptId, 'events');
      assert.equal(header.sqNum, fields.sqNum);
      assert.equal(
        header.timeOfEntry,
        fields.timeOfEntry && BINARY_TIME_EPOCH_MS + fields.timeOfEntry.days * 86_400_000 + fields.timeOfEntry.ms,
      );
      assert.equal(header.datSet, fields.datSet);
      assert.equal(header.bufOvfl, fields.bufOvfl);
      assert.equal(header.entryId, fields.entryId);
      assert.equal(header.confRev, fields.confRev);
      assert.equal(header.moreSegments, false);
    }
  });

  it('whole data objects give one tag each, value, quality and time of one instant', async () => {
    const values = decode(await decoderOf(WHOLE), {
      rptId: 'r',
      timeOfEntry: { ms: 3_600_000, days: 0 },
      entryId: '01',
      inclusion: '111',
      references: ['LD/XCBR1$ST$Pos', 'LD/GGIO1$ST$Ind1', 'LD/GGIO1$MX$AnIn1'],
      values: [pos('10'), sps(true, '0100000000000'), mv(2.5)],
      reasons: ['010000', '001000', '000001'],
    });
    assert.deepEqual(
      values.map(({ tag, type, text, quality, timestamp, reason }) => [
        tag,
        type,
        text,
        quality?.validity,
        timestamp,
        reason,
      ]),
      [
        ['LD.XCBR1.Pos', 'Dbpos', 'Closed', 'good', '2023-11-14T22:13:20.000Z', ['data-change']],
        ['LD.GGIO1.Ind1', 'Boolean', 'True', 'invalid', '2023-11-14T22:13:20.000Z', ['quality-change']],
        ['LD.GGIO1.AnIn1', 'Float32', '2.5', 'good', '2023-11-14T22:13:20.500Z', ['general-interrogation']],
      ],
    );
    const [first] = values;
    assert.equal(first?.source, 'report');
    assert.equal(first?.status, 'live');
    assert.equal(first?.entryTime, '1984-01-01T01:00:00.000Z');
    assert.equal(first?.entryId, '01');
    assert.equal(first?.sequence, 1);
  });

  it('only included members change', async () => {
    const decoder = await decoderOf(WHOLE);
    const values = decode(decoder, { rptId: 'r', inclusion: '010', values: [sps(true)] });
    assert.deepEqual(
      values.map(({ tag, value, reason }) => [tag, value, reason]),
      [['LD.GGIO1.Ind1', true, undefined]],
    );
    const again = decode(decoder, { rptId: 'r', inclusion: '011', values: [sps(false), mv(1)] });
    assert.deepEqual(
      again.map(({ value, sequence }) => [value, sequence]),
      [
        [false, 2],
        [1, 1],
      ],
    );
  });

  it('reasons have six bits or seven (field note: ReasonForInclusion)', async () => {
    const decoder = await decoderOf(WHOLE);
    const reason = (bits: string): string[] | undefined =>
      decode(decoder, { rptId: 'r', inclusion: '010', values: [sps(true)], reasons: [bits] })[0]?.reason;
    assert.deepEqual(reason('010000'), ['data-change']);
    assert.deepEqual(reason('0100000'), ['data-change']);
    assert.deepEqual(reason('0000001'), ['application-trigger']);
    assert.deepEqual(reason('000100'), ['data-update']);
    assert.deepEqual(reason('0000110'), ['integrity', 'general-interrogation']);
    assert.deepEqual(reason('000000'), []);
  });

  it('members without q and t have the report’s own time, and no quality is invented', async () => {
    const [value] = decode(await decoderOf(['GGIO1$ST$Ind1$stVal']), {
      rptId: 'r',
      timeOfEntry: { ms: 5, days: 1 },
      inclusion: '1',
      values: [{ type: 'boolean', value: true }],
    });
    assert.equal(value?.value, true);
    assert.equal(value?.quality, null);
    assert.equal(value?.timestamp, null);
    assert.equal(value?.entryTime, '1984-01-02T00:00:00.005Z');
  });

  it('value, quality and time as members of their own are one tag', async () => {
    const decoder = await decoderOf(['XCBR1$ST$Pos$stVal', 'XCBR1$ST$Pos$q', 'XCBR1$ST$Pos$t']);
    const t: MmsData = { type: 'utc-time', seconds: 1_700_000_000, fraction: 0, quality: 0 };
    const q = (bits: string): MmsData => ({ type: 'bit-string', bits });
    const show = (values: TagValue[]): unknown =>
      values.map(({ tag, text, quality, timestamp }) => [tag, text, quality?.text, timestamp]);
    assert.deepEqual(
      show(decode(decoder, { rptId: 'r', inclusion: '111', values: [q('10'), q('0000000000000'), t] })),
      [['LD.XCBR1.Pos.stVal', 'Closed', 'good', '2023-11-14T22:13:20.000Z']],
    );
    // Quality alone: the last value with the new quality; the time of neither came.
    assert.deepEqual(show(decode(decoder, { rptId: 'r', inclusion: '010', values: [q('0100000000000')] })), [
      ['LD.XCBR1.Pos.stVal', 'Closed', 'invalid', null],
    ]);
    // Value alone: quality stays what it was last reported to be.
    assert.deepEqual(show(decode(decoder, { rptId: 'r', inclusion: '100', values: [q('01')] })), [
      ['LD.XCBR1.Pos.stVal', 'Open', 'invalid', null],
    ]);
  });

  it('wanted tags take what they need of the members, under their own names', async () => {
    const tags: Tag[] = [
      { tag: 'breaker', reference: 'LD/XCBR1.Pos', fc: 'ST' },
      { tag: 'only value', reference: 'LD/GGIO1.AnIn1.mag.f', fc: 'MX' },
      { tag: 'not there', reference: 'LD/GGIO1.Ind7', fc: 'ST' },
    ];
    const decoder = await decoderOf(WHOLE, tags);
    assert.deepEqual(
      decoder.layout.missing.map(({ tag }) => tag),
      ['not there'],
    );
    const values = decode(decoder, { rptId: 'r', inclusion: '111', values: [pos('01'), sps(true), mv(7)] });
    assert.deepEqual(
      values.map(({ tag, value }) => [tag, value]),
      [
        ['breaker', 1],
        ['only value', 7],
      ],
    );
  });

  it('a member whose type the IED does not show is one value as it comes', async () => {
    const [value] = decode(await decoderOf(['LLN0$ST']), { rptId: 'r', inclusion: '1', values: [sps(true)] });
    assert.equal(value?.reference, 'LD/LLN0');
    assert.equal(value?.quality, null);
    assert.deepEqual((value?.value as Record<string, unknown>)['0'], true);
  });

  it('a member that the IED cannot give is an error, and the others are values', async () => {
    const decoder = await decoderOf(WHOLE);
    const data = reportData({ rptId: 'r', inclusion: '110', values: [pos('10'), sps(true)] });
    const failing = pduOf(data, { at: 3, error: 2 });
    const values = decoder.decode([opened(failing)], 0, 0);
    assert.deepEqual(
      values.map(({ status, error, value }) => [status, error?.code, value]),
      [
        ['error', 'IEC61850_TEMPORARILY_UNAVAILABLE', null],
        ['live', undefined, true],
      ],
    );
  });

  it('an inclusion string too short or long is refused', async () => {
    const decoder = await decoderOf(WHOLE);
    for (const inclusion of ['', '100000000', '10000000000000000', '0001'])
      assert.throws(() => decode(decoder, { rptId: 'r', inclusion, values: [] }), DecodeError, inclusion);
    // A padding count that is wrong, with the right number of octets, is what real devices send.
    assert.equal(decode(decoder, { rptId: 'r', inclusion: '01000000', values: [sps(true)] }).length, 1);
  });

  it('too few values, too many, missing reasons and other types are refused', async () => {
    const decoder = await decoderOf(WHOLE);
    const fields = { rptId: 'r', inclusion: '110' };
    assert.throws(() => decode(decoder, { ...fields, values: [pos('10')] }), DecodeError);
    assert.throws(() => decode(decoder, { ...fields, values: [pos('10'), sps(true), sps(true)] }), DecodeError);
    assert.throws(() => decode(decoder, { ...fields, values: [sps(true), sps(true)] }), DecodeError);
    assert.throws(
      () => decode(decoder, { ...fields, values: [pos('10'), sps(true)], reasons: ['010000'] }),
      DecodeError,
    );
  });

  it('no octets make it do anything but decode or refuse', async () => {
    const decoder = await decoderOf(WHOLE);
    const good = reportPdu({
      rptId: 'r',
      sqNum: 1,
      entryId: '0102',
      inclusion: '111',
      values: [pos('10'), sps(true), mv(2.5)],
      reasons: ['010000', '001000', '000001'],
    });
    for (let at = 2; at < good.length; at++) {
      for (const octet of [0, 1, 0x7f, 0x80, 0x84, 0xff]) {
        const bad = Buffer.from(good);
        bad[at] = octet;
        try {
          const report = openInformationReport(bad, 2, bad.length);
          if (report) decoder.decode([{ octets: bad, header: readReportHeader(bad, report.start, report.end) }], 0, 0);
        } catch (error) {
          assert.ok(error instanceof Iec61850Error, String(error));
        }
      }
    }
  });
});
