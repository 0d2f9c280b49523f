import assert from 'node:assert/strict';
import { ArgumentError } from '../../src/errors.js';
import { fixedLengthData } from '../../src/goose/fixed-length.js';
import { decodeGoosePdu, encodeGooseFrame } from '../../src/goose/goose-pdu.js';
import { GoosePublisher } from '../../src/goose/publisher.js';
import { encodeData } from '../../src/mms/data-codec.js';
import type { MmsData } from '../../src/mms/data.js';
import type { BasicType } from '../../src/model/ied-model.js';
import type { MemberNode } from '../../src/model/member-node.js';
import type { TagType } from '../../src/model/tag-value.js';
import { decodeApplicationHeader } from '../../src/mms/application-header.js';
import { goosePdu } from './frames.js';

const member = (type: TagType, basicType?: BasicType, children: MemberNode[] = []): MemberNode => ({
  name: 'x',
  type,
  ...(basicType && { basicType }),
  children,
});
const hex = (data: MmsData, node: MemberNode): string => fixedLengthData(encodeData(data), [node]).toString('hex');

describe('GOOSE of fixed length (FixedOffs)', () => {
  for (const [basic, type, data, expected] of [
    ['INT8', 'Int8', { type: 'integer', value: -1 }, '8502ffff'],
    ['INT16', 'Int16', { type: 'integer', value: 1 }, '8503000001'],
    ['INT24', 'Int32', { type: 'integer', value: -2 }, '8504fffffffe'],
    ['INT32', 'Int32', { type: 'integer', value: 2_147_483_647 }, '8505007fffffff'],
    ['INT64', 'Int64', { type: 'integer', value: -1n }, '8509ffffffffffffffffff'],
    ['INT8U', 'UInt8', { type: 'unsigned', value: 255 }, '860200ff'],
    ['INT16U', 'UInt16', { type: 'unsigned', value: 0 }, '8603000000'],
    ['INT24U', 'UInt32', { type: 'unsigned', value: 1 }, '860400000001'],
    ['INT32U', 'UInt32', { type: 'unsigned', value: 4_294_967_295 }, '860500ffffffff'],
    ['Enum', 'Enum', { type: 'integer', value: 3 }, '85020003'],
    ['BOOLEAN', 'Boolean', { type: 'boolean', value: true }, '830101'],
    ['FLOAT32', 'Float32', { type: 'float', value: 1, width: 32 }, '8705083f800000'],
  ] as [BasicType, TagType, MmsData, string][]) {
    it(`${basic} takes ${expected.length / 2} octets with its header`, () => {
      assert.equal(hex(data, member(type, basic)), expected);
    });
  }

  it('a member of a structure is as long as it would be alone', () => {
    const node = member('Structure', undefined, [member('Enum', 'Enum'), member('UInt16', 'INT16U')]);
    const data: MmsData = {
      type: 'structure',
      items: [
        { type: 'integer', value: 1 },
        { type: 'unsigned', value: 2 },
      ],
    };
    assert.equal(hex(data, node), 'a209850200018603000002');
  });

  it('an enumeration beyond 8 bits, and a text, keep the length that they have', () => {
    assert.equal(hex({ type: 'integer', value: 300 }, member('Enum', 'Enum')), '8502012c');
    assert.equal(hex({ type: 'visible-string', value: 'ab' }, member('VisibleString', 'VisString64')), '8a026162');
  });

  it('other values than the model has are refused', () => {
    const two = Buffer.concat([
      encodeData({ type: 'boolean', value: true }),
      encodeData({ type: 'boolean', value: true }),
    ]);
    assert.throws(() => fixedLengthData(two, [member('Boolean')]), ArgumentError);
    assert.throws(() => fixedLengthData(Buffer.alloc(0), [member('Boolean')]), ArgumentError);
  });

  it('numbers of the header have five octets, and mean the same', () => {
    const pdu = goosePdu({ allData: [], stNum: 0xffffffff, confRev: 1 });
    const octets = encodeGooseFrame(pdu, Buffer.alloc(0), 0, true);
    assert.ok(
      octets.includes(Buffer.from('850500ffffffff', 'hex')) && octets.includes(Buffer.from('88050000000001', 'hex')),
    );
    assert.deepEqual(decodeGoosePdu(octets), pdu);
  });

  it('a repeat has its numbers where the frame before it had them, however they grow', () => {
    const publisher = new GoosePublisher({
      ...{ appId: 1, gocbRef: 'A/LLN0$GO$g', datSet: 'A/LLN0$d', goId: 'g', confRev: 1, fixedLength: true },
    });
    let frame = publisher.publish([{ type: 'boolean', value: true }], { seconds: 1, fraction: 0, quality: 0 }, 0);
    const { length } = frame;
    for (let i = 0; i < 300; i++) frame = publisher.tick(publisher.nextWakeup as number) as Buffer;
    assert.equal(frame.length, length);
    const { start, end } = decodeApplicationHeader(frame);
    assert.equal(decodeGoosePdu(frame, start, end).sqNum, 301);
  });
});
