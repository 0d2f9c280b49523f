/** The script of docs/process-bus.md, against the recording of the package. */
import assert from 'node:assert/strict';
import path from 'node:path';
import {
  CaptureLink,
  EtherType,
  GoosePublishing,
  GooseReceiver,
  gooseSubscription,
  IedServer,
  loadScl,
  typedModel,
  type FrameLink,
  type OutgoingFrame,
  type TagValue,
} from '../../../src/index.js';

const EXAMPLES = path.join(__dirname, '../../../examples');

describe('GOOSE from a script', () => {
  it('is listened to with the names of an SCL file', async () => {
    const scl = await loadScl(path.join(EXAMPLES, 'scl/bay.cid'), { path: true });
    const subscription = gooseSubscription(scl.model('BAY1'), 'BAY1CTRL/LLN0.gcbPositions');
    const receiver = new GooseReceiver({ subscriptions: [subscription] });
    let link: FrameLink | undefined;
    try {
      const values = await new Promise<TagValue[]>((resolve, reject) => {
        receiver.once('values', resolve);
        const file = path.join(EXAMPLES, 'recordings/goose-positions.pcap');
        CaptureLink.open(file, { frame: (frame, time) => receiver.receive(frame, time) }, { speed: Infinity }).then(
          (opened) => (link = opened).listen({ etherTypes: [EtherType.goose] }),
          reject,
        );
      });
      assert.deepEqual(values.map(({ tag, text }) => [tag, text])[0], ['CTRL.XCBR1.Pos.stVal', 'Closed']);
    } finally {
      await link?.close();
      receiver.close();
    }
  });

  it('is published without an SCL file', () => {
    const { model } = typedModel({
      ...{ gocbRef: 'TEST/LLN0$GO$g', confRev: 1, address: { mac: '01-0C-CD-01-00-01', appId: 1 } },
      members: [{ name: 'Trip', type: 'BOOLEAN', initial: 'false' }],
    });
    const sent: OutgoingFrame[] = [];
    const failed = (error: Error): void => assert.fail(error);
    const publishing = new GoosePublishing(
      IedServer.fromModel(model),
      {},
      { send: (frame) => void sent.push(frame), failed },
    );
    publishing.close();
    assert.equal(sent[0]?.destination, '01-0C-CD-01-00-01');
  });
});
