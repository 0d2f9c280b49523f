import { MqttError, type MqttFailure } from '../../errors.js';
import { withoutSecrets, type BrokerSettings } from './broker.js';

type Explanation = readonly [failure: MqttFailure, what: string, hint: string];

const VERSION_HINT = 'Choose "MQTT V3.1.1" as the protocol in the mqtt-broker node.';
const CREDENTIALS_HINT = 'Check user name and password in the Security tab of the mqtt-broker node.';
const BUSY_HINT = 'The broker is reachable; look at its log. The connection is retried.';
const CLIENT_ID_HINT = 'Set another client id in the mqtt-broker node; ours is made from it.';

/** CONNACK of MQTT 3.1 and 3.1.1 (§3.2.2.3). */
const RETURN_CODES: Readonly<Record<number, Explanation>> = {
  1: ['PROTOCOL_VERSION', 'does not speak this version of MQTT', VERSION_HINT],
  2: ['CLIENT_ID', 'refuses the client id', CLIENT_ID_HINT],
  3: ['BROKER_BUSY', 'is not available', BUSY_HINT],
  4: ['CREDENTIALS', 'refuses user name or password', CREDENTIALS_HINT],
  5: ['NOT_AUTHORIZED', 'lets nobody in with this user name, password or client id', CREDENTIALS_HINT],
};

/** CONNACK and DISCONNECT of MQTT 5.0 (§3.2.2.2, §3.14.2.1). */
const REASON_CODES: Readonly<Record<number, Explanation>> = {
  // Brokers that know 3.1.1 only answer in its form.
  1: RETURN_CODES[1] as Explanation,
  132: ['PROTOCOL_VERSION', 'does not speak MQTT 5', VERSION_HINT],
  133: ['CLIENT_ID', 'refuses the client id', CLIENT_ID_HINT],
  134: ['CREDENTIALS', 'refuses user name or password', CREDENTIALS_HINT],
  135: ['NOT_AUTHORIZED', 'lets nobody in with this user name, password or client id', CREDENTIALS_HINT],
  136: ['BROKER_BUSY', 'is not available', BUSY_HINT],
  137: ['BROKER_BUSY', 'is busy', BUSY_HINT],
  138: ['NOT_AUTHORIZED', 'has banned this client', 'Ask whoever runs the broker.'],
  139: ['BROKER_BUSY', 'is shutting down', BUSY_HINT],
  140: ['CREDENTIALS', 'refuses the authentication method', CREDENTIALS_HINT],
  141: ['TIMEOUT', 'heard nothing for the keep-alive time', 'Check the network, or raise the keep-alive time.'],
  142: ['CLIENT_ID', 'was joined by another client with the same id', CLIENT_ID_HINT],
  149: [
    'MESSAGE_REFUSED',
    'received a packet that is too large for it',
    'Raise its packet size, or publish less in one tag.',
  ],
  151: ['BROKER_BUSY', 'has a quota that is used up', BUSY_HINT],
  154: ['SETTINGS', 'does not retain messages', 'Turn off Retain in this node.'],
  155: ['SETTINGS', 'does not support this QoS', 'Choose a lower QoS in this node.'],
  156: ['BROKER_BUSY', 'asks to use another server', 'Set the other server in the mqtt-broker node.'],
  157: ['BROKER_BUSY', 'has moved', 'Set the new server in the mqtt-broker node.'],
  159: ['BROKER_BUSY', 'gets too many connections', BUSY_HINT],
};

const SYSTEM_ERRORS: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: ['REFUSED', 'refuses the connection', 'Check that the broker runs and listens on this port.'],
  ENOTFOUND: ['UNKNOWN_HOST', 'has a host name that nobody knows', 'Check the spelling, or give an IP address.'],
  EAI_AGAIN: ['UNKNOWN_HOST', 'has a host name that cannot be resolved now', 'Check the DNS server of this machine.'],
  EHOSTUNREACH: ['UNREACHABLE', 'cannot be reached', 'Check address, cable, route and firewall.'],
  ENETUNREACH: ['UNREACHABLE', 'is in a network without a route', 'Check address, cable, route and firewall.'],
  ETIMEDOUT: ['TIMEOUT', 'does not answer', 'Check address, cable, route and firewall.'],
  ECONNRESET: [
    'CLOSED',
    'cut the connection',
    'Check that port and protocol (TLS or not, WebSocket or not) belong together.',
  ],
  EPIPE: ['CLOSED', 'cut the connection', 'Look at the log of the broker.'],
};

const TLS_HINTS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Its certificate is self-signed: load it as the CA certificate of the TLS node.',
  SELF_SIGNED_CERT_IN_CHAIN: 'Load the CA of the broker in the TLS node.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Load the CA of the broker in the TLS node.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'Load the CA of the broker in the TLS node.',
  CERT_HAS_EXPIRED: 'Renew its certificate, or set the clock of this machine.',
  CERT_NOT_YET_VALID: 'Set the clock of this machine.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for another name: set that as Server Name in the TLS node.',
};
const TLS_HINT = 'Check that the port is the one for TLS, and certificate, key and CA in the TLS node.';

/** What went wrong with a broker, from whatever the MQTT library or the socket said. */
export function brokerError(cause: unknown, settings: Pick<BrokerSettings, 'url' | 'version'>): MqttError {
  return brokerFault(settings, explain(cause, settings.version), cause);
}

/** An error about a broker: what kind, what the broker does or did, and what to do about it. */
export function brokerFault(
  settings: Pick<BrokerSettings, 'url'>,
  explanation: Explanation,
  cause?: unknown,
): MqttError {
  const [failure, what, hint] = explanation;
  return new MqttError(failure, `MQTT broker ${withoutSecrets(settings.url)} ${what}`, hint, { cause });
}

function explain(cause: unknown, version: number): Explanation {
  if (!(cause instanceof Error)) {
    return ['CLOSED', 'closed the connection', 'Look at its log; protocol version, TLS or the client id may be why.'];
  }
  const { code } = cause as Error & { code?: unknown };
  if (typeof code === 'number') {
    const row = (version === 5 ? REASON_CODES : RETURN_CODES)[code];
    return row ?? ['CLOSED', `refuses the connection with code ${code}`, 'Look at the log of the broker.'];
  }
  if (typeof code === 'string') {
    // A plain port that is spoken to in TLS cuts the connection, too; only the text tells.
    const isTls = isTlsCode(code) || /TLS|SSL/.test(cause.message);
    if (isTls) return ['TLS', `fails the TLS handshake (${code})`, TLS_HINTS[code] ?? TLS_HINT];
    const row = SYSTEM_ERRORS[code];
    if (row) return row;
  }
  if (/connack timeout/i.test(cause.message)) {
    return ['TIMEOUT', 'does not answer', 'Check address, route and firewall, and that the port is the one for MQTT.'];
  }
  if (/keepalive timeout/i.test(cause.message)) {
    return ['TIMEOUT', 'does not answer any more', 'Check the network and the load of the broker.'];
  }
  const http = /Unexpected server response: (\d+)/.exec(cause.message);
  if (http) return ['SETTINGS', `answers with HTTP ${http[1]}`, 'Check the path of the WebSocket URL, often /mqtt.'];
  return ['CLOSED', `failed: ${cause.message}`, 'Look at the log of the broker.'];
}

function isTlsCode(code: string): boolean {
  return code in TLS_HINTS || /^(EPROTO|ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|HOSTNAME_MISMATCH)/.test(code);
}

/** A publish that the broker refused (MQTT 5.0 §3.4.2.1). */
export function refusalError(cause: Error, topic: string, settings: Pick<BrokerSettings, 'url'>): MqttError {
  return new MqttError(
    'MESSAGE_REFUSED',
    `MQTT broker ${withoutSecrets(settings.url)} refuses a message on "${topic}": ${cause.message}`,
    'Check the access rules and quotas of the broker for this topic.',
    { cause },
  );
}
