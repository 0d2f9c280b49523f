/**
 * Gives addresses to tags that have none. What has an address keeps it: an address moves only when a person moves it,
 * and one that was freed is not given to another tag, so that no HMI ever shows one point under another's name.
 */
import type { Tag } from '../../model/tag.js';
import { blockEnd, BlockIndex } from './block-index.js';
import { defaultMapping, likelyTagType } from './defaults.js';
import {
  ADDRESS_SPACE,
  type Area,
  type BlockMarks,
  type IedBlock,
  isBitArea,
  type MapLayout,
  type MapRow,
  MAX_UNIT,
  META_REGISTERS,
  type ModbusMap,
  rowName,
  rowSize,
} from './map.js';

/** A tag that wants an address. */
export interface AssignableTag extends Pick<Tag, 'tag'>, Partial<Omit<Tag, 'tag'>> {
  ied: string;
}

/** A row of a table or CSV file that names no address yet. */
export type UnplacedRow = Omit<MapRow, 'address' | 'unit'> & Partial<Pick<MapRow, 'address' | 'unit'>>;

export interface SkippedTag {
  ied: string;
  tag: string;
  reason: 'type' | 'full';
}

export interface Assignment extends ModbusMap {
  /** Rows that were added, in order; the same objects as at the end of `rows`. */
  added: MapRow[];
  /** Tags that were left out: no default form for their type, or no address left. */
  skipped: SkippedTag[];
}

/** Adds the tags that are not in the map yet, in the given order. Neither the map nor its rows are changed. */
export function assignTags(map: ModbusMap, tags: Iterable<AssignableTag>, layout: MapLayout): Assignment {
  const known = new Set(map.rows.map(rowName));
  const placer = new Placer(map, layout);
  const skipped: SkippedTag[] = [];
  for (const tag of tags) {
    if (known.has(rowName(tag))) continue;
    known.add(rowName(tag));
    const tagType = likelyTagType({ ...tag, fc: tag.fc ?? 'ST' });
    const mapping = defaultMapping(tagType);
    if (!mapping) {
      skipped.push({ ied: tag.ied, tag: tag.tag, reason: 'type' });
      continue;
    }
    const { ied, reference, description, unit: engineeringUnit } = tag;
    const row: UnplacedRow = { ied, tag: tag.tag, ...mapping };
    if (tagType !== undefined) row.tagType = tagType;
    if (reference) row.reference = reference;
    if (description) row.description = description;
    if (engineeringUnit) row.engineeringUnit = engineeringUnit;
    if (!placer.place(row, layout.metadata)) skipped.push({ ied, tag: tag.tag, reason: 'full' });
  }
  return { ...placer.result(), skipped };
}

/**
 * Gives an address to each of the rows, which keep area, type and everything else that they say.
 * @param wantsMeta which rows get metadata registers as well; all of them that have none when absent
 */
export function placeRows(
  map: ModbusMap,
  rows: Iterable<UnplacedRow>,
  layout: MapLayout,
  wantsMeta: (row: UnplacedRow) => boolean = (row) => layout.metadata && row.meta === undefined,
): Assignment {
  const placer = new Placer(map, layout);
  const skipped: SkippedTag[] = [];
  for (const row of rows) {
    if (!placer.place(row, wantsMeta(row))) {
      skipped.push({ ied: row.ied, tag: row.tag, reason: 'full' });
    }
  }
  return { ...placer.result(), skipped };
}

/** Gives blocks to IEDs that have rows and no block, as after an import: those in which their rows stand. */
export function adoptBlocks(map: ModbusMap, layout: MapLayout): IedBlock[] {
  const owned = new Set(map.blocks.map((block) => block.ied));
  const blocks = [...map.blocks];
  const { blockSize: size } = layout;
  const metaOffset = layout.metadata ? Math.min(layout.metaOffset, size) : size;
  const claim = (ied: string, unit: number, address: number): void => {
    const start = Math.floor(address / size) * size;
    const taken = blocks.some((block) => block.unit === unit && block.start < start + size && start < blockEnd(block));
    if (taken || start + size > ADDRESS_SPACE) return;
    const next = { coil: 0, discrete: 0, input: 0, holding: 0, meta: metaOffset };
    blocks.push({ ied, unit, start, size, metaOffset, next });
  };
  for (const row of map.rows) {
    if (owned.has(row.ied)) continue;
    claim(row.ied, row.unit, row.address);
    if (row.meta !== undefined) claim(row.ied, row.unit, row.meta);
  }
  return blocks;
}

type Kind = keyof BlockMarks;

class Placer {
  private readonly rows: MapRow[];
  private readonly blocks: IedBlock[];
  private readonly added: MapRow[] = [];
  /** The newest block of an IED; older ones are full. */
  private readonly newest = new Map<string, IedBlock>();
  /** First address of a unit id that lies behind all its blocks and rows. */
  private readonly unitEnd = new Map<number, number>();

  constructor(
    map: ModbusMap,
    private readonly layout: MapLayout,
  ) {
    this.rows = [...map.rows];
    this.blocks = map.blocks.map((block) => ({ ...block, next: { ...block.next } }));
    for (const block of this.blocks) {
      this.newest.set(block.ied, block);
      this.extendUnit(block.unit, blockEnd(block));
    }
    this.learnRows();
  }

  result(): ModbusMap & { added: MapRow[] } {
    return { rows: this.rows, blocks: this.blocks, added: this.added };
  }

  /** @returns false when no address is left. */
  place(row: UnplacedRow, withMeta: boolean): boolean {
    const current = this.newest.get(row.ied);
    const placed = (current && this.placeIn(current, row, withMeta)) ?? this.placeInNew(row, withMeta);
    if (!placed) return false;
    this.rows.push(placed);
    this.added.push(placed);
    return true;
  }

  private placeInNew(row: UnplacedRow, withMeta: boolean): MapRow | undefined {
    const block = this.newBlock(row.ied);
    if (!block) return undefined;
    const placed = this.placeIn(block, row, withMeta);
    if (!placed) return undefined;
    this.blocks.push(block);
    this.newest.set(block.ied, block);
    this.extendUnit(block.unit, blockEnd(block));
    return placed;
  }

  private placeIn(block: IedBlock, row: UnplacedRow, withMeta: boolean): MapRow | undefined {
    const size = rowSize(row);
    // Many masters want values of two and four registers at even addresses.
    const offset = size > 1 && !isBitArea(row.area) ? evenUp(block.next[row.area]) : block.next[row.area];
    if (offset + size > zoneEnd(block, row.area)) return undefined;
    const meta = block.next.meta;
    if (withMeta && meta + META_REGISTERS > block.size) return undefined;
    block.next[row.area] = offset + size;
    const placed: MapRow = { ...row, unit: block.unit, address: block.start + offset };
    if (withMeta) {
      block.next.meta = meta + META_REGISTERS;
      placed.meta = block.start + meta;
    }
    return placed;
  }

  private newBlock(ied: string): IedBlock | undefined {
    const { mode, unit, blockSize: size } = this.layout;
    const metaOffset = this.layout.metadata ? Math.min(this.layout.metaOffset, size) : size;
    const previous = this.newest.get(ied);
    const own = mode === 'unit' && previous === undefined;
    for (let candidate = previous?.unit ?? unit; candidate <= MAX_UNIT; candidate++) {
      const used = this.unitEnd.get(candidate) ?? 0;
      if (own && used > 0) continue;
      const start = Math.ceil(used / size) * size;
      if (start + size > ADDRESS_SPACE) continue;
      const next = { coil: 0, discrete: 0, input: 0, holding: 0, meta: metaOffset };
      return { ied, unit: candidate, start, size, metaOffset, next };
    }
    return undefined;
  }

  private extendUnit(unit: number, end: number): void {
    if (end > (this.unitEnd.get(unit) ?? 0)) this.unitEnd.set(unit, end);
  }

  /** Rows that a person placed stand in the way as well, in whichever block they lie. */
  private learnRows(): void {
    const index = new BlockIndex(this.blocks);
    const learn = (unit: number, area: Area, start: number, end: number): void => {
      const block = index.find(unit, start);
      if (block) raiseMark(block, area, start - block.start, end - block.start);
      else this.extendUnit(unit, end);
    };
    for (const row of this.rows) {
      learn(row.unit, row.area, row.address, row.address + rowSize(row));
      if (row.meta !== undefined) learn(row.unit, 'holding', row.meta, row.meta + META_REGISTERS);
    }
  }
}

function raiseMark(block: IedBlock, area: Area, start: number, end: number): void {
  const kind: Kind = area === 'holding' && start >= block.metaOffset ? 'meta' : area;
  block.next[kind] = Math.max(block.next[kind], end);
  // A value that reaches into the metadata zone takes room there too.
  if (kind === 'holding' && end > block.metaOffset) block.next.meta = Math.max(block.next.meta, end);
}

/** Metadata takes the end of the holding registers alone; the other areas are free up to the end of the block. */
function zoneEnd(block: IedBlock, area: Area): number {
  return area === 'holding' ? block.metaOffset : block.size;
}

const evenUp = (value: number): number => value + (value & 1);
