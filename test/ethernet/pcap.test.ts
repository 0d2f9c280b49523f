import assert from 'node:assert/strict';
import { pcapFilter } from '../../src/ethernet/pcap/pcap-filter.js';
import { parseAdapters } from '../../src/ethernet/windows/adapters.js';

const BASE = 0x1_2345_0000n;
const SIZE = 1024;

/** As Windows lays it out: structures that point at each other and at texts behind them. */
function adapterList(...adapters: { guid: string; name: string; mac?: number[]; status?: number }[]): Buffer {
  const octets = Buffer.alloc(adapters.length * SIZE);
  adapters.forEach(({ guid, name, mac = [], status = 1 }, i) => {
    const at = i * SIZE;
    const pointer = (place: number, to: number): unknown => octets.writeBigUInt64LE(BASE + BigInt(to), at + place);
    octets.writeUInt32LE(i + 5, at + 4);
    if (i < adapters.length - 1) pointer(8, at + SIZE);
    pointer(16, at + 300);
    octets.write(guid, at + 300, 'latin1');
    pointer(72, at + 500);
    octets.write(name, at + 500, 'utf16le');
    Buffer.from(mac).copy(octets, at + 80);
    octets.writeUInt32LE(mac.length, at + 88);
    octets.writeUInt32LE(status, at + 104);
  });
  return octets;
}

describe('adapters of Windows', () => {
  const mac = [2, 0, 0, 0, 0, 0xab];

  it('have friendly names, those of Npcap, and their addresses', () => {
    const list = adapterList(
      { guid: '{AAAA}', name: 'Ethernet', mac },
      { guid: '{LOOP}', name: 'Loopback' },
      { guid: '{BBBB}', name: 'Prozessbus Ω', mac, status: 2 },
    );
    assert.deepEqual(parseAdapters(list, BASE), [
      { index: 5, name: 'Ethernet', device: '\\Device\\NPF_{AAAA}', address: '02-00-00-00-00-AB', up: true },
      { index: 7, name: 'Prozessbus Ω', device: '\\Device\\NPF_{BBBB}', address: '02-00-00-00-00-AB', up: false },
    ]);
  });

  it('that point outside of their list, or at themselves, end it', () => {
    const list = adapterList({ guid: '{AAAA}', name: 'Ethernet', mac }, { guid: '{BBBB}', name: 'B', mac });
    list.writeBigUInt64LE(BASE + 1_000_000n, 8);
    assert.equal(parseAdapters(list, BASE).length, 1);
    list.writeBigUInt64LE(BASE, 8);
    assert.equal(parseAdapters(list, BASE).length, 1);
    list.writeBigUInt64LE(BASE + BigInt(SIZE), 8);
    list.writeBigUInt64LE(0n, 16);
    assert.deepEqual(
      parseAdapters(list, BASE).map(({ name }) => name),
      ['B'],
    );
    list.writeBigUInt64LE(BASE + BigInt(SIZE), SIZE + 8);
    list.writeUInt32LE(0, SIZE + 88);
    assert.deepEqual(parseAdapters(list, BASE), []);
    assert.deepEqual(parseAdapters(Buffer.alloc(10), BASE), []);
  });
});

describe('a filter of libpcap', () => {
  it('names types and destinations, with a VLAN tag and without', () => {
    assert.equal(
      pcapFilter({ etherTypes: [0x88b8], destinations: ['01-0C-CD-01-00-01'] }),
      '((ether proto 0x88b8) and (ether dst 01:0c:cd:01:00:01)) or (vlan and ((ether proto 0x88b8) and (ether dst 01:0c:cd:01:00:01)))',
    );
  });

  it('of very many destinations lets all of them pass', () => {
    const destinations = Array.from({ length: 500 }, (_, i) => `01-0C-CD-01-${hex(i >> 8)}-${hex(i & 0xff)}`);
    assert.equal(pcapFilter({ etherTypes: [1, 2], destinations }), pcapFilter({ etherTypes: [1, 2] }));
  });
});

function hex(octet: number): string {
  return octet.toString(16).padStart(2, '0');
}
