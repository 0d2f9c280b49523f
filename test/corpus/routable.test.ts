import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { IpEtherType } from '../../src/bus-link/captured-datagram.js';
import { readCapture } from '../../src/ethernet/capture/capture-file.js';
import { decodeFrame, type EthernetFrame } from '../../src/ethernet/frame.js';
import { Iec61850Error } from '../../src/errors.js';
import { EtherType } from '../../src/mms/application-header.js';
import { decodeExtension, hasExtension, splitFrame } from '../../src/routable/extension.js';
import { decodePayload, encodePayload } from '../../src/routable/payload.js';
import { decodeSpdu, encodeSpdu } from '../../src/routable/spdu.js';

const FOLDER = path.join(__dirname, '../../../shared/corpus/pcap');

describe('R-GOOSE and the security extension in the captures', () => {
  before(function () {
    if (existsSync(FOLDER)) return;
    console.log('    skipped: there is no ../shared/corpus');
    this.skip();
  });

  const files = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  const frames = (file: string): EthernetFrame[] =>
    [...readCapture(readFileSync(path.join(FOLDER, file)))].map(({ octets }) => decodeFrame(octets));

  /** Content of every UDP datagram, whatever its port. */
  function datagrams(file: string): Buffer[] {
    return frames(file).flatMap(({ etherType, payload }) => {
      if (etherType === IpEtherType.v4 && payload[9] === 17) {
        return [payload.subarray(((payload[0] as number) & 15) * 4 + 8, payload.readUInt16BE(2))];
      }
      return etherType === IpEtherType.v6 && payload[6] === 17 ? [payload.subarray(48)] : [];
    });
  }

  it('every SPDU comes back octet for octet, and every other datagram is refused', () => {
    let sessions = 0;
    let others = 0;
    for (const octets of files.flatMap(datagrams)) {
      let spdu;
      try {
        spdu = decodeSpdu(octets);
      } catch (error) {
        assert.ok(error instanceof Iec61850Error);
        others++;
        continue;
      }
      sessions++;
      assert.deepEqual(encodeSpdu(spdu), octets);
      assert.deepEqual(encodePayload(decodePayload(spdu.payload)), spdu.payload);
    }
    assert.ok(others > 50);
    // The corpus has none so far; whoever adds one is told here that it is read.
    if (sessions === 0)
      console.log('      no capture has R-GOOSE or R-SV: libiec61850 and tshark judge them (test/interop)');
  });

  it('the extensions of IEC 61850 Studio are found, for GOOSE and sampled values', () => {
    const found = files.flatMap((file) =>
      frames(file)
        .filter(({ etherType }) => etherType === EtherType.goose || etherType === EtherType.sampledValues)
        .filter(({ payload }) => hasExtension(payload))
        .flatMap(({ payload }) => {
          try {
            return [{ file, octets: splitFrame(payload).octets as Buffer }];
          } catch (error) {
            assert.ok(error instanceof Iec61850Error);
            return [];
          }
        }),
    );
    assert.deepEqual(
      found.map(({ file, octets }) => [file, octets.length, decodeExtension(octets)]),
      [
        ['kelecho-IEC-61850-Studio__goose.pcap', 32, undefined],
        ['kelecho-IEC-61850-Studio__sv.pcap', 32, undefined],
      ],
    );
  });
});
