/** The configuration of a `goose-out` node, checked. */
import { ArgumentError } from '../../src/errors.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text } from '../shared/fields.js';
import type { VersionedDef } from '../shared/red.js';
import { parseSclSource, type SclSource } from '../shared/scl-source.js';

export interface GooseOutDef extends VersionedDef {
  /** This flow may publish on the process bus. */
  allowed?: boolean;
  interface?: string;
  sclFile?: unknown;
  sclIed?: string;
  /** The one control block, as a list of one. */
  blocks?: unknown;
  /** Reference of the value that `msg.payload` is. */
  reference?: string;
  simulation?: boolean;
}

export interface GooseOutSettings {
  interface: string;
  file: SclSource;
  ied: string;
  block: string;
  reference: string;
  simulation: boolean;
}

/** @throws ArgumentError that names the field which is wrong */
export function gooseOutSettings(saved: GooseOutDef, lookup: EnvironmentLookup): GooseOutSettings {
  const field = (value: unknown, name: string): string => expandEnvironment(text(value), lookup, name);
  const { sclFile, blocks } = saved;
  const file = parseSclSource(
    typeof sclFile === 'string' ? expandEnvironment(sclFile.trim(), lookup, 'sclFile') : sclFile,
  );
  if (!file) throw new ArgumentError('No SCL file is chosen', 'Open the node and choose the file of this publisher.');
  const block = field(Array.isArray(blocks) ? (blocks as unknown[])[0] : undefined, 'blocks');
  if (block === '') throw new ArgumentError('No GOOSE control block is chosen', 'Open the node and choose one.');
  const name = field(saved.interface, 'interface');
  if (name === '') throw new ArgumentError('No network interface is given', 'Open the node and choose one.');
  return {
    interface: name,
    file,
    ied: field(saved.sclIed, 'sclIed'),
    block,
    reference: field(saved.reference, 'reference'),
    simulation: saved.simulation === true,
  };
}
