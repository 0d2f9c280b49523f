import assert from 'node:assert/strict';
import { IedClient } from '../../src/client/index.js';
import { writableData, type WritableValue } from '../../src/client/write-value.js';
import type { TypeDescription } from '../../src/mms/type-description.js';
import { FakeIed } from '../support/fake-ied.js';

describe('IedClient.write', () => {
  const accepted: [TypeDescription, WritableValue, unknown][] = [
    [{ type: 'boolean' }, true, { type: 'boolean', value: true }],
    [{ type: 'integer', size: 8 }, -128, { type: 'integer', value: -128 }],
    [{ type: 'integer', size: 64 }, '9223372036854775807', { type: 'integer', value: 9223372036854775807n }],
    [{ type: 'unsigned', size: 32 }, 4294967295, { type: 'unsigned', value: 4294967295 }],
    [{ type: 'float', formatWidth: 32, exponentWidth: 8 }, 1.5, { type: 'float', value: 1.5, width: 32 }],
    [
      { type: 'float', formatWidth: 64, exponentWidth: 11 },
      '-Infinity',
      { type: 'float', value: -Infinity, width: 64 },
    ],
    [{ type: 'bit-string', size: 2 }, 2, { type: 'bit-string', bits: '10' }],
    [{ type: 'bit-string', size: -13 }, '0000000000001', { type: 'bit-string', bits: '0000000000001' }],
    [{ type: 'visible-string', size: -255 }, 'feeder 1', { type: 'visible-string', value: 'feeder 1' }],
    [{ type: 'octet-string', size: -8 }, '00ff', { type: 'octet-string', octets: Buffer.of(0, 255) }],
    [
      { type: 'utc-time' },
      '1970-01-01T00:00:01.500Z',
      { type: 'utc-time', seconds: 1, fraction: 0x800000, quality: 10 },
    ],
    [
      { type: 'array', count: 2, element: { type: 'boolean' } },
      [true, false],
      {
        type: 'array',
        items: [
          { type: 'boolean', value: true },
          { type: 'boolean', value: false },
        ],
      },
    ],
  ];
  for (const [type, value, data] of accepted) {
    it(`${JSON.stringify(value)} as ${type.type}`, () => assert.deepEqual(writableData(value, type, 'X'), data));
  }

  const refused: [TypeDescription, WritableValue][] = [
    [{ type: 'boolean' }, 1],
    [{ type: 'boolean' }, 'true'],
    [{ type: 'integer', size: 8 }, 128],
    [{ type: 'integer', size: 8 }, 1.5],
    [{ type: 'integer', size: 64 }, 1e300],
    [{ type: 'unsigned', size: 16 }, -1],
    [{ type: 'float', formatWidth: 32, exponentWidth: 8 }, 'one'],
    [{ type: 'bit-string', size: 2 }, 4],
    [{ type: 'bit-string', size: 13 }, '01'],
    [{ type: 'visible-string', size: -4 }, 'too long'],
    [{ type: 'octet-string', size: 8 }, '00'],
    [{ type: 'octet-string', size: -8 }, 'xyz'],
    [{ type: 'utc-time' }, 'yesterday'],
    [{ type: 'utc-time' }, -1],
    [{ type: 'structure', components: [{ name: 'f', type: { type: 'boolean' } }] }, {}],
    [{ type: 'float', formatWidth: 32, exponentWidth: 8 }, 1e39],
    [{ type: 'structure', components: [] }, null as unknown as WritableValue],
    [{ type: 'structure', components: [{ name: 'constructor', type: { type: 'boolean' } }] }, {}],
    [{ type: 'structure', components: [] }, []],
    [{ type: 'array', count: 2, element: { type: 'boolean' } }, [true]],
  ];
  for (const [type, value] of refused) {
    it(`refuses ${JSON.stringify(value)} as ${type.type} before anything is sent`, () => {
      assert.throws(() => writableData(value, type, 'LD/LN.DO[SP]'), {
        code: 'IEC61850_ARGUMENT',
        message: /LD\/LN\.DO/,
      });
    });
  }

  it('writes with the live type, and a refusal of the IED comes by its name', async () => {
    let result: { success: true } | { success: false; error: number } = { success: true };
    const ied = await new FakeIed({
      variables: {
        'LD/GGIO1$DC$SPCSO1$d': {
          type: { type: 'visible-string', size: -255 },
          data: { type: 'visible-string', value: '' },
        },
      },
      answer: (request) => (request.service === 'write' ? { service: 'write', results: [result] } : undefined),
    }).listen();
    const client = new IedClient({ host: '127.0.0.1', port: ied.port, name: 'BAY' });
    await client.connect();
    await client.write('LD/GGIO1.SPCSO1.d[DC]', 'feeder 1');
    const written = ied.requests.find((request) => request.service === 'write');
    assert.ok(written?.service === 'write');
    assert.deepEqual(written.data, [{ type: 'visible-string', value: 'feeder 1' }]);
    result = { success: false, error: 3 };
    await assert.rejects(client.write('LD/GGIO1.SPCSO1.d[DC]', 'x'), {
      code: 'IEC61850_ACCESS_DENIED',
      message: /object-access-denied/,
    });
    await assert.rejects(client.write('LD/GGIO1.SPCSO1.d[DC]', 5), { code: 'IEC61850_ARGUMENT' });
    await assert.rejects(client.write('LD/GGIO1.Nothing.d[DC]', 'x'), { code: 'IEC61850_SERVICE_OBJECT_NON_EXISTENT' });
    await client.close();
    await ied.close();
  });
});
