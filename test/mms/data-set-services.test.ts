import assert from 'node:assert/strict';
import { BerReader } from '../../src/ber/reader.js';
import { DecodeError } from '../../src/errors.js';
import { openInformationReport } from '../../src/mms/information-report.js';
import { encodeMmsPdu } from '../../src/mms/pdu.js';
import {
  decodeServiceRequest,
  decodeServiceResponse,
  encodeServiceRequest,
  encodeServiceResponse,
  type ServiceRequest,
  type ServiceResponse,
} from '../../src/mms/services.js';

function reader(octets: Buffer): BerReader {
  const found = new BerReader(octets);
  found.next();
  return found;
}

const LIST = { scope: 'domain', domain: 'LD', item: 'LLN0$ds' } as const;
const ASSOCIATION_LIST = { scope: 'association', item: 'ds' } as const;

describe('data set services', () => {
  it('requests to define and delete data sets survive both ways', () => {
    const requests: ServiceRequest[] = [
      {
        service: 'defineNamedVariableList',
        name: ASSOCIATION_LIST,
        variables: [
          { name: { scope: 'domain', domain: 'LD', item: 'XCBR1$ST$Pos' } },
          {
            name: { scope: 'domain', domain: 'LD', item: 'MHAI1$MX$HA$phsAHar' },
            access: [{ select: 'index', index: 3 }],
          },
        ],
      },
      { service: 'deleteNamedVariableList', names: [LIST, ASSOCIATION_LIST] },
      { service: 'deleteNamedVariableList', names: [LIST], domain: 'LD' },
    ];
    for (const request of requests)
      assert.deepEqual(decodeServiceRequest(reader(encodeServiceRequest(request))), request);
  });

  it('answers to define and delete survive both ways', () => {
    const responses: ServiceResponse[] = [
      { service: 'defineNamedVariableList' },
      { service: 'deleteNamedVariableList', matched: 2, deleted: 1 },
    ];
    for (const response of responses)
      assert.deepEqual(decodeServiceResponse(reader(encodeServiceResponse(response))), response);
  });

  it('an answer to define whose NULL is constructed (iec61850-rs) is one', () => {
    assert.deepEqual(decodeServiceResponse(reader(Buffer.from('ab00', 'hex'))), { service: 'defineNamedVariableList' });
  });

  it('the octets are those of ISO 9506-2', () => {
    const define = encodeServiceRequest({ service: 'defineNamedVariableList', name: ASSOCIATION_LIST, variables: [] });
    assert.equal(define.toString('hex'), 'ab0682026473a000');
    const deleted = encodeServiceRequest({ service: 'deleteNamedVariableList', names: [ASSOCIATION_LIST] });
    assert.equal(deleted.toString('hex'), 'ad09800100a10482026473');
    assert.equal(encodeServiceResponse({ service: 'defineNamedVariableList' }).toString('hex'), '8b00');
  });

  it('DeleteNamedVariableList without a list is refused (CVE-2024-26529)', () => {
    for (const hex of ['ad00', 'ad03800100', 'ad02a100', 'ad03800102'])
      assert.throws(() => decodeServiceRequest(reader(Buffer.from(hex, 'hex'))), DecodeError);
  });

  it('an information report is opened without decoding its results', () => {
    const pdu = encodeMmsPdu({
      pdu: 'information-report',
      access: { listName: { scope: 'vmd', item: 'RPT' } },
      results: [{ success: true, data: { type: 'boolean', value: true } }],
    });
    const outer = reader(pdu);
    const report = openInformationReport(pdu, outer.start, outer.end);
    assert.deepEqual(report?.access, { listName: { scope: 'vmd', item: 'RPT' } });
    assert.equal(pdu.subarray(report?.start, report?.end).toString('hex'), '830101');
  });

  it('an unconfirmed service that is no information report is left alone, and a broken one refused', () => {
    const other = Buffer.from('a10100', 'hex');
    assert.equal(openInformationReport(other, 0, other.length), undefined);
    for (const hex of ['', 'a000', 'a007a105800352505', 'a007a1058003525054']) {
      const octets = Buffer.from(hex, 'hex');
      assert.throws(() => openInformationReport(octets, 0, octets.length), DecodeError);
    }
  });
});
