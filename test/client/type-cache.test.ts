import assert from 'node:assert/strict';
import { IedClient } from '../../src/client/index.js';
import type { ServiceRequest, ServiceResponse } from '../../src/mms/services.js';
import type { TypeDescription } from '../../src/mms/type-description.js';
import { FakeIed, measurements, mvType } from '../support/fake-ied.js';

const GROUP = {
  type: 'structure' as const,
  components: Array.from({ length: 20 }, (_, i) => ({ name: `AnIn${i + 1}`, type: mvType })),
};
const REFERENCES = Array.from({ length: 20 }, (_, i) => `LD/GGIO1.AnIn${i + 1}[MX]`);

describe('types of many objects', () => {
  let ied: FakeIed;
  let client: IedClient;

  async function open(
    answer: (item: string) => TypeDescription | 'error' | 'reject' | 'silent' | undefined,
  ): Promise<void> {
    ied = await new FakeIed({
      variables: measurements(20),
      answer: (request): ServiceResponse | 'error' | 'reject' | 'silent' | undefined => {
        if (request.service !== 'getVariableAccessAttributes' || request.name.scope !== 'domain') return undefined;
        const type = answer(request.name.item);
        return typeof type === 'object' ? { service: request.service, deletable: false, type } : type;
      },
    }).listen();
    client = new IedClient({ host: '127.0.0.1', port: ied.port, name: 'BAY1', timeout: 200 });
    await client.connect();
  }
  afterEach(async () => {
    await client.close();
    await ied.close();
  });

  /** Items that types were asked for. */
  const asked = (): string[] =>
    ied.requests.flatMap((request: ServiceRequest) =>
      request.service === 'getVariableAccessAttributes' && request.name.scope === 'domain' ? [request.name.item] : [],
    );
  async function readAll(): Promise<void> {
    const values = await client.read(REFERENCES);
    assert.deepEqual(
      values.map(({ value }) => value),
      REFERENCES.map((_, i) => i + 0.5),
    );
  }

  it('come in one answer for each logical node and functional constraint', async () => {
    await open((item) => (item === 'GGIO1$MX' ? GROUP : undefined));
    await readAll();
    assert.deepEqual(
      asked().filter((item) => item.startsWith('GGIO1$MX')),
      ['GGIO1$MX'],
    );
  });

  it('a single object is asked for by itself', async () => {
    await open((item) => (item === 'GGIO1$MX' ? GROUP : undefined));
    await client.read(REFERENCES.slice(0, 1));
    assert.deepEqual(
      asked().filter((item) => item.startsWith('GGIO1$MX')),
      ['GGIO1$MX$AnIn1'],
    );
  });

  for (const refusal of ['error', 'reject'] as const) {
    it(`are asked for one by one where the IED answers the node's type with ${refusal} (libiec61850 issue 96)`, async () => {
      await open((item) => (item === 'GGIO1$MX' ? refusal : undefined));
      await readAll();
      assert.equal(asked().filter((item) => item.startsWith('GGIO1$MX$')).length, 20);
    });
  }

  it('an object that the answer leaves out is asked for by itself', async () => {
    const some: TypeDescription = { type: 'structure', components: GROUP.components.slice(0, 18) };
    await open((item) => (item === 'GGIO1$MX' ? some : undefined));
    await readAll();
    assert.deepEqual(
      asked().filter((item) => item.startsWith('GGIO1$MX$')),
      ['GGIO1$MX$AnIn19', 'GGIO1$MX$AnIn20'],
    );
  });

  it('an IED that is silent over one is not asked for another', async () => {
    await open((item) => (item === 'GGIO1$MX' ? 'silent' : undefined));
    await readAll();
    await client.read(REFERENCES.map((reference) => reference.replace('GGIO1', 'GGIO2')));
    assert.deepEqual(
      asked().filter((item) => /^GGIO\d\$MX$/.test(item)),
      ['GGIO1$MX'],
    );
  });
});
