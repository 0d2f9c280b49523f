/**
 * One connection to a broker over mqtt.js, from CONNECT to its end. mqtt.js neither reconnects nor keeps messages here:
 * what has to be sent again is known to the outbox alone.
 */
import { connect, type IClientOptions, type IConnackPacket, type IStore, type MqttClient } from 'mqtt';
import { Readable } from 'node:stream';
import { MAX_MQTT_IN_FLIGHT, MQTT_CONNECT_TIMEOUT_MS } from '../../limits.js';
import type { BrokerSettings } from './broker.js';
import type { MqttMessage, MqttQos } from './message.js';

/** What a broker said about itself when it accepted the connection (MQTT 5.0 §3.2.2.3). */
export interface BrokerLimits {
  maximumQos: MqttQos;
  retainAvailable: boolean;
  receiveMaximum: number;
  /** Octets of a packet. */
  maximumPacketSize: number;
}

export interface ConnectionEvents {
  up(limits: BrokerLimits): void;
  /** The connection is over or never was; nothing follows. `cause` is absent when the broker just closed it. */
  down(cause: Error | undefined): void;
  /** A message on a subscribed topic. */
  received(topic: string, payload: string): void;
}

export interface BrokerConnection {
  /** `done` is called once, unless the connection ends first; with an error when the broker refuses the message. */
  publish(message: MqttMessage, done: (error?: Error) => void): void;
  subscribe(topic: string): void;
  /** Says good-bye, or destroys the socket after `timeout` ms; no event follows. */
  close(timeout: number): Promise<void>;
  /** Destroys the socket as if the network had; `down` follows with this cause. */
  fail(cause: Error): void;
}

/** @throws Error when the settings make no connection possible. */
export type OpenConnection = (
  settings: BrokerSettings,
  will: MqttMessage,
  events: ConnectionEvents,
) => BrokerConnection;

export const openMqttConnection: OpenConnection = (settings, will, events) =>
  new MqttJsConnection(settings, will, events);

class MqttJsConnection implements BrokerConnection {
  private readonly client: MqttClient;
  private cause: Error | undefined;
  private over = false;
  private onGone: (() => void) | undefined;
  private gone = false;

  constructor(
    settings: BrokerSettings,
    will: MqttMessage,
    private readonly events: ConnectionEvents,
  ) {
    this.client = connect(settings.url, clientOptions(settings, will));
    this.client.on('connect', (connack) => !this.over && events.up(brokerLimits(connack)));
    this.client.on('error', (error) => this.blame(error));
    // mqtt.js keeps errors without a code to itself, such as the HTTP answer to a WebSocket.
    this.client.stream.on('error', (error: Error) => this.blame(error));
    this.client.on('disconnect', ({ reasonCode }) => {
      if (reasonCode) this.blame(Object.assign(new Error('disconnected by the broker'), { code: reasonCode }));
    });
    this.client.on('message', (topic, payload) => !this.over && events.received(topic, payload.toString()));
    this.client.on('close', () => this.closed());
  }

  publish(message: MqttMessage, done: (error?: Error) => void): void {
    const { topic, payload, qos, retain } = message;
    this.client.publish(topic, payload, { qos, retain }, (error) => {
      // Errors without a reason code come from the library, when the connection ends; `down` tells of that.
      if (this.over || (error && typeof (error as { code?: unknown }).code !== 'number')) return;
      done(error ?? undefined);
    });
  }

  subscribe(topic: string): void {
    // A broker may forbid it; what depends on it is a courtesy.
    this.client.subscribe(topic, { qos: 0 }, () => undefined);
  }

  async close(timeout: number): Promise<void> {
    this.over = true;
    if (this.gone) return;
    await new Promise<void>((resolve) => {
      // Once the library ends in good order, it cannot be told to hurry; its socket can.
      const timer = setTimeout(() => this.client.stream.destroy(), timeout);
      this.onGone = () => {
        clearTimeout(timer);
        resolve();
      };
      this.client.end(!this.client.connected);
    });
  }

  fail(cause: Error): void {
    this.blame(cause);
    this.client.end(true);
  }

  private blame(error: Error): void {
    this.cause ??= error;
  }

  private closed(): void {
    if (this.gone) return;
    this.gone = true;
    // Stops timers of the library that a refused CONNACK leaves behind.
    this.client.end(true);
    this.onGone?.();
    if (this.over) return;
    this.over = true;
    this.events.down(this.cause);
  }
}

function clientOptions(settings: BrokerSettings, will: MqttMessage): IClientOptions {
  const { tls } = settings;
  return {
    clientId: settings.clientId,
    // A client id in the URL's query would replace ours.
    query: {},
    protocolVersion: settings.version,
    protocolId: settings.version === 3 ? 'MQIsdp' : 'MQTT',
    clean: true,
    keepalive: settings.keepalive,
    connectTimeout: MQTT_CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    incomingStore: forgetfulStore,
    outgoingStore: forgetfulStore,
    will: { topic: will.topic, payload: Buffer.from(will.payload), qos: will.qos, retain: will.retain },
    ...(settings.username !== undefined && { username: settings.username }),
    ...(settings.password !== undefined && { password: settings.password }),
    ...(settings.webSocketOptions && { wsOptions: settings.webSocketOptions }),
    ...(settings.version === 5 && {
      properties: {
        requestProblemInformation: true,
        ...(settings.userProperties && { userProperties: settings.userProperties }),
      },
    }),
    ...(tls && {
      rejectUnauthorized: tls.verify,
      ...(tls.ca !== undefined && { ca: tls.ca }),
      ...(tls.cert !== undefined && { cert: tls.cert }),
      ...(tls.key !== undefined && { key: tls.key }),
      ...(tls.passphrase !== undefined && { passphrase: tls.passphrase }),
      ...(tls.servername && { servername: tls.servername }),
      ...(tls.alpnProtocols && { ALPNProtocols: tls.alpnProtocols }),
    }),
  };
}

function brokerLimits(connack: IConnackPacket): BrokerLimits {
  const { maximumQoS, retainAvailable, receiveMaximum, maximumPacketSize } = connack.properties ?? {};
  return {
    maximumQos: maximumQoS === 0 || maximumQoS === 1 ? maximumQoS : 2,
    retainAvailable: retainAvailable !== false,
    receiveMaximum: Math.min(MAX_MQTT_IN_FLIGHT, receiveMaximum || MAX_MQTT_IN_FLIGHT),
    maximumPacketSize: maximumPacketSize || Number.POSITIVE_INFINITY,
  };
}

/** In place of mqtt.js's own stores, which would send again after a reconnect what our outbox sends again too. */
const forgetfulStore: IStore = {
  put(_packet, callback) {
    callback();
    return this;
  },
  createStream: () => Readable.from([]) as unknown as ReturnType<IStore['createStream']>,
  del(packet, callback) {
    callback(undefined, { cmd: 'puback', ...packet });
    return this;
  },
  get(_packet, callback) {
    callback(new Error('nothing is stored'));
    return this;
  },
  close: (callback) => callback(),
};
