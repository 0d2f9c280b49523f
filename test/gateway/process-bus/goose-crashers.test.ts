/** GOOSE frames that crashed other stacks, and invalid ones that their listeners were told of, at our receiver. */
import assert from 'node:assert/strict';
import { ArgumentError } from '../../../src/errors.js';
import { GooseReceiver } from '../../../src/gateway/process-bus/index.js';
import { encodeGoosePdu, type GoosePdu } from '../../../src/goose/goose-pdu.js';
import { GoosePublisher } from '../../../src/goose/publisher.js';
import { encodeApplicationFrame } from '../../../src/mms/application-header.js';
import type { MmsData } from '../../../src/mms/data.js';
import { goosePdu, gooseValues } from '../../goose/frames.js';

const SOURCE = '00-11-22-33-44-01';
const NAME = 'BAY1CTRL/LLN0$GO$gcbTrip';

describe('a GOOSE receiver and what other stacks fell over', () => {
  let receiver: GooseReceiver;
  let told = 0;

  beforeEach(() => {
    told = 0;
    receiver = new GooseReceiver({
      subscriptions: [
        { ied: 'BAY1', appId: 1, expected: { gocbRef: NAME, confRev: 3, datSet: 'BAY1CTRL/LLN0$dsTrip' } },
      ],
      everyFrame: true,
    });
    receiver.on('values', () => told++);
  });
  afterEach(() => receiver.close());

  const give = (payload: Buffer): void =>
    receiver.receive({ source: SOURCE, destination: '01-0C-CD-01-00-01', payload }, 0);
  const frame = (different: Partial<GoosePdu> = {}, simulated = false): Buffer =>
    encodeApplicationFrame(1, simulated, encodeGoosePdu(goosePdu(different)));
  /** A frame with octets of the PDU replaced, its outermost length still right. */
  const replaced = (field: string, other: string): Buffer => {
    const hex = encodeGoosePdu(goosePdu()).toString('hex');
    assert.equal(hex.split(field).length, 2, `${field} stands once in ${hex}`);
    const content = Buffer.from(hex.slice(hex.indexOf('80')).replace(field, other), 'hex');
    return encodeApplicationFrame(1, false, Buffer.concat([Buffer.of(0x61, 0x81, content.length), content]));
  };

  describe('crashers (CVE-2026-50103, CVE-2026-66720, CVE-2026-66369, CVE-2026-66364, CVE-2022-1302)', () => {
    const pdu = encodeGoosePdu(goosePdu());
    for (const [what, payload] of [
      ['an inner length over the outer one', replaced('890100', '897f00')],
      ['a length of four octets that is larger than any memory', replaced('890100', '8984ffffffff00')],
      ['a bad TLV: a value without length', replaced('8a0103', '8a')],
      ['a t of four octets', replaced('84086553f1008000000a', '84046553f100')],
      ['a t without octets', replaced('84086553f1008000000a', '8400')],
      ['a tag of several octets', replaced('890100', '9f890100')],
      ['a tag that does not end', replaced('890100', '9fffffffff')],
      ['a BIT STRING of length 0', replaced('84030300', '8400')],
      ['a BIT STRING with 9 unused bits', replaced('84030300', '84030900')],
      ['an INTEGER without octets', replaced('850107', '8500')],
      ['an INTEGER of fixed length 18', replaced('850107', `8512${'00'.repeat(18)}`)],
      ['a FLOAT of fixed length 4 (tissue 817)', replaced('850107', '870440000000')],
      ['a frame of 22 octets with its Ethernet header', Buffer.from('0001000800000000', 'hex')],
      ['a frame that says no length', Buffer.from('0001000000000000', 'hex')],
      ['a PDU that ends in the middle', encodeApplicationFrame(1, false, pdu.subarray(0, pdu.length - 5))],
      ['values nested 1,000 deep', encodeApplicationFrame(1, false, nested(1000))],
    ] as const) {
      it(`${what}: counted, told to nobody, and the next frame is taken`, () => {
        give(payload);
        assert.deepEqual([receiver.counts.malformed, told], [1, 0]);
        give(frame());
        assert.deepEqual([receiver.counts.malformed, told], [1, 1]);
      });
    }

    it('numbers of fixed length are none: they mean the same', () => {
      give(replaced('850101', '85050000000001'));
      assert.deepEqual([receiver.counts.malformed, told], [0, 1]);
    });
  });

  describe('no listener hears of a frame that is not valid (libiec61850 #94, #286, #606, #607)', () => {
    for (const [what, payload] of [
      ['a duplicate', frame({ stNum: 5, sqNum: 5 })],
      ['a late one', frame({ stNum: 5, sqNum: 4 })],
      ['one of an earlier state, replayed', frame({ stNum: 4, sqNum: 9 })],
      ['one that begins anew with an old time', frame({ stNum: 1, sqNum: 1 })],
      ['a simulated one, by its PDU', frame({ stNum: 6, sqNum: 0, simulation: true })],
      ['a simulated one, by its header', frame({ stNum: 6, sqNum: 0 }, true)],
      ['one that needs commissioning', frame({ stNum: 6, sqNum: 0, ndsCom: true })],
      ['one of another confRev', frame({ stNum: 6, sqNum: 0, confRev: 4 })],
      ['one of another data set', frame({ stNum: 6, sqNum: 0, datSet: 'BAY1CTRL/LLN0$other' })],
      ['one with other values under the same stNum', frame({ stNum: 5, sqNum: 6, allData: gooseValues(false) })],
      ['one that is cut off', frame({ stNum: 6, sqNum: 0 }).subarray(0, 90)],
    ] as const) {
      it(what, () => {
        const values: unknown[] = [];
        give(frame({ stNum: 5, sqNum: 5 }));
        receiver.on('values', (all) => values.push(...all.filter(({ status }) => status === 'live')));
        give(payload);
        assert.deepEqual(values, []);
      });
    }
  });

  it('a publisher refuses a data set that no frame holds (CVE-2018-18834, CVE-2018-18957)', () => {
    const publisher = new GoosePublisher({ appId: 1, gocbRef: NAME, datSet: 'BAY1CTRL/LLN0$ds', confRev: 1 });
    const text = (length: number): MmsData => ({ type: 'visible-string', value: 'x'.repeat(length) });
    const t = { seconds: 0, fraction: 0, quality: 0 };
    assert.throws(() => publisher.publish([text(1400)], t, 0), ArgumentError);
    assert.throws(
      () =>
        publisher.publish(
          Array.from({ length: 2000 }, () => text(0)),
          t,
          0,
        ),
      ArgumentError,
    );
    assert.ok(publisher.publish([text(1200)], t, 0).length <= 1500);
  });
});

/** A PDU whose one value is a structure in a structure in a structure. */
function nested(depth: number): Buffer {
  let data: Buffer = Buffer.of(0x83, 1, 1);
  for (let i = 0; i < depth; i++) {
    const length = data.length;
    data = Buffer.concat([Buffer.of(0xa2, 0x82, length >> 8, length & 0xff), data]);
  }
  const hex = encodeGoosePdu(goosePdu({ allData: [{ type: 'boolean', value: true }] })).toString('hex');
  const head = Buffer.from(hex.slice(hex.indexOf('80'), hex.lastIndexOf('ab')), 'hex');
  const all = Buffer.concat([Buffer.of(0xab, 0x82, data.length >> 8, data.length & 0xff), data]);
  const length = head.length + all.length;
  return Buffer.concat([Buffer.of(0x61, 0x82, length >> 8, length & 0xff), head, all]);
}
