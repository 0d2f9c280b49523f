/** What is known about an MQTT broker, independent of who configured it. */
import { createHash, randomBytes } from 'node:crypto';
import { ArgumentError } from '../../errors.js';

/** MQTT 3.1, 3.1.1 and 5.0 by the level that goes on the wire. */
export type MqttVersion = 3 | 4 | 5;

export interface BrokerSettings {
  /** `mqtt://host:1883`, `mqtts://host:8883`, `ws://host/path` or `wss://host/path`. */
  url: string;
  version: MqttVersion;
  username?: string;
  password?: string;
  /** Seconds; 0 turns it off. */
  keepalive: number;
  clientId: string;
  tls?: BrokerTls;
  /** Handed to the WebSocket as it is, for proxies. */
  webSocketOptions?: object;
  /** User properties of CONNECT, MQTT 5 only. */
  userProperties?: Record<string, string | string[]>;
}

export interface BrokerTls {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  passphrase?: string;
  servername?: string;
  alpnProtocols?: string[];
  /** False accepts any certificate. */
  verify: boolean;
}

/** `tcp` and `ssl` are other names of `mqtt` and `mqtts` that people write. */
const PROTOCOLS = new Set(['mqtt:', 'mqtts:', 'tcp:', 'ssl:', 'tls:', 'ws:', 'wss:']);

/** @throws ArgumentError when the text is no URL of a broker. */
export function checkBrokerUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !PROTOCOLS.has(url.protocol) || url.hostname === '') {
    throw new ArgumentError(
      `"${withoutSecrets(text)}" is not the address of an MQTT broker`,
      'Set host and port in the mqtt-broker node, or a URL that begins with mqtt, mqtts, ws or wss.',
    );
  }
}

/** The address of a broker as it may be shown: without user name, password and query. */
export function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//').replace(/\?.*$/s, '');
}

/** MQTT 3.1 allows 23 characters; later versions say that brokers may refuse longer ones and none does. */
const MAX_CLIENT_ID_3_1 = 23;

/**
 * A client id of our own beside that of the `mqtt-broker` node, the same for as long as the root is, so that a broker
 * replaces a half-dead connection by the new one.
 * @param configured Client id of the `mqtt-broker` node; without one a random id is made.
 */
export function clientIdFor(configured: string | undefined, root: string, version: MqttVersion): string {
  const base = configured || `nodered-${randomBytes(6).toString('hex')}`;
  const suffix = createHash('sha256').update(root).digest('hex').slice(0, 6);
  const id = `${base}-iec61850-${suffix}`;
  if (version !== 3 || id.length <= MAX_CLIENT_ID_3_1) return id;
  return createHash('sha256').update(id).digest('hex').slice(0, MAX_CLIENT_ID_3_1);
}
