import { LimitError, MqttError } from '../../errors.js';
import { MAX_TAGS } from '../../limits.js';
import type { TopicClaims } from './topic-claims.js';
import type { TopicItem, TopicSubject, TopicTemplate } from './topic-template.js';

/** The topics of one tag, in the order of the items that are published. */
export interface TagTopics {
  readonly reference: string;
  readonly topics: ReadonlyArray<{ readonly item: TopicItem; readonly topic: string }>;
  /** Set when another tag has one of the topics: this tag is not published. */
  readonly clash?: MqttError;
  /** The tag that has it. */
  readonly other?: string;
}

/** The topics of all tags that one publisher has met. They are made once a tag and claimed until it is closed. */
export class TopicTable {
  private readonly ieds = new Map<string, Map<string, TagTopics>>();
  private count = 0;
  /** Tags that are not published because another tag has their topic. */
  clashes = 0;

  constructor(
    private readonly template: TopicTemplate,
    private readonly items: readonly TopicItem[],
    private readonly claims: TopicClaims,
  ) {}

  /**
   * @throws ArgumentError when the layout does not fit the tag, LimitError when there are too many tags.
   */
  of(subject: TopicSubject): TagTopics {
    let tags = this.ieds.get(subject.ied);
    const known = tags?.get(subject.tag);
    if (known && known.reference === subject.reference && !known.clash) return known;
    const names = this.items.map((item) => ({ item, topic: this.template.topic(subject, item) }));
    // The other tag may have gone since; while it has not, the error stays the same object, so that it is told once.
    if (known?.clash && this.other(subject, names) === known.other) return known;
    if (known) this.forget(known);
    else if (this.count >= MAX_TAGS) {
      throw new LimitError(`More than ${MAX_TAGS} tags for one node`, 'Spread them over several mqtt-map-out nodes.');
    } else this.count++;
    const topics = this.claim(subject, names);
    if (!tags) this.ieds.set(subject.ied, (tags = new Map<string, TagTopics>()));
    tags.set(subject.tag, topics);
    return topics;
  }

  /** Gives all topics back. */
  close(): void {
    for (const tags of this.ieds.values()) for (const topics of tags.values()) this.forget(topics);
    this.ieds.clear();
    this.count = 0;
  }

  private claim(subject: TopicSubject, names: TagTopics['topics']): TagTopics {
    const owner = tagName(subject);
    for (const [index, { topic }] of names.entries()) {
      const other = this.claims.claim(topic, owner);
      if (other === undefined) continue;
      for (const { topic: claimed } of names.slice(0, index)) this.claims.release(claimed);
      this.clashes++;
      const clash = new MqttError(
        'TOPIC_CLASH',
        `${owner} is not published: its topic "${topic}" belongs to ${other}`,
        'Rename one of the two tags, or use a layout that tells them apart, such as {root}/{ied}/{ld}/{ln}/{do}/{item}.',
        { ied: subject.ied, tag: subject.tag },
      );
      return { reference: subject.reference, topics: [], clash, other };
    }
    return { reference: subject.reference, topics: names };
  }

  private other(subject: TopicSubject, names: TagTopics['topics']): string | undefined {
    const owner = tagName(subject);
    for (const { topic } of names) {
      const holder = this.claims.holder(topic);
      if (holder !== undefined && holder !== owner) return holder;
    }
    return undefined;
  }

  private forget(topics: TagTopics): void {
    if (topics.clash) this.clashes--;
    for (const { topic } of topics.topics) this.claims.release(topic);
  }
}

function tagName(subject: TopicSubject): string {
  return `${subject.ied}/${subject.tag}`;
}
