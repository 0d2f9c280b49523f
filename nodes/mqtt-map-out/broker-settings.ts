/** Reads Node-RED's own `mqtt-broker` config node. */
import { ArgumentError } from '../../src/errors.js';
import {
  checkBrokerUrl,
  clientIdFor,
  type BrokerSettings,
  type BrokerTls,
  type MqttVersion,
} from '../../src/gateway/mqtt/broker.js';
import { text } from '../shared/fields.js';
import type { Node, RED } from '../shared/red.js';

/** What an instance of `mqtt-broker` has, as of Node-RED 4.1 and 5.0; older flows leave fields out. */
interface BrokerNode extends Node<{ user?: string; password?: string }> {
  brokerurl?: string;
  clientid?: string;
  keepalive?: number | string;
  username?: string;
  password?: string;
  usetls?: boolean;
  /** What the node itself would hand to mqtt.js; TLS material stands here in the clear. */
  options?: BrokerNodeOptions;
}

interface BrokerNodeOptions {
  username?: string;
  password?: string;
  protocolVersion?: number;
  properties?: { userProperties?: Record<string, string | string[]> };
  wsOptions?: object;
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  passphrase?: string;
  servername?: string;
  ALPNProtocols?: string[];
  rejectUnauthorized?: boolean;
}

const DEFAULT_KEEPALIVE_S = 60;

/** The `mqtt-broker` node of that id; undefined when none is chosen, or it was removed or disabled. */
export function brokerNode(red: RED, id: unknown): Node | undefined {
  if (typeof id !== 'string' || id === '') return undefined;
  const node = red.nodes.getNode(id) as Node | null | undefined;
  return node?.type === 'mqtt-broker' ? node : undefined;
}

/**
 * The settings of a broker, with a client id of our own for this root topic.
 * @throws ArgumentError when the address is none.
 */
export function brokerSettings(node: Node, root: string): BrokerSettings {
  const broker = node as BrokerNode;
  const options = broker.options ?? {};
  const url = text(broker.brokerurl);
  if (url === '')
    throw new ArgumentError('The mqtt-broker node has no address', 'Set the server in the mqtt-broker node.');
  checkBrokerUrl(url);
  const version = mqttVersion(options.protocolVersion);
  const keepalive = Number(broker.keepalive ?? DEFAULT_KEEPALIVE_S);
  const username = options.username ?? broker.credentials?.user;
  const password = options.password ?? broker.credentials?.password;
  const userProperties = options.properties?.userProperties;
  return {
    url,
    version,
    clientId: clientIdFor(text(broker.clientid), root, version),
    keepalive: Number.isInteger(keepalive) && keepalive >= 0 && keepalive <= 65535 ? keepalive : DEFAULT_KEEPALIVE_S,
    ...(username && { username }),
    ...(password && { password }),
    ...(options.wsOptions && { webSocketOptions: options.wsOptions }),
    ...(userProperties && { userProperties }),
    ...(isSecure(url, options) && { tls: tlsOf(options) }),
  };
}

function mqttVersion(version: number | undefined): MqttVersion {
  return version === 3 || version === 5 ? version : 4;
}

function isSecure(url: string, options: BrokerNodeOptions): boolean {
  return /^(mqtts|ssl|tls|wss):/i.test(url) || (options.cert !== undefined && options.key !== undefined);
}

function tlsOf(options: BrokerNodeOptions): BrokerTls {
  const { ca, cert, key, passphrase, servername, ALPNProtocols: alpnProtocols } = options;
  return {
    // The broker node itself says false when it has no TLS node; we follow, and the node warns.
    verify: options.rejectUnauthorized !== false,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername && { servername }),
    ...(alpnProtocols && { alpnProtocols }),
  };
}
