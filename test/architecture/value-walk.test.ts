/** The walk of one value in docs/architecture.md shows octets as they are on the wire. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { IedClient } from '../../src/client/index.js';
import { encodeNumber } from '../../src/gateway/modbus/encode.js';
import type { MapRow } from '../../src/gateway/modbus/map.js';
import { IedServer } from '../../src/server/ied-server.js';
import { readText } from './sources.js';

const REFERENCE = 'BAY1MEAS/MMXU1.TotW[MX]';
const INVOKE_ID = /02020104/;

/** Octets of the block of the page that begins with a TPKT of this length, without the words behind them. */
function octetsOf(page: string, length: string): string {
  const block = page.split('```').find((part) => part.trimStart().startsWith(`03 00 00 ${length}`));
  assert.ok(block, `docs/architecture.md shows no TPKT of ${length} octets`);
  return [...block.matchAll(/^(?:[0-9a-f]{2} )*[0-9a-f]{2}(?= {2}|$)/gm)].join('').replace(/ /g, '');
}

describe('the walk of a value in docs/architecture.md', () => {
  const page = readText('docs/architecture.md');

  it('has the octets that a read of the example bay has', async () => {
    const server = await IedServer.fromScl('examples/scl/bay.cid', { ied: 'BAY1', port: 0 });
    const { port } = await server.listen();
    server.update([{ reference: REFERENCE, value: 38.2, timestamp: '2026-03-01T12:00:00.123Z' }]);
    const seen: string[] = [];
    const relay = net.createServer((socket) => {
      const onward = net.connect(port, '127.0.0.1');
      for (const [from, to] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        from.on('data', (chunk: Buffer) => seen.push(chunk.toString('hex')));
        from.on('error', () => to.destroy());
        from.pipe(to);
      }
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const client = new IedClient({ host: '127.0.0.1', port: (relay.address() as AddressInfo).port, name: 'BAY1' });
    try {
      await client.connect();
      // The first read also asks for types and units.
      await client.read([REFERENCE]);
      seen.length = 0;
      const [value] = await client.read([REFERENCE]);
      assert.equal(value?.text, '38.2 MW');
    } finally {
      await client.close();
      await server.close();
      relay.close();
    }
    const wire = seen.join('').replace(/0202\w{4}(?=a[0-9a-f]{3}a1)/g, '02020104');
    for (const length of ['3f', '3b']) {
      const shown = octetsOf(page, length);
      assert.match(shown, INVOKE_ID);
      assert.equal(shown.length / 2, parseInt(length, 16));
      assert.ok(wire.includes(shown), `${shown} is not in ${wire}`);
    }
  });

  it('has the registers that the value is given', () => {
    const row: MapRow = {
      ...{ ied: 'BAY1', tag: 'MEAS.MMXU1.TotW', unit: 1, area: 'holding', address: 0, type: 'Float32', order: 'ABCD' },
    };
    const registers = new Uint16Array(2);
    assert.equal(encodeNumber(row, Math.fround(38.2), registers, 0), false, 'it was clamped');
    assert.deepEqual([...registers], [0x4218, 0xcccd]);
    assert.ok(page.includes('`00 01 00 00 00 07 01 03 04 42 18 cc cd`'));
  });
});
