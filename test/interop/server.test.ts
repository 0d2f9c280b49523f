/** Every foreign client against our server, served from SCL. */
import assert from 'node:assert/strict';
import { IedServer, loadScl, type SclDocument } from '../../src/index.js';
import type { IedModel } from '../../src/index.js';
import { BAY_CID, DEVICE_TIME, DEVICE_TIME_QUALITY, OLD_DATA, PEER_CID } from './fixtures.js';
import { inFormOf, Judge } from './judge.js';
import { mmsKinds, mmsNames, type MmsKind } from './names.js';
import { needPeer, startPeerClient, type PeerValue, type StackKind } from './peers/index.js';

const KINDS: readonly StackKind[] = ['libiec61850', 'rust', 'java'];
const DOMAINS = ['PEERCTRL', 'PEERMEAS'];
const GOOD = { bits: '0000000000000' };
/** What our server says of a value that nobody has told it: invalid, and a time that is not synchronised. */
const UNTOLD = { bits: '0100000000000' };
const NO_TIME = { utc: 0, quality: 0x3f };
const TOLD_TIME = { utc: DEVICE_TIME, quality: DEVICE_TIME_QUALITY };
/** DataAccessError of ISO 9506-2: object-access-denied, type-inconsistent, object-non-existent. */
const ACCESS_DENIED = 3;
const TYPE_INCONSISTENT = 7;
const NON_EXISTENT = 10;

interface ForeignType {
  kind: MmsKind;
  members?: [string, ForeignType][];
}

function foreignKinds(name: string, type: ForeignType, kinds: Record<string, MmsKind>): void {
  if (type.members) for (const [member, inner] of type.members) foreignKinds(`${name}$${member}`, inner, kinds);
  else kinds[name] = type.kind;
}

/** Serves an SCL file on a free port. */
async function served(
  scl: SclDocument,
  options: Parameters<typeof IedServer.fromScl>[1] = {},
): Promise<{ server: IedServer; port: number }> {
  const server = await IedServer.fromScl(scl, { port: 0, ...options });
  const { port } = await server.listen();
  return { server, port };
}

for (const kind of KINDS) {
  describe(`A ${kind} client and our server`, function () {
    this.timeout(60_000);
    let server: IedServer;
    let port: number;
    let judge: Judge;
    let model: IedModel;
    let written: Array<[reference: string, value: unknown]>;

    before(async function () {
      needPeer(this, kind);
      const scl = await loadScl(PEER_CID);
      model = scl.model('PEER');
      ({ server, port } = await served(scl, { ied: 'PEER', writable: ['SP', 'SV', 'CF', 'DC'] }));
      assert.deepEqual(server.problems, []);
      written = [];
      server.on('written', (event) => written.push([event.reference, event.value]));
      const timeQuality = { accuracy: DEVICE_TIME_QUALITY };
      const told = server.update([
        { reference: 'PEERCTRL/XCBR1.Pos[ST]', value: 2, timestamp: DEVICE_TIME, timeQuality },
        {
          reference: 'PEERMEAS/MMXU1.TotW[MX]',
          value: 12.5,
          quality: OLD_DATA,
          timestamp: DEVICE_TIME,
          timeQuality,
        },
      ]);
      assert.deepEqual(told.errors, []);
      judge = await Judge.connect(kind, { port });
      if (kind === 'java') await judge.peer.call('model');
    });
    after(async () => {
      await judge?.stop();
      await server?.close();
    });

    const reads = async (reference: string, fc: string, expected: PeerValue): Promise<void> => {
      assert.deepEqual(inFormOf(expected, await judge.read(reference, fc)), expected, `${reference}[${fc}]`);
    };

    it('browses every name of the file', async () => {
      if (kind === 'java') {
        const { attributes, dataSets } = await judge.peer.call<{ attributes: [string, string][]; dataSets: string[] }>(
          'model',
        );
        assert.deepEqual(dataSets.sort(), ['PEERCTRL/LLN0.Positions', 'PEERMEAS/LLN0.Measurements']);
        for (const domain of DOMAINS) {
          const theirs = attributes
            .filter(([reference]) => reference.startsWith(`${domain}/`))
            // Elements of an array are nodes of their own there, and have no names in MMS.
            .map(([reference, fc]) => [reference.slice(domain.length + 1).replace(/\(\d+\).*$/, ''), fc] as const)
            .map(([path, fc]) => path.replace('.', `$${fc}$`).replace(/\./g, '$'));
          assert.deepEqual([...new Set(theirs)].sort(), Object.keys(mmsKinds(model, domain)).sort());
        }
        return;
      }
      const domains = await judge.peer.call<string[]>('domains');
      assert.deepEqual(domains.sort(), DOMAINS);
      const all = kind === 'rust' ? await judge.peer.call<Record<string, string[]>>('model') : {};
      for (const domain of DOMAINS) {
        const theirs = all[domain] ?? (await judge.peer.call<string[]>('variables', { domain }));
        assert.deepEqual(theirs.sort(), mmsNames(model, domain));
      }
    });

    it('reads a position and a measured value whole, with quality and time', async () => {
      await reads('PEERCTRL/XCBR1.Pos', 'ST', [{ bits: '10' }, GOOD, TOLD_TIME, false]);
      await reads('PEERMEAS/MMXU1.TotW', 'MX', [[12.5], { bits: OLD_DATA }, TOLD_TIME]);
    });

    it('reads initial values of every type', async () => {
      await reads('PEERCTRL/GGIO1.Strings', 'CF', [
        'visible',
        'unicode',
        { octets: '' },
        4_000_000_000,
        -5,
        2.5,
        [1.5, 2.5, 3.5],
      ]);
      await reads('PEERCTRL/GGIO1.IntIn1.stVal', 'ST', -40_000);
      await reads('PEERCTRL/XCBR1.SumSwARs.actVal', 'ST', 1);
      await reads('PEERCTRL/PTOC1.Ena.setVal', 'SP', true);
      await reads('PEERMEAS/MMXU1.PhV.phsA.cVal', 'MX', [[230.5], [-120]]);
      await reads('PEERMEAS/MHAI1.HPhV.numHar', 'CF', 3);
    });

    it('reads an array of structures', () => {
      const harmonic = (value: number): PeerValue => [[[value]], UNTOLD, NO_TIME];
      return reads('PEERMEAS/MHAI1.HPhV', 'MX', [[harmonic(1), harmonic(2), harmonic(3)]]);
    });

    it('reads data sets, one of them with a member of another logical device', async () => {
      const { members, values } = await judge.dataSet('PEERMEAS/LLN0.Measurements');
      assert.deepEqual(members, [
        'PEERMEAS/MMXU1.TotW[MX]',
        'PEERMEAS/MMXU1.Hz[MX]',
        'PEERMEAS/MMXU1.PhV.phsA.cVal.mag.f[MX]',
        'PEERCTRL/XCBR1.Pos.stVal[ST]',
      ]);
      const expected: PeerValue[] = [
        [[12.5], { bits: OLD_DATA }, TOLD_TIME],
        [[50], UNTOLD, NO_TIME],
        230.5,
        { bits: '10' },
      ];
      assert.deepEqual(inFormOf(expected, values), expected);
    });

    it('sees what the server updates, in one piece', async () => {
      server.update([
        { reference: 'PEERMEAS/MMXU1.Hz[MX]', value: 49.5, timestamp: DEVICE_TIME, timeQuality: { accuracy: 10 } },
      ]);
      await reads('PEERMEAS/MMXU1.Hz', 'MX', [[49.5], GOOD, TOLD_TIME]);
    });

    it('writes settings of several types', async () => {
      const writes: Array<[string, string, string, PeerValue]> = [
        ['PEERCTRL/PTOC1.OpDlTmms.setVal', 'SP', 'integer', 450],
        ['PEERCTRL/PTOC1.StrVal.setMag.f', 'SP', 'float32', 2.25],
        ['PEERCTRL/PTOC1.Ena.setVal', 'SP', 'boolean', false],
        ['PEERCTRL/GGIO1.Sub.subID', 'SV', 'visible-string', 'operator'],
        ['PEERCTRL/GGIO1.Strings.u32', 'CF', 'unsigned', 3_000_000_000],
        ['PEERCTRL/XCBR1.Pos.d', 'DC', 'visible-string', 'feeder 1'],
      ];
      written.length = 0;
      for (const [reference, fc, type, value] of writes) {
        await judge.write(reference, fc, type, value);
        await reads(reference, fc, value);
      }
      assert.deepEqual(
        written,
        writes.map(([reference, fc, , value]) => [`${reference}[${fc}]`, value]),
      );
    });

    it('is refused a write to a status', async () => {
      await assert.rejects(judge.write('PEERCTRL/GGIO1.Ind1.stVal', 'ST', 'boolean', false), /denied|3|error/i);
      await reads('PEERCTRL/GGIO1.Ind1.stVal', 'ST', true);
    });

    it('browses and reads a whole bay', async () => {
      const scl = await loadScl(BAY_CID);
      const bay = await served(scl);
      const reader = await Judge.connect(kind, { port: bay.port });
      try {
        if (kind === 'java') {
          const { attributes } = await reader.peer.call<{ attributes: unknown[] }>('model');
          assert.ok(attributes.length > 1000);
          await reader.peer.call('readAll');
        } else {
          const all = kind === 'rust' ? await reader.peer.call<Record<string, string[]>>('model') : {};
          for (const domain of ['BAY1CTRL', 'BAY1MEAS', 'BAY1PROT']) {
            const theirs = all[domain] ?? (await reader.peer.call<string[]>('variables', { domain }));
            const data = new Set(mmsNames(scl.model('BAY1'), domain));
            assert.deepEqual(
              [...data].filter((name) => !theirs.includes(name)),
              [],
            );
            // What else there is are control blocks, which the model holds in another place.
            const others = theirs.filter((name) => !data.has(name));
            assert.deepEqual(
              others.filter((name) => !/^\w+\$(RP|BR|LG|GO|MS|US|SP\$SGCB)(\$|$)|^LLN0\$SP$/.test(name)),
              [],
            );
          }
        }
      } finally {
        await reader.stop();
        await bay.server.close();
      }
    });

    it('works with a PDU size of 1000 octets', async function () {
      if (kind === 'java') return this.skip();
      const small = await Judge.connect(kind, { port, pduSize: 1000 });
      try {
        if (kind === 'libiec61850') assert.equal(small.pduSize, 1000);
        const all = kind === 'rust' ? await small.peer.call<Record<string, string[]>>('model') : {};
        for (const domain of DOMAINS) {
          const theirs = all[domain] ?? (await small.peer.call<string[]>('variables', { domain }));
          assert.deepEqual(theirs.sort(), mmsNames(model, domain));
        }
      } finally {
        await small.stop();
      }
    });

    if (kind === 'rust') {
      it('associates without AP-titles and AE-qualifiers', async () => {
        const nameless = await Judge.connect(kind, { port, noApTitle: true });
        assert.deepEqual(await nameless.peer.call('domains'), DOMAINS);
        await nameless.stop();
      });
    }

    it('is known while it is connected, and gone afterwards', async () => {
      const before = server.connections;
      const another = await Judge.connect(kind, { port });
      assert.equal(server.connections, before + 1);
      const gone = new Promise((resolve) => {
        server.once('clientDisconnected', resolve);
      });
      await another.stop();
      await gone;
      assert.equal(server.connections, before);
    });
  });
}

describe('What only the libiec61850 client shows of our server', function () {
  this.timeout(60_000);
  let server: IedServer;
  let port: number;
  let model: IedModel;
  let judge: Judge;

  before(async function () {
    needPeer(this, 'libiec61850');
    const scl = await loadScl(PEER_CID);
    model = scl.model('PEER');
    ({ server, port } = await served(scl, { writable: ['SP'], vendor: 'Substation', model: 'gateway', revision: '7' }));
    judge = await Judge.connect('libiec61850', { port });
  });
  after(async () => {
    await judge?.stop();
    await server?.close();
  });

  it('identity and status', async () => {
    assert.deepEqual(await judge.peer.call('identify'), { vendor: 'Substation', model: 'gateway', revision: '7' });
    assert.deepEqual(await judge.peer.call('status'), { logical: 0, physical: 0 });
  });

  it('the type of every leaf', async () => {
    for (const device of model.logicalDevices) {
      const theirs: Record<string, MmsKind> = {};
      for (const node of device.logicalNodes) {
        const type = await judge.peer.call<ForeignType>('type', { domain: device.name, item: node.name });
        foreignKinds(node.name, type, theirs);
      }
      assert.deepEqual(theirs, mmsKinds(model, device.name));
    }
  });

  it('one element of an array, a range of them, and a member of one element', async () => {
    const vals = { domain: 'PEERCTRL', item: 'GGIO1$CF$Strings$vals' };
    assert.deepEqual(await judge.peer.call('read', { ...vals, index: 1, count: 2 }), [2.5, 3.5]);
    const harmonics = { domain: 'PEERMEAS', item: 'MHAI1$MX$HPhV$phsAHar' };
    assert.equal(await judge.peer.call('read', { ...harmonics, index: 1, component: 'cVal$mag$f' }), 2);
    assert.deepEqual(await judge.peer.call('read', { ...harmonics, index: 2 }), [[[[3]], UNTOLD, NO_TIME]]);
  });

  it('many variables in one read, one of them wrong', async () => {
    const items = ['XCBR1$ST$OpCnt$stVal', 'XCBR1$ST$Nope', 'GGIO1$ST$IntIn1$stVal'];
    assert.deepEqual(await judge.peer.call('readMany', { domain: 'PEERCTRL', items }), [
      12345,
      { error: NON_EXISTENT },
      -40_000,
    ]);
  });

  it('refusals by their DataAccessError', async () => {
    const write = (item: string, kind: string, value: PeerValue): Promise<number> =>
      judge.peer.call<number>('write', { domain: 'PEERCTRL', item, kind, value });
    assert.equal(await write('GGIO1$ST$Ind1$stVal', 'boolean', false), ACCESS_DENIED);
    assert.equal(await write('GGIO1$CF$Strings$i8', 'integer', 1), ACCESS_DENIED, 'CF is not writable here');
    assert.equal(await write('PTOC1$SP$OpDlTmms$setVal', 'boolean', true), TYPE_INCONSISTENT);
    assert.equal(await write('PTOC1$SP$Nope$setVal', 'integer', 1), NON_EXISTENT);
  });

  it('an orderly conclude', async () => {
    const another = await Judge.connect('libiec61850', { port });
    const gone = new Promise<unknown>((resolve) => {
      server.once('clientDisconnected', (_client, error) => resolve(error));
    });
    await another.peer.call('conclude');
    await another.stop();
    assert.equal(await gone, undefined);
  });
});

for (const kind of ['libiec61850', 'java'] as const) {
  describe(`A ${kind} client and our server with a password`, function () {
    this.timeout(60_000);
    let server: IedServer;
    let port: number;

    before(async function () {
      needPeer(this, kind);
      ({ server, port } = await served(await loadScl(PEER_CID), { password: 'secret' }));
    });
    after(() => server?.close());

    it('is accepted with the right one', async () => {
      const client = await startPeerClient(kind, { port, password: 'secret' });
      await client.stop();
    });
    for (const password of ['wrong', undefined]) {
      it(`is refused with ${password ?? 'none'}`, async () => {
        const refused = new Promise<string>((resolve) => {
          server.once('clientRefused', (_client, why) => resolve(why));
        });
        await assert.rejects(startPeerClient(kind, { port, ...(password !== undefined && { password }) }));
        assert.match(await refused, /password/i);
      });
    }
  });
}
