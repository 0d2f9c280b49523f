import assert from 'node:assert/strict';
import { IedClient, type DataSetValues } from '../../../src/client/index.js';
import { DataSetError } from '../../../src/errors.js';
import type { AccessResult, MmsData } from '../../../src/mms/data.js';
import type { ServiceRequest, ServiceResponse } from '../../../src/mms/services.js';
import type { VariableSpecification } from '../../../src/mms/variable-access.js';
import { FakeIed, mv, mvType, sps, spsType, type FakeIedOptions } from '../../support/fake-ied.js';

const DATA_SET = 'LD/LLN0.ds';
const member = (item: string): VariableSpecification => ({ name: { scope: 'domain', domain: 'LD', item } });
const good = (data: MmsData): AccessResult => ({ success: true, data });
const QUESTIONABLE = '1100000000000';
const TIME: MmsData = { type: 'utc-time', seconds: 1_700_000_000, fraction: 0, quality: 0x0a };

describe('DataSets', () => {
  let ied: FakeIed;
  let client: IedClient;
  /** What the data set holds, and what a read of it brings. */
  let members: VariableSpecification[];
  let results: AccessResult[];
  let deletable: boolean;
  let answer: (request: ServiceRequest) => ServiceResponse | 'error' | 'reject' | undefined;

  const asked = (service: ServiceRequest['service']): ServiceRequest[] =>
    ied.requests.filter((request) => request.service === service);

  beforeEach(async () => {
    members = [member('GGIO1$MX$AnIn1'), member('GGIO1$ST$Ind1')];
    results = [good(mv(1.5)), good(sps(true))];
    deletable = false;
    answer = () => undefined;
    const options: FakeIedOptions = {
      variables: {
        'LD/GGIO1$MX$AnIn1': { type: mvType, data: mv(7) },
        'LD/GGIO1$ST$Ind1': { type: spsType, data: sps(false) },
      },
      answer(request) {
        const own = answer(request);
        if (own) return own;
        if (request.service === 'getNamedVariableListAttributes')
          return { service: 'getNamedVariableListAttributes', deletable, variables: members };
        if (request.service === 'read' && 'listName' in request.access) return { service: 'read', results };
        if (request.service === 'write')
          return { service: 'write', results: request.data.map(() => ({ success: true })) };
        return undefined;
      },
    };
    ied = await new FakeIed(options).listen();
    client = new IedClient({ host: '127.0.0.1', port: ied.port, name: 'BAY1', timeout: 500 });
    await client.connect();
  });
  afterEach(async () => {
    await client.close();
    await ied.close();
  });

  it('reads all members as one, each with value, quality and time', async () => {
    results = [good(mv(1.5, QUESTIONABLE)), good(sps(true))];
    const [measured, status] = await client.dataSets.read(DATA_SET);
    assert.equal(measured?.tag, 'LD/GGIO1.AnIn1');
    assert.equal(measured?.value, 1.5);
    assert.equal(measured?.quality?.validity, 'questionable');
    assert.equal(measured?.timestamp, '2023-11-14T22:13:20.500Z');
    assert.equal(measured?.source, 'read');
    assert.equal(status?.value, true);
    assert.equal(asked('read').length, 1);
  });

  it('takes quality and time that are members beside their value as part of it', async () => {
    members = ['stVal', 'q', 't'].map((leaf) => member(`GGIO1$ST$Ind1$${leaf}`));
    const values: MmsData[] = [{ type: 'boolean', value: true }, { type: 'bit-string', bits: QUESTIONABLE }, TIME];
    results = values.map(good);
    const [only, ...rest] = await client.dataSets.read(DATA_SET);
    assert.deepEqual(rest, []);
    assert.equal(only?.value, true);
    assert.equal(only?.quality?.validity, 'questionable');
    assert.equal(only?.timestamp, '2023-11-14T22:13:20.000Z');
  });

  it('a member that the IED refuses has an error, and the others their values', async () => {
    results = [{ success: false, error: 3 }, good(sps(true))];
    const [refused, status] = await client.dataSets.read(DATA_SET);
    assert.equal(refused?.status, 'error');
    assert.equal(refused?.value, null);
    assert.equal(refused?.error?.code, 'IEC61850_ACCESS_DENIED');
    assert.equal(status?.value, true);
  });

  it('reads the members one by one where the IED does not give the data set as one', async () => {
    answer = (request) => (request.service === 'read' && 'listName' in request.access ? 'reject' : undefined);
    const values = await client.dataSets.read(DATA_SET);
    assert.deepEqual(
      values.map(({ tag, value, status }) => [tag, value, status]),
      [
        ['LD/GGIO1.AnIn1', 7, 'live'],
        ['LD/GGIO1.Ind1', false, 'live'],
      ],
    );
    // One that is not there stays so, however it is read.
    answer = (request) => (request.service === 'read' && 'listName' in request.access ? 'error' : undefined);
    await assert.rejects(client.dataSets.read(DATA_SET), { code: 'IEC61850_SERVICE_OBJECT_NON_EXISTENT' });
  });

  it('values that do not fit the members are refused, and the association goes on', async () => {
    results = [good(mv(1.5))];
    await assert.rejects(client.dataSets.read(DATA_SET), { code: 'IEC61850_MALFORMED', message: /fewer values/ });
    results = [good(mv(1.5)), good(sps(true)), good(sps(true))];
    await assert.rejects(client.dataSets.read(DATA_SET), { code: 'IEC61850_MALFORMED', message: /more values/ });
    results = [good(mv(1.5)), good(sps(true))];
    assert.equal((await client.dataSets.read(DATA_SET)).length, 2);
  });

  it('asks for the members once of a data set that stays, and each time of one that clients can delete', async () => {
    await client.dataSets.read(DATA_SET);
    await client.dataSets.read(DATA_SET);
    assert.equal(asked('getNamedVariableListAttributes').length, 1);
    deletable = true;
    await client.dataSets.read('LD/LLN0.other');
    members.reverse();
    results.reverse();
    const values = await client.dataSets.read('LD/LLN0.other');
    assert.deepEqual(
      values.map(({ reference, value }) => [reference, value]),
      [
        ['LD/GGIO1.Ind1', true],
        ['LD/GGIO1.AnIn1', 1.5],
      ],
    );
  });

  it('writes in the order of the members, or by their references', async () => {
    members = [member('GGIO1$ST$Ind1$stVal'), member('GGIO1$MX$AnIn1$mag$f')];
    await client.dataSets.write(DATA_SET, [true, 2]);
    await client.dataSets.write(DATA_SET, { 'LD/GGIO1$MX$AnIn1$mag$f': 2, 'LD/GGIO1.Ind1.stVal[ST]': true });
    const [first, second] = asked('write');
    assert.deepEqual(first, second);
    assert.deepEqual((first as Extract<ServiceRequest, { service: 'write' }>).data, [
      { type: 'boolean', value: true },
      { type: 'float', value: 2, width: 32 },
    ]);
  });

  it('gives a result for each member', async () => {
    members = [member('GGIO1$ST$Ind1$stVal'), member('GGIO1$MX$AnIn1$mag$f')];
    answer = (request) =>
      request.service === 'write'
        ? { service: 'write', results: [{ success: true }, { success: false, error: 3 }] }
        : undefined;
    const written = await client.dataSets.write(DATA_SET, [true, 2]);
    assert.deepEqual(written[0], { reference: 'LD/GGIO1.Ind1.stVal[ST]' });
    assert.equal(written[1]?.error?.code, 'IEC61850_ACCESS_DENIED');
    answer = (request) =>
      request.service === 'write' ? { service: 'write', results: [{ success: true }] } : undefined;
    await assert.rejects(client.dataSets.write(DATA_SET, [true, 2]), { code: 'IEC61850_MALFORMED' });
  });

  it('sends nothing when values are missing, too many or of another type', async () => {
    members = [member('GGIO1$ST$Ind1$stVal'), member('GGIO1$MX$AnIn1$mag$f')];
    const wrong: unknown[] = [
      [true],
      [true, 1, 2],
      [true, 'one'],
      { 'LD/GGIO1.Ind1.stVal[ST]': true },
      { 'LD/GGIO1.Ind1.stVal[ST]': true, 'LD/GGIO1.AnIn1.mag.f[MX]': 1, 'LD/GGIO1.Ind2.stVal[ST]': true },
      { nonsense: 1 },
      'text',
    ];
    for (const values of wrong)
      await assert.rejects(client.dataSets.write(DATA_SET, values as DataSetValues), { code: 'IEC61850_ARGUMENT' });
    assert.equal(asked('write').length, 0);
  });

  it('makes data sets of references, tags and array elements, in its logical node or in the association', async () => {
    answer = (request) =>
      request.service === 'defineNamedVariableList' ? { service: 'defineNamedVariableList' } : undefined;
    await client.dataSets.create('LD/LLN0.made', [
      'LD/GGIO1.Ind1[ST]',
      { reference: 'LD2/GGIO1.AnIn1.mag.f', fc: 'MX' },
      'LD/MHAI1.HA.phsAHar(3).cVal.mag.f[MX]',
    ]);
    await client.dataSets.create('@made', ['LD/GGIO1$ST$Ind1']);
    assert.deepEqual(asked('defineNamedVariableList'), [
      {
        service: 'defineNamedVariableList',
        name: { scope: 'domain', domain: 'LD', item: 'LLN0$made' },
        variables: [
          member('GGIO1$ST$Ind1'),
          { name: { scope: 'domain', domain: 'LD2', item: 'GGIO1$MX$AnIn1$mag$f' } },
          {
            ...member('MHAI1$MX$HA$phsAHar'),
            access: [
              { select: 'index', index: 3 },
              { select: 'component', name: 'cVal$mag$f' },
            ],
          },
        ],
      },
      {
        service: 'defineNamedVariableList',
        name: { scope: 'association', item: 'made' },
        variables: [member('GGIO1$ST$Ind1')],
      },
    ]);
  });

  it('refuses names and members that no IED could take, before anything is sent', async () => {
    const one = ['LD/GGIO1.Ind1[ST]'];
    for (const name of [
      '',
      'ds',
      'LD/ds',
      'LD/LLN0.',
      'LD/LLN0.a.b',
      '/ds',
      '@',
      '@a b',
      'LD/LLN0.1st',
      `@${'x'.repeat(300)}`,
    ])
      await assert.rejects(client.dataSets.create(name, one), { code: 'IEC61850_ARGUMENT' }, name);
    for (const wrong of ['LD/GGIO1', 'LD/GGIO1.Ind1', 'LD/GGIO1[ST]', 'Ind1'])
      await assert.rejects(client.dataSets.create(DATA_SET, [wrong]), { code: 'IEC61850_ARGUMENT' }, wrong);
    await assert.rejects(client.dataSets.create(DATA_SET, []), { code: 'IEC61850_ARGUMENT' });
    assert.equal(asked('defineNamedVariableList').length, 0);
  });

  it('says why a data set was not deleted', async () => {
    let counts = { matched: 0, deleted: 0 };
    answer = (request) =>
      request.service === 'deleteNamedVariableList' ? { service: 'deleteNamedVariableList', ...counts } : undefined;
    const failure = async (): Promise<string> => {
      const error: unknown = await client.dataSets.delete(DATA_SET).catch((reason: unknown) => reason);
      assert.ok(error instanceof DataSetError);
      assert.match(error.message, /LD\/LLN0\.ds/);
      return error.failure;
    };
    assert.equal(await failure(), 'UNDEFINED');
    counts = { matched: 1, deleted: 0 };
    assert.equal(await failure(), 'NOT_DELETABLE');
    deletable = true;
    assert.equal(await failure(), 'IN_USE');
    counts = { matched: 1, deleted: 1 };
    await client.dataSets.delete(DATA_SET);
  });

  it('lists what the IED lists, and nothing where it lists no data sets', async () => {
    assert.deepEqual(await client.dataSets.list(), []);
    answer = (request) => {
      if (request.service !== 'getNameList' || request.objectClass !== 2) return undefined;
      return request.scope.scope === 'domain'
        ? { service: 'getNameList', names: ['LLN0$ds'], moreFollows: false }
        : 'error';
    };
    assert.deepEqual(await client.dataSets.list(), [DATA_SET]);
  });

  it('rejects without an association', async () => {
    await client.close();
    await assert.rejects(client.dataSets.read(DATA_SET), { code: 'IEC61850_CONNECTION' });
    await assert.rejects(client.dataSets.list(), { code: 'IEC61850_CONNECTION' });
  });
});
