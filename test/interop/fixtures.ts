/** The one model that every foreign server serves, and what each stack is known not to do (docs/interop.md). */
import path from 'node:path';
import { ROOT, startPeerServer, type Peer, type PeerServerOptions, type StackKind } from './peers/index.js';

const MODELS = path.join(ROOT, 'test', 'interop', 'models');
export const PEER_CFG = path.join(MODELS, 'peer.cfg');
export const PEER_CID = path.join(MODELS, 'peer.cid');
/** A relay with setting groups and a log. */
export const RELAY_CID = path.join(MODELS, 'relay.cid');
export const BAY_CID = path.join(ROOT, 'examples', 'scl', 'bay.cid');

/** Device time that the peers are given: it has a millisecond that rounds badly, and a quality octet of its own. */
export const DEVICE_TIME = Date.UTC(2024, 4, 6, 7, 8, 9, 123);
export const DEVICE_TIME_QUALITY = 0x0a;
/** Questionable, oldData: bits 0, 1 and 7 (IEC 61850-8-1 §8.1.3.9). */
export const OLD_DATA = '1100000100000';

export interface Stack {
  kind: StackKind;
  /** Answers Identify and Status; the Java server leaves the client waiting. */
  identifies: boolean;
  /** Answers Conclude; the Java server does not. */
  concludes: boolean;
  /** Serves arrays as arrays. */
  arrays: boolean;
  /** Was told {@link DEVICE_TIME}, {@link OLD_DATA} and positions: the Rust server's Python API sets plain values only. */
  told: boolean;
  /** Takes a write to an attribute inside a structure. */
  writesInside: boolean;
  /** Members of `PEERCTRL/LLN0.Positions` as it serves them. */
  positions: string[];
  /** Refuses a wrong one of these. */
  checks: ReadonlyArray<'password' | 'sSelector'>;
}

const POSITIONS = ['XCBR1$ST$Pos', 'XSWI1$ST$Pos', 'PTOC1$ST$Op', 'GGIO1$ST$Ind1$stVal'];

export const STACKS: readonly Stack[] = [
  {
    kind: 'libiec61850',
    identifies: true,
    concludes: true,
    arrays: true,
    told: true,
    writesInside: true,
    positions: POSITIONS,
    checks: ['password'],
  },
  {
    kind: 'rust',
    identifies: true,
    concludes: true,
    arrays: false,
    told: false,
    writesInside: false,
    positions: ['XCBR1$ST$Pos$stVal', 'XSWI1$ST$Pos$stVal'],
    checks: [],
  },
  {
    kind: 'java',
    identifies: false,
    concludes: false,
    arrays: false,
    told: true,
    writesInside: true,
    positions: POSITIONS,
    checks: ['sSelector'],
  },
];

/** Starts a foreign server of the model `PEER` and brings it to the values that the tests expect. */
export async function startPeerBay(stack: Stack, options: Partial<PeerServerOptions> = {}): Promise<Peer> {
  const peer = await startPeerServer(stack.kind, {
    model: stack.kind === 'libiec61850' ? PEER_CFG : PEER_CID,
    ied: 'PEER',
    dataSets: ['LLN0$Positions=CTRL/XCBR1.Pos.stVal,CTRL/XSWI1.Pos.stVal'],
    ...options,
  });
  const time = { utc: DEVICE_TIME, quality: DEVICE_TIME_QUALITY };
  if (stack.kind === 'libiec61850') {
    await peer.call('update', {
      values: [
        ['PEERCTRL/XCBR1.Pos.stVal', 'bit-string', '10'],
        ['PEERCTRL/XCBR1.Pos.t', 'utc-time', time],
        ['PEERCTRL/XSWI1.Pos.stVal', 'bit-string', '01'],
        ['PEERMEAS/MMXU1.TotW.q', 'bit-string', OLD_DATA],
        ['PEERMEAS/MMXU1.TotW.t', 'utc-time', time],
      ],
    });
  } else if (stack.kind === 'java') {
    await peer.call('update', {
      values: [
        ['PEERCTRL/XCBR1.Pos.stVal', 'ST', '10'],
        ['PEERCTRL/XCBR1.Pos.t', 'ST', time],
        ['PEERCTRL/XSWI1.Pos.stVal', 'ST', '01'],
        ['PEERMEAS/MMXU1.TotW.q', 'MX', OLD_DATA],
        ['PEERMEAS/MMXU1.TotW.t', 'MX', time],
      ],
    });
  }
  return peer;
}
