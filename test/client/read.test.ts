import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { IedClient } from '../../src/client/index.js';
import type { MmsData } from '../../src/mms/data.js';
import type { TypeDescription } from '../../src/mms/type-description.js';
import { FakeIed, measurements, mv, mvType, sps, spsType, type FakeIedOptions } from '../support/fake-ied.js';

describe('IedClient.read', () => {
  let ied: FakeIed | undefined;
  let client: IedClient | undefined;

  async function open(options: FakeIedOptions, timeout = 2000): Promise<IedClient> {
    ied = await new FakeIed(options).listen();
    client = new IedClient({ host: '127.0.0.1', port: ied.port, name: 'BAY', timeout });
    await client.connect();
    return client;
  }

  afterEach(async () => {
    await client?.close();
    await ied?.close();
    client = undefined;
    ied = undefined;
  });

  it('gives value, quality and time of one instant from a whole data object', async () => {
    const reader = await open({ variables: { 'LD/MMXU1$MX$TotW': { type: mvType, data: mv(12.5, '0100000100000') } } });
    const [value] = await reader.read(['LD/MMXU1.TotW[MX]']);
    assert.equal(value?.value, 12.5);
    assert.equal(value.type, 'Float32');
    assert.equal(value.quality?.validity, 'invalid');
    assert.deepEqual(value.quality.flags, ['oldData']);
    assert.equal(value.timestamp, '2023-11-14T22:13:20.500Z');
    assert.deepEqual(value.timeQuality, {
      leapSecondsKnown: false,
      clockFailure: false,
      clockNotSynchronized: false,
      accuracy: 10,
    });
    assert.equal(value.status, 'live');
    assert.equal(value.ied, 'BAY');
    assert.equal(ied?.requests.filter((request) => request.service === 'read').length, 1);
  });

  it('a failed member of a multi-variable read leaves the others valid', async () => {
    const variables = measurements(199);
    const reader = await open({ variables });
    const references = Array.from({ length: 200 }, (_, i) => `LD/GGIO1.AnIn${i + 1}[MX]`);
    const values = await reader.read(references);
    assert.equal(values.filter((value) => value.status === 'live').length, 199);
    const wrong = values[199];
    assert.equal(wrong?.status, 'error');
    assert.equal(wrong.value, null);
    assert.equal(wrong.quality, null);
    assert.match(wrong.error?.message ?? '', /BAY.*AnIn200.*object-non-existent/);
  });

  it('a read that waits for its turn ends when the association does', async () => {
    const reader = await open({
      variables: measurements(2),
      maxOutstanding: 1,
      answer: (request) => {
        const items =
          request.service === 'read' && 'list' in request.access
            ? request.access.list.map(({ name }) => name.item)
            : [];
        return items.includes('GGIO1$MX$AnIn1') ? 'silent' : undefined;
      },
    });
    // The types are known, so that only the reads themselves wait.
    await reader.read(['LD/GGIO1.AnIn2[MX]']);
    const held = assert.rejects(reader.read(['LD/GGIO1.AnIn1[MX]']), { code: 'IEC61850_CONNECTION' });
    while (ied?.requests.at(-1)?.service !== 'read' || ied.requests.length < 4) await nextTurn();
    const waits = assert.rejects(reader.read(['LD/GGIO1.AnIn2[MX]']), { code: 'IEC61850_CONNECTION' });
    ied.cut();
    await Promise.all([held, waits]);
  });

  it('what a flow does to a structure does not change what the next read gives', async () => {
    const reader = await open({ variables: { 'LD/MMXU1$MX$TotW': { type: mvType, data: mv(12.5, '0100000100000') } } });
    const [first] = await reader.read(['LD/MMXU1.TotW.mag[MX]']);
    assert.deepEqual(first?.value, { f: 12.5 });
    (first.value as Record<string, unknown>).f = 99;
    assert.throws(() => first.quality?.flags.push('failure'), TypeError);
    const [second] = await reader.read(['LD/MMXU1.TotW.mag[MX]']);
    assert.deepEqual(second?.value, { f: 12.5 });
    assert.deepEqual(second.quality?.flags, ['oldData']);
  });

  it('connects once at a time, and again after an attempt that failed', async () => {
    const reader = await open({ variables: {} });
    await assert.rejects(reader.connect(), { code: 'IEC61850_ARGUMENT' });
    await reader.close();
    await reader.connect();
    assert.ok(reader.connected);
  });

  it('an object that vanishes from the IED is named, with its last value, and the others go on', async () => {
    const variables = measurements(3);
    const reader = await open({ variables });
    const references = ['LD/GGIO1.AnIn1[MX]', 'LD/GGIO1.AnIn2[MX]', 'LD/GGIO1.AnIn3[MX]'];
    await reader.read(references);
    delete variables['LD/GGIO1$MX$AnIn2'];
    const values = await reader.read(references);
    assert.deepEqual(
      values.map((value) => value.status),
      ['live', 'error', 'live'],
    );
    assert.equal(values[1]?.error?.code, 'IEC61850_OBJECT_NON_EXISTENT');
    assert.equal(values[1].value, 1.5);
  });

  it('a read without an answer does not give what an earlier one brought as the present value', async () => {
    let silent = false;
    const reader = await open(
      {
        variables: measurements(2),
        answer: ({ service }) => (service === 'read' && silent ? 'silent' : undefined),
      },
      200,
    );
    const references = ['LD/GGIO1.AnIn1[MX]', 'LD/GGIO1.AnIn2[MX]'];
    assert.deepEqual(
      (await reader.read(references)).map(({ status }) => status),
      ['live', 'live'],
    );
    silent = true;
    const late = await reader.read(references);
    assert.deepEqual(
      late.map(({ status, error }) => [status, error?.code]),
      [
        ['error', 'IEC61850_TIMEOUT'],
        ['error', 'IEC61850_TIMEOUT'],
      ],
    );
  });

  it('a batch that the IED refuses as a whole is halved until the object is found that it cannot stand', async () => {
    const reader = await open({
      variables: measurements(40),
      answer: (request) => {
        if (request.service !== 'read' || !('list' in request.access)) return undefined;
        const items = request.access.list.map(({ name }) => name.item);
        return items.includes('GGIO1$MX$AnIn17') ? 'error' : undefined;
      },
    });
    const values = await reader.read(Array.from({ length: 40 }, (_, i) => `LD/GGIO1.AnIn${i + 1}[MX]`));
    assert.deepEqual(
      values.flatMap((value, i) => (value.status === 'live' ? [] : [i])),
      [16],
    );
  });

  it('reads with one request outstanding where the IED allows one (ABB SSC600)', async () => {
    let open1 = 0;
    let most = 0;
    const reader = await open({
      maxOutstanding: 1,
      variables: measurements(500),
      answer: () => {
        most = Math.max(most, ++open1);
        setImmediate(() => open1--);
        return undefined;
      },
    });
    assert.equal(reader.negotiated.maxOutstanding, 1);
    const values = await reader.read(Array.from({ length: 500 }, (_, i) => `LD/GGIO1.AnIn${i + 1}[MX]`));
    assert.ok(values.every((value) => value.status === 'live'));
    assert.equal(most, 1);
  });

  it('requests and expected answers fit a PDU of 1000 octets (libiec61850 #498)', async () => {
    const reader = await open({ maxPduSize: 1000, variables: measurements(100) });
    assert.equal(reader.negotiated.maxPduSize, 1000);
    const values = await reader.read(Array.from({ length: 100 }, (_, i) => `LD/GGIO1.AnIn${i + 1}[MX]`));
    assert.ok(values.every((value) => value.status === 'live'));
  });

  it('answers that change their shape are decoded anew: integers of other lengths, strings, and back', async () => {
    const type: TypeDescription = {
      type: 'structure',
      components: [
        { name: 'd', type: { type: 'visible-string', size: -255 } },
        { name: 'stVal', type: { type: 'integer', size: 64 } },
        { name: 'q', type: { type: 'bit-string', size: -13 } },
        { name: 't', type: { type: 'utc-time' } },
      ],
    };
    let stVal: number | bigint = 1;
    let text = 'a';
    const data = (): MmsData => ({
      type: 'structure',
      items: [
        { type: 'visible-string', value: text },
        { type: 'integer', value: stVal },
        { type: 'bit-string', bits: '0000000000000' },
        { type: 'utc-time', seconds: 5, fraction: 0, quality: 0 },
      ],
    });
    const reader = await open({ variables: { 'LD/GGIO1$ST$IntIn1': { type, data } } });
    const read = async (): Promise<unknown> => (await reader.read(['LD/GGIO1.IntIn1[ST]']))[0]?.value;
    for (const [value, d, expected] of [
      [1, 'a', 1],
      [-129, 'a', -129],
      [70000, 'longer', 70000],
      [2 ** 40, '', 2 ** 40],
      [9007199254740993n, 'x'.repeat(200), '9007199254740993'],
      [-9223372036854775808n, 'x', '-9223372036854775808'],
      [5, 'a', 5],
    ] as const) {
      stVal = value;
      text = d;
      assert.equal(await read(), expected);
    }
  });

  it('takes any non-zero octet for TRUE (IEDScout sends 01, others ff)', async () => {
    const data = sps(true);
    assert.ok(data.type === 'structure' && data.items[0]?.type === 'boolean');
    data.items[0].octet = 0xff;
    const reader = await open({ variables: { 'LD/GGIO1$ST$Ind1': { type: spsType, data } } });
    assert.equal((await reader.read(['LD/GGIO1.Ind1[ST]']))[0]?.value, true);
  });

  it('an answer that does not have its type is an error of its tag and no value', async () => {
    const reader = await open({
      variables: {
        'LD/GGIO1$MX$AnIn1': { type: mvType, data: sps(true) },
        'LD/GGIO1$MX$AnIn2': { type: mvType, data: mv(2) },
      },
    });
    const values = await reader.read(['LD/GGIO1.AnIn1[MX]', 'LD/GGIO1.AnIn2[MX]']);
    assert.equal(values[0]?.status, 'error');
    assert.equal(values[0].value, null);
    assert.equal(values[1]?.value, 2);
  });

  it('reads single attributes with the quality and time that stand beside them', async () => {
    const reader = await open({ variables: { 'LD/MMXU1$MX$TotW': { type: mvType, data: mv(7) } } });
    const [f, mag, q, t] = await reader.read([
      'LD/MMXU1.TotW.mag.f[MX]',
      'LD/MMXU1.TotW.mag[MX]',
      'LD/MMXU1.TotW.q[MX]',
      'LD/MMXU1.TotW.t[MX]',
    ]);
    assert.equal(f?.value, 7);
    assert.equal(f.quality?.text, 'good');
    assert.deepEqual(mag?.value, { f: 7 });
    assert.equal(q?.value, '0000000000000');
    assert.equal(q.text, 'good');
    assert.equal(t?.value, '2023-11-14T22:13:20.500Z');
    assert.equal(
      ied?.requests.filter(
        (request) =>
          request.service === 'getVariableAccessAttributes' &&
          'item' in request.name &&
          request.name.item === 'MMXU1$MX$TotW',
      ).length,
      1,
    );
  });
});
