/** Our client against every foreign server: browse, types, reads, data sets, writes, errors and the end. */
import assert from 'node:assert/strict';
import { IedClient } from '../../src/client/index.js';
import { DataAccessError, Iec61850Error } from '../../src/errors.js';
import type { IedModel } from '../../src/model/ied-model.js';
import type { TagValue } from '../../src/model/tag-value.js';
import { DEVICE_TIME, OLD_DATA, STACKS, startPeerBay } from './fixtures.js';
import { mmsKinds, mmsNames, type MmsKind } from './names.js';
import { needPeer, startPeerClient, type Peer } from './peers/index.js';

const DOMAINS = ['PEERCTRL', 'PEERMEAS'];

interface ForeignType {
  kind: MmsKind;
  members?: [string, ForeignType][];
}

/** Leaves of a type as a foreign client describes it. */
function foreignKinds(name: string, type: ForeignType, kinds: Record<string, MmsKind>): void {
  if (type.members) for (const [member, inner] of type.members) foreignKinds(`${name}$${member}`, inner, kinds);
  else kinds[name] = type.kind;
}

for (const stack of STACKS) {
  describe(`cSrv: our client and a ${stack.kind} server`, function () {
    this.timeout(60_000);
    let server: Peer;
    let client: IedClient;
    let model: IedModel;

    before(async function () {
      needPeer(this, stack.kind);
      server = await startPeerBay(stack);
      client = new IedClient({ host: '127.0.0.1', port: server.port, name: 'PEER' });
      await client.connect();
      model = await client.browse();
    });
    after(async () => {
      await client?.close();
      await server?.stop();
    });

    const read = async (...references: string[]): Promise<TagValue[]> => client.read(references);
    const readOne = async (reference: string): Promise<TagValue> => (await client.read([reference]))[0] as TagValue;

    it('browses every name that a foreign client sees there', async function () {
      needPeer(this, 'libiec61850');
      const judge = await startPeerClient('libiec61850', { port: server.port });
      try {
        assert.deepEqual(model.logicalDevices.map((device) => device.name).sort(), DOMAINS);
        for (const domain of DOMAINS) {
          const theirs = await judge.call<string[]>('variables', { domain });
          assert.deepEqual(mmsNames(model, domain), theirs.sort(), domain);
        }
      } finally {
        await judge.stop();
      }
    });

    it('finds the types that a foreign client finds', async function () {
      needPeer(this, 'libiec61850');
      const judge = await startPeerClient('libiec61850', { port: server.port });
      try {
        for (const device of model.logicalDevices) {
          const theirs: Record<string, MmsKind> = {};
          for (const node of device.logicalNodes) {
            const type = await judge.call<ForeignType>('type', { domain: device.name, item: node.name });
            foreignKinds(node.name, type, theirs);
          }
          assert.deepEqual(mmsKinds(model, device.name), theirs);
        }
      } finally {
        await judge.stop();
      }
    });

    it('finds data sets with their members', () => {
      const node = model.logicalDevices
        .find((one) => one.name === 'PEERCTRL')
        ?.logicalNodes.find((one) => one.name === 'LLN0');
      assert.deepEqual(
        node?.dataSets.map((dataSet) => dataSet.name),
        ['Positions'],
      );
      assert.deepEqual(
        node?.dataSets[0]?.members.map((member) => `${member.reference}[${member.fc}]`),
        stack.positions.map((item) => {
          const [ln, fc, ...path] = item.split('$');
          return `PEERCTRL/${[ln, ...path].join('.')}[${fc}]`;
        }),
      );
    });

    it('reads a measured value with quality and device time of the same read', async () => {
      const value = await readOne('PEERMEAS/MMXU1.TotW[MX]');
      assert.equal(value.value, 12.5);
      assert.equal(value.type, 'Float32');
      assert.equal(value.status, 'live');
      if (!stack.told) return;
      assert.equal(value.quality?.validity, 'questionable');
      assert.deepEqual(value.quality?.flags, ['oldData']);
      assert.equal(value.timestamp, new Date(DEVICE_TIME).toISOString());
      assert.equal(value.timeQuality?.accuracy, 10);
    });

    if (stack.told) {
      it('reads positions', async () => {
        const [breaker, disconnector] = await read('PEERCTRL/XCBR1.Pos[ST]', 'PEERCTRL/XSWI1.Pos[ST]');
        assert.equal(breaker?.value, 2);
        assert.equal(breaker?.type, 'Dbpos');
        assert.equal(breaker?.text, 'Closed');
        assert.equal(breaker?.timestamp, new Date(DEVICE_TIME).toISOString());
        assert.equal(disconnector?.value, 1);
        assert.equal(disconnector?.text, 'Open');
      });
    }

    it('reads every kind of leaf', async () => {
      const values = await read(
        'PEERCTRL/GGIO1.Ind1.stVal[ST]',
        'PEERCTRL/GGIO1.IntIn1.stVal[ST]',
        'PEERCTRL/GGIO1.Strings.vis[CF]',
        'PEERCTRL/GGIO1.Strings.uni[CF]',
        'PEERCTRL/GGIO1.Strings.u32[CF]',
        'PEERCTRL/GGIO1.Strings.i8[CF]',
        'PEERCTRL/GGIO1.Strings.f64[CF]',
        'PEERCTRL/GGIO1.Strings.oct[CF]',
        'PEERCTRL/XCBR1.OpCnt.stVal[ST]',
        'PEERCTRL/XCBR1.SumSwARs.actVal[ST]',
        'PEERMEAS/MMXU1.PhV.phsA.cVal.ang.f[MX]',
      );
      assert.deepEqual(
        values.map((value) => value.value),
        [true, -40000, 'visible', 'unicode', 4_000_000_000, -5, 2.5, '', 12345, 1, -120],
      );
      assert.ok(values.every((value) => value.status === 'live'));
    });

    it('reads a structure', async () => {
      const value = await readOne('PEERMEAS/MMXU1.TotW.units[CF]');
      assert.equal(value.type, 'Structure');
      assert.deepEqual(value.value, { SIUnit: 62, multiplier: 6 });
    });

    it('one wrong name among many leaves the others valid', async () => {
      const values = await read('PEERMEAS/MMXU1.TotW[MX]', 'PEERMEAS/MMXU1.Nope[MX]', 'PEERMEAS/MMXU1.Hz[MX]');
      assert.deepEqual(
        values.map((value) => value.status),
        ['live', 'error', 'live'],
      );
      assert.equal(values[2]?.value, 50);
      assert.equal(values[1]?.value, null);
      assert.ok(values[1]?.error);
    });

    it('reads a data set', async () => {
      const values = await client.dataSets.read('PEERCTRL/LLN0.Positions');
      assert.equal(values.length, stack.positions.length);
      assert.ok(values.every((value) => value.status === 'live'));
      if (stack.told) assert.equal(values[0]?.value, 2);
    });

    if (stack.arrays) {
      it('reads arrays and one element of an array', async () => {
        const [whole, element, harmonic] = await read(
          'PEERCTRL/GGIO1.Strings.vals[CF]',
          'PEERCTRL/GGIO1.Strings.vals(1)[CF]',
          'PEERMEAS/MHAI1.HPhV.phsAHar(1).cVal.mag.f[MX]',
        );
        assert.deepEqual(whole?.value, [1.5, 2.5, 3.5]);
        assert.equal(element?.value, 2.5);
        assert.equal(harmonic?.value, 2);
      });
    }

    it('writes settings of several types and reads them back', async () => {
      const writes = [
        ['PEERCTRL/PTOC1.OpDlTmms.setVal[SP]', 450],
        ['PEERCTRL/PTOC1.StrVal.setMag.f[SP]', 2.25],
        ['PEERCTRL/PTOC1.Ena.setVal[SP]', false],
        ['PEERCTRL/GGIO1.Sub.subVal[SV]', true],
        ['PEERCTRL/GGIO1.Sub.subID[SV]', 'operator'],
        ['PEERCTRL/GGIO1.Sub.subQ[SV]', OLD_DATA],
      ] as const;
      for (const [reference, value] of writes) {
        if (!stack.writesInside && reference.includes('setMag')) continue;
        await client.write(reference, value);
        assert.equal((await readOne(reference)).value, value, reference);
      }
    });

    it('a write of an unknown object is refused by its name', async () => {
      await assert.rejects(client.write('PEERCTRL/PTOC1.Nope.setVal[SP]', 1), Iec61850Error);
    });

    it('a write to a status is refused', async function () {
      // The Java server lets a client write anything.
      if (stack.kind === 'java') return this.skip();
      await assert.rejects(client.write('PEERCTRL/GGIO1.IntIn1.stVal[ST]', 1), DataAccessError);
    });

    it('values that the server changes are seen', async () => {
      const values = {
        libiec61850: [['PEERMEAS/MMXU1.Hz.mag.f', 'float32', 49.5]],
        rust: [['MEAS/MMXU1.Hz.mag.f', 'float32', 49.5]],
        java: [['PEERMEAS/MMXU1.Hz.mag.f', 'MX', 49.5]],
      }[stack.kind];
      await server.call('update', { values });
      assert.equal((await readOne('PEERMEAS/MMXU1.Hz[MX]')).value, 49.5);
    });

    it('works with a PDU size of 1000 octets and one request at a time', async () => {
      const small = new IedClient({ host: '127.0.0.1', port: server.port, maxPduSize: 1000, maxOutstanding: 1 });
      try {
        const { maxPduSize, maxOutstanding } = await small.connect();
        assert.equal(maxPduSize, 1000);
        assert.equal(maxOutstanding, 1);
        const again = await small.browse();
        for (const domain of DOMAINS) assert.deepEqual(mmsNames(again, domain), mmsNames(model, domain));
        const many = Array.from({ length: 100 }, () => 'PEERMEAS/MMXU1.TotW[MX]');
        const values = await small.read(many);
        assert.ok(values.every((value) => value.value === 12.5));
      } finally {
        await small.close();
      }
    });

    it('tells at once that the server was killed', async () => {
      const doomed = await startPeerBay(stack);
      const lost = new Promise<Iec61850Error>((resolve) => {
        const watching = new IedClient({ host: '127.0.0.1', port: doomed.port }, resolve);
        void watching.connect().then(() => doomed.kill());
      });
      assert.ok((await lost) instanceof Iec61850Error);
    });

    it('closes within two seconds', async () => {
      const closing = new IedClient({ host: '127.0.0.1', port: server.port });
      await closing.connect();
      const start = Date.now();
      await closing.close();
      assert.ok(Date.now() - start < 2000);
    });
  });
}
