import assert from 'node:assert/strict';
import { once } from 'node:events';
import { IedSession, substitute, type WritableValue } from '../../src/client/index.js';
import type { MmsData } from '../../src/mms/data.js';
import type { TypeDescription } from '../../src/mms/type-description.js';
import { FakeIed } from '../support/fake-ied.js';

const FLOAT: TypeDescription = { type: 'float', formatWidth: 32, exponentWidth: 8 };
const structure = (members: Record<string, TypeDescription>): TypeDescription => ({
  type: 'structure',
  components: Object.entries(members).map(([name, type]) => ({ name, type })),
});
const ANALOGUE = structure({ f: FLOAT });
const VECTOR = structure({ mag: ANALOGUE, ang: ANALOGUE });
const MAGNITUDE_ONLY = structure({ mag: ANALOGUE });
const substitution = (value: TypeDescription): TypeDescription =>
  structure({
    subEna: { type: 'boolean' },
    subCVal: value,
    subQ: { type: 'bit-string', size: -13 },
    subID: { type: 'visible-string', size: -64 },
  });
const float = (value: number): MmsData => ({ type: 'float', value, width: 32 });
const whole = (...items: MmsData[]): MmsData => ({ type: 'structure', items });

describe('substitution of vectors (CMV, subCVal)', () => {
  let ied: FakeIed;
  let session: IedSession;
  const writes: [item: string, data: MmsData][] = [];

  beforeEach(async () => {
    writes.length = 0;
    ied = await new FakeIed({
      variables: {
        'LD/MMXU1$SV$PhV$phsA': { type: substitution(VECTOR), data: whole() },
        'LD/MMXU1$SV$PhV$phsB': { type: substitution(MAGNITUDE_ONLY), data: whole() },
      },
      answer(request) {
        if (request.service !== 'write' || !('list' in request.access)) return undefined;
        request.access.list.forEach(({ name }, i) => writes.push([name.item, request.data[i] as MmsData]));
        return { service: 'write', results: request.data.map(() => ({ success: true })) };
      },
    }).listen();
    session = new IedSession({ name: 'BAY1', endpoints: [{ host: '127.0.0.1', port: ied.port }], timeout: 500 });
    session.start();
    while (session.state !== 'online') await once(session, 'state');
  });
  afterEach(async () => {
    await session.close();
    await ied.close();
  });

  it('writes magnitude and angle as one structure, and switches it on when the IED took all of it', async () => {
    const value = { mag: { f: 230.5 }, ang: { f: -120 } };
    await substitute(session, 'LD/MMXU1.PhV.phsA', { value, quality: { validity: 'questionable' }, id: 'desk' });
    assert.deepEqual(writes, [
      ['MMXU1$SV$PhV$phsA$subCVal', whole(whole(float(230.5)), whole(float(-120)))],
      ['MMXU1$SV$PhV$phsA$subQ', { type: 'bit-string', bits: '1100000000100' }],
      ['MMXU1$SV$PhV$phsA$subID', { type: 'visible-string', value: 'desk' }],
      ['MMXU1$SV$PhV$phsA$subEna', { type: 'boolean', value: true }],
    ]);
  });

  it('takes a vector without an angle where the IED has none', async () => {
    await substitute(session, 'LD/MMXU1.PhV.phsB', { value: { mag: { f: 1 } } });
    assert.deepEqual(writes[0], ['MMXU1$SV$PhV$phsB$subCVal', whole(whole(float(1)))]);
  });

  it('refuses what is no whole vector before anything is written', async () => {
    const wrong: WritableValue[] = [
      230,
      { mag: { f: 230 } },
      { mag: 230, ang: 0 },
      { mag: { f: 'high' }, ang: { f: 0 } },
    ];
    for (const value of wrong)
      await assert.rejects(substitute(session, 'LD/MMXU1.PhV.phsA', { value }), { code: 'IEC61850_ARGUMENT' });
    assert.deepEqual(writes, []);
  });
});
