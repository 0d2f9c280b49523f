import { LimitError } from '../../errors.js';
import { MAX_MQTT_PAYLOAD } from '../../limits.js';
import type { TagValue } from '../../model/tag-value.js';
import type { MqttQos } from './message.js';
import type { Outbox } from './outbox.js';
import { contentOf, payloadOf, type EnumStyle } from './payload.js';
import type { TopicTable } from './tag-topics.js';
import type { TopicItem } from './topic-template.js';

export interface PublisherOptions {
  qos: MqttQos;
  retain: boolean;
  enumStyle: EnumStyle;
  /** Publish a topic only when its content has changed since it was last published. */
  onlyChanges: boolean;
}

/** Turns tag values into messages of one outbox. */
export class TagPublisher {
  private readonly lastContent: Map<string, string> | undefined;

  constructor(
    private readonly options: PublisherOptions,
    private readonly topics: TopicTable,
    private readonly outbox: Outbox,
  ) {
    if (options.onlyChanges) this.lastContent = new Map();
  }

  /**
   * Queues the messages of one tag value, all or none.
   * @returns How many messages were queued.
   * @throws MqttError when another tag has the same topic, ArgumentError or LimitError when the value has no topic or
   * is too large.
   */
  publish(value: TagValue): number {
    const { topics, clash } = this.topics.of(value);
    if (clash) throw clash;
    const candidates: Candidate[] = [];
    for (const { item, topic } of topics) {
      const payload = payloadOf(value, item, this.options.enumStyle);
      if (payload === undefined) continue;
      if (payload.length > MAX_MQTT_PAYLOAD) {
        throw new LimitError(
          `"${topic}" would carry ${payload.length} characters`,
          'Choose a smaller part of the structure.',
          {
            ied: value.ied,
            tag: value.tag,
          },
        );
      }
      candidates.push({ item, topic, payload });
    }
    const { qos, retain } = this.options;
    const news = this.lastContent ? candidates.filter((candidate) => this.isNews(value, candidate)) : candidates;
    for (const { topic, payload } of news) this.outbox.push({ topic, payload, qos, retain });
    return news.length;
  }

  /** A message on this topic was lost: whatever comes next is news. */
  forget(topic: string): void {
    this.lastContent?.delete(topic);
  }

  private isNews(value: TagValue, { item, topic, payload }: Candidate): boolean {
    const content = contentOf(value, item, payload);
    if (this.lastContent?.get(topic) === content) return false;
    this.lastContent?.set(topic, content);
    return true;
  }
}

interface Candidate {
  item: TopicItem;
  topic: string;
  payload: string;
}
