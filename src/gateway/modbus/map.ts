/**
 * The Modbus map: which tag stands at which address, in which form. This is what the editor shows, the flow saves and
 * the server serves.
 */
import type { TagType } from '../../model/tag-value.js';

/** The four address spaces of the Modbus Application Protocol V1.1b3 §4.3. */
export const AREAS = ['coil', 'discrete', 'input', 'holding'] as const;
export type Area = (typeof AREAS)[number];

/** Forms that a value takes in its registers. `Bool` is the form of coils and discrete inputs, `Bit` one bit of a register. */
export const REGISTER_TYPES = [
  'Bool',
  'Bit',
  'Int16',
  'UInt16',
  'Int32',
  'UInt32',
  'Int64',
  'Float32',
  'Float64',
  'BCD',
  'Text',
] as const;
export type RegisterType = (typeof REGISTER_TYPES)[number];

/** Order of octets: A is the most significant one, registers are pairs. Eight octets follow the same pattern. */
export const ORDERS = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;
export type RegisterOrder = (typeof ORDERS)[number];

/** What a register says while its tag is not usable: the last usable value, NaN or a sentinel, or exception 0x0B. */
export const POLICIES = ['hold', 'nan', 'exception'] as const;
export type Policy = (typeof POLICIES)[number];

/** One tag at one address. What is absent has the default of its type. */
export interface MapRow {
  ied: string;
  tag: string;
  /** Unit id, 1–247 or 255. */
  unit: number;
  area: Area;
  /** Zero-based address as it stands on the wire, 0–65535. */
  address: number;
  type: RegisterType;
  /** Bit of the register, 0 (least significant) to 15; for `Bit`. */
  bit?: number;
  /** Registers of a `BCD` number (four digits each) or of a `Text` (two octets each). */
  length?: number;
  order?: RegisterOrder;
  /** The register holds value × scale + offset. */
  scale?: number;
  offset?: number;
  policy?: Policy;
  /** Raw number that policy `nan` shows in place of the default sentinel of the type. */
  sentinel?: number;
  /** A true value is shown for at least that many ms. */
  latch?: number;
  /** Zero-based holding register address of quality, age and sequence; absent when there are none. */
  meta?: number;
  /** For people and for defaults; the server does not need them. */
  tagType?: TagType;
  reference?: string;
  description?: string;
  engineeringUnit?: string;
}

/** Addresses that belong to one IED, in all four areas; an IED that outgrows its block gets a further one. */
export interface IedBlock {
  ied: string;
  unit: number;
  /** Zero-based first address. */
  start: number;
  size: number;
  /** Where the metadata registers start inside the block; equal to `size` when the block has none. */
  metaOffset: number;
  /** First offset of each kind that was never given out. An address that was freed is not given to another tag. */
  next: BlockMarks;
}

export interface BlockMarks {
  coil: number;
  discrete: number;
  input: number;
  holding: number;
  meta: number;
}

export interface ModbusMap {
  rows: MapRow[];
  blocks: IedBlock[];
}

/** How new tags get their addresses. */
export interface MapLayout {
  /** One unit id with a block for each IED, or a unit id for each IED. */
  mode: 'block' | 'unit';
  /** Unit id of the first IED. */
  unit: number;
  /** Addresses of one block. */
  blockSize: number;
  /** Whether new tags get quality, age and sequence registers, and where these start in the block. */
  metadata: boolean;
  metaOffset: number;
}

/** Addresses in one area. */
export const ADDRESS_SPACE = 65536;
/** Registers of metadata a tag: quality, age, sequence. */
export const META_REGISTERS = 3;
export const MAX_UNIT = 247;

/** Default layout: 200 analogues and the metadata of 200 tags fit into the holding registers of one block. */
export const DEFAULT_LAYOUT: Readonly<MapLayout> = {
  mode: 'block',
  unit: 1,
  blockSize: 1000,
  metadata: true,
  metaOffset: 400,
};

/** Registers of a text by default: 32 octets. */
export const DEFAULT_TEXT_LENGTH = 16;
export const MAX_TEXT_LENGTH = 125;
/** Twelve digits; sixteen would not fit a number exactly. */
export const MAX_BCD_LENGTH = 3;
/** Longest latch: one hour, in ms. */
export const MAX_LATCH_MS = 3_600_000;

export const isBitArea = (area: Area): boolean => area === 'coil' || area === 'discrete';

const FIXED_SIZES: Readonly<Record<Exclude<RegisterType, 'BCD' | 'Text'>, number>> = {
  Bool: 1,
  Bit: 1,
  Int16: 1,
  UInt16: 1,
  Int32: 2,
  UInt32: 2,
  Int64: 4,
  Float32: 2,
  Float64: 4,
};

/** Addresses that a row takes: registers, or 1 in a bit area. */
export function rowSize(row: Pick<MapRow, 'type' | 'length'>): number {
  if (row.type === 'BCD') return row.length ?? 1;
  if (row.type === 'Text') return row.length ?? DEFAULT_TEXT_LENGTH;
  return FIXED_SIZES[row.type];
}

export const isFloat = (type: RegisterType): boolean => type === 'Float32' || type === 'Float64';

/** Floats become NaN; everything else holds its last usable value. */
export const defaultPolicy = (type: RegisterType): Policy => (isFloat(type) ? 'nan' : 'hold');

/** `ied/tag`, as people read it; IED names hold no slash. */
export const rowName = (row: Pick<MapRow, 'ied' | 'tag'>): string => `${row.ied}/${row.tag}`;
