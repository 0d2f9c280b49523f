import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BerReader } from '../../src/ber/reader.js';
import type { MmsData } from '../../src/mms/data.js';
import { decodeData, encodeData } from '../../src/mms/data-codec.js';
import { decodeDataAt } from '../../src/mms/data-shape.js';
import { decodeMmsPdu, encodeMmsPdu, type MmsPdu } from '../../src/mms/pdu.js';
import { PARAMETER_CBB, servicesSupported } from '../../src/mms/initiate.js';
import { Iec61850Error } from '../../src/errors.js';

function roundTrip(data: MmsData): MmsData {
  const octets = encodeData(data);
  const reader = new BerReader(octets);
  reader.next();
  const back = decodeData(reader);
  assert.ok(encodeData(back).equals(octets));
  return back;
}

const leaf: fc.Arbitrary<MmsData> = fc.oneof(
  fc.boolean().map((value): MmsData => ({ type: 'boolean', value })),
  fc
    .array(fc.constantFrom('0', '1'), { maxLength: 70 })
    .map((bits): MmsData => ({ type: 'bit-string', bits: bits.join('') })),
  fc.maxSafeInteger().map((value): MmsData => ({ type: 'integer', value })),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value): MmsData => ({
    type: 'unsigned',
    value: Number.isSafeInteger(Number(value)) ? Number(value) : value,
  })),
  fc.float({ noNaN: true }).map((value): MmsData => ({ type: 'float', value, width: 32 })),
  fc.double().map((value): MmsData => ({ type: 'float', value, width: 64 })),
  fc.uint8Array({ maxLength: 300 }).map((octets): MmsData => ({ type: 'octet-string', octets: Buffer.from(octets) })),
  fc.string({ maxLength: 200 }).map((value): MmsData => ({ type: 'mms-string', value })),
  fc
    .record({ seconds: fc.nat(0xffffffff), fraction: fc.nat(0xffffff), quality: fc.nat(255) })
    .map((one): MmsData => ({ type: 'utc-time', ...one })),
  fc.record({ ms: fc.nat(86_399_999), days: fc.nat(65535) }).map((one): MmsData => ({ type: 'binary-time', ...one })),
);
const { tree } = fc.letrec<{ tree: MmsData }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('tree'), { maxLength: 5 }).map((items): MmsData => ({ type: 'structure', items })),
    fc.array(tie('tree'), { maxLength: 5 }).map((items): MmsData => ({ type: 'array', items })),
  ),
}));

describe('MMS codec', () => {
  it('every data value survives both ways', () => {
    fc.assert(
      fc.property(tree, (data) => {
        assert.deepEqual(roundTrip(data), data);
      }),
      { numRuns: 500 },
    );
  });

  it('an unsigned number whose leading zero octet is missing is not a negative one', () => {
    for (const [octets, value] of [
      ['8601ff', 0xff],
      ['8604ffffffff', 0xffffffff],
      ['8608ffffffffffffffff', 2n ** 64n - 1n],
    ] as const) {
      const data = decodeDataAt(Buffer.from(octets, 'hex'), 0, octets.length / 2);
      assert.deepEqual(data, { type: 'unsigned', value, unpadded: true });
      assert.equal(encodeData(data).toString('hex'), octets);
    }
  });

  it('unsigned numbers with the top bit set have a leading zero octet', () => {
    assert.equal(encodeData({ type: 'unsigned', value: 0xffffffff }).toString('hex'), '860500ffffffff');
    assert.equal(encodeData({ type: 'unsigned', value: 0x80 }).toString('hex'), '86020080');
    assert.equal(encodeData({ type: 'integer', value: -128 }).toString('hex'), '850180');
  });

  it('floats have one octet of exponent width and four or eight octets', () => {
    assert.equal(encodeData({ type: 'float', value: 1.5, width: 32 }).toString('hex'), '8705083fc00000');
    assert.equal(encodeData({ type: 'float', value: 1.5, width: 64 }).toString('hex'), '87090b3ff8000000000000');
  });

  it('quality is 13 bits with bit 0 first', () => {
    assert.equal(encodeData({ type: 'bit-string', bits: '0100000000000' }).toString('hex'), '8403034000');
  });

  it('moreFollows of GetNameList is DEFAULT TRUE: absent means more', () => {
    const pdu = decodeMmsPdu(Buffer.from('a10a020105a105a0031a0141', 'hex'));
    assert.ok(pdu.pdu === 'confirmed-response' && pdu.response.service === 'getNameList');
    assert.deepEqual([pdu.response.names, pdu.response.moreFollows], [['A'], true]);
  });

  const initiate = {
    maxPduSize: 65000,
    maxOutstandingCalling: 5,
    maxOutstandingCalled: 5,
    nestingLevel: 10,
    version: 1,
    parameterCbb: PARAMETER_CBB,
    servicesSupported: servicesSupported(['read']),
  };
  const name = { scope: 'domain', domain: 'LD', item: 'LLN0$ST$Mod' } as const;
  const pdus: MmsPdu[] = [
    { pdu: 'initiate-request', parameters: initiate },
    { pdu: 'initiate-response', parameters: initiate },
    { pdu: 'initiate-error', error: { errorClass: 8, errorValue: 0 } },
    { pdu: 'conclude-request' },
    { pdu: 'conclude-response' },
    { pdu: 'conclude-error', error: { errorClass: 9, errorValue: 1 } },
    { pdu: 'cancel-request', invokeId: 300 },
    { pdu: 'cancel-error', invokeId: 300, error: { errorClass: 10, errorValue: 1 } },
    { pdu: 'reject', invokeId: 5, rejectType: 1, rejectReason: 4 },
    { pdu: 'reject', rejectType: 5, rejectReason: 1 },
    {
      pdu: 'confirmed-error',
      invokeId: 0xffffffff,
      error: { errorClass: 7, errorValue: 3, additionalCode: 9, additionalDescription: 'why' },
    },
    { pdu: 'confirmed-request', invokeId: 1, request: { service: 'status', extended: false } },
    {
      pdu: 'confirmed-request',
      invokeId: 2,
      request: { service: 'getNameList', objectClass: 9, scope: { scope: 'vmd' } },
    },
    {
      pdu: 'confirmed-request',
      invokeId: 2,
      request: { service: 'getNameList', objectClass: 0, scope: { scope: 'domain', domain: 'LD' }, continueAfter: 'X' },
    },
    {
      pdu: 'confirmed-request',
      invokeId: 2,
      request: { service: 'getNameList', objectClass: 2, scope: { scope: 'association' } },
    },
    { pdu: 'confirmed-request', invokeId: 3, request: { service: 'identify' } },
    {
      pdu: 'confirmed-request',
      invokeId: 4,
      request: {
        service: 'read',
        specificationWithResult: true,
        access: { list: [{ name }, { name, access: [{ select: 'index', index: 3 }] }] },
      },
    },
    {
      pdu: 'confirmed-request',
      invokeId: 4,
      request: {
        service: 'read',
        specificationWithResult: false,
        access: {
          list: [
            {
              name,
              access: [
                { select: 'index', index: 3 },
                { select: 'component', name: 'mag' },
                { select: 'component', name: 'f' },
              ],
            },
            { name, access: [{ select: 'range', index: 2, count: 4 }] },
            { name, access: [{ select: 'all' }] },
          ],
        },
      },
    },
    {
      pdu: 'confirmed-request',
      invokeId: 4,
      request: {
        service: 'read',
        specificationWithResult: false,
        access: { listName: { scope: 'association', item: 'ds' } },
      },
    },
    {
      pdu: 'confirmed-request',
      invokeId: 5,
      request: { service: 'write', access: { list: [{ name }] }, data: [{ type: 'integer', value: 1 }] },
    },
    { pdu: 'confirmed-request', invokeId: 6, request: { service: 'getVariableAccessAttributes', name } },
    { pdu: 'confirmed-request', invokeId: 7, request: { service: 'getNamedVariableListAttributes', name } },
    {
      pdu: 'confirmed-request',
      invokeId: 8,
      request: { service: 'other', tag: 0xbf20, octets: Buffer.from('a0021900', 'hex') },
    },
    {
      pdu: 'confirmed-response',
      invokeId: 1,
      response: { service: 'status', logical: 0, physical: 0, localDetail: '1010' },
    },
    {
      pdu: 'confirmed-response',
      invokeId: 1,
      response: { service: 'identify', vendor: 'a', model: 'b', revision: 'c', abstractSyntaxes: ['1.0.9506.2.1'] },
    },
    {
      pdu: 'confirmed-response',
      invokeId: 1,
      response: {
        service: 'read',
        results: [
          { success: false, error: 10 },
          { success: true, data: { type: 'boolean', value: true } },
        ],
      },
    },
    {
      pdu: 'confirmed-response',
      invokeId: 1,
      response: { service: 'write', results: [{ success: true }, { success: false, error: 3 }] },
    },
    {
      pdu: 'confirmed-response',
      invokeId: 1,
      response: {
        service: 'getVariableAccessAttributes',
        deletable: false,
        type: {
          type: 'structure',
          components: [
            {
              name: 'a',
              type: { type: 'array', count: 3, element: { type: 'float', formatWidth: 32, exponentWidth: 8 } },
            },
            { name: 'b', type: { type: 'bit-string', size: -13 } },
            { name: 'c', type: { type: 'visible-string', size: -255 } },
            { name: 'd', type: { type: 'binary-time', withDate: true } },
            { name: 'e', type: { type: 'mms-string', size: -255 } },
            { name: 'f', type: { type: 'octet-string', size: -64 } },
            { name: 'g', type: { type: 'unsigned', size: 32 } },
            { name: 'h', type: { type: 'boolean' } },
            { name: 'i', type: { type: 'utc-time' } },
          ],
        },
      },
    },
    {
      pdu: 'confirmed-response',
      invokeId: 1,
      response: { service: 'getNamedVariableListAttributes', deletable: true, variables: [{ name }] },
    },
    { pdu: 'information-report', access: { listName: { scope: 'vmd', item: 'RPT' } }, results: [] },
    {
      pdu: 'information-report',
      access: { list: [{ name: { scope: 'vmd', item: 'LastApplError' } }] },
      results: [{ success: true, data: { type: 'structure', items: [] } }],
    },
  ];

  it('every PDU survives both ways', () => {
    for (const pdu of pdus) assert.deepEqual(decodeMmsPdu(encodeMmsPdu(pdu)), pdu);
  });

  it('mutated PDUs never throw anything but our errors', () => {
    const samples = pdus.map(encodeMmsPdu);
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.nat(400),
        (sample, changes, cut) => {
          const octets = Buffer.from(
            sample.subarray(0, sample.length - (cut < sample.length && cut % 3 === 0 ? cut : 0)),
          );
          for (const [at, value] of changes) if (octets.length > 0) octets[at % octets.length] = value;
          try {
            decodeMmsPdu(octets);
          } catch (error) {
            assert.ok(error instanceof Iec61850Error, String(error));
          }
        },
      ),
      { numRuns: 4000 },
    );
  });
});
