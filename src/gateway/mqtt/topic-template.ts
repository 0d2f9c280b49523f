/**
 * MQTT topics of a tag: a layout that the user writes, `{root}/{ied}/{tag}/{item}` by default, filled with names that
 * may hold anything (MQTT 3.1.1 §4.7, MQTT 5.0 §4.7).
 */
import { ArgumentError } from '../../errors.js';
import { MAX_MQTT_TOPIC_BYTES } from '../../limits.js';
import { parseReference } from '../../model/reference.js';
import type { TagValue } from '../../model/tag-value.js';

/** What is published of a tag; each is the last level of a topic by default. */
export const TOPIC_ITEMS = ['value', 'quality', 'status', 'state'] as const;
export type TopicItem = (typeof TOPIC_ITEMS)[number];

export const DEFAULT_TOPIC_LAYOUT = '{root}/{ied}/{tag}/{item}';
export const DEFAULT_TOPIC_ROOT = 'iec61850';

/** `{do}` is everything after the logical node, `Pos` or `Pos.stVal`. */
const PLACEHOLDERS = ['root', 'ied', 'tag', 'ld', 'ln', 'do', 'fc', 'item'] as const;
type Placeholder = (typeof PLACEHOLDERS)[number];

/** What of a tag value a topic is made of. */
export type TopicSubject = Pick<TagValue, 'ied' | 'tag' | 'reference' | 'fc'>;

/**
 * Characters that a name may not bring into a topic: level and wildcard characters, white space, control characters,
 * and the code points that MQTT 5.0 §1.5.4 advises against (U+FEFF would be dropped by some clients).
 */
// eslint-disable-next-line no-control-regex -- control characters are what this is about
const UNSAFE = /[/+#\s\u0000-\u001f\u007f-\u009f\ufeff\ufffe\uffff\ufdd0-\ufdef]|\p{Surrogate}/gu;
// eslint-disable-next-line no-control-regex -- as above; a literal may hold spaces and slashes
const UNSAFE_LITERAL = /[+#\u0000-\u001f\u007f-\u009f\ufeff\ufffe\uffff\ufdd0-\ufdef]|\p{Surrogate}/u;

/** One level of a topic from a name: `/`, `+`, `#`, white space, control characters and a leading `$` become `_`. */
export function topicLevel(name: string): string {
  const level = name.replace(UNSAFE, '_').replace(/^\$/, '_');
  return level === '' ? '_' : level;
}

/**
 * The root of all topics, without slashes at its ends; it may have several levels.
 * @throws ArgumentError when it is empty or not part of a topic name.
 */
export function topicRoot(text: string): string {
  const root = text.trim().replace(/^\/+|\/+$/g, '');
  if (root === '') throw new ArgumentError('The root topic is empty', 'Give one, such as iec61850 or plant1/bay2.');
  if (root.startsWith('$')) {
    throw new ArgumentError(
      `The root topic "${root}" begins with $`,
      'Topics with $ belong to the broker; choose another.',
    );
  }
  if (root.includes('//'))
    throw new ArgumentError(`The root topic "${root}" has an empty level`, 'Remove one of the slashes.');
  refuseUnsafe(root, 'root topic');
  return root;
}

function refuseUnsafe(text: string, what: string): void {
  const found = UNSAFE_LITERAL.exec(text);
  if (!found) return;
  const shown = /[+#]/.test(found[0]) ? found[0] : `U+${(found[0].codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  throw new ArgumentError(
    `The ${what} "${text}" contains ${shown}`,
    'Wildcards and control characters cannot be in a topic.',
  );
}

/** Topic under which a gateway announces `online` and `offline`. */
export function announcementTopic(root: string): string {
  return `${topicRoot(root)}/status`;
}

export class TopicTemplate {
  private readonly parts: ReadonlyArray<{ literal: string } | { name: Placeholder }>;
  private readonly needsReference: boolean;
  readonly root: string;

  /**
   * @param layout Text with `{root}`, `{ied}`, `{tag}`, `{ld}`, `{ln}`, `{do}`, `{fc}` and `{item}`.
   * @param items What will be published; more than one needs `{item}` in the layout.
   * @throws ArgumentError that says what is wrong with layout or root.
   */
  constructor(layout: string, root: string, items: readonly TopicItem[] = TOPIC_ITEMS) {
    this.root = topicRoot(root);
    const text = layout.trim();
    if (text === '') throw new ArgumentError('The topic layout is empty', `Write ${DEFAULT_TOPIC_LAYOUT}.`);
    this.parts = parseLayout(text);
    const names = new Set(this.parts.flatMap((part) => ('name' in part ? [part.name] : [])));
    if (items.length > 1 && !names.has('item')) {
      throw new ArgumentError(
        `The topic layout "${text}" gives ${items.join(', ')} one topic`,
        'Add {item} to the layout, or publish one of them only.',
      );
    }
    if (!names.has('tag') && !names.has('do')) {
      throw new ArgumentError(
        `The topic layout "${text}" gives all tags one topic`,
        'Add {tag}, or {ld}, {ln} and {do}.',
      );
    }
    this.needsReference = names.has('ld') || names.has('ln') || names.has('do');
  }

  /**
   * Topic of one item of a tag.
   * @throws ArgumentError when the layout asks for parts of a reference that the tag does not have, or the topic
   * would be too long.
   */
  topic(subject: TopicSubject, item: TopicItem): string {
    const names = this.names(subject);
    let topic = '';
    for (const part of this.parts) {
      if ('literal' in part) topic += part.literal;
      else if (part.name === 'root') topic += this.root;
      else topic += part.name === 'item' ? item : topicLevel(names[part.name]);
    }
    if (topic.length * 3 > MAX_MQTT_TOPIC_BYTES && Buffer.byteLength(topic) > MAX_MQTT_TOPIC_BYTES) {
      throw new ArgumentError(`The topic of ${subject.tag.slice(0, 64)}… has more than ${MAX_MQTT_TOPIC_BYTES} octets`);
    }
    return topic;
  }

  /** Names of a tag that stand in its topics with other characters, `A/1` with `A_1`. */
  replaced(subject: TopicSubject): Array<{ name: string; level: string }> {
    const names = this.names(subject);
    return this.parts.flatMap((part) => {
      if ('literal' in part || part.name === 'root' || part.name === 'item') return [];
      const name = names[part.name];
      const level = topicLevel(name);
      return level === name ? [] : [{ name, level }];
    });
  }

  private names(subject: TopicSubject): Record<Exclude<Placeholder, 'root' | 'item'>, string> {
    const names = { ied: subject.ied, tag: subject.tag, fc: subject.fc ?? '', ld: '', ln: '', do: '' };
    if (this.needsReference) {
      const reference = parseReference(subject.reference ?? '');
      names.ld = reference.logicalDevice;
      names.ln = reference.logicalNode;
      names.do = reference.path.join('.');
    }
    return names;
  }
}

function parseLayout(layout: string): Array<{ literal: string } | { name: Placeholder }> {
  if (layout.startsWith('/') || layout.endsWith('/') || layout.includes('//')) {
    throw new ArgumentError(
      `The topic layout "${layout}" has an empty level`,
      'Remove slashes at the ends and double ones.',
    );
  }
  if (layout.startsWith('$')) {
    throw new ArgumentError(`The topic layout "${layout}" begins with $`, 'Topics with $ belong to the broker.');
  }
  refuseUnsafe(layout, 'topic layout');
  const parts: Array<{ literal: string } | { name: Placeholder }> = [];
  for (const piece of layout.split(/(\{[^{}]*\})/)) {
    if (piece === '') continue;
    const name = /^\{(.*)\}$/.exec(piece)?.[1];
    if (name === undefined) parts.push({ literal: piece });
    else if ((PLACEHOLDERS as readonly string[]).includes(name)) parts.push({ name: name as Placeholder });
    else {
      const known = PLACEHOLDERS.map((placeholder) => `{${placeholder}}`).join(', ');
      throw new ArgumentError(`The topic layout has no part ${piece}`, `Use ${known}.`);
    }
  }
  return parts;
}
