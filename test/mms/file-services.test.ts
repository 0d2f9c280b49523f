import assert from 'node:assert/strict';
import { BerReader } from '../../src/ber/reader.js';
import { DecodeError, Iec61850Error, LimitError } from '../../src/errors.js';
import { formatGeneralizedTime, parseGeneralizedTime } from '../../src/mms/generalized-time.js';
import { decodeMmsPdu, encodeMmsPdu } from '../../src/mms/pdu.js';
import { FILE_READ_OVERHEAD, fileReadResponseParts } from '../../src/mms/services/file-read.js';
import {
  decodeServiceRequest,
  decodeServiceResponse,
  encodeServiceRequest,
  encodeServiceResponse,
  type ServiceRequest,
  type ServiceResponse,
} from '../../src/mms/services.js';

function reader(hex: string | Buffer): BerReader {
  const found = new BerReader(typeof hex === 'string' ? Buffer.from(hex, 'hex') : hex);
  found.next();
  return found;
}

const MODIFIED = '20261120134500.123Z';
const MODIFIED_HEX = Buffer.from(MODIFIED).toString('hex');

/** Every request with its octets, derived by hand from the ASN.1 of ISO 9506-2 Annex D. */
const REQUESTS: [ServiceRequest, string][] = [
  [{ service: 'obtainFile', source: ['a'], destination: ['b', 'c'] }, 'bf2e0da103190161a206190162190163'],
  [{ service: 'fileOpen', name: ['ab'], initialPosition: 0 }, 'bf4809a00419026162810100'],
  [{ service: 'fileOpen', name: ['ab'], initialPosition: 0xffffffff }, 'bf480da00419026162810500ffffffff'],
  [{ service: 'fileRead', frsmId: 5 }, '9f490105'],
  [{ service: 'fileRead', frsmId: -2147483648 }, '9f490480000000'],
  [{ service: 'fileClose', frsmId: -1 }, '9f4a01ff'],
  [{ service: 'fileRename', currentName: ['a'], newName: ['b'] }, 'bf4b0aa003190161a103190162'],
  [{ service: 'fileDelete', name: ['/COMTRADE/a.cfg'] }, 'bf4c11190f' + Buffer.from('/COMTRADE/a.cfg').toString('hex')],
  [{ service: 'fileDirectory' }, 'bf4d00'],
  [{ service: 'fileDirectory', specification: [''] }, 'bf4d04a0021900'],
  [{ service: 'fileDirectory', specification: ['\\d\\'], continueAfter: ['\xfc'] }, 'bf4d0ca00519035c645ca1031901fc'],
];

const RESPONSES: [ServiceResponse, string][] = [
  [{ service: 'obtainFile' }, '9f2e00'],
  [
    { service: 'fileOpen', frsmId: -7, attributes: { size: 0x80000000, lastModified: MODIFIED } },
    `bf48218001f9a11c800500800000008113${MODIFIED_HEX}`,
  ],
  [{ service: 'fileOpen', frsmId: 1, attributes: { size: 0 } }, 'bf4808800101a103800100'],
  [{ service: 'fileRead', data: Buffer.from('abcd'), moreFollows: true }, 'bf4906800461626364'],
  [{ service: 'fileRead', data: Buffer.alloc(0), moreFollows: false }, 'bf49058000810100'],
  [{ service: 'fileClose' }, '9f4a00'],
  [{ service: 'fileRename' }, '9f4b00'],
  [{ service: 'fileDelete' }, '9f4c00'],
  [{ service: 'fileDirectory', entries: [], moreFollows: false }, 'bf4d04a0023000'],
  [
    { service: 'fileDirectory', entries: [{ name: ['a'], attributes: { size: 3 } }], moreFollows: true },
    'bf4d13a00e300c300aa003190161a103800103810101',
  ],
];

describe('file services', () => {
  for (const [request, hex] of REQUESTS) {
    it(`the request ${request.service} ${hex} has the octets of ISO 9506-2 Annex D and survives both ways`, () => {
      assert.equal(encodeServiceRequest(request).toString('hex'), hex);
      assert.deepEqual(decodeServiceRequest(reader(hex)), request);
    });
  }
  for (const [response, hex] of RESPONSES) {
    it(`the answer ${response.service} ${hex.slice(0, 24)} has the octets of ISO 9506-2 Annex D and survives both ways`, () => {
      assert.equal(encodeServiceResponse(response).toString('hex'), hex);
      assert.deepEqual(decodeServiceResponse(reader(hex)), response);
    });
  }

  it('moreFollows of FileRead is DEFAULT TRUE and that of FileDirectory DEFAULT FALSE', () => {
    const read = decodeServiceResponse(reader('bf4903800161'));
    assert.ok(read.service === 'fileRead' && read.moreFollows);
    const directory = decodeServiceResponse(reader('bf4d04a0023000'));
    assert.ok(directory.service === 'fileDirectory' && !directory.moreFollows);
    const all = decodeServiceResponse(reader('bf4906800161810100'));
    assert.ok(all.service === 'fileRead' && !all.moreFollows);
  });

  it('the data of FileRead outlive the PDU that brought them', () => {
    const octets = Buffer.from('bf4903800161', 'hex');
    const read = decodeServiceResponse(reader(octets));
    octets.fill(0);
    assert.ok(read.service === 'fileRead' && read.data.toString() === 'a');
  });

  it('an answer to FileRead is sent without copying the data, and the overhead is not more than it says', () => {
    const data = Buffer.alloc(70_000, 1);
    const parts = fileReadResponseParts({ data, moreFollows: false });
    assert.equal(parts[1], data);
    const octets = Buffer.concat(parts);
    assert.ok(octets.length - data.length <= FILE_READ_OVERHEAD);
    assert.deepEqual(decodeServiceResponse(reader(octets)), { service: 'fileRead', data, moreFollows: false });
  });

  it('a file name in one SEQUENCE more, or in another kind of string, is understood', () => {
    for (const hex of ['bf4c0530031901' + '61', 'bf4c0560031a0161', 'bf4c031a0161']) {
      const request = decodeServiceRequest(reader(hex));
      assert.ok(request.service === 'fileDelete');
      assert.deepEqual(request.name, ['a']);
    }
  });

  it('a size of 2 GiB and more without its leading zero octet is no negative one', () => {
    const open = decodeServiceResponse(reader('bf480b800101a106800480000000'));
    assert.ok(open.service === 'fileOpen');
    assert.equal(open.attributes.size, 0x80000000);
  });

  it('requests with parts missing or out of range are refused, FileClose without an id among them (CVE-2024-28286)', () => {
    const refused = {
      'FileClose without frsmID': '9f4a00',
      'FileClose with a frsmID of 5 octets': '9f4a050200000000',
      'FileRead without frsmID': '9f4900',
      'FileOpen without a name': 'bf4803810100',
      'FileOpen with an empty name': 'bf4805a000810100',
      'FileOpen without a position': 'bf4805a003190161',
      'FileOpen with a negative position': 'bf4808a0031901618101ff',
      'FileDelete without a name': 'bf4c00',
      'FileRename with one name': 'bf4b05a003190161',
      'ObtainFile with one name': 'bf2e05a103190161',
      'a name longer than what is around it': 'bf4c03190561',
    };
    for (const [what, hex] of Object.entries(refused))
      assert.throws(() => decodeServiceRequest(reader(hex)), DecodeError, what);
  });

  it('answers with parts missing or of wrong length are refused (CVE-2024-45970 FileDirectory)', () => {
    const refused = [
      // An entry without attributes, one without a name, one whose name leaves it.
      'bf4d0ba00930073005a003190161',
      'bf4d0ba00930073005a103800101',
      'bf4d0ba00930073005a005190461',
      // A size of nothing, and of more than 32 bits.
      'bf4d10a00e300c300aa003190161a1028000',
      'bf480c800101a107800501ffffffff',
      'bf4803800101',
      'bf4903810100',
    ];
    for (const hex of refused) assert.throws(() => decodeServiceResponse(reader(hex)), Iec61850Error, hex);
    const longTime = Buffer.concat([
      Buffer.from('bf484a800101a145800101', 'hex'),
      Buffer.of(0x81, 0x40),
      Buffer.alloc(64),
    ]);
    longTime[2] = longTime.length - 3;
    longTime[7] = longTime.length - 8;
    assert.doesNotThrow(() => decodeServiceResponse(reader(longTime)));
  });

  it('a name of too many octets, parts or levels is refused before memory is taken', () => {
    const long = encodeServiceRequest({ service: 'fileDelete', name: ['x'.repeat(1025)] });
    assert.throws(() => decodeServiceRequest(reader(long)), DecodeError);
    const together = encodeServiceRequest({ service: 'fileDelete', name: ['x'.repeat(600), 'y'.repeat(600)] });
    assert.throws(() => decodeServiceRequest(reader(together)), LimitError);
    const many = encodeServiceRequest({ service: 'fileDelete', name: new Array<string>(65).fill('x') });
    assert.throws(() => decodeServiceRequest(reader(many)), LimitError);
    let nested: Buffer = Buffer.from('190161', 'hex');
    for (let depth = 0; depth < 40; depth++) nested = Buffer.concat([Buffer.of(0x30, nested.length), nested]);
    const deep = Buffer.concat([Buffer.of(0xbf, 0x4c, nested.length), nested]);
    assert.throws(() => decodeServiceRequest(reader(deep)), DecodeError);
  });

  it('no cut nor changed octet of a PDU does more than being refused', () => {
    const pdus = [
      ...REQUESTS.map(([request]) => encodeMmsPdu({ pdu: 'confirmed-request', invokeId: 300, request })),
      ...RESPONSES.map(([response]) => encodeMmsPdu({ pdu: 'confirmed-response', invokeId: 300, response })),
    ];
    for (const pdu of pdus) {
      for (let at = 0; at < pdu.length; at++) {
        for (const octet of [0x00, 0x7f, 0x80, 0xff]) {
          const changed = Buffer.from(pdu);
          changed[at] = octet;
          for (const octets of [changed, pdu.subarray(0, at)]) {
            try {
              decodeMmsPdu(octets);
            } catch (error) {
              assert.ok(error instanceof Iec61850Error, String(error));
            }
          }
        }
      }
    }
  });
});

describe('GeneralizedTime', () => {
  it('is read with and without fraction, zone, minutes and seconds', () => {
    const ms = Date.UTC(2026, 10, 20, 13, 45, 0);
    for (const text of [
      '20261120134500Z',
      '20261120134500',
      '202611201345Z',
      '20261120144500+0100',
      '20261120134500Z\0',
    ])
      assert.equal(parseGeneralizedTime(text), ms, text);
    assert.equal(parseGeneralizedTime('20261120134500.123Z'), ms + 123);
    assert.equal(parseGeneralizedTime('20261120134500,5-0130'), ms + 500 + 90 * 60_000);
    assert.equal(parseGeneralizedTime('2026112013.75Z'), ms);
  });

  it('is nothing where it is none', () => {
    for (const text of ['', 'Z', '20261320134500Z', '20261120254500Z', '2026-11-20', '19700100000000Z', 'x'.repeat(60)])
      assert.equal(parseGeneralizedTime(text), undefined, text);
  });

  it('is written in UTC with milliseconds, and comes back', () => {
    const ms = Date.UTC(2026, 10, 20, 13, 45, 0, 7);
    assert.equal(formatGeneralizedTime(ms), '20261120134500.007Z');
    assert.equal(parseGeneralizedTime('20261120134500.007Z'), ms);
    assert.equal(formatGeneralizedTime(NaN), undefined);
    assert.equal(formatGeneralizedTime(8.64e15), undefined);
  });
});
