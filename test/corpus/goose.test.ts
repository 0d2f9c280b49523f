import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readCapture } from '../../src/ethernet/capture/capture-file.js';
import { decodeFrame } from '../../src/ethernet/frame.js';
import { decodeApplicationHeader, encodeApplicationFrame, EtherType } from '../../src/mms/application-header.js';
import { GooseReceiver } from '../../src/gateway/process-bus/index.js';
import { GooseDecoder } from '../../src/goose/goose-decoder.js';
import { decodeGoosePdu, encodeGoosePdu } from '../../src/goose/goose-pdu.js';

const FOLDER = path.join(__dirname, '../../../shared/corpus/pcap');

/** Frames that mean the same when they come back, in other octets, and why. */
const OTHER_OCTETS: Readonly<Record<string, string>> = {
  'ITI-ICS-Security-Tools__GOOSE_DEMO.pcap':
    'its numbers have a fixed length with leading zeros, ours are as short as BER has them',
  'haolipeng-icsnpp-iec61850-goose__GOOSE_missing_go_id.pcap':
    'the length of its outermost element is in the long form',
  'kelecho-IEC-61850-Studio__goose.pcap': '32 octets of authentication follow the PDU, which are read past',
};

/** Captures whose frames do not follow the standard, and what is said of them. */
const MALFORMED: Readonly<Record<string, RegExp>> = {
  GOOSE_all_data_primitives_fallbacks: /unknown tag 0x88/,
  GOOSE_malformed_asn1: /gocbRef has tag/,
  GOOSE_missing_all_data: /allData is missing/,
  GOOSE_missing_conf_rev: /where confRev should be/,
  GOOSE_missing_dataset: /datSet has tag/,
  GOOSE_missing_gocb_ref: /gocbRef has tag/,
  GOOSE_missing_num_dat_set_entries: /where numDatSetEntries should be/,
  GOOSE_missing_timestamp: /where t should be/,
  GOOSE_truncated: /says 145 octets and has 133/,
  GOOSE_unsupported_tlv: /allData has tag 0x8c/,
};
const malformed = (file: string): RegExp | undefined => MALFORMED[/__(GOOSE_\w+)\.pcap$/.exec(file)?.[1] ?? ''];

describe('GOOSE of the captures', () => {
  before(function () {
    if (existsSync(FOLDER)) return;
    console.log('    skipped: there is no ../shared/corpus');
    this.skip();
  });

  const files = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith('.pcap')) : [];
  const frames = (file: string): Buffer[] =>
    [...readCapture(readFileSync(path.join(FOLDER, file)))]
      .map(({ octets }) => decodeFrame(octets))
      .filter(({ etherType }) => etherType === EtherType.goose)
      .map(({ payload }) => payload);

  it('is there', () => {
    assert.ok(files.flatMap(frames).length > 400);
  });

  for (const file of files.filter(malformed)) {
    it(`${file} is counted, and gives no message`, () => {
      const receiver = new GooseReceiver({ subscriptions: [], listen: true });
      receiver.on('values', () => assert.fail('values of a malformed frame'));
      const all = frames(file);
      for (const payload of all) {
        receiver.receive({ source: '00-00-00-00-00-01', destination: '01-0C-CD-01-00-01', payload }, 0);
        assert.throws(
          () => {
            const { start, end } = decodeApplicationHeader(payload);
            decodeGoosePdu(payload, start, end);
          },
          malformed(file) as RegExp,
        );
      }
      receiver.close();
      assert.equal(receiver.counts.malformed, all.length);
      assert.ok(all.length > 0);
    });
  }

  for (const file of files.filter((name) => !malformed(name) && frames(name).length > 0)) {
    const why = OTHER_OCTETS[file];
    it(`${file}: every frame comes back ${why ? `with the same meaning: ${why}` : 'octet for octet'}`, () => {
      const decoder = new GooseDecoder();
      for (const payload of frames(file)) {
        const { appId, simulated, start, end, after } = decodeApplicationHeader(payload);
        const pdu = decodeGoosePdu(payload, start, end);
        assert.deepEqual(decoder.decode(payload, start, end), pdu);
        const again = encodeApplicationFrame(appId, simulated, encodeGoosePdu(pdu));
        if (why) assert.deepEqual(decodeGoosePdu(again, 8), pdu);
        else assert.equal(again.toString('hex'), payload.toString('hex', 0, after));
      }
    });
  }
});
