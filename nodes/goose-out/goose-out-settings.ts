/** The configuration of a `goose-out` node, checked. */
import type { UdpAddress } from '../../src/bus-link/udp-socket.js';
import { ArgumentError } from '../../src/errors.js';
import type { TypedModel } from '../../src/gateway/process-bus/index.js';
import { DEFAULT_ROUTABLE_TTL } from '../../src/limits.js';
import type { BusSecurityOptions, CoverageStart, SpduVersion } from '../../src/routable/index.js';
import {
  busSecurity,
  udpAddress,
  type BusCredentials,
  type BusSecurityForm,
  type FieldReader,
  type UdpForm,
} from '../shared/bus-security-settings.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text, wholeNumber } from '../shared/fields.js';
import type { VersionedDef } from '../shared/red.js';
import { parseSclSource, type SclSource } from '../shared/scl-source.js';
import { typedPublisher } from './typed-publisher-settings.js';

export interface GooseOutDef extends VersionedDef, BusSecurityForm, UdpForm {
  /** This flow may publish on the process bus. */
  allowed?: boolean;
  /** `udp` is R-GOOSE; all else Ethernet. */
  over?: string;
  interface?: string;
  udpTtl?: string | number;
  /** `1` is IEC TR 61850-90-5. */
  udpVersion?: string | number;
  /** `transport` as libiec61850 has it. */
  udpCoverage?: string;
  /** `typed` is a publisher without an SCL file. */
  mode?: string;
  publisher?: unknown;
  sclFile?: unknown;
  sclIed?: string;
  /** The one control block, as a list of one. */
  blocks?: unknown;
  /** Reference of the value that `msg.payload` is. */
  reference?: string;
  simulation?: boolean;
}

/** Where frames go. */
export type GooseOver =
  | { kind: 'ethernet'; interface: string }
  /** An empty address is that of the file. */
  | { kind: 'udp'; to: UdpAddress; version: SpduVersion; coverage: CoverageStart };

/** What is published. */
export type GooseOutChoice =
  { mode: 'scl'; file: SclSource; ied: string; block: string } | { mode: 'typed'; publisher: TypedModel };

export interface GooseOutSettings {
  over: GooseOver;
  security: BusSecurityOptions;
  choice: GooseOutChoice;
  reference: string;
  simulation: boolean;
}

/** @throws ArgumentError that names the field which is wrong */
export function gooseOutSettings(
  saved: GooseOutDef,
  lookup: EnvironmentLookup,
  credentials?: BusCredentials,
): GooseOutSettings {
  const field = (value: unknown, name: string): string => expandEnvironment(text(value), lookup, name);
  const over = overOf(saved, field);
  return {
    over,
    security: busSecurity(saved, credentials, field),
    choice:
      saved.mode === 'typed'
        ? { mode: 'typed', publisher: typedPublisher(saved.publisher, field, over.kind === 'ethernet') }
        : sclChoice(saved, lookup, field),
    reference: field(saved.reference, 'reference'),
    simulation: saved.simulation === true,
  };
}

function sclChoice(
  { sclFile, sclIed, blocks }: GooseOutDef,
  lookup: EnvironmentLookup,
  field: FieldReader,
): GooseOutChoice {
  const file = parseSclSource(
    typeof sclFile === 'string' ? expandEnvironment(sclFile.trim(), lookup, 'sclFile') : sclFile,
  );
  if (!file) throw new ArgumentError('No SCL file is chosen', 'Open the node and choose the file of this publisher.');
  const block = field(Array.isArray(blocks) ? (blocks as unknown[])[0] : undefined, 'blocks');
  if (block === '') throw new ArgumentError('No GOOSE control block is chosen', 'Open the node and choose one.');
  return { mode: 'scl', file, ied: field(sclIed, 'sclIed'), block };
}

function overOf(saved: GooseOutDef, field: FieldReader): GooseOver {
  if (saved.over !== 'udp') {
    const name = field(saved.interface, 'interface');
    if (name === '') throw new ArgumentError('No network interface is given', 'Open the node and choose one.');
    return { kind: 'ethernet', interface: name };
  }
  return {
    kind: 'udp',
    to: {
      ...udpAddress(saved, field),
      ttl: wholeNumber(field(saved.udpTtl, 'udpTtl'), 'udpTtl', 1, 255, DEFAULT_ROUTABLE_TTL),
    },
    version: field(saved.udpVersion, 'udpVersion') === '1' ? 1 : 2,
    coverage: field(saved.udpCoverage, 'udpCoverage') === 'transport' ? 'transport' : 'session',
  };
}
