import assert from 'node:assert/strict';
import { IedClient } from '../../src/client/index.js';
import type { MmsData } from '../../src/mms/data.js';
import type { TypeDescription } from '../../src/mms/type-description.js';
import { FakeIed } from '../support/fake-ied.js';

const TEXT: TypeDescription = { type: 'visible-string', size: -129 };
const OCTETS: TypeDescription = { type: 'octet-string', size: -64 };
const ENUM: TypeDescription = { type: 'integer', size: 8 };
const members: [name: string, type: TypeDescription, data: MmsData][] = [
  ['objRef', TEXT, { type: 'visible-string', value: 'LD/CSWI1.Pos' }],
  ['serviceType', ENUM, { type: 'integer', value: 45 }],
  ['errorCode', ENUM, { type: 'integer', value: 0 }],
  ['originatorID', OCTETS, { type: 'octet-string', octets: Buffer.from('desk') }],
  ['t', { type: 'utc-time' }, { type: 'utc-time', seconds: 1_700_000_000, fraction: 0x800000, quality: 0x8a }],
  ['ctlVal', { type: 'boolean' }, { type: 'boolean', value: true }],
  [
    'origin',
    {
      type: 'structure',
      components: [
        { name: 'orCat', type: ENUM },
        { name: 'orIdent', type: OCTETS },
      ],
    },
    {
      type: 'structure',
      items: [
        { type: 'integer', value: 3 },
        { type: 'octet-string', octets: Buffer.from('desk') },
      ],
    },
  ],
  ['ctlNum', { type: 'unsigned', size: 8 }, { type: 'unsigned', value: 42 }],
  ['T', { type: 'utc-time' }, { type: 'utc-time', seconds: 1_700_000_000, fraction: 0, quality: 0x0a }],
  ['Test', { type: 'boolean' }, { type: 'boolean', value: false }],
  ['Check', { type: 'bit-string', size: -2 }, { type: 'bit-string', bits: '01' }],
  ['respAddCause', ENUM, { type: 'integer', value: 10 }],
];
const TRACKER: TypeDescription = {
  type: 'structure',
  components: members.map(([name, type]) => ({ name, type })),
};
const TRACKED: MmsData = { type: 'structure', items: members.map(([, , data]) => data) };
const EXPECTED = {
  objRef: 'LD/CSWI1.Pos',
  serviceType: 45,
  errorCode: 0,
  originatorID: '6465736b',
  t: '2023-11-14T22:13:20.500Z',
  ctlVal: true,
  origin: { orCat: 3, orIdent: '6465736b' },
  ctlNum: 42,
  T: '2023-11-14T22:13:20.000Z',
  Test: false,
  Check: '01',
  respAddCause: 10,
};

describe('service tracking (LTRK)', () => {
  let ied: FakeIed;
  let client: IedClient;

  before(async () => {
    ied = await new FakeIed({
      variables: { 'LD/LTRK1$SR$DpcTrk': { type: TRACKER, data: TRACKED } },
      answer(request) {
        if (request.service === 'getNamedVariableListAttributes') {
          const name = { scope: 'domain', domain: 'LD', item: 'LTRK1$SR$DpcTrk' } as const;
          return { service: request.service, deletable: false, variables: [{ name }] };
        }
        if (request.service === 'read' && 'listName' in request.access)
          return { service: 'read', results: [{ success: true, data: TRACKED }] };
        return undefined;
      },
    }).listen();
    client = new IedClient({ host: '127.0.0.1', port: ied.port, name: 'BAY1' });
    await client.connect();
  });
  after(async () => {
    await client.close();
    await ied.close();
  });

  it('a tracking object is one value with the time of the service and its quality', async () => {
    const [value] = await client.read(['LD/LTRK1.DpcTrk[SR]']);
    assert.deepEqual(value?.value, EXPECTED);
    assert.equal(value?.type, 'Structure');
    assert.equal(value?.timestamp, '2023-11-14T22:13:20.500Z');
    assert.deepEqual([value?.timeQuality?.leapSecondsKnown, value?.timeQuality?.accuracy], [true, 10]);
    // It has none, and none is made up.
    assert.equal(value?.quality, null);
  });

  it('its attributes are read one by one like any other', async () => {
    const names = ['objRef', 'serviceType', 'origin.orCat', 'Check', 'respAddCause'];
    const values = await client.read(names.map((name) => `LD/LTRK1.DpcTrk.${name}[SR]`));
    assert.deepEqual(
      values.map(({ value, type }) => [value, type]),
      [
        ['LD/CSWI1.Pos', 'VisibleString'],
        [45, 'Int8'],
        [3, 'Enum'],
        ['01', 'BitString'],
        [10, 'Int8'],
      ],
    );
  });

  it('a data set brings it whole, as a report does', async () => {
    const [value] = await client.dataSets.read('LD/LLN0.Tracking');
    assert.deepEqual(value?.value, EXPECTED);
    assert.equal(value?.timestamp, '2023-11-14T22:13:20.500Z');
  });
});
