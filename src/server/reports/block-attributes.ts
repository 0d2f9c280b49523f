/** The attributes of one report control block as the variables that clients read. */
import type { ReportAttribute } from '../../model/report-attribute.js';
import { encodeData } from '../../mms/data-codec.js';
import { DataTag, type MmsData } from '../../mms/data.js';
import { tlv } from '../../mms/wire.js';
import { dataOf } from '../leaf-value.js';
import type { Variable } from '../variable.js';

export class BlockAttributes {
  private readonly variables: ReadonlyMap<string, Variable>;

  constructor(block: Variable) {
    this.variables = new Map(block.children.map((child) => [child.name.toLowerCase(), child]));
  }

  has(attribute: ReportAttribute): boolean {
    return this.variables.has(attribute);
  }

  /** Encoding with its header. */
  octets(attribute: ReportAttribute): Buffer {
    const variable = this.variables.get(attribute);
    return Buffer.from(variable?.octets?.subarray(0, variable.length) ?? []);
  }

  number(attribute: ReportAttribute): number {
    const data = this.data(attribute);
    return data?.type === 'unsigned' || data?.type === 'integer' ? Number(data.value) : 0;
  }

  text(attribute: ReportAttribute): string {
    const data = this.data(attribute);
    return data?.type === 'visible-string' ? data.value : '';
  }

  /** Bit string as a number of two octets, the first bit highest. */
  bits(attribute: ReportAttribute): number {
    const data = this.data(attribute);
    return data?.type === 'bit-string' ? Number.parseInt(data.bits.padEnd(16, '0').slice(0, 16), 2) : 0;
  }

  /** Stores a value of the attribute's type; nothing happens where the edition has no such attribute. */
  set(attribute: ReportAttribute, data: MmsData): void {
    this.variables.get(attribute)?.store(encodeData(data));
  }

  /** Stores an encoding of the attribute's type. Returns false when it is the one that was there. */
  store(attribute: ReportAttribute, encoding: Buffer): boolean {
    return this.variables.get(attribute)?.store(encoding) ?? false;
  }

  setBoolean(attribute: ReportAttribute, value: boolean): void {
    this.set(attribute, { type: 'boolean', value });
  }

  setUnsigned(attribute: ReportAttribute, value: number): void {
    this.set(attribute, { type: 'unsigned', value });
  }

  setOctets(attribute: ReportAttribute, octets: Uint8Array): void {
    this.variables.get(attribute)?.store(tlv(DataTag.octetString, octets));
  }

  private data(attribute: ReportAttribute): MmsData | undefined {
    const octets = this.octets(attribute);
    return octets.length > 0 ? dataOf(octets) : undefined;
  }
}
