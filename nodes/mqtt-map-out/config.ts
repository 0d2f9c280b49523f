/** What a flow saves of an `mqtt-map-out` node, and what the node works with. */
import { ArgumentError } from '../../src/errors.js';
import type { MqttQos } from '../../src/gateway/mqtt/message.js';
import type { EnumStyle } from '../../src/gateway/mqtt/payload.js';
import {
  DEFAULT_TOPIC_LAYOUT,
  DEFAULT_TOPIC_ROOT,
  TOPIC_ITEMS,
  type TopicItem,
} from '../../src/gateway/mqtt/topic-template.js';
import { DEFAULT_MQTT_QUEUE, MAX_MQTT_QUEUE } from '../../src/limits.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text, wholeNumber } from '../shared/fields.js';
import type { Migration } from '../shared/migrate.js';
import type { VersionedDef } from '../shared/red.js';

export interface MqttMapOutDef extends VersionedDef {
  broker?: string;
  root?: string;
  layout?: string;
  /** Which of value, quality, status and state are published. */
  topics?: string[];
  enumStyle?: string;
  qos?: string | number;
  retain?: boolean;
  onlyChanges?: boolean;
  queue?: string | number;
  resendRetained?: boolean;
}

/** One step for each earlier form: version 1 is the first, so version 0 (never released) stays as it is. */
export const MIGRATIONS: ReadonlyArray<Migration<MqttMapOutDef>> = [(config) => config];

export interface MqttMapOutConfig {
  root: string;
  layout: string;
  items: TopicItem[];
  enumStyle: EnumStyle;
  qos: MqttQos;
  retain: boolean;
  onlyChanges: boolean;
  queue: number;
  resendRetained: boolean;
}

const MIN_QUEUE = 10;

/** @throws ArgumentError that names the field that is wrong. */
export function readConfig(saved: MqttMapOutDef, lookup: EnvironmentLookup): MqttMapOutConfig {
  const field = (value: unknown, name: string): string => expandEnvironment(text(value), lookup, name);
  return {
    root: field(saved.root, 'Root topic') || DEFAULT_TOPIC_ROOT,
    layout: field(saved.layout, 'Topic layout') || DEFAULT_TOPIC_LAYOUT,
    items: topicItems(saved.topics),
    enumStyle: saved.enumStyle === 'number' ? 'number' : 'text',
    qos: wholeNumber(field(saved.qos, 'QoS'), 'QoS', 0, 2, 1) as MqttQos,
    retain: saved.retain !== false,
    onlyChanges: saved.onlyChanges === true,
    queue: wholeNumber(field(saved.queue, 'Queue'), 'Queue', MIN_QUEUE, MAX_MQTT_QUEUE, DEFAULT_MQTT_QUEUE),
    resendRetained: saved.resendRetained === true,
  };
}

/** @throws ArgumentError when nothing is left to publish. */
function topicItems(saved: unknown): TopicItem[] {
  if (saved === undefined) return [...TOPIC_ITEMS];
  const items = TOPIC_ITEMS.filter((item) => Array.isArray(saved) && saved.includes(item));
  if (items.length === 0)
    throw new ArgumentError('No topic is chosen', 'Tick at least one of value, quality, status and state.');
  return items;
}
