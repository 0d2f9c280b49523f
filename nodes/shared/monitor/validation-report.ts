/**
 * The validation matrix of `docs/validation.md` filled in with what was found: a record of an acceptance test in Markdown.
 * A row fails or does not apply where the facts say so; that one passes is for a person to say.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { findings, type Finding } from './findings.js';
import { packageFolder } from './package-folder.js';
import type { SupportRecord } from './support-record.js';

/** What a person says about the test. */
export interface TestDetails {
  project: string;
  site: string;
  tester: string;
  remarks: string;
}

interface MatrixRow {
  id: string;
  what: string;
  how: string;
  expected: string;
  evidence: string;
}

/** Log entries and values that the report lists; the exports as JSON and CSV have all. */
const MAX_LISTED_LOG = 100;
const MAX_LISTED_VALUES = 2000;

/** Rows of the matrix as the documentation has them. */
export async function readMatrix(): Promise<MatrixRow[]> {
  const text = await readFile(path.join(packageFolder(), 'docs', 'validation.md'), 'utf8');
  return text
    .split('\n')
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .filter((cells) => cells.length >= 7 && /^[A-Z]+-\d+$/.test(cells[1] ?? ''))
    .map(([, id = '', what = '', how = '', expected = '', evidence = '']) => ({ id, what, how, expected, evidence }));
}

export async function validationReport(record: SupportRecord, details: TestDetails): Promise<string> {
  const rows = await readMatrix();
  const found = findings(record);
  return [
    '# Validation report',
    '',
    headerTable(record, details),
    '',
    'Found: what the gateway itself says at the time of this report. Result: `fail` and `n/a` follow from that; `pass` is',
    'for the tester to write, with initials and date.',
    '',
    '## Matrix',
    '',
    table(
      ['id', 'what', 'how', 'expected', 'found', 'evidence', 'result'],
      rows.map(({ id, what, how, expected, evidence }) => {
        const { text = '', result }: Finding = found.get(id) ?? {};
        // Texts of the matrix are Markdown already.
        return [id, what, how, expected, cell(text), evidence, result ?? ''];
      }),
    ),
    '',
    ...valueSection(record),
    ...logSection(record),
    'Tester: ______________________ Date: ______________ Witness: ______________________',
    '',
  ].join('\n');
}

function headerTable({ header }: SupportRecord, { project, site, tester, remarks }: TestDetails): string {
  const { created, package: own, nodeRed, node, platform, flows } = header;
  const facts: [string, string][] = [
    ['Project', project],
    ['Site', site],
    ['Tester', tester],
    ['Time', created],
    ['Package', `${own.name} ${own.version}`],
    ['Node-RED', nodeRed],
    ['Node.js', `${node}, ${platform}`],
    ['Flows', `${flows.nodes} nodes, SHA-256 ${flows.sha256}`],
    ['Remarks', remarks],
  ];
  return table(
    ['', ''],
    facts.map(([name, text]) => [name, cell(text)]),
  );
}

function valueSection({ values }: SupportRecord): string[] {
  const listed = values.slice(0, MAX_LISTED_VALUES);
  const rest = values.length - listed.length;
  return [
    '## Values',
    '',
    table(
      ['IEC Object', 'Value', 'Timestamp', 'Quality', 'Type', 'Status'],
      listed.map(({ reference, fc, text = '', timestamp, quality, type = '', status }) =>
        [`${reference}[${fc}]`, text, timestamp ?? '', quality?.text ?? '', type, status].map(cell),
      ),
    ),
    ...(rest > 0 ? ['', `… and ${rest} more, which stand in the exports as JSON and CSV.`] : []),
    '',
  ];
}

function logSection({ log }: SupportRecord): string[] {
  const bad = log.filter(({ level }) => level !== 'info');
  const listed = bad.slice(-MAX_LISTED_LOG);
  if (listed.length === 0) return ['## Warnings and errors', '', 'None.', ''];
  return [
    '## Warnings and errors',
    '',
    ...(bad.length > listed.length ? [`The last ${listed.length} of ${bad.length}.`, ''] : []),
    table(
      ['Time', 'Level', 'Source', 'Text'],
      listed.map(({ time, level, source, text }) => [time, level, source, text].map(cell)),
    ),
    '',
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A text that Markdown leaves as it is, in one line: texts of devices and people are not trusted. */
export function cell(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|#~]/g, (mark) => `\\${mark}`)
    .trim();
}
