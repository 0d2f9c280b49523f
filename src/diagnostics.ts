/**
 * What happens inside the package, for whoever measures and traces it (OpenTelemetry above all), by channels of Node.js
 * (`node:diagnostics_channel`). A message is made only while somebody subscribes. Messages are plain objects without
 * secrets; a subscriber is called at once, in the middle of the work, and must be quick.
 */
import { channel, type Channel } from 'node:diagnostics_channel';
import type { Iec61850Error } from './errors.js';

/** An error as it leaves the process: no stack, no cause. */
export interface DiagnosticError {
  /** Stable code, such as `IEC61850_TIMEOUT`. */
  code: string;
  message: string;
}

/** `iec61850:session:state`: a client's session with one IED has entered a state. */
export interface SessionStateMessage {
  /** Name of the IED. */
  ied: string;
  state: 'idle' | 'connecting' | 'online' | 'offline';
  /** Address that is tried or in use. */
  host?: string;
  port?: number;
  /** Why it is offline. */
  error?: DiagnosticError;
  /** ms until the next attempt, while offline. */
  retryIn?: number;
}

/** Selectors as they were sent: hex text, absent when none was. */
export interface SelectorPair {
  local: { tSelector?: string; sSelector?: string; pSelector?: string };
  remote: { tSelector?: string; sSelector?: string; pSelector?: string };
}

/** `iec61850:association:open`: an association of the client role stands. */
export interface AssociationOpenMessage {
  ied: string;
  host: string;
  port: number;
  /** Octets of the largest MMS PDU that both ends take. */
  maxPduSize: number;
  /** Confirmed requests that may wait for their answers at a time. */
  maxOutstanding: number;
  nestingLevel: number;
  /** Whether AP-title and AE-qualifier were sent. */
  profile: 'named' | 'unnamed';
  /** Edition that the user says the IED is of; absent when the IED itself decides. */
  edition?: '1' | '2' | '2.1';
  /** Protocol and cipher; absent on a plain connection. */
  tls?: { version: string; cipher: string };
  /** How the association was authenticated in ACSE. */
  authentication: 'none' | 'password' | 'certificate';
  selectors: SelectorPair;
  /** ms from the first octet of TCP to the association. */
  duration: number;
}

/** `iec61850:association:close`: an association that stood is over. */
export interface AssociationCloseMessage {
  ied: string;
  host: string;
  port: number;
  /** Why, when it was lost; absent when this side released it. */
  error?: DiagnosticError;
  /** Octets of MMS over TCP since it began, each way. */
  octetsSent: number;
  octetsReceived: number;
}

/** `iec61850:request`: a confirmed request of the client has its answer, or will have none. */
export interface RequestMessage {
  ied: string;
  /** MMS service: `read`, `write`, `getNameList`, `fileRead`, … (ISO 9506-2). */
  service: string;
  /** ms from sending it, or from queueing it when it had to wait for its turn. */
  duration: number;
  outcome: 'ok' | 'error';
  error?: DiagnosticError;
}

/** `iec61850:report`: a report came whole. */
export interface ReportMessage {
  ied: string;
  /** `LD/LN.name[BR]` or `[RP]`. */
  controlBlock: string;
  dataSet: string;
  sqNum?: number;
  /** As hex text; buffered control blocks alone. */
  entryId?: string;
  /** Tag values that left because of it. */
  values: number;
  /** It came before, as after a reconnect. */
  repeat: boolean;
}

/** `iec61850:server:client`: a client of an `IedServer` has associated, was refused, or has left. */
export interface ServerClientMessage {
  /** IED that is served. */
  ied: string;
  event: 'associated' | 'refused' | 'left';
  address: string;
  port: number;
  /** Its name in the list of expected clients, where it has one. */
  name?: string;
  /** Why it was refused, or how it was lost. */
  reason?: string;
}

/** `iec61850:server:access`: what a client of an `IedServer` did or was refused. */
export interface ServerAccessMessage {
  ied: string;
  address: string;
  port: number;
  name?: string;
  action: 'write' | 'control' | 'settingGroup' | 'file' | 'dataSet' | 'controlBlock';
  /** `operate`, `select`, `get`, `activate`, …; absent where the action has but one. */
  operation?: string;
  /** Reference `LD/LN.DO.DA[FC]`, data set or file. */
  object: string;
  result: 'accepted' | 'refused' | 'failed';
  reason?: string;
  value?: unknown;
}

/** `iec61850:modbus:client`: a Modbus master has connected, was sent away, or has left. */
export interface ModbusClientMessage {
  /** Name of the Modbus server. */
  server: string;
  event: 'connected' | 'refused' | 'left';
  /** `address:port` of the master. */
  client: string;
  /** `limit`, `not-allowed`, `idle`, `malformed` or `backlog`, for one that was sent away. */
  reason?: string;
  /** Masters that are connected now. */
  clients: number;
}

/** `iec61850:modbus:request`: a Modbus master has asked. */
export interface ModbusRequestMessage {
  client: string;
  unit: number;
  functionCode: number;
  /** Zero-based; absent in a request that could not be read. */
  address?: number;
  quantity?: number;
  /** 0, or the exception that it got. */
  exception: number;
}

/** `iec61850:mqtt:state`: the connection to a broker is up or lost. */
export interface MqttStateMessage {
  /** URL without user name and password. */
  broker: string;
  root: string;
  state: 'online' | 'away';
  error?: DiagnosticError;
}

/** `iec61850:mqtt:published`: the broker has taken a message. */
export interface MqttPublishedMessage {
  topic: string;
  qos: number;
  retain: boolean;
  /** Characters of the payload. */
  size: number;
}

/** `iec61850:mqtt:dropped`: a message will not be sent any more. */
export interface MqttDroppedMessage {
  topic: string;
  /** The queue was full; the connection broke under a message of QoS 0; the broker refused it. */
  reason: 'full' | 'cut' | 'refused';
}

/** `iec61850:process-bus:state`: a subscription to GOOSE or sampled values is in another state. */
export interface ProcessBusStateMessage {
  kind: 'goose' | 'sv';
  /** gocbRef of a GOOSE control block, svID of a stream. */
  subscription: string;
  /** `live`, `expired`, `simulated`, … */
  state: string;
}

/** Every channel by its name, and what it carries. */
export interface DiagnosticMessages {
  'iec61850:session:state': SessionStateMessage;
  'iec61850:association:open': AssociationOpenMessage;
  'iec61850:association:close': AssociationCloseMessage;
  'iec61850:request': RequestMessage;
  'iec61850:report': ReportMessage;
  'iec61850:server:client': ServerClientMessage;
  'iec61850:server:access': ServerAccessMessage;
  'iec61850:modbus:client': ModbusClientMessage;
  'iec61850:modbus:request': ModbusRequestMessage;
  'iec61850:mqtt:state': MqttStateMessage;
  'iec61850:mqtt:published': MqttPublishedMessage;
  'iec61850:mqtt:dropped': MqttDroppedMessage;
  'iec61850:process-bus:state': ProcessBusStateMessage;
}

export type DiagnosticChannelName = keyof DiagnosticMessages;

/** One channel, typed. */
class DiagnosticChannel<N extends DiagnosticChannelName> {
  private readonly channel: Channel;

  constructor(name: N) {
    this.channel = channel(name);
  }

  /** Whether anybody listens: no message is made for nobody. */
  get watched(): boolean {
    return this.channel.hasSubscribers;
  }

  publish(message: DiagnosticMessages[N]): void {
    this.channel.publish(message);
  }
}

/** The channels, for the code that publishes on them. */
export const diagnostics = {
  sessionState: new DiagnosticChannel('iec61850:session:state'),
  associationOpen: new DiagnosticChannel('iec61850:association:open'),
  associationClose: new DiagnosticChannel('iec61850:association:close'),
  request: new DiagnosticChannel('iec61850:request'),
  report: new DiagnosticChannel('iec61850:report'),
  serverClient: new DiagnosticChannel('iec61850:server:client'),
  serverAccess: new DiagnosticChannel('iec61850:server:access'),
  modbusClient: new DiagnosticChannel('iec61850:modbus:client'),
  modbusRequest: new DiagnosticChannel('iec61850:modbus:request'),
  mqttState: new DiagnosticChannel('iec61850:mqtt:state'),
  mqttPublished: new DiagnosticChannel('iec61850:mqtt:published'),
  mqttDropped: new DiagnosticChannel('iec61850:mqtt:dropped'),
  processBusState: new DiagnosticChannel('iec61850:process-bus:state'),
} as const;

/** Names of all channels. */
export const DIAGNOSTIC_CHANNELS: readonly DiagnosticChannelName[] = [
  'iec61850:session:state',
  'iec61850:association:open',
  'iec61850:association:close',
  'iec61850:request',
  'iec61850:report',
  'iec61850:server:client',
  'iec61850:server:access',
  'iec61850:modbus:client',
  'iec61850:modbus:request',
  'iec61850:mqtt:state',
  'iec61850:mqtt:published',
  'iec61850:mqtt:dropped',
  'iec61850:process-bus:state',
];

/**
 * Subscribes to one channel with its type. An error that the listener throws ends the process, as Node.js has it for
 * these channels.
 * @returns a function that ends it
 */
export function onDiagnostic<N extends DiagnosticChannelName>(
  name: N,
  listener: (message: DiagnosticMessages[N]) => void,
): () => void {
  const receive = (message: unknown): void => listener(message as DiagnosticMessages[N]);
  const target = channel(name);
  target.subscribe(receive);
  return () => target.unsubscribe(receive);
}

/** What of an error belongs into a message. */
export function diagnosticError({ code, message }: Iec61850Error): DiagnosticError {
  return { code, message };
}
