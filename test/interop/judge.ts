/** One question to foreign clients of three kinds, each of which has commands and value forms of its own. */
import { startPeerClient, type Peer, type PeerClientOptions, type PeerValue, type StackKind } from './peers/index.js';

export class Judge {
  private constructor(
    readonly kind: StackKind,
    readonly peer: Peer,
    /** MMS PDU size that was agreed on, where the client tells. */
    readonly pduSize: number | undefined,
  ) {}

  /** Associates. The Java client has to fetch the model before it can read. */
  static async connect(kind: StackKind, options: PeerClientOptions): Promise<Judge> {
    const peer = await startPeerClient(kind, options);
    const { pduSize } = await peer.ready;
    return new Judge(kind, peer, typeof pduSize === 'number' ? pduSize : undefined);
  }

  /** Reads `LD/LN.DO…` under a functional constraint; a refusal is `{ error }`. */
  async read(reference: string, fc: string): Promise<PeerValue> {
    if (this.kind !== 'libiec61850') return this.peer.call<PeerValue>('read', { reference, fc });
    return this.peer.call<PeerValue>('read', mmsName(reference, fc));
  }

  /** Members and values of the data set `LD/LN.name`; members as `LD/LN.DO[FC]`. */
  async dataSet(reference: string): Promise<{ members: string[]; values: PeerValue[] }> {
    if (this.kind !== 'libiec61850') return this.peer.call('dataSet', { reference });
    const [domain, item] = reference.split('/') as [string, string];
    const found = await this.peer.call<{ members: Array<{ domain: string; item: string }>; values: PeerValue[] }>(
      'dataSet',
      { domain, item: item.replace('.', '$') },
    );
    const members = found.members.map((member) => {
      const [node, fc, ...path] = member.item.split('$');
      return `${member.domain}/${[node, ...path].join('.')}[${fc}]`;
    });
    return { members, values: found.values };
  }

  /** Writes one attribute; rejects with the peer's words when it is refused. */
  async write(reference: string, fc: string, kind: string, value: PeerValue): Promise<void> {
    switch (this.kind) {
      case 'libiec61850': {
        const result = await this.peer.call<number>('write', { ...mmsName(reference, fc), kind, value });
        // -1 is success; everything else the DataAccessError.
        if (result !== -1) throw new Error(`data access error ${result}`);
        return;
      }
      case 'rust':
        await this.peer.call('write', { reference, fc, method: RUST_WRITES[kind], value });
        return;
      case 'java':
        await this.peer.call('write', { reference, fc, value });
    }
  }

  stop(): Promise<void> {
    return this.peer.stop();
  }
}

const RUST_WRITES: Record<string, string> = {
  boolean: 'bool',
  integer: 'int32',
  unsigned: 'uint32',
  float32: 'float',
  'visible-string': 'visible_string',
};

function mmsName(reference: string, fc: string): { domain: string; item: string } {
  const [domain, rest] = reference.split('/') as [string, string];
  const [node, ...path] = rest.split('.');
  return { domain, item: [node, fc, ...path].join('$') };
}

/**
 * A value as a peer gave it in the form of the one that is expected: the Rust client gives bit strings and times as
 * plain octets.
 */
export function inFormOf(expected: PeerValue, actual: PeerValue): PeerValue {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return actual.map((member, i) => (i < expected.length ? inFormOf(expected[i] as PeerValue, member) : member));
  }
  if (!isObject(expected) || !isObject(actual) || !('octets' in actual)) return actual;
  const octets = Buffer.from(actual.octets, 'hex');
  if ('bits' in expected) {
    const bits = [...octets].map((octet) => octet.toString(2).padStart(8, '0')).join('');
    return { bits: bits.slice(0, expected.bits.length) };
  }
  if ('utc' in expected && octets.length === 8) {
    const fraction = octets.readUIntBE(4, 3);
    return {
      utc: octets.readUInt32BE(0) * 1000 + Math.round((fraction * 1000) / 2 ** 24),
      quality: octets[7] as number,
    };
  }
  return actual;
}

function isObject(value: PeerValue): value is Exclude<PeerValue, boolean | number | string | null | PeerValue[]> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
