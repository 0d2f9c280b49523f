/** From the saved fields of an `iec61850-server` node to what a server needs. */
import path from 'node:path';
import { ArgumentError } from '../../src/errors.js';
import {
  DEFAULT_MAX_CLIENTS,
  DEFAULT_REPORT_BUFFER,
  MAX_CONTROL_TIMEOUT_MS,
  MAX_REPORT_BUFFER,
  MAX_SERVER_CLIENTS,
  MIN_REPORT_BUFFER,
} from '../../src/limits.js';
import type { FunctionalConstraint } from '../../src/model/functional-constraint.js';
import { SECURE_MMS_PORT } from '../../src/security/options.js';
import type { ServedFiles } from '../../src/server/files/options.js';
import type { IedServerFromSclOptions } from '../../src/server/ied-server.js';
import { DEFAULT_MMS_PORT } from '../shared/connection-settings.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text, wholeNumber } from '../shared/fields.js';
import type { VersionedDef } from '../shared/red.js';
import type { AccessForm } from './access-settings.js';
import { parseSclSource, type SclSource } from '../shared/scl-source.js';

export interface ServerDef extends VersionedDef, AccessForm {
  sclFile?: unknown;
  sclIed?: string;
  sclAccessPoint?: string;
  host?: string;
  port?: string | number;
  maxClients?: string | number;
  /** Addresses and subnets, separated by commas or blanks. */
  allowedAddresses?: string;
  /** Functional constraints that clients may write, separated by blanks or commas; none when empty. */
  writable?: string;
  /** What is said of the clock of this machine; nothing when empty. */
  clock?: '' | 'host' | 'synchronized' | 'unsynchronized';
  /** KiB of events that each buffered report control block keeps for its client. */
  reportBuffer?: string | number;
  /** Whether settings, setting groups, logs and buffered reports survive a restart. */
  keep?: boolean;
  /** Folder whose files clients get, below the user directory unless it is absolute; none when empty. */
  filesFolder?: string;
  /** Whether clients may give, delete and rename files. */
  filesWritable?: boolean;
  /** Network interface on which the GOOSE of the file is published; none when empty. */
  gooseInterface?: string;
}

/** Time quality by the form's choice; `synchronized` is what NTP on a local network keeps, a millisecond. */
const CLOCKS: Readonly<Record<string, NonNullable<IedServerFromSclOptions['timeQuality']>>> = {
  host: 'host',
  synchronized: { leapSecondsKnown: true, accuracy: 10 },
  unsynchronized: { clockNotSynchronized: true },
};
const KIB = 1024;
/** Loopback, so that a server is seen by others only when its user says so. */
const DEFAULT_HOST = '127.0.0.1';

export interface ServerSettings {
  source: SclSource;
  options: IedServerFromSclOptions;
}

/** @throws ArgumentError that names the field that is wrong, or the variable that is not set. */
export function serverSettings(saved: ServerDef, lookup: EnvironmentLookup, password?: string): ServerSettings {
  const field = (name: keyof ServerDef): string => expandEnvironment(text(saved[name]), lookup, name);
  const { sclFile } = saved;
  const source = parseSclSource(
    typeof sclFile === 'string' ? expandEnvironment(sclFile.trim(), lookup, 'sclFile') : sclFile,
  );
  if (!source)
    throw new ArgumentError('The server has no SCL file', 'Upload one in the server node, or give its path.');
  const [ied, accessPoint] = [field('sclIed'), field('sclAccessPoint')];
  const secret = expandEnvironment(password ?? '', lookup, 'password');
  const clock = text(saved.clock);
  const allowedAddresses = field('allowedAddresses')
    .split(/[,;\s]+/)
    .filter((address) => address !== '');
  const writable = field('writable')
    .split(/[,;\s]+/)
    .filter((fc) => fc !== '');
  return {
    source,
    options: {
      host: field('host') || DEFAULT_HOST,
      port: wholeNumber(field('port'), 'port', 0, 65535, saved.secure === true ? SECURE_MMS_PORT : DEFAULT_MMS_PORT),
      maxClients: wholeNumber(field('maxClients'), 'maxClients', 1, MAX_SERVER_CLIENTS, DEFAULT_MAX_CLIENTS),
      reportBufferSize:
        KIB *
        wholeNumber(
          field('reportBuffer'),
          'reportBuffer',
          MIN_REPORT_BUFFER / KIB,
          MAX_REPORT_BUFFER / KIB,
          DEFAULT_REPORT_BUFFER / KIB,
        ),
      // The node that asks the flow has a time limit of its own.
      controlTimeout: MAX_CONTROL_TIMEOUT_MS,
      ...(ied !== '' && { ied }),
      ...(accessPoint !== '' && { accessPoint }),
      ...(secret !== '' && { password: secret }),
      ...(allowedAddresses.length > 0 && { allowedAddresses }),
      ...(Object.hasOwn(CLOCKS, clock) && { timeQuality: CLOCKS[clock] }),
      // The server itself refuses constraints that cannot be given.
      ...(writable.length > 0 && { writable: writable as FunctionalConstraint[] }),
    },
  };
}

/** Files that clients get; undefined when there are none. */
export function servedFiles(
  saved: ServerDef,
  lookup: EnvironmentLookup,
  userDirectory: string,
): ServedFiles | undefined {
  const folder = expandEnvironment(text(saved.filesFolder), lookup, 'filesFolder');
  if (folder === '') return undefined;
  return { folder: path.resolve(userDirectory, folder), writable: saved.filesWritable === true };
}

/** Where the server publishes its GOOSE; empty when it does not. */
export function gooseInterface(saved: ServerDef, lookup: EnvironmentLookup): string {
  return expandEnvironment(text(saved.gooseInterface), lookup, 'gooseInterface');
}
