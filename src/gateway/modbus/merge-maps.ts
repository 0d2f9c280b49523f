import { type ModbusMap, rowName } from './map.js';

/** A map together with the addresses that an earlier run gave to tags; where both speak of a tag, the first map decides. */
export function mergeMaps(map: ModbusMap, earlier: ModbusMap): ModbusMap {
  const known = new Set(map.rows.map(rowName));
  const blocks = new Map([...earlier.blocks, ...map.blocks].map((block) => [`${block.unit} ${block.start}`, block]));
  return {
    rows: [...map.rows, ...earlier.rows.filter((row) => !known.has(rowName(row)))],
    blocks: [...blocks.values()],
  };
}
