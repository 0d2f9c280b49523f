/** The map as a Markdown table, to print or to send to whoever configures the HMI. */
import { QUALITY_MASK, QualityBit } from '../../model/quality.js';
import { formatRange } from './address.js';
import { AREAS, defaultPolicy, type MapRow, META_REGISTERS, rowSize } from './map.js';

const FUNCTION_CODES = { coil: 'FC01', discrete: 'FC02', input: 'FC04', holding: 'FC03' } as const;
const HEADINGS = [
  'Address',
  'Zero-based',
  'FC',
  'IED',
  'Tag',
  'Type',
  'Order',
  'Scale',
  'Offset',
  'Unit',
  'When not usable',
];

/** Bits of the quality register: those of IEC 61850-7-3 §6.2 in their order on the wire, and three of our own. */
const LEGEND = [
  '## Quality, age and sequence',
  'Each tag that has them takes three holding registers: **quality**, **age** in seconds since its last live value (65535 at most), and **sequence**, which counts its updates and rolls over.',
  table(
    ['Bit', 'Value', 'Meaning of the quality register'],
    [
      ['0–1', '1, 2', 'validity: 0 good, 2 invalid, 3 questionable, 1 reserved'],
      ...Object.entries(QualityBit)
        .filter(([, bit]) => bit <= QUALITY_MASK)
        .map(([name, bit]) => [String(Math.log2(bit)), String(bit), name]),
      ['13', '8192', 'stale: no longer read or reported in time'],
      ['14', '16384', 'the IED is disconnected, or the tag has an error'],
      ['15', '32768', 'never had a value, or the IED gives no quality'],
    ],
  ),
  'A value can be relied on while its quality register is 0.',
].join('\n\n');

export function mapToMarkdown(rows: readonly MapRow[], title: string): string {
  const units = [...new Set(rows.map((row) => row.unit))].sort((a, b) => a - b);
  const parts = [
    `# ${escape(title)}`,
    'A register holds value × scale + offset. Octet order ABCD has the most significant octet first.',
  ];
  for (const unit of units) {
    const own = rows.filter((row) => row.unit === unit);
    parts.push(
      `## Unit id ${unit}`,
      table([...HEADINGS, 'Quality, age, sequence', 'Description'], sorted(own).map(cellsOf)),
    );
  }
  if (rows.some(({ meta }) => meta !== undefined)) parts.push(LEGEND);
  return parts.join('\n\n') + '\n';
}

function sorted(rows: MapRow[]): MapRow[] {
  return rows.sort((a, b) => AREAS.indexOf(a.area) - AREAS.indexOf(b.area) || a.address - b.address);
}

function cellsOf(row: MapRow): string[] {
  const size = rowSize(row);
  const bit = row.type === 'Bit' ? ` bit ${row.bit}` : '';
  const last = size > 1 ? `–${row.address + size - 1}` : '';
  const oneBit = row.type === 'Bool' || row.type === 'Bit' || row.type === 'Text';
  return [
    formatRange(row.area, row.address, size) + bit,
    `${row.address}${last}`,
    FUNCTION_CODES[row.area],
    row.ied,
    row.tag,
    row.type,
    row.type === 'Bool' || row.type === 'Bit' ? '' : (row.order ?? 'ABCD'),
    oneBit ? '' : String(row.scale ?? 1),
    oneBit ? '' : String(row.offset ?? 0),
    row.engineeringUnit ?? '',
    row.policy ?? defaultPolicy(row.type),
    row.meta === undefined ? '' : `${formatRange('holding', row.meta, META_REGISTERS)} (${row.meta})`,
    row.description ?? '',
  ];
}

function table(headings: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.map(escape).join(' | ')} |`;
  return [line(headings), `|${headings.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Names come from devices and files: nothing of them may become markup. */
function escape(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]<>|#]/g, '\\$&');
}
