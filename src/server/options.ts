/** What a server can be told, and what it does when it is told nothing. */
import { ArgumentError } from '../errors.js';
import {
  DEFAULT_CONTROL_TIMEOUT_MS,
  DEFAULT_MAX_CLIENTS,
  DEFAULT_MAX_OUTSTANDING,
  DEFAULT_MAX_PDU_SIZE,
  DEFAULT_REPORT_BUFFER,
  DEFAULT_TIMEOUT_MS,
  MAX_CONTROL_TIMEOUT_MS,
  MAX_MAX_OUTSTANDING,
  MAX_MAX_PDU_SIZE,
  DEFAULT_SERVER_LOG_SIZE,
  MAX_PASSWORD_LENGTH,
  MAX_SERVER_LOG_SIZE,
  MAX_REPORT_BUFFER,
  MIN_MAX_PDU_SIZE,
  MIN_REPORT_BUFFER,
} from '../limits.js';
import type { FunctionalConstraint } from '../model/functional-constraint.js';
import type { TimeQuality } from '../model/timestamp.js';
import { SECURE_MMS_PORT } from '../security/options.js';
import { checkAccess, type AccessOptions, type CheckedAccess } from './access/options.js';
import { AllowedAddresses } from './allowed-addresses.js';
import { checkFiles, type ServedFiles } from './files/options.js';

export interface IedServerOptions extends AccessOptions {
  /** Address to listen on. By default loopback only; `0.0.0.0` or `::` for all. */
  host?: string;
  /** TCP port, 102 by default, 3782 with TLS; 0 takes any free one. */
  port?: number;
  /** Connections at a time; further ones are closed at once. */
  maxClients?: number;
  /** Largest MMS PDU in octets, 512 to 1,000,000; the lower offer of both sides wins. */
  maxPduSize?: number;
  /** Requests that a client may have outstanding, 1 to 100. */
  maxOutstanding?: number;
  /** Time in ms that a client has for associating after it connected. */
  associationTimeout?: number;
  /** What clients must give as ACSE password (IEC 61850-8-1 §25.2). Without it none is asked for. */
  password?: string;
  /** Addresses or subnets (`10.0.0.0/8`, `fe80::/10`) of clients; without it every address may connect. */
  allowedAddresses?: readonly string[];
  /**
   * Functional constraints of the data that clients may write, of SP, SE, SV, CF, DC and BL. None by default. SE lets them
   * edit setting groups, SG choose the active one.
   */
  writable?: readonly FunctionalConstraint[];
  /**
   * Folder where settings that clients wrote, setting groups and logs are kept over a restart. Without it nothing is.
   * One process at a time may use it for the same IED and access point.
   */
  dataDir?: string;
  /** Entries that each log keeps, 1 to 1,000,000, by default 10,000; the oldest make room for new ones. */
  logSize?: number;
  /** Octets of events that each buffered report control block keeps for its client, 4096 to 64 Mi; 512 Ki by default. */
  reportBufferSize?: number;
  /** Whether what buffered report control blocks keep survives a restart, in `dataDir`; true by default where that is given. */
  keepReportBuffers?: boolean;
  /** Files that clients get, of one folder. Without it there are none. */
  files?: ServedFiles;
  /**
   * Time quality of the times that the server or its caller gives. By default the accuracy is unspecified; `host` asks the
   * services that set the clock of this machine (chrony, systemd).
   */
  timeQuality?: Partial<TimeQuality> | 'host';
  /**
   * What becomes of commands while nobody decides on them: `refuse`, which is the default, or `simulate`, which accepts
   * them and lets the status follow by itself.
   */
  operate?: 'refuse' | 'simulate';
  /** Time in ms that the owner has for deciding on a command, 1 to 60,000; then it is refused. */
  controlTimeout?: number;
  /** What Identify tells; by default manufacturer, type and configVersion of the file. */
  vendor?: string;
  model?: string;
  revision?: string;
}

type Bounds =
  | 'host'
  | 'port'
  | 'maxClients'
  | 'maxPduSize'
  | 'maxOutstanding'
  | 'associationTimeout'
  | 'writable'
  | 'reportBufferSize'
  | 'keepReportBuffers'
  | 'operate'
  | 'controlTimeout';
export type CheckedOptions = Required<Pick<IedServerOptions, Bounds>> &
  Pick<IedServerOptions, 'password' | 'dataDir'> & {
    logSize: number;
    files?: Required<ServedFiles>;
    allowed: AllowedAddresses;
    access: CheckedAccess;
    /** Changes while the server runs, when it is that of the host. */
    timeQuality: Partial<TimeQuality>;
    hostClock: boolean;
  };

/** Data that is a process image, a control or a control block is never written like a setting. */
const WRITABLE: readonly FunctionalConstraint[] = ['SP', 'SE', 'SG', 'SV', 'CF', 'DC', 'BL'];
const MAX_CLIENTS = 10_000;
const MAX_TIMEOUT_MS = 600_000;

function whole(name: string, value: number | undefined, otherwise: number, low: number, high: number): number {
  const number = value ?? otherwise;
  if (!Number.isInteger(number) || number < low || number > high) {
    throw new ArgumentError(`${name} is ${number}`, `Give a whole number from ${low} to ${high}.`);
  }
  return number;
}

/** Options with their defaults. @throws ArgumentError that names the one that is wrong */
export function checkOptions(options: IedServerOptions): CheckedOptions {
  const { password, dataDir } = options;
  if (password !== undefined && (password === '' || Buffer.byteLength(password) > MAX_PASSWORD_LENGTH)) {
    throw new ArgumentError(
      'the password of the server is empty or too long',
      `Give 1 to ${MAX_PASSWORD_LENGTH} octets.`,
    );
  }
  if (dataDir !== undefined && (typeof dataDir !== 'string' || dataDir.trim() === '' || dataDir.includes('\0'))) {
    throw new ArgumentError('dataDir is no folder', 'Give the path of a folder, or leave it out.');
  }
  if (options.keepReportBuffers && dataDir === undefined) {
    throw new ArgumentError('report buffers cannot be kept without a folder', 'Give dataDir.');
  }
  const { operate = 'refuse' } = options;
  if (operate !== 'refuse' && operate !== 'simulate') {
    throw new ArgumentError(`operate is ${String(operate)}`, 'Give refuse or simulate.');
  }
  const writable = options.writable ?? [];
  for (const fc of writable) {
    if (!WRITABLE.includes(fc)) {
      throw new ArgumentError(`clients cannot be given writes to ${fc}`, `It can be any of ${WRITABLE.join(', ')}.`);
    }
  }
  const files = checkFiles(options.files);
  return {
    ...(password !== undefined && { password }),
    ...(dataDir !== undefined && { dataDir }),
    logSize: whole('logSize', options.logSize, DEFAULT_SERVER_LOG_SIZE, 1, MAX_SERVER_LOG_SIZE),
    ...(files && { files }),
    host: options.host ?? '127.0.0.1',
    port: whole('port', options.port, options.tls ? SECURE_MMS_PORT : 102, 0, 65_535),
    maxClients: whole('maxClients', options.maxClients, DEFAULT_MAX_CLIENTS, 1, MAX_CLIENTS),
    maxPduSize: whole('maxPduSize', options.maxPduSize, DEFAULT_MAX_PDU_SIZE, MIN_MAX_PDU_SIZE, MAX_MAX_PDU_SIZE),
    maxOutstanding: whole('maxOutstanding', options.maxOutstanding, DEFAULT_MAX_OUTSTANDING, 1, MAX_MAX_OUTSTANDING),
    associationTimeout: whole('associationTimeout', options.associationTimeout, DEFAULT_TIMEOUT_MS, 1, MAX_TIMEOUT_MS),
    allowed: new AllowedAddresses(options.allowedAddresses ?? []),
    reportBufferSize: whole(
      'reportBufferSize',
      options.reportBufferSize,
      DEFAULT_REPORT_BUFFER,
      MIN_REPORT_BUFFER,
      MAX_REPORT_BUFFER,
    ),
    keepReportBuffers: options.keepReportBuffers ?? dataDir !== undefined,
    access: checkAccess(options, options.maxClients ?? DEFAULT_MAX_CLIENTS),
    writable,
    operate,
    controlTimeout: whole(
      'controlTimeout',
      options.controlTimeout,
      DEFAULT_CONTROL_TIMEOUT_MS,
      1,
      MAX_CONTROL_TIMEOUT_MS,
    ),
    timeQuality: options.timeQuality === 'host' ? {} : { ...options.timeQuality },
    hostClock: options.timeQuality === 'host',
  };
}
