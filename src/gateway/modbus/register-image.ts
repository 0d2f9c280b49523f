/** Everything that masters can read, kept as registers: a read is a check and a slice. Reads no clock and opens no socket. */
import type { TagValue } from '../../model/tag-value.js';
import { AddressSpace } from './address-space.js';
import { blockEnd, BlockIndex } from './block-index.js';
import { ModbusExceptionCode } from './exceptions.js';
import {
  ADDRESS_SPACE,
  type Area,
  AREAS,
  type IedBlock,
  type MapRow,
  META_REGISTERS,
  type ModbusMap,
  rowName,
  rowSize,
} from './map.js';
import { Point, type PointOptions } from './point.js';

export interface ImageOptions extends PointOptions {
  /** Addresses of a block that no tag takes read 0; otherwise they get exception 02. */
  gapsReadZero: boolean;
  /** Unit ids 0 and 255, and any other that has no tags, mean this one; undefined: they get exception 0x0B. */
  fallbackUnit?: number;
}

export interface ImageStatistics {
  /** Tags with at least one address. */
  tags: number;
  /** Rows whose tag is not usable now, and those of them that still wait for their first value. */
  bad: number;
  waiting: number;
  /** Numbers that were clamped and texts that were cut. */
  clamped: number;
}

type Spaces = Partial<Record<Area, AddressSpace>>;

const AGE_INTERVAL_MS = 1000;

export class RegisterImage {
  private readonly units = new Map<number, Spaces>();
  private readonly points = new Map<string, Point[]>();
  private readonly all: Point[] = [];
  /** Points by the address where they start, for masters that write. */
  private readonly starts = new Map<string, Point[]>();
  private readonly latched = new Set<Point>();
  private agedAt = -Infinity;

  /** @param badRows indices of rows that must not be served; their addresses get exception 0x0B */
  constructor(
    map: ModbusMap,
    badRows: ReadonlySet<number>,
    private readonly options: ImageOptions,
  ) {
    this.makeSpaces(map, badRows);
    map.rows.forEach((row, index) => {
      const spaces = this.units.get(row.unit);
      const space = spaces?.[row.area];
      if (!spaces || !space) return;
      if (badRows.has(index)) {
        if (isPlaced(row)) blockRow(spaces, row);
        return;
      }
      const point = new Point(row, space, spaces.holding, options);
      this.all.push(point);
      push(this.points, rowName(row), point);
      push(this.starts, startKey(row.unit, row.area, row.address), point);
    });
  }

  /** @returns false when the map has no such tag */
  update(value: TagValue, now: number): boolean {
    const points = this.points.get(rowName(value));
    if (!points) return false;
    for (const point of points) {
      point.update(value, now);
      if (point.latched) this.latched.add(point);
    }
    return true;
  }

  has(ied: string, tag: string): boolean {
    return this.points.has(rowName({ ied, tag }));
  }

  /** Ends latches, counts ages and finds stale tags. To be called before a read; cheap when nothing is due. */
  tick(now: number): void {
    for (const point of this.latched) {
      point.releaseLatch(now);
      if (!point.latched) this.latched.delete(point);
    }
    if (now - this.agedAt < AGE_INTERVAL_MS) return;
    this.agedAt = now;
    for (const point of this.all) point.age(now);
  }

  /** The exception that a request for these addresses gets. */
  check(unit: number, area: Area, address: number, quantity: number): ModbusExceptionCode {
    const spaces = this.spaces(unit);
    if (!spaces) return ModbusExceptionCode.GATEWAY_TARGET_FAILED_TO_RESPOND;
    return spaces[area]?.check(address, quantity) ?? ModbusExceptionCode.ILLEGAL_DATA_ADDRESS;
  }

  /** Contents of addresses that {@link check} has allowed; a view, not a copy. */
  read(unit: number, area: Area, address: number, quantity: number): Uint16Array {
    const registers = this.spaces(unit)?.[area]?.registers;
    return registers?.subarray(address, address + quantity) ?? new Uint16Array(quantity);
  }

  /** Points that start at an address: none, one, or the bits of a register. */
  pointsAt(unit: number, area: Area, address: number): readonly Point[] {
    const served = this.units.has(unit) ? unit : this.options.fallbackUnit;
    return served === undefined ? [] : (this.starts.get(startKey(served, area, address)) ?? []);
  }

  hasUnit(unit: number): boolean {
    return this.spaces(unit) !== undefined;
  }

  statistics(): ImageStatistics {
    const count = { bad: 0, waiting: 0, clamped: 0 };
    for (const point of this.all) {
      if (!point.usable) count.bad++;
      if (!point.hadValue) count.waiting++;
      if (point.clamped) count.clamped++;
    }
    return { tags: this.points.size, ...count };
  }

  private spaces(unit: number): Spaces | undefined {
    const { fallbackUnit } = this.options;
    return this.units.get(unit) ?? (fallbackUnit === undefined ? undefined : this.units.get(fallbackUnit));
  }

  private makeSpaces(map: ModbusMap, badRows: ReadonlySet<number>): void {
    const layout = new SpaceLayout();
    const blocks = new BlockIndex(this.options.gapsReadZero ? map.blocks : []);
    map.rows.forEach((row, index) => {
      if (badRows.has(index) && !isPlaced(row)) return;
      for (const { area, start, end } of places(row)) {
        layout.extend(row.unit, area, end);
        // A block opens in the areas where it has a tag: who asks for coils where there are none is told so.
        const block = blocks.find(row.unit, start);
        if (block) layout.open(row.unit, area, block);
      }
    });
    layout.build(this.units);
  }
}

/** Collects how large every area has to be, and which blocks are readable in it. */
class SpaceLayout {
  private readonly ends = new Map<number, Record<Area, number>>();
  private readonly opened = new Map<number, Record<Area, Set<IedBlock>>>();

  extend(unit: number, area: Area, end: number): void {
    const ends = this.ends.get(unit) ?? { coil: 0, discrete: 0, input: 0, holding: 0 };
    ends[area] = Math.max(ends[area], end);
    this.ends.set(unit, ends);
  }

  open(unit: number, area: Area, block: IedBlock): void {
    const sets = this.opened.get(unit);
    const opened = sets ?? { coil: new Set(), discrete: new Set(), input: new Set(), holding: new Set() };
    if (!sets) this.opened.set(unit, opened);
    opened[area].add(block);
    this.extend(unit, area, blockEnd(block));
  }

  build(units: Map<number, Spaces>): void {
    for (const [unit, ends] of this.ends) {
      const spaces: Spaces = {};
      for (const area of AREAS) {
        if (ends[area] === 0) continue;
        const space = new AddressSpace(ends[area]);
        for (const block of this.opened.get(unit)?.[area] ?? []) space.open(block.start, blockEnd(block));
        spaces[area] = space;
      }
      units.set(unit, spaces);
    }
  }
}

/** Addresses that a row takes: its value and its metadata. */
function places(row: MapRow): Array<{ area: Area; start: number; end: number }> {
  const value = { area: row.area, start: row.address, end: row.address + rowSize(row) };
  if (row.meta === undefined) return [value];
  return [value, { area: 'holding', start: row.meta, end: row.meta + META_REGISTERS }];
}

/** Whether a row with an error still says where it stands. */
function isPlaced(row: MapRow): boolean {
  const inRange = (start: number, end: number): boolean =>
    Number.isInteger(start) && start >= 0 && end <= ADDRESS_SPACE;
  return AREAS.includes(row.area) && places(row).every(({ start, end }) => inRange(start, end));
}

/** The addresses of a row with an error answer 0x0B: a 0 there would be taken for a value. */
function blockRow(spaces: Spaces, row: MapRow): void {
  for (const { area, start, end } of places(row)) spaces[area]?.block(start, end);
}

const startKey = (unit: number, area: Area, address: number): string => `${unit} ${area} ${address}`;

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
