/** Where a process-bus node takes frames from: an interface, or a capture file. */
import { ArgumentError } from '../../src/errors.js';
import { CaptureLink } from '../../src/ethernet/capture/capture-link.js';
import type { FrameLink, LinkHandler } from '../../src/ethernet/frame-link.js';
import { openLink } from '../../src/ethernet/open-link.js';
import { resolveUserPath, type PathRules } from './scl-source.js';

/** The fields of a form. */
export interface FrameSourceForm {
  source?: string;
  interface?: string;
  capture?: string;
  speed?: string | number;
  repeat?: boolean;
}

/** Where frames come from. */
export type FrameSource =
  | { kind: 'interface'; name: string }
  /** Speed 1 is as it was recorded, `Infinity` as quick as it goes. */
  | { kind: 'capture'; path: string; speed: number; repeat: boolean };

/** Reads a field, with its environment variables filled in. */
export type FieldReader = (value: unknown, name: string) => string;

/** @throws ArgumentError that names the field which is wrong */
export function frameSource(saved: FrameSourceForm, field: FieldReader): FrameSource {
  if (saved.source === 'capture') {
    const path = field(saved.capture, 'capture');
    if (path === '') throw new ArgumentError('No capture file is given', 'Open the node and give its path.');
    const speed = field(saved.speed, 'speed');
    const number = speed === '' ? 1 : speed === 'max' ? Infinity : Number(speed);
    if (!(number > 0)) throw new ArgumentError(`The speed "${speed}" is none`, 'Give a number above 0, or "max".');
    return { kind: 'capture', path, speed: number, repeat: saved.repeat === true };
  }
  const name = field(saved.interface, 'interface');
  if (name === '') throw new ArgumentError('No network interface is given', 'Open the node and choose one.');
  return { kind: 'interface', name };
}

/** @throws EthernetError, ArgumentError when the capture is not below the user directory */
export async function openFrames(source: FrameSource, rules: PathRules, handler: LinkHandler): Promise<FrameLink> {
  if (source.kind === 'interface') return openLink(source.name, handler);
  const { path, speed, repeat } = source;
  return CaptureLink.open(await resolveUserPath(path, rules, 'capture file'), handler, { speed, repeat });
}
