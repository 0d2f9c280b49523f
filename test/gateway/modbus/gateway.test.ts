import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TagWrite } from '../../../src/gateway/modbus/writes.js';
import { qualityFromBits } from '../../../src/model/quality.js';
import { blockMap, exceptionOf, GatewayFixture, INVALID, row, tagValue } from './support.js';

describe('Modbus gateway, as a master sees it', () => {
  let fixture: GatewayFixture | undefined;
  afterEach(async () => {
    await fixture?.stop();
    fixture = undefined;
  });

  const map = blockMap(
    row('TotW', { address: 0, meta: 400 }),
    row('Trip', { area: 'discrete', type: 'Bool', address: 0, meta: 403 }),
    row('Pos', { area: 'input', type: 'UInt16', address: 0, meta: 406 }),
    row('Local', { area: 'coil', type: 'Bool', address: 0 }),
    row('Count', { type: 'Int32', address: 10 }),
  );

  it('serves a boolean in FC02, a position in FC04, a float in FC03 and a coil in FC01', async () => {
    fixture = await GatewayFixture.start(map);
    const { gateway } = fixture;
    gateway.update(tagValue('TotW', 'Float32', 230.5));
    gateway.update(tagValue('Trip', 'Boolean', true));
    gateway.update(tagValue('Pos', 'Dbpos', 2));
    gateway.update(tagValue('Local', 'Boolean', true));
    const master = await fixture.master();
    assert.equal((await master.readHoldingRegisters(0, 2)).buffer.readFloatBE(0), 230.5);
    assert.equal((await master.readDiscreteInputs(0, 1)).data[0], true);
    assert.deepEqual((await master.readInputRegisters(0, 1)).data, [2]);
    assert.equal((await master.readCoils(0, 1)).data[0], true);
  });

  it('gives exception 0x0B for a tag that never had a value, whatever its type', async () => {
    fixture = await GatewayFixture.start(map);
    const master = await fixture.master();
    assert.equal(await exceptionOf(master.readHoldingRegisters(0, 2)), 0x0b);
    assert.equal(await exceptionOf(master.readDiscreteInputs(0, 1)), 0x0b);
    assert.equal(await exceptionOf(master.readInputRegisters(0, 1)), 0x0b);
    assert.equal(await exceptionOf(master.readHoldingRegisters(0, 20)), 0x0b);
  });

  it('turns a float into NaN and holds a boolean when quality becomes invalid', async () => {
    fixture = await GatewayFixture.start(map);
    const { gateway } = fixture;
    gateway.update(tagValue('TotW', 'Float32', 5));
    gateway.update(tagValue('Trip', 'Boolean', true));
    const quality = qualityFromBits(INVALID);
    gateway.update(tagValue('TotW', 'Float32', 6, { quality }));
    gateway.update(tagValue('Trip', 'Boolean', false, { quality }));
    const master = await fixture.master();
    assert.ok(Number.isNaN((await master.readHoldingRegisters(0, 2)).buffer.readFloatBE(0)));
    assert.equal((await master.readDiscreteInputs(0, 1)).data[0], true);
    assert.deepEqual((await master.readHoldingRegisters(400, 1)).data, [INVALID]);
  });

  it('answers exception 03 for quantities of 0, 126 registers and 2001 inputs', async () => {
    fixture = await GatewayFixture.start(map);
    const master = await fixture.master();
    assert.equal(await exceptionOf(master.readHoldingRegisters(0, 0)), 3);
    assert.equal(await exceptionOf(master.readHoldingRegisters(0, 126)), 3);
    assert.equal(await exceptionOf(master.readInputRegisters(0, 126)), 3);
    const socket = await fixture.socket();
    assert.equal(await fixture.exchange(socket, '0001 0000 0006 01 02 0000 07d1'), '0001000000030182' + '03');
    assert.equal(await fixture.exchange(socket, '0002 0000 0006 01 01 0000 0000'), '0002000000030181' + '03');
    assert.equal(await fixture.exchange(socket, '0003 0000 0006 01 03 0000 ffff'), '0003000000030183' + '03');
  });

  it('answers exception 02 outside the block and for an area without tags', async () => {
    fixture = await GatewayFixture.start(blockMap(row('TotW')));
    fixture.gateway.update(tagValue('TotW', 'Float32', 1));
    const master = await fixture.master();
    assert.equal(await exceptionOf(master.readHoldingRegisters(1000, 1)), 2);
    assert.equal(await exceptionOf(master.readHoldingRegisters(990, 20)), 2);
    assert.equal(await exceptionOf(master.readHoldingRegisters(65530, 10)), 2);
    assert.equal(await exceptionOf(master.readInputRegisters(0, 1)), 2);
    assert.equal(await exceptionOf(master.readCoils(0, 1)), 2);
  });

  it('reads gaps of a block as 0, and as exception 02 when they are not to be read', async () => {
    const gappy = blockMap(row('TotW'), row('Hz', { address: 4 }));
    fixture = await GatewayFixture.start(gappy);
    fixture.gateway.update(tagValue('TotW', 'Float32', 1));
    fixture.gateway.update(tagValue('Hz', 'Float32', 50));
    let master = await fixture.master();
    assert.deepEqual((await master.readHoldingRegisters(0, 8)).data, [0x3f80, 0, 0, 0, 0x4248, 0, 0, 0]);
    await fixture.stop();
    fixture = await GatewayFixture.start(gappy, { gapsReadZero: false });
    fixture.gateway.update(tagValue('TotW', 'Float32', 1));
    fixture.gateway.update(tagValue('Hz', 'Float32', 50));
    master = await fixture.master();
    assert.equal(await exceptionOf(master.readHoldingRegisters(0, 6)), 2);
    assert.deepEqual((await master.readHoldingRegisters(4, 2)).data, [0x4248, 0]);
  });

  it('answers exception 0x0B for a unit id that has no tags, unless every unit id is to be served', async () => {
    fixture = await GatewayFixture.start(map);
    let master = await fixture.master(7);
    assert.equal(await exceptionOf(master.readHoldingRegisters(0, 2)), 0x0b);
    await fixture.stop();
    fixture = await GatewayFixture.start(map, { fallbackUnit: 1 });
    fixture.gateway.update(tagValue('TotW', 'Float32', 1));
    for (const unit of [255, 0, 7]) {
      master = await fixture.master(unit);
      assert.deepEqual((await master.readHoldingRegisters(0, 2)).data, [0x3f80, 0]);
    }
  });

  it('reads 125 registers and 2000 inputs at once', async () => {
    fixture = await GatewayFixture.start({ ...blockMap(row('TotW'), row('Trip', { area: 'discrete', type: 'Bool' })) });
    fixture.gateway.update(tagValue('TotW', 'Float32', 1));
    fixture.gateway.update(tagValue('Trip', 'Boolean', true));
    const master = await fixture.master();
    assert.equal((await master.readHoldingRegisters(0, 125)).data.length, 125);
    assert.equal((await master.readDiscreteInputs(0, 1000)).data[0], true);
  });

  it('refuses every write with exception 01 by default', async () => {
    fixture = await GatewayFixture.start(map);
    const master = await fixture.master();
    assert.equal(await exceptionOf(master.writeCoil(0, true)), 1);
    assert.equal(await exceptionOf(master.writeRegister(0, 1)), 1);
    assert.equal(await exceptionOf(master.writeCoils(0, [true, false])), 1);
    assert.equal(await exceptionOf(master.writeRegisters(0, [1, 2])), 1);
    const socket = await fixture.socket();
    assert.equal(await fixture.exchange(socket, '0001 0000 0008 01 16 0000 0000 ffff'), '000100000003019601');
    const readWrite = '0002 0000 000d 01 17 0000 0001 0000 0001 02 0001';
    assert.equal(await fixture.exchange(socket, readWrite), '000200000003019701');
  });

  it('refuses functions that do not exist with exception 01', async () => {
    fixture = await GatewayFixture.start(map);
    const socket = await fixture.socket();
    assert.equal(await fixture.exchange(socket, '0001 0000 0002 01 07'), '000100000003018701');
    assert.equal(await fixture.exchange(socket, '0001 0000 0005 01 2b 0e 01 00'), '000100000003' + '01ab01');
  });

  describe('with writes turned on', () => {
    const written = async (act: () => Promise<unknown>): Promise<TagWrite[]> => {
      const told = once((fixture as GatewayFixture).gateway, 'write') as Promise<[TagWrite[]]>;
      await act();
      return (await told)[0];
    };
    const writable = blockMap(
      row('Local', { area: 'coil', type: 'Bool', address: 0 }),
      row('Remote', { area: 'coil', type: 'Bool', address: 1 }),
      row('SetW', { address: 0, scale: 1000, offset: 0 }),
      row('Level', { type: 'Int16', address: 2, scale: 10, offset: 5 }),
      row('Flag0', { type: 'Bit', bit: 0, address: 3 }),
      row('Flag3', { type: 'Bit', bit: 3, address: 3 }),
      row('Counter', { type: 'Int64', address: 4 }),
      row('Digits', { type: 'BCD', address: 8 }),
    );
    beforeEach(async () => {
      fixture = await GatewayFixture.start(writable, { writable: true });
    });

    it('turns FC05 and FC15 into one write for each coil', async () => {
      const master = await (fixture as GatewayFixture).master();
      const [single] = await written(() => master.writeCoil(1, true));
      assert.equal(single?.tag, 'Remote');
      assert.equal(single?.value, true);
      assert.equal(single?.functionCode, 5);
      assert.equal(single?.notation, '00002');
      assert.match(single?.client ?? '', /^127\.0\.0\.1:\d+$/);
      const both = await written(() => master.writeCoils(0, [false, true]));
      assert.deepEqual(
        both.map(({ tag, value }) => [tag, value]),
        [
          ['Local', false],
          ['Remote', true],
        ],
      );
    });

    it('scales back what FC06 and FC16 write', async () => {
      const master = await (fixture as GatewayFixture).master();
      const [level] = await written(() => master.writeRegister(2, 105));
      assert.deepEqual([level?.tag, level?.raw, level?.value], ['Level', 105, 10]);
      const [power] = await written(() => master.writeRegisters(0, [0x44bb, 0x8000]));
      assert.deepEqual([power?.tag, power?.raw, power?.value], ['SetW', 1500, 1.5]);
      const [counter] = await written(() => master.writeRegisters(4, [0x7fff, 0xffff, 0xffff, 0xffff]));
      assert.equal(counter?.value, '9223372036854775807');
    });

    it('refuses half a number, an address without a tag, and a number that cannot be', async () => {
      const master = await (fixture as GatewayFixture).master();
      assert.equal(await exceptionOf(master.writeRegister(0, 1)), 2);
      assert.equal(await exceptionOf(master.writeRegisters(1, [1, 2])), 2);
      assert.equal(await exceptionOf(master.writeRegister(500, 1)), 2);
      assert.equal(await exceptionOf(master.writeRegisters(0, [0x7fc0, 0])), 3);
      assert.equal(await exceptionOf(master.writeRegister(8, 0xa000)), 3);
      assert.equal(await exceptionOf(master.writeCoils(1, [true, true])), 2);
    });

    it('turns FC22 into writes of the bits that the mask takes', async () => {
      const socket = await (fixture as GatewayFixture).socket();
      const writes = await written(async () => {
        const answer = await (fixture as GatewayFixture).exchange(socket, '0001 0000 0008 01 16 0003 fff7 0008');
        assert.equal(answer, '0001000000080116' + '0003fff70008');
      });
      assert.deepEqual(
        writes.map(({ tag, value }) => [tag, value]),
        [['Flag3', true]],
      );
    });

    it('turns FC22 on a number into the number that results', async () => {
      const { gateway } = fixture as GatewayFixture;
      gateway.update(tagValue('Level', 'Int16', 1));
      const socket = await (fixture as GatewayFixture).socket();
      const [write] = await written(() =>
        (fixture as GatewayFixture).exchange(socket, '0001 0000 0008 01 16 0002 00f0 0005'),
      );
      assert.equal(write?.raw, (15 & 0xf0) | (5 & 0xff0f));
    });

    it('writes and reads with FC23; the registers keep what the IED says', async () => {
      const { gateway } = fixture as GatewayFixture;
      gateway.update(tagValue('Level', 'Int16', 1));
      const socket = await (fixture as GatewayFixture).socket();
      const frame = '0001 0000 000d 01 17 0002 0001 0002 0001 02 0069';
      const writes = await written(async () => {
        const answer = await (fixture as GatewayFixture).exchange(socket, frame);
        assert.equal(answer, '0001000000050117' + '02000f');
      });
      assert.deepEqual(
        writes.map(({ tag, raw }) => [tag, raw]),
        [['Level', 0x69]],
      );
    });

    it('refuses writes with wrong lengths, quantities and coil values by exception 03', async () => {
      const socket = await (fixture as GatewayFixture).socket();
      const frames: Array<[string, string]> = [
        ['0001 0000 0006 01 05 0000 1234', '85'],
        ['0001 0000 0007 01 06 0000 0001 00', '86'],
        ['0001 0000 0008 01 0f 0000 0009 01 ff', '8f'],
        ['0001 0000 0007 01 0f 0000 0000 00', '8f'],
        ['0001 0000 0009 01 10 0000 0002 02 0001', '90'],
        ['0001 0000 0007 01 10 0000 007c f8', '90'],
        ['0001 0000 0004 01 16 0000', '96'],
        ['0001 0000 000b 01 17 0000 0001 0000 0000 00', '97'],
        ['0001 0000 0005 01 03 0000 00', '83'],
      ];
      for (const [frame, code] of frames) {
        assert.equal(await (fixture as GatewayFixture).exchange(socket, frame), `00010000000301${code}03`, frame);
      }
    });
  });
});
