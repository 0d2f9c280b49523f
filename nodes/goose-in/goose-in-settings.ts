/** The configuration of a `goose-in` node, checked. */
import { parseAddress } from '../../src/ethernet/frame.js';
import { ArgumentError } from '../../src/errors.js';
import { MAX_GOOSE_STREAMS } from '../../src/limits.js';
import type { BusCredentials } from '../shared/bus-security-settings.js';
import { parseAppId } from '../shared/app-id.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text } from '../shared/fields.js';
import type { OutputForm } from '../shared/message.js';
import { frameSource, type FieldReader, type FrameSource, type FrameSourceForm } from '../shared/frame-source.js';
import type { VersionedDef } from '../shared/red.js';
import { parseSclSource, type SclSource } from '../shared/scl-source.js';

export interface GooseInDef extends VersionedDef, FrameSourceForm {
  mode?: string;
  sclFile?: unknown;
  sclIed?: string;
  blocks?: unknown;
  streams?: unknown;
  output?: string;
  everyFrame?: boolean;
  simulation?: boolean;
  /** Id of the `iec61850-server` that supervises. */
  server?: string;
}

/** A control block that was typed in. */
export interface TypedStream {
  ied: string;
  gocbRef: string;
  appId?: number;
  /** Multicast address; without it every destination is taken. */
  address?: string;
}

export type GooseChoice =
  | { mode: 'scl'; file: SclSource; ied: string; blocks: string[] }
  | { mode: 'typed'; streams: TypedStream[] }
  | { mode: 'listen' };

export interface GooseInSettings {
  source: FrameSource;
  choice: GooseChoice;
  output: OutputForm;
  everyFrame: boolean;
  simulation: boolean;
}

/** @throws ArgumentError that names the field which is wrong */
export function gooseInSettings(
  saved: GooseInDef,
  lookup: EnvironmentLookup,
  credentials?: BusCredentials,
): GooseInSettings {
  const field = (value: unknown, name: string): string => expandEnvironment(text(value), lookup, name);
  return {
    source: frameSource(saved, field, credentials),
    choice: choiceOf(saved, lookup, field),
    output: saved.output === 'all' || saved.output === 'table' ? saved.output : 'single',
    everyFrame: saved.everyFrame === true,
    simulation: saved.simulation === true,
  };
}

function choiceOf(saved: GooseInDef, lookup: EnvironmentLookup, field: FieldReader): GooseChoice {
  if (saved.mode === 'listen') return { mode: 'listen' };
  if (saved.mode === 'typed') return { mode: 'typed', streams: typedStreams(saved.streams, field) };
  const { sclFile } = saved;
  const file = parseSclSource(
    typeof sclFile === 'string' ? expandEnvironment(sclFile.trim(), lookup, 'sclFile') : sclFile,
  );
  if (!file) throw new ArgumentError('No SCL file is chosen', 'Open the node and choose the publisher’s file.');
  const blocks = list(saved.blocks).map((block) => field(block, 'blocks'));
  if (blocks.length === 0) throw new ArgumentError('No GOOSE control block is chosen', 'Open the node and tick one.');
  return { mode: 'scl', file, ied: field(saved.sclIed, 'sclIed'), blocks };
}

function typedStreams(value: unknown, field: FieldReader): TypedStream[] {
  const streams = list(value).map((entry): TypedStream => {
    const { ied, gocbRef, appId, address } = (entry ?? {}) as Record<string, unknown>;
    const name = field(gocbRef, 'gocbRef');
    if (!/^[^/\s]+\/[^/\s]+$/.test(name)) {
      throw new ArgumentError(
        `"${name}" is no reference of a GOOSE control block`,
        'Write it as BAY1CTRL/LLN0$GO$gcb1.',
      );
    }
    const mac = field(address, 'address');
    if (mac !== '') parseAddress(mac);
    const id = parseAppId(field(appId, 'appId'));
    return {
      ied: field(ied, 'ied') || (name.split('/')[0] as string),
      gocbRef: name,
      ...(id !== undefined && { appId: id }),
      ...(mac !== '' && { address: mac }),
    };
  });
  if (streams.length === 0) throw new ArgumentError('No GOOSE control block is given', 'Open the node and add one.');
  return streams;
}

function list(value: unknown): unknown[] {
  const items = Array.isArray(value) ? (value as unknown[]) : [];
  if (items.length > MAX_GOOSE_STREAMS)
    throw new ArgumentError(`More than ${MAX_GOOSE_STREAMS} control blocks are chosen`);
  return items;
}
