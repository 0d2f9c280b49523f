/** Reports as a server sends them, for tests. */
import { encodeMmsPdu } from '../../../src/mms/pdu.js';
import type { MmsData } from '../../../src/mms/data.js';
import { bitsOf, OptFld, OPT_FLDS_LENGTH, type OptionalField } from '../../../src/client/reports/control-block-bits.js';

export interface ReportFields {
  rptId: string;
  /** Sent in place of the fields' own. */
  optFlds?: string;
  sqNum?: number;
  /** Octets of BinaryTime6 as ms of the day and days since 1984. */
  timeOfEntry?: { ms: number; days: number };
  datSet?: string;
  bufOvfl?: boolean;
  entryId?: string;
  confRev?: number;
  segment?: { subSqNum: number; moreFollows: boolean };
  inclusion: string;
  references?: string[];
  values: MmsData[];
  /** Bits of each reason. */
  reasons?: string[];
}

const text = (value: string): MmsData => ({ type: 'visible-string', value });
const number = (value: number): MmsData => ({ type: 'unsigned', value });

/** The data of a report in the one order of IEC 61850-8-1. */
export function reportData(fields: ReportFields): MmsData[] {
  const has: OptionalField[] = [];
  const data: MmsData[] = [];
  const add = (field: OptionalField, ...items: MmsData[]): void => {
    has.push(field);
    data.push(...items);
  };
  if (fields.sqNum !== undefined) add('seqNum', number(fields.sqNum));
  if (fields.timeOfEntry) add('timeStamp', { type: 'binary-time', ...fields.timeOfEntry });
  if (fields.datSet !== undefined) add('dataSet', text(fields.datSet));
  if (fields.bufOvfl !== undefined) add('bufOvfl', { type: 'boolean', value: fields.bufOvfl });
  if (fields.entryId !== undefined)
    add('entryID', { type: 'octet-string', octets: Buffer.from(fields.entryId, 'hex') });
  if (fields.confRev !== undefined) add('configRef', number(fields.confRev));
  if (fields.segment) {
    const { subSqNum, moreFollows } = fields.segment;
    add('segmentation', number(subSqNum), { type: 'boolean', value: moreFollows });
  }
  if (fields.references) has.push('dataRef');
  if (fields.reasons) has.push('reasonCode');
  return [
    text(fields.rptId),
    { type: 'bit-string', bits: fields.optFlds ?? bitsOf(OptFld, has, OPT_FLDS_LENGTH) },
    ...data,
    { type: 'bit-string', bits: fields.inclusion },
    ...(fields.references ?? []).map(text),
    ...fields.values,
    ...(fields.reasons ?? []).map((bits): MmsData => ({ type: 'bit-string', bits })),
  ];
}

export function reportPdu(fields: ReportFields): Buffer {
  return pduOf(reportData(fields));
}

/** @param failure a DataAccessError in place of one of the data */
export function pduOf(data: readonly MmsData[], failure?: { at: number; error: number }): Buffer {
  return encodeMmsPdu({
    pdu: 'information-report',
    access: { listName: { scope: 'vmd', item: 'RPT' } },
    results: data.map((one, i) =>
      i === failure?.at ? { success: false, error: failure.error } : { success: true, data: one },
    ),
  });
}
