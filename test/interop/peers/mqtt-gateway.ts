/** Our MQTT publisher as a process that a test can kill: mqtt-gateway.ts PORT VERSION. Publishes one tag and stays. */
import { MqttLink } from '../../../src/gateway/mqtt/mqtt-link.js';
import { Outbox } from '../../../src/gateway/mqtt/outbox.js';
import { TagPublisher } from '../../../src/gateway/mqtt/tag-publisher.js';
import { TopicTable } from '../../../src/gateway/mqtt/tag-topics.js';
import { DEFAULT_TOPIC_LAYOUT, TOPIC_ITEMS, TopicTemplate } from '../../../src/gateway/mqtt/topic-template.js';
import type { MqttVersion } from '../../../src/gateway/mqtt/broker.js';
import { qualityFromBits } from '../../../src/model/quality.js';
import type { TagValue } from '../../../src/model/tag-value.js';

export const ROOT_TOPIC = 'station';

/** A breaker position as a read node gives it. */
export const POSITION: TagValue = {
  ied: 'PEER',
  tag: 'CTRL.XCBR1.Pos',
  reference: 'PEERCTRL/XCBR1.Pos',
  fc: 'ST',
  type: 'Dbpos',
  value: 2,
  text: 'Closed',
  quality: qualityFromBits(0),
  timestamp: '2024-05-06T07:08:09.123Z',
  timeQuality: { leapSecondsKnown: false, clockFailure: false, clockNotSynchronized: false, accuracy: 10 },
  received: '2024-05-06T07:08:09.200Z',
  status: 'live',
  source: 'poll',
  sequence: 1,
};

function main(port: string, version: MqttVersion): void {
  const link = new MqttLink({
    settings: { url: `mqtt://127.0.0.1:${port}`, version, keepalive: 60, clientId: 'interop' },
    root: ROOT_TOPIC,
    qos: 1,
  });
  const outbox = new Outbox({ capacity: 100 });
  const topics = new TopicTable(new TopicTemplate(DEFAULT_TOPIC_LAYOUT, ROOT_TOPIC), TOPIC_ITEMS, link.claims);
  const publisher = new TagPublisher({ qos: 1, retain: true, enumStyle: 'text', onlyChanges: false }, topics, outbox);
  link.join(outbox, { changed: () => undefined, trouble: (error) => console.error(error.message) });
  link.start();
  publisher.publish(POSITION);
}

if (require.main === module) main(process.argv[2] as string, Number(process.argv[3]) as MqttVersion);
