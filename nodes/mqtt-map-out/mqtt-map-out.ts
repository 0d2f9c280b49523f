/** Node: publishes tag values to an MQTT broker. */
import { createNode } from '../shared/create-node.js';
import { ArgumentError, Iec61850Error, MqttError } from '../../src/errors.js';
import { LinkPool } from '../../src/gateway/mqtt/link-pool.js';
import { OFFLINE, type LinkListener, type MqttLink } from '../../src/gateway/mqtt/mqtt-link.js';
import { withoutSecrets } from '../../src/gateway/mqtt/broker.js';
import { Outbox, type DropReason } from '../../src/gateway/mqtt/outbox.js';
import { publisherStatus } from '../../src/gateway/mqtt/status-text.js';
import { TagPublisher } from '../../src/gateway/mqtt/tag-publisher.js';
import { TopicTable } from '../../src/gateway/mqtt/tag-topics.js';
import { announcementTopic, TopicTemplate } from '../../src/gateway/mqtt/topic-template.js';
import { nodeEnvironment } from '../shared/environment.js';
import { explainTogether } from '../shared/explain-together.js';
import { explain } from '../shared/explain.js';
import { migrate } from '../shared/migrate.js';
import { monitor, watched } from '../shared/monitor/registry.js';
import type { Done, Node, NodeMessageInFlow, RED } from '../shared/red.js';
import { refuseAll } from '../shared/refuse-all.js';
import { StatusLine } from '../shared/status.js';
import { tagInput } from '../shared/tag-input.js';
import { brokerNode, brokerSettings } from './broker-settings.js';
import { MIGRATIONS, readConfig, type MqttMapOutConfig, type MqttMapOutDef } from './config.js';
import { registerPreviewRoute } from './preview-route.js';

const STATUS_INTERVAL_MS = 1000;

export = function (red: RED): void {
  const links = new LinkPool();

  function MqttMapOut(this: Node, saved: MqttMapOutDef): void {
    createNode(red, this, saved);
    const status = new StatusLine(this);
    try {
      const config = readConfig(migrate(saved, MIGRATIONS), nodeEnvironment(red, this));
      const broker = brokerNode(red, saved.broker);
      if (!broker) {
        throw new ArgumentError(
          'No MQTT broker is chosen',
          'Choose an mqtt-broker in the node, and see that it is enabled.',
        );
      }
      publish(this, status, config, broker, links);
    } catch (error) {
      refuseAll(this, status, error);
    }
  }

  red.nodes.registerType('mqtt-map-out', MqttMapOut);
  registerPreviewRoute(red);
};

function publish(node: Node, status: StatusLine, config: MqttMapOutConfig, broker: Node, links: LinkPool): void {
  const template = new TopicTemplate(config.layout, config.root, config.items);
  const settings = brokerSettings(broker, template.root);
  if (settings.tls?.verify === false) {
    node.warn(
      'The certificate of the MQTT broker is not verified: choose a TLS configuration in the mqtt-broker node.',
    );
  }
  const announcement = announcementTopic(template.root);
  const drops = new DropReporter(node, announcement, config.queue);
  const key = `${broker.id}\n${template.root}`;
  const link = links.acquire(key, { settings, root: template.root, qos: config.qos });
  const outbox = new Outbox({
    capacity: config.queue,
    resendRetained: config.resendRetained && config.retain,
    onDropped: (message, reason) => {
      publisher.forget(message.topic);
      drops.dropped(reason);
    },
  });
  const topics = new TopicTable(template, config.items, link.claims);
  const publisher = new TagPublisher(config, topics, outbox);
  const showStatus = statusShower(status, link, outbox, topics);
  link.join(outbox, linkListener(node, announcement, showStatus));
  showStatus();
  const timer = setInterval(() => {
    showStatus();
    drops.tick(outbox.dropped);
  }, STATUS_INTERVAL_MS);

  const told = new WeakSet<Error>();
  node.on('input', (message: NodeMessageInFlow, _send, done: Done) => {
    done(explainTogether(publishMessage(publisher, message, told)));
  });
  const leave = monitor.add('mqtt', {
    ...watched(node),
    look: () => ({
      broker: withoutSecrets(settings.url),
      root: template.root,
      state: link.state,
      error: link.error,
      queued: outbox.size,
      published: outbox.delivered,
      dropped: outbox.dropped,
      refused: outbox.refused,
    }),
  });
  node.on('close', (done: () => void) => {
    leave();
    clearInterval(timer);
    status.close();
    const finish = (left: number): void => {
      topics.close();
      if (left > 0) node.warn(`${left} MQTT messages could not be sent any more and are discarded.`);
      done();
    };
    links.release(key, outbox).then(finish, () => finish(outbox.size));
  });
}

/** Queues what a message holds. @returns What is wrong with it; the rest is queued all the same. */
function publishMessage(publisher: TagPublisher, message: NodeMessageInFlow, told: WeakSet<Error>): unknown[] {
  const errors: unknown[] = [];
  try {
    const input = tagInput(message);
    errors.push(...input.errors);
    for (const value of input.values) {
      try {
        publisher.publish(value);
      } catch (error) {
        // A clash of topics lasts; it is told once and stays in the status.
        if (error instanceof MqttError && told.has(error)) continue;
        if (!(error instanceof Iec61850Error)) throw error;
        if (error instanceof MqttError) told.add(error);
        errors.push(error);
      }
    }
  } catch (error) {
    errors.push(error);
  }
  return errors;
}

/** Connection errors reach Catch nodes with a message of their own, for no message of the flow has caused them. */
function linkListener(node: Node, topic: string, showStatus: () => void): LinkListener {
  return {
    changed(state, error) {
      showStatus();
      if (error) node.error(explain(error), { topic, payload: OFFLINE });
      else if (state === 'online') node.log(`connected; announced at ${topic}`);
    },
    trouble: (error) => node.error(explain(error), { topic, payload: null }),
  };
}

function statusShower(status: StatusLine, link: MqttLink, outbox: Outbox, topics: TopicTable): () => void {
  let delivered = 0;
  let since = Date.now();
  let rate = 0;
  return () => {
    const elapsed = Date.now() - since;
    if (elapsed >= STATUS_INTERVAL_MS / 2) {
      rate = ((outbox.delivered - delivered) * 1000) / elapsed;
      delivered = outbox.delivered;
      since = Date.now();
    }
    const { state, error } = link;
    const { size: queued, dropped } = outbox;
    const { kind, text } = publisherStatus({ state, error, rate, queued, dropped, clashes: topics.clashes });
    status[kind](text);
  };
}

/** Tells of dropped messages twice: an error when it begins, and how many there were when it is over. */
class DropReporter {
  private told = 0;
  private seen = 0;
  private dropping = false;

  constructor(
    private readonly node: Node,
    private readonly topic: string,
    private readonly capacity: number,
  ) {}

  dropped(reason: DropReason): void {
    if (reason !== 'full' || this.dropping) return;
    this.dropping = true;
    const error = new MqttError(
      'QUEUE_FULL',
      `The queue of ${this.capacity} messages is full: the oldest are dropped`,
      'Look why the broker is away or slow, or raise the queue in the node.',
    );
    this.node.error(explain(error), { topic: this.topic, payload: null });
  }

  tick(dropped: number): void {
    const over = dropped === this.seen && dropped > this.told;
    this.seen = dropped;
    if (!over) return;
    this.node.warn(`${dropped - this.told} MQTT messages were dropped.`);
    this.told = dropped;
    this.dropping = false;
  }
}
