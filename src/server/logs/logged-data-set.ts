import { DataTag } from '../../mms/data.js';
import { BerReader } from '../../mms/wire.js';
import { dataOf } from '../leaf-value.js';
import type { ReportBody } from '../reports/report-body.js';
import type { ReportedDataSet } from '../reports/reported-data-set.js';
import type { LoggedMember } from './log.js';

/** Tag of the variable that says why the one before it was logged (IEC 61850-8-1 §18.3). */
const REASON_TAG = 'ReasonCode';
/** Octets of the headers around a variable and of its reason, about. */
const OVERHEAD = 40;
const ACCESS_FAILURE = 0x80;

/** What happened to a data set as variables of a log entry; members that do not exist have no value to log. */
export function loggedMembers(dataSet: ReportedDataSet, body: ReportBody, reasonBits: number): LoggedMember[] {
  const members: LoggedMember[] = [];
  for (let i = 0; i < body.count; i++) {
    const octets = body.octets.subarray(body.start(i), body.end(i));
    if (octets[0] === ACCESS_FAILURE) continue;
    const tag = textOf(dataSet.references[body.member(i)] as Buffer);
    const value = { tag, data: dataOf(octets) };
    const bits = body.reason(i).toString(2).padStart(8, '0').slice(0, reasonBits);
    const reason = { tag: REASON_TAG, data: { type: 'bit-string', bits } } as const;
    members.push({
      variables: reasonBits > 0 ? [value, reason] : [value],
      size: tag.length + octets.length + OVERHEAD,
    });
  }
  return members;
}

/** The reference in an encoded VisibleString. */
function textOf(octets: Buffer): string {
  return new BerReader(octets).expect(DataTag.visibleString, 'reference').content().toString('latin1');
}
