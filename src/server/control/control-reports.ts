/** What a server says about commands without being asked: LastApplError and CommandTermination (IEC 61850-8-1 §20). */
import type { AccessResult, MmsData } from '../../mms/data.js';
import type { ObjectName } from '../../mms/object-name.js';
import { encodeMmsPdu } from '../../mms/pdu.js';

export interface LastApplError {
  /** `domain/LN$CO$DO$Oper`. */
  controlObject: string;
  error: number;
  orCat: number;
  orIdent: Buffer;
  ctlNum: number;
  addCause: number;
}

const LAST_APPL_ERROR: ObjectName = { scope: 'vmd', item: 'LastApplError' };

function lastApplErrorData({ controlObject, error, orCat, orIdent, ctlNum, addCause }: LastApplError): AccessResult {
  const items: MmsData[] = [
    { type: 'visible-string', value: controlObject },
    { type: 'integer', value: error },
    {
      type: 'structure',
      items: [
        { type: 'integer', value: orCat },
        { type: 'octet-string', octets: orIdent },
      ],
    },
    { type: 'unsigned', value: ctlNum },
    { type: 'integer', value: addCause },
  ];
  return { success: true, data: { type: 'structure', items } };
}

function report(results: readonly [name: ObjectName, result: AccessResult][]): Buffer {
  return encodeMmsPdu({
    pdu: 'information-report',
    access: { list: results.map(([name]) => ({ name })) },
    results: results.map(([, result]) => result),
  });
}

/** LastApplError, sent before the negative answer that it explains (IEC 61850-8-1 §20.11). */
export function encodeLastApplError(error: LastApplError): Buffer {
  return report([[LAST_APPL_ERROR, lastApplErrorData(error)]]);
}

/**
 * CommandTermination (IEC 61850-8-1 §20.9): the Oper as it was written; a negative one has a LastApplError before it.
 * @param oper variable `LN$CO$DO$Oper`
 */
export function encodeCommandTermination(oper: ObjectName, written: MmsData, error?: LastApplError): Buffer {
  const operated: [ObjectName, AccessResult] = [oper, { success: true, data: written }];
  return report(error ? [[LAST_APPL_ERROR, lastApplErrorData(error)], operated] : [operated]);
}
