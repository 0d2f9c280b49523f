import { BerReader } from '../ber/reader.js';
import { DecodeError } from '../errors.js';
import { decodeVariableAccess, type VariableAccess } from './variable-access.js';

/** An InformationReport (ISO 9506-2 §14.8) with its access results where they stand, not decoded. */
export interface InformationReportEnvelope {
  access: VariableAccess;
  /** The access results are `octets[start … end)`, one after the other. */
  start: number;
  end: number;
}

/**
 * Opens the content of an unconfirmed PDU; undefined for an unconfirmed service that is no InformationReport.
 * @throws DecodeError, LimitError
 */
export function openInformationReport(
  octets: Buffer,
  start: number,
  end: number,
): InformationReportEnvelope | undefined {
  const service = new BerReader(octets, start, end);
  if (!service.next()) throw new DecodeError('unconfirmed PDU is empty');
  if (service.tag !== 0xa0) return undefined;
  const report = service.enter();
  if (!report.next()) throw new DecodeError('information report is empty');
  const access = decodeVariableAccess(report);
  report.expect(0xa0, 'access results');
  return { access, start: report.start, end: report.end };
}
