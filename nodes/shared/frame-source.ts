/** Where a process-bus node takes frames from: an interface, UDP, or a capture file. */
import { ArgumentError } from '../../src/errors.js';
import type { BusLink, BusLinkHandler } from '../../src/bus-link/bus-link.js';
import { CapturedBus } from '../../src/bus-link/captured-bus.js';
import { SecuredLink } from '../../src/bus-link/secured-link.js';
import { UdpLink } from '../../src/bus-link/udp-link.js';
import type { UdpAddress } from '../../src/bus-link/udp-socket.js';
import { openLink } from '../../src/ethernet/open-link.js';
import type { BusSecurityOptions } from '../../src/routable/index.js';
import {
  busSecurity,
  udpAddress,
  type BusCredentials,
  type BusSecurityForm,
  type FieldReader,
  type UdpForm,
} from './bus-security-settings.js';
import { resolveUserPath, type PathRules } from './scl-source.js';

/** The fields of a form. */
export interface FrameSourceForm extends BusSecurityForm, UdpForm {
  source?: string;
  interface?: string;
  capture?: string;
  speed?: string | number;
  repeat?: boolean;
}

/** Where frames come from. */
export type FrameSource = { security: BusSecurityOptions } & (
  | { kind: 'interface'; name: string }
  | { kind: 'udp'; to: UdpAddress }
  /** Speed 1 is as it was recorded, `Infinity` as quick as it goes. */
  | { kind: 'capture'; path: string; speed: number; repeat: boolean }
);

export type { FieldReader } from './bus-security-settings.js';

/** @throws ArgumentError that names the field which is wrong */
export function frameSource(saved: FrameSourceForm, field: FieldReader, credentials?: BusCredentials): FrameSource {
  const security = busSecurity(saved, credentials, field);
  if (saved.source === 'udp') {
    const to = udpAddress(saved, field);
    if (to.address === '')
      throw new ArgumentError('No multicast group or address is given', 'Open the node and give it.');
    return { kind: 'udp', to, security };
  }
  if (saved.source === 'capture') {
    const path = field(saved.capture, 'capture');
    if (path === '') throw new ArgumentError('No capture file is given', 'Open the node and give its path.');
    const speed = field(saved.speed, 'speed');
    const number = speed === '' ? 1 : speed === 'max' ? Infinity : Number(speed);
    if (!(number > 0)) throw new ArgumentError(`The speed "${speed}" is none`, 'Give a number above 0, or "max".');
    return { kind: 'capture', path, speed: number, repeat: saved.repeat === true, security };
  }
  const name = field(saved.interface, 'interface');
  if (name === '') throw new ArgumentError('No network interface is given', 'Open the node and choose one.');
  return { kind: 'interface', name, security };
}

/** @throws EthernetError, ArgumentError when the capture is not below the user directory */
export async function openFrames(source: FrameSource, rules: PathRules, handler: BusLinkHandler): Promise<BusLink> {
  const { security } = source;
  if (source.kind === 'udp') return UdpLink.open({ ...source.to, ...security, direction: 'receive' }, handler);
  if (source.kind === 'interface') return SecuredLink.open(security, handler, (inner) => openLink(source.name, inner));
  const { path, speed, repeat } = source;
  const file = await resolveUserPath(path, rules, 'capture file');
  return CapturedBus.open(file, { ...security, speed, repeat }, handler);
}
