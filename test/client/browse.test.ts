import assert from 'node:assert/strict';
import { IedClient } from '../../src/client/index.js';
import type { ServiceRequest, ServiceResponse } from '../../src/mms/services.js';
import type { TypeDescription } from '../../src/mms/type-description.js';
import { FakeIed, mvType, spsType } from '../support/fake-ied.js';

const structure = (members: Record<string, TypeDescription>): TypeDescription => ({
  type: 'structure',
  components: Object.entries(members).map(([name, type]) => ({ name, type })),
});
const NODE = structure({
  ST: structure({
    Pos: structure({
      stVal: { type: 'bit-string', size: 2 },
      q: { type: 'bit-string', size: -13 },
      t: { type: 'utc-time' },
    }),
    Beh: structure({
      stVal: { type: 'integer', size: 8 },
      q: { type: 'bit-string', size: -13 },
      t: { type: 'utc-time' },
    }),
  }),
  CO: structure({ Pos: structure({ Oper: structure({ ctlVal: { type: 'boolean' } }) }) }),
  MX: structure({ A: structure({ phsA: mvType, phsB: mvType }) }),
  BR: structure({ brcbA01: structure({ RptID: { type: 'visible-string', size: -129 } }) }),
  RP: structure({ urcbA01: structure({ RptID: { type: 'visible-string', size: -129 } }) }),
});

/** Names as a relay lists them, page by page. */
const NAMES = [
  'LLN0',
  'XCBR1',
  'XCBR1$ST',
  'XCBR1$ST$Beh',
  'XCBR1$ST$Beh$stVal',
  'XCBR1$ST$Pos',
  'XCBR1$ST$Pos$stVal',
  'XCBR1$CO',
  'XCBR1$CO$Pos',
  'DPDOesGGIO1',
  'DPDOesGGIO1$ST',
  'DPDOesGGIO1$ST$Ind1',
];

function relay(more: (request: ServiceRequest) => ServiceResponse | 'error' | 'silent' | undefined = () => undefined) {
  return (request: ServiceRequest): ServiceResponse | 'error' | 'silent' | undefined => {
    const special = more(request);
    if (special) return special;
    if (request.service === 'getNameList') {
      if (request.objectClass === 9)
        return { service: 'getNameList', names: ['RELAYLD0', 'RELAYPROT'], moreFollows: false };
      if (request.scope.scope !== 'domain' || request.scope.domain !== 'RELAYLD0')
        return { service: 'getNameList', names: [], moreFollows: false };
      if (request.objectClass === 2) return { service: 'getNameList', names: ['LLN0$dsA'], moreFollows: false };
      if (request.objectClass === 8) return 'error';
      const from = request.continueAfter === undefined ? 0 : NAMES.indexOf(request.continueAfter) + 1;
      return { service: 'getNameList', names: NAMES.slice(from, from + 5), moreFollows: from + 5 < NAMES.length };
    }
    if (request.service === 'getVariableAccessAttributes') {
      const types: Record<string, TypeDescription> = {
        LLN0: structure({}),
        XCBR1: NODE,
        DPDOesGGIO1: structure({ ST: structure({ Ind1: spsType }) }),
      };
      const type = types[request.name.item];
      return type ? { service: 'getVariableAccessAttributes', deletable: false, type } : 'error';
    }
    if (request.service === 'getNamedVariableListAttributes') {
      return {
        service: 'getNamedVariableListAttributes',
        deletable: false,
        variables: [
          { name: { scope: 'domain', domain: 'RELAYLD0', item: 'XCBR1$ST$Pos' } },
          { name: { scope: 'domain', domain: 'RELAYPROT', item: 'PTOC1$ST$Op$general' } },
          {
            name: { scope: 'domain', domain: 'RELAYLD0', item: 'MHAI1$MX$HA$phsAHar' },
            access: [{ select: 'index', index: 3 }],
          },
        ],
      };
    }
    return undefined;
  };
}

describe('IedClient.browse', () => {
  let ied: FakeIed | undefined;
  let client: IedClient | undefined;

  async function open(answer: ReturnType<typeof relay>): Promise<IedClient> {
    ied = await new FakeIed({ answer }).listen();
    client = new IedClient({ host: '127.0.0.1', port: ied.port, timeout: 300 });
    await client.connect();
    return client;
  }

  afterEach(async () => {
    await client?.close();
    await ied?.close();
  });

  it('walks the pages, and builds logical nodes, data objects, data sets and control blocks', async () => {
    const model = await (await open(relay())).browse();
    assert.equal(model.name, 'RELAY');
    assert.deepEqual(
      model.logicalDevices.map(({ name, inst }) => [name, inst]),
      [
        ['RELAYLD0', 'LD0'],
        ['RELAYPROT', 'PROT'],
      ],
    );
    const nodes = model.logicalDevices[0]?.logicalNodes ?? [];
    assert.deepEqual(
      nodes.map((node) => [node.prefix, node.lnClass, node.inst]),
      [
        ['', 'LLN0', ''],
        ['', 'XCBR', '1'],
        ['DPDOes', 'GGIO', '1'],
      ],
    );
    const breaker = nodes[1];
    assert.deepEqual(
      breaker?.dataObjects.map((object) => [object.name, object.cdc]),
      [
        ['Pos', 'DPC'],
        ['Beh', 'ENS'],
        ['A', 'WYE'],
      ],
    );
    const pos = breaker.dataObjects[0];
    assert.deepEqual(
      pos?.attributes.map((attribute) => [attribute.name, attribute.fc, attribute.type]),
      [
        ['stVal', 'ST', 'Dbpos'],
        ['q', 'ST', 'Quality'],
        ['t', 'ST', 'Timestamp'],
        ['Oper', 'CO', 'Structure'],
      ],
    );
    assert.deepEqual(breaker.dataObjects[1]?.attributes[0]?.enumLiterals?.[1], 'on');
    assert.deepEqual(breaker.reportControlBlocks, [
      { name: 'brcbA01', buffered: true },
      { name: 'urcbA01', buffered: false },
    ]);
    assert.deepEqual(nodes[0]?.dataSets, [
      {
        name: 'dsA',
        deletable: false,
        members: [
          { reference: 'RELAYLD0/XCBR1.Pos', fc: 'ST' },
          { reference: 'RELAYPROT/PTOC1.Op.general', fc: 'ST' },
          { reference: 'RELAYLD0/MHAI1.HA.phsAHar(3)', fc: 'MX' },
        ],
      },
    ]);
  });

  it('a logical node whose type does not fit the PDU is asked for by its data objects (libiec61850 #96)', async () => {
    const model = await (
      await open(
        relay((request) => {
          if (request.service !== 'getVariableAccessAttributes') return undefined;
          if (request.name.item === 'XCBR1$ST$Pos')
            return { service: 'getVariableAccessAttributes', deletable: false, type: spsType };
          return request.name.item.startsWith('XCBR1') ? 'error' : undefined;
        }),
      )
    ).browse();
    const breaker = model.logicalDevices[0]?.logicalNodes.find((node) => node.name === 'XCBR1');
    assert.deepEqual(
      breaker?.dataObjects.map((object) => object.name),
      ['Pos'],
    );
  });

  it('pages that go round in circles end', async () => {
    const model = await (
      await open(
        relay((request) =>
          request.service === 'getNameList' && request.objectClass === 0
            ? { service: 'getNameList', names: ['LLN0'], moreFollows: true }
            : undefined,
        ),
      )
    ).browse();
    assert.ok(model.logicalDevices.length > 0);
  });

  it('an empty page that promises more ends the walk', async () => {
    const model = await (
      await open(
        relay((request) =>
          request.service === 'getNameList' && request.objectClass === 0
            ? { service: 'getNameList', names: [], moreFollows: true }
            : undefined,
        ),
      )
    ).browse();
    assert.deepEqual(model.logicalDevices[0]?.logicalNodes, []);
  });

  it('an IED that falls silent in mid-browse ends it with a time-out that names it', async () => {
    const browsing = (
      await open(relay((request) => (request.service === 'getVariableAccessAttributes' ? 'silent' : undefined)))
    ).browse();
    await assert.rejects(browsing, { code: 'IEC61850_TIMEOUT' });
  });

  it('progress is told, and an abort ends it', async () => {
    const steps: [number, number][] = [];
    const reader = await open(relay());
    await reader.browse({ onProgress: (done, total) => steps.push([done, total]) });
    assert.deepEqual(steps.at(-1), [3, 3]);
    await assert.rejects(reader.browse({ signal: AbortSignal.abort() }), { name: 'AbortError' });
  });
});
