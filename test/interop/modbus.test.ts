/** A pymodbus master reads what our gateway serves: areas, types, the four orders, policies and refusals. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { MapRow, RegisterOrder, RegisterType } from '../../src/gateway/modbus/map.js';
import { DEFAULT_LAYOUT, ORDERS } from '../../src/gateway/modbus/map.js';
import { ModbusGateway, type GatewayOptions } from '../../src/gateway/modbus/modbus-gateway.js';
import { qualityFromBits } from '../../src/model/quality.js';
import type { TagData, TagType, TagValue } from '../../src/model/tag-value.js';
import { needPeer, startModbusMaster, type Peer } from './peers/index.js';

const OPTIONS: GatewayOptions = {
  host: '127.0.0.1',
  port: 0,
  maxConnections: 5,
  idleMs: 60_000,
  owner: 'interop',
  writable: false,
  autoAssign: false,
  layout: DEFAULT_LAYOUT,
  allowTest: false,
  nanBeforeFirstValue: false,
  staleAfterMs: 0,
  gapsReadZero: true,
};

const NUMBERS: ReadonlyArray<readonly [type: RegisterType, tagType: TagType, value: number, size: number]> = [
  ['Float32', 'Float32', -1234.5, 2],
  ['Float64', 'Float64', 0.1, 4],
  ['Int32', 'Int32', -70_000, 2],
  ['UInt32', 'UInt32', 4_000_000_000, 2],
  ['Int64', 'Int64', -9_007_199_254_740_991, 4],
];

function tagValue(tag: string, type: TagType, value: TagData, qualityBits = 0): TagValue {
  return {
    ied: 'PEER',
    tag,
    reference: `PEERMEAS/GGIO1.${tag}`,
    fc: 'MX',
    type,
    value,
    text: JSON.stringify(value),
    quality: qualityFromBits(qualityBits),
    timestamp: null,
    timeQuality: null,
    received: new Date().toISOString(),
    status: 'live',
    source: 'poll',
    sequence: 1,
  };
}

describe('Our Modbus server and a pymodbus master', function () {
  this.timeout(60_000);
  const rows: MapRow[] = [
    { ied: 'PEER', tag: 'Ind1', unit: 1, area: 'discrete', address: 0, type: 'Bool' },
    { ied: 'PEER', tag: 'Ind2', unit: 1, area: 'discrete', address: 1, type: 'Bool' },
    { ied: 'PEER', tag: 'Pos', unit: 1, area: 'input', address: 0, type: 'UInt16' },
    { ied: 'PEER', tag: 'Name', unit: 1, area: 'holding', address: 300, type: 'Text', length: 8 },
    { ied: 'PEER', tag: 'Bad', unit: 1, area: 'holding', address: 200, type: 'Float32', meta: 400 },
    { ied: 'PEER', tag: 'Never', unit: 1, area: 'holding', address: 210, type: 'UInt16' },
  ];
  const places: Array<{ type: RegisterType; order: RegisterOrder; address: number; value: number }> = [];
  let at = 0;
  for (const [type, , value, size] of NUMBERS) {
    for (const order of ORDERS) {
      rows.push({ ied: 'PEER', tag: type, unit: 1, area: 'holding', address: at, type, order });
      places.push({ type, order, address: at, value });
      at += size;
    }
  }
  let gateway: ModbusGateway;
  let master: Peer;

  before(async function () {
    needPeer(this, 'pymodbus');
    gateway = new ModbusGateway({ rows, blocks: [] }, OPTIONS);
    assert.deepEqual(gateway.issues, []);
    const listening = once(gateway, 'listening') as Promise<[number]>;
    gateway.start();
    const [port] = await listening;
    for (const [type, tagType, value] of NUMBERS) gateway.update(tagValue(type, tagType, value));
    gateway.update(tagValue('Ind1', 'Boolean', true));
    gateway.update(tagValue('Ind2', 'Boolean', false));
    gateway.update(tagValue('Pos', 'Dbpos', 2));
    gateway.update(tagValue('Name', 'VisibleString', 'feeder 1'));
    // Invalid: bit 1 of the quality (IEC 61850-8-1 §8.1.3.9).
    gateway.update(tagValue('Bad', 'Float32', 5, 2));
    master = await startModbusMaster(port);
  });
  after(async () => {
    await master?.stop();
    await gateway?.close();
  });

  for (const { type, order, address, value } of places) {
    it(`reads ${type} in order ${order}`, async () => {
      assert.deepEqual(await master.call('value', { area: 'holding', address, type, order }), { value });
    });
  }

  it('reads discrete inputs, a position and a text', async () => {
    assert.deepEqual(await master.call('read', { area: 'discrete', address: 0, count: 2 }), { bits: [true, false] });
    assert.deepEqual(await master.call('read', { area: 'input', address: 0 }), { registers: [2] });
    assert.deepEqual(await master.call('value', { area: 'holding', address: 300, type: 'Text', length: 8 }), {
      value: 'feeder 1',
    });
  });

  it('sees NaN and the quality of a float that is invalid', async () => {
    assert.deepEqual(await master.call('value', { area: 'holding', address: 200, type: 'Float32' }), { value: 'nan' });
    const { registers } = await master.call<{ registers: number[] }>('read', {
      area: 'holding',
      address: 400,
      count: 3,
    });
    assert.equal((registers[0] as number) & 3, 2, 'validity');
  });

  it('gets exception 0x0B for a register that never had a value', async () => {
    assert.deepEqual(await master.call('read', { area: 'holding', address: 210 }), { exception: 0x0b });
  });

  it('gets exception 01 for a write, which nobody turned on', async () => {
    assert.deepEqual(await master.call('write', { area: 'holding', address: 0, registers: [1] }), { exception: 1 });
  });
});
