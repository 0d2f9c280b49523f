import assert from 'node:assert/strict';
import fc from 'fast-check';
import { controlledObject, readControlReport } from '../../../src/client/control/last-appl-error.js';
import { Iec61850Error } from '../../../src/errors.js';
import { encodeMmsPdu, type MmsPdu } from '../../../src/mms/pdu.js';

const REPORT: MmsPdu = {
  pdu: 'information-report',
  access: { list: [{ name: { scope: 'vmd', item: 'LastApplError' } }] },
  results: [
    {
      success: true,
      data: {
        type: 'structure',
        items: [
          { type: 'visible-string', value: 'LD/CSWI1$CO$Pos$Oper' },
          { type: 'integer', value: 1 },
          {
            type: 'structure',
            items: [
              { type: 'integer', value: 2 },
              { type: 'octet-string', octets: Buffer.from('NR') },
            ],
          },
          { type: 'unsigned', value: 7 },
          { type: 'integer', value: 10 },
        ],
      },
    },
  ],
};

/** Content of the unconfirmed PDU, as an association gives it out. */
const content = (pdu: MmsPdu): Buffer => encodeMmsPdu(pdu).subarray(2);

describe('LastApplError', () => {
  it('is read with object, service, number and cause', () => {
    const octets = content(REPORT);
    assert.deepEqual(readControlReport(octets, 0, octets.length), {
      lastApplError: { object: 'LD/CSWI1$Pos', service: 'Oper', error: 1, ctlNum: 7, addCause: 10 },
    });
  });

  it('a report of a data set is none', () => {
    const octets = content({
      pdu: 'information-report',
      access: { listName: { scope: 'vmd', item: 'RPT' } },
      results: [],
    });
    assert.equal(readControlReport(octets, 0, octets.length), undefined);
  });

  for (const [text, object, service] of [
    ['LD/CSWI1$CO$Pos$Oper', 'LD/CSWI1$Pos', 'Oper'],
    ['LD/CSWI1$CO$Pos$SBOw', 'LD/CSWI1$Pos', 'SBOw'],
    ['LD/CSWI1$CO$Pos', 'LD/CSWI1$Pos', undefined],
    ['LD/CSWI1.Pos.Oper', 'LD/CSWI1$Pos', 'Oper'],
    ['LD/CSWI1.Pos', 'LD/CSWI1$Pos', undefined],
    ['LD/CSWI1$CO$Pos$Oper\\0\\0', 'LD/CSWI1$Pos', 'Oper'],
    ['', undefined, undefined],
    ['CSWI1.Pos', undefined, undefined],
    ['LD/', undefined, undefined],
    ['LD/CSWI1', undefined, undefined],
    ['LD/CSWI1$CO$$Oper', undefined, undefined],
  ] as const) {
    it(`CntrlObj ${JSON.stringify(text)} names ${object ?? 'nothing'}`, () => {
      const found = controlledObject(text.replaceAll('\\0', '\0'));
      assert.equal(found?.object, object);
      assert.equal(found?.service, service);
    });
  }

  it('that is cut or changed anywhere is an error of ours at the most', () => {
    const octets = content(REPORT);
    const harmless = (changed: Buffer): void => {
      try {
        readControlReport(changed, 0, changed.length);
      } catch (error) {
        assert.ok(error instanceof Iec61850Error, String(error));
      }
    };
    for (let end = 0; end < octets.length; end++) harmless(octets.subarray(0, end));
    fc.assert(
      fc.property(fc.nat(octets.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(octets);
        changed[at] = value;
        harmless(changed);
      }),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (random) => harmless(Buffer.from(random))));
  });
});
