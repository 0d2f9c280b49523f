/** The attributes of one report control block as the variables that clients read. */
import { encodeData } from '../../mms/data-codec.js';
import { DataTag, type MmsData } from '../../mms/data.js';
import { tlv } from '../../mms/wire.js';
import { dataOf } from '../leaf-value.js';
import type { Variable } from '../variable.js';

/** Names in lower case: `TimeofEntry` changed its case between the editions. */
export type BlockAttribute =
  | 'rptid'
  | 'rptena'
  | 'resv'
  | 'datset'
  | 'confrev'
  | 'optflds'
  | 'buftm'
  | 'sqnum'
  | 'trgops'
  | 'intgpd'
  | 'gi'
  | 'purgebuf'
  | 'entryid'
  | 'timeofentry'
  | 'resvtms'
  | 'owner';

export class BlockAttributes {
  private readonly variables: ReadonlyMap<string, Variable>;

  constructor(block: Variable) {
    this.variables = new Map(block.children.map((child) => [child.name.toLowerCase(), child]));
  }

  has(attribute: BlockAttribute): boolean {
    return this.variables.has(attribute);
  }

  /** Encoding with its header. */
  octets(attribute: BlockAttribute): Buffer {
    const variable = this.variables.get(attribute);
    return Buffer.from(variable?.octets?.subarray(0, variable.length) ?? []);
  }

  number(attribute: BlockAttribute): number {
    const data = this.data(attribute);
    return data?.type === 'unsigned' || data?.type === 'integer' ? Number(data.value) : 0;
  }

  text(attribute: BlockAttribute): string {
    const data = this.data(attribute);
    return data?.type === 'visible-string' ? data.value : '';
  }

  /** Bit string as a number of two octets, the first bit highest. */
  bits(attribute: BlockAttribute): number {
    const data = this.data(attribute);
    return data?.type === 'bit-string' ? Number.parseInt(data.bits.padEnd(16, '0').slice(0, 16), 2) : 0;
  }

  /** Stores a value of the attribute's type; nothing happens where the edition has no such attribute. */
  set(attribute: BlockAttribute, data: MmsData): void {
    this.variables.get(attribute)?.store(encodeData(data));
  }

  /** Stores an encoding of the attribute's type. Returns false when it is the one that was there. */
  store(attribute: BlockAttribute, encoding: Buffer): boolean {
    return this.variables.get(attribute)?.store(encoding) ?? false;
  }

  setBoolean(attribute: BlockAttribute, value: boolean): void {
    this.set(attribute, { type: 'boolean', value });
  }

  setUnsigned(attribute: BlockAttribute, value: number): void {
    this.set(attribute, { type: 'unsigned', value });
  }

  setOctets(attribute: BlockAttribute, octets: Uint8Array): void {
    this.variables.get(attribute)?.store(tlv(DataTag.octetString, octets));
  }

  private data(attribute: BlockAttribute): MmsData | undefined {
    const octets = this.octets(attribute);
    return octets.length > 0 ? dataOf(octets) : undefined;
  }
}
