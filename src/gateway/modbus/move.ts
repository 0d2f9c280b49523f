/** A row that a person takes to another place of the map: it gets the address there, and the rows in between make room. */
import { isBitArea, rowSize, type MapRow, type ModbusMap } from './map.js';

/** Rows that stand on the same addresses, as the bits of one register do; they move together. */
interface Place {
  address: number;
  size: number;
  rows: MapRow[];
}

/**
 * Moves one row before or after another. Where both stand in one area of one unit id, the row takes the place of the
 * other by address as well: only the rows between the two get other addresses, gaps stay where they were, and nothing
 * comes to overlap that did not before. Metadata registers stay with their tags. Anywhere else the move changes the
 * order of the table alone.
 * @param from index of the row
 * @param to index of the other row
 * @returns the map as it was when there are no such rows
 */
export function moveRow({ rows, blocks }: ModbusMap, from: number, to: number, after: boolean): ModbusMap {
  const [moving, target] = [rows[from], rows[to]];
  if (!moving || !target || from === to) return { rows, blocks };
  const addresses = isOneArea(moving, target) ? newAddresses(rows, moving, target, after) : new Map<MapRow, number>();
  const others = rows.filter((row) => row !== moving);
  const at = others.indexOf(target) + (after ? 1 : 0);
  const ordered = [...others.slice(0, at), moving, ...others.slice(at)];
  return { rows: ordered.map((row) => ({ ...row, address: addresses.get(row) ?? row.address })), blocks };
}

function isOneArea(moving: MapRow, target: MapRow): boolean {
  return (
    moving.unit === target.unit &&
    moving.area === target.area &&
    Number.isInteger(moving.address) &&
    Number.isInteger(target.address)
  );
}

function newAddresses(rows: readonly MapRow[], moving: MapRow, target: MapRow, after: boolean): Map<MapRow, number> {
  const addresses = new Map<MapRow, number>();
  const places = placesOf(rows.filter((row) => isOneArea(row, moving)));
  const find = (row: MapRow): number => places.findIndex((place) => place.rows.includes(row));
  const [was, other] = [find(moving), find(target)];
  const before = after ? other + 1 : other;
  const next = before > was ? before - 1 : before;
  if (was === other || was === next) return addresses;
  const [low, high] = [Math.min(was, next), Math.max(was, next)];
  const crossed = places.slice(low, high + 1);
  const gaps = crossed.map((place, index) => (crossed[index + 1]?.address ?? 0) - place.address - place.size);
  const [taken] = crossed.splice(was - low, 1);
  crossed.splice(next - low, 0, taken as Place);
  let address = places[low]?.address ?? 0;
  crossed.forEach((place, index) => {
    for (const row of place.rows) addresses.set(row, address + row.address - place.address);
    address += place.size + (gaps[index] ?? 0);
  });
  return addresses;
}

/** By address; what overlaps stays together. */
function placesOf(rows: readonly MapRow[]): Place[] {
  const places: Place[] = [];
  for (const row of [...rows].sort((a, b) => a.address - b.address)) {
    const size = isBitArea(row.area) ? 1 : rowSize(row);
    const last = places.at(-1);
    if (last && row.address < last.address + last.size) {
      last.size = Math.max(last.size, row.address + size - last.address);
      last.rows.push(row);
    } else places.push({ address: row.address, size, rows: [row] });
  }
  return places;
}
