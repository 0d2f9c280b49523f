/**
 * What the editor asks about a map that is not deployed: is it sound, where do new tags go, what does a file hold. The
 * same functions serve the running node, so the editor has no rules of its own.
 */
import { ArgumentError } from '../../errors.js';
import { MAX_MODBUS_ROWS } from '../../limits.js';
import { isFunctionalConstraint } from '../../model/functional-constraint.js';
import type { TagType } from '../../model/tag-value.js';
import { formatAddress, parseAddress } from './address.js';
import { adoptBlocks, type AssignableTag, assignTags, placeRows, type UnplacedRow } from './assign.js';
import { mapFromCsv, mapToCsv } from './map-csv.js';
import { mapToMarkdown } from './map-markdown.js';
import { type Area, AREAS, type MapRow, type ModbusMap, rowName } from './map.js';
import { mergeMaps } from './merge-maps.js';
import { moveRow } from './move.js';
import { parseLayout, parseMap } from './parse-map.js';
import { type MapIssue, validateMap } from './validate.js';

export type EditorBody = Readonly<Record<string, unknown>>;

/** A map together with what is wrong with it. */
export interface CheckedMap extends ModbusMap {
  issues: MapIssue[];
  more: number;
  /** Address of each row as HMIs show it, and that of its metadata; empty where there is none. */
  notations: Array<{ address: string; meta: string }>;
}

/** Actions of the editor by name. Each takes `rows`, `blocks` and `layout` as the form has them, unsaved. */
const ACTIONS: Readonly<Record<string, (body: EditorBody) => object>> = {
  check: (body) => checked(mapOf(body)),
  assign,
  place,
  move,
  'to-csv': (body) => ({ text: mapToCsv(mapOf(body).rows) }),
  'from-csv': fromCsv,
  'to-markdown': (body) => ({ text: mapToMarkdown(mapOf(body).rows, textOf(body.title) || 'Modbus map') }),
  address,
};

/** @throws ArgumentError when there is no such action, or its input cannot be used */
export function editorAction(name: string, body: EditorBody): object {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action) throw new ArgumentError(`There is no action "${name.slice(0, 40)}" for a Modbus map`);
  return action(body);
}

const mapOf = (body: EditorBody): ModbusMap => parseMap(body.rows, body.blocks);

function checked(map: ModbusMap): CheckedMap {
  const { issues, more } = validateMap(map);
  const notations = map.rows.map((row) => ({
    address: shown(row.area, row.address),
    meta: shown('holding', row.meta),
  }));
  return { ...map, issues, more, notations };
}

function shown(area: Area, address: number | undefined): string {
  const known = AREAS.includes(area) && Number.isInteger(address) && (address as number) >= 0;
  return known ? formatAddress(area, address as number) : '';
}

/**
 * Adds `tags` (`[{ ied, tag, type, … }]`) that are not in the map. Addresses in `assigned`, which a running node
 * has given to tags, are kept.
 */
function assign(body: EditorBody): object {
  const map = mapOf(body);
  const assigned = typeof body.assigned === 'object' && body.assigned ? mapOf(body.assigned as EditorBody) : undefined;
  const known = assigned ? mergeMaps(map, assigned) : map;
  const { skipped, rows, blocks } = assignTags(known, tagsOf(body.tags), parseLayout(body.layout));
  return { ...checked({ rows, blocks }), added: rows.length - map.rows.length, skipped };
}

/** Gives new addresses to the rows of `indices`, which a person asked for; all other rows stay. */
function place(body: EditorBody): object {
  const map = mapOf(body);
  const layout = parseLayout(body.layout);
  const chosen = new Set(Array.isArray(body.indices) ? body.indices : []);
  const staying = map.rows.filter((_row, index) => !chosen.has(index));
  const moving = new Map<UnplacedRow, MapRow>();
  map.rows.forEach((row, index) => {
    if (chosen.has(index)) moving.set(withoutPlace(row), row);
  });
  // A row that never had an address is a new one; of the others those get metadata again that had it.
  const wantsMeta = (row: UnplacedRow): boolean => {
    const before = moving.get(row);
    return before && Number.isInteger(before.address) ? before.meta !== undefined : layout.metadata;
  };
  const { added, skipped, rows, blocks } = placeRows(
    { rows: staying, blocks: map.blocks },
    moving.keys(),
    layout,
    wantsMeta,
  );
  const lost = new Set(skipped.map(rowName));
  const kept = [...moving.values()].filter((row) => lost.has(rowName(row)));
  return { ...checked({ rows: [...rows, ...kept], blocks }), added: added.length, skipped };
}

/** Takes the row of index `from` before the one of index `to`, or behind it with `after`. */
function move(body: EditorBody): object {
  return checked(moveRow(mapOf(body), Number(body.from), Number(body.to), body.after === true));
}

function withoutPlace(row: MapRow): UnplacedRow {
  const unplaced: UnplacedRow = { ...row };
  delete unplaced.address;
  delete unplaced.unit;
  delete unplaced.meta;
  return unplaced;
}

function fromCsv(body: EditorBody): object {
  const layout = parseLayout(body.layout);
  const { rows, blocks, problems, more } = mapFromCsv(textOf(body.text), mapOf({ blocks: body.blocks }), layout);
  const map = { rows, blocks: adoptBlocks({ rows, blocks }, layout) };
  return { ...checked(map), problems, moreProblems: more };
}

/** Area and zero-based address of what a person typed, `40001`. */
function address(body: EditorBody): object {
  const text = textOf(body.text).trim();
  const parsed = parseAddress(text);
  if (!parsed) throw new ArgumentError(`"${text.slice(0, 20)}" is no address`, 'Write 40001 or 400001.');
  return parsed;
}

function tagsOf(value: unknown): AssignableTag[] {
  if (!Array.isArray(value)) throw new ArgumentError('The tags are not a list');
  if (value.length > MAX_MODBUS_ROWS) throw new ArgumentError(`There are more than ${MAX_MODBUS_ROWS} tags`);
  return value.map((entry: Readonly<Record<string, unknown>> | null) => {
    const [ied, tag] = [textOf(entry?.ied), textOf(entry?.tag)];
    if (!ied || !tag) throw new ArgumentError('A tag has no IED or no name');
    const fc = textOf(entry?.fc);
    const cdc = textOf(entry?.cdc);
    const known: AssignableTag = { ied, tag };
    if (isFunctionalConstraint(fc)) known.fc = fc;
    const type = textOf(entry?.type);
    if (type) known.type = type as TagType;
    if (cdc) known.cdc = cdc;
    for (const name of ['reference', 'description', 'unit'] as const) {
      const text = textOf(entry?.[name]);
      if (text) known[name] = text;
    }
    return known;
  });
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
