/** A model with report control blocks of both kinds, and a client that writes them and reads its reports. */
import sinon from 'sinon';
import type { DataSet, IedModel, LogicalDevice, LogicalNode, ReportControlBlock } from '../../src/model/ied-model.js';
import { decodeAccessResults } from '../../src/mms/data-codec.js';
import type { MmsData } from '../../src/mms/data.js';
import { BerReader } from '../../src/mms/wire.js';
import { da, dataObject, logicalNode } from './fixture.js';
import { Loopback, type LoopbackOptions } from './loopback.js';

export const COUNT = 20;
const ALL_FIELDS = [
  'seqNum',
  'timeStamp',
  'reasonCode',
  'dataSet',
  'dataRef',
  'bufOvfl',
  'entryID',
  'configRef',
  'segmentation',
];
export const DATA_SET = 'TESTLD1/LLN0$Whole';

const indication = (n: number): ReturnType<typeof dataObject> =>
  dataObject(`Ind${n}`, 'SPS', [
    da('ST', 'stVal', 'BOOLEAN', { dchg: true }),
    da('ST', 'q', 'Quality', { qchg: true }),
    da('ST', 't', 'Timestamp'),
  ]);
const counter = (n: number): ReturnType<typeof dataObject> =>
  dataObject(`Cnt${n}`, 'INS', [
    da('ST', 'stVal', 'INT32', { dchg: true, dupd: true }),
    da('ST', 'q', 'Quality', { qchg: true }),
    da('ST', 't', 'Timestamp'),
  ]);
const text = dataObject('Txt1', 'VSS', [
  da('ST', 'stVal', 'VisString255', { dchg: true }),
  da('ST', 'q', 'Quality', { qchg: true }),
  da('ST', 't', 'Timestamp'),
]);

/** More than the smallest PDU holds. */
const longText = dataObject('Txt2', 'VSS', [
  da('ST', 'stVal', 'VisString255', { dchg: true }),
  da('ST', 'more', 'VisString255', { dchg: true }),
  da('ST', 'q', 'Quality', { qchg: true }),
  da('ST', 't', 'Timestamp'),
]);

const numbers = Array.from({ length: COUNT }, (_, i) => i + 1);
const dataSets: DataSet[] = [
  {
    name: 'Whole',
    members: [1, 2].flatMap((n) => [
      { reference: `TESTLD1/GGIO1.Ind${n}`, fc: 'ST' as const },
      { reference: `TESTLD1/GGIO1.Cnt${n}`, fc: 'ST' as const },
    ]),
  },
  { name: 'Values', members: [{ reference: 'TESTLD1/GGIO1.Ind1.stVal', fc: 'ST' }] },
  { name: 'Many', members: numbers.map((n) => ({ reference: `TESTLD1/GGIO1.Cnt${n}`, fc: 'ST' })) },
  { name: 'Texts', members: [{ reference: 'TESTLD1/GGIO1.Txt1', fc: 'ST' }] },
  {
    name: 'Long',
    members: [
      { reference: 'TESTLD1/GGIO1.Txt2', fc: 'ST' },
      { reference: 'TESTLD1/GGIO1.Cnt1', fc: 'ST' },
    ],
  },
];

const block = (name: string, buffered: boolean, more: Partial<ReportControlBlock> = {}): ReportControlBlock => ({
  name,
  buffered,
  dataSet: 'Whole',
  rptId: '',
  confRev: 3,
  optionalFields: ALL_FIELDS.filter((field) => field !== 'segmentation' && field !== 'dataRef'),
  triggerOptions: { dchg: true, qchg: true, dupd: false, period: true, gi: true },
  ...more,
});

export function reportModel(more: Partial<IedModel> = {}, blocks: ReportControlBlock[] = []): IedModel {
  const node: LogicalNode = logicalNode('LLN0', [], {
    dataSets,
    reportControlBlocks: [
      block('urcb01', false),
      block('urcb02', false),
      block('urcbMany01', false, { dataSet: 'Many' }),
      block('urcbTexts01', false, { dataSet: 'Texts' }),
      block('brcb01', true),
      block('brcb02', true),
      block('brcbMany01', true, { dataSet: 'Many' }),
      ...blocks,
    ],
  });
  const device: LogicalDevice = {
    name: 'TESTLD1',
    inst: 'LD1',
    logicalNodes: [node, logicalNode('GGIO1', [...numbers.map(indication), ...numbers.map(counter), text, longText])],
  };
  return { name: 'TEST', edition: '2', logicalDevices: [device], ...more };
}

/** The fields of one report. */
export interface TestReport {
  rptId: string;
  optFlds: string;
  sqNum?: number;
  time?: number;
  dataSet?: string;
  bufOvfl?: boolean;
  entryId?: string;
  confRev?: number;
  subSqNum?: number;
  more?: boolean;
  inclusion: string;
  references?: string[];
  values: MmsData[];
  reasons?: string[];
}

const DAY_MS = 86_400_000;
const EPOCH_1984 = Date.UTC(1984, 0, 1);

/** Reads a report by its own OptFlds. */
export function parseReport(octets: Buffer): TestReport {
  const results = decodeAccessResults(new BerReader(octets)).map((result): MmsData => {
    if (!result.success) return { type: 'other', tag: 0x80, octets: Buffer.of(result.error) };
    return result.data;
  });
  const next = (): MmsData => results.shift() as MmsData;
  const value = (): never => (next() as unknown as { value: never }).value;
  const bits = (): string => (next() as { bits: string }).bits;
  const rptId: string = value();
  const optFlds = bits();
  const report: TestReport = { rptId, optFlds, inclusion: '', values: [] };
  if (optFlds[1] === '1') report.sqNum = value();
  if (optFlds[2] === '1') {
    const { ms, days } = next() as { ms: number; days: number };
    report.time = EPOCH_1984 + days * DAY_MS + ms;
  }
  if (optFlds[4] === '1') report.dataSet = value();
  if (optFlds[6] === '1') report.bufOvfl = value();
  if (optFlds[7] === '1') report.entryId = (next() as { octets: Buffer }).octets.toString('hex');
  if (optFlds[8] === '1') report.confRev = value();
  if (optFlds[9] === '1') {
    report.subSqNum = value();
    report.more = value();
  }
  report.inclusion = bits();
  const count = report.inclusion.replaceAll('0', '').length;
  if (optFlds[5] === '1') report.references = Array.from({ length: count }, value);
  report.values = Array.from({ length: count }, next);
  if (optFlds[3] === '1') report.reasons = Array.from({ length: count }, bits);
  if (results.length > 0) throw new Error(`${results.length} results too many`);
  return report;
}

/** stVal of a data object's value. */
export function valueOf(data: MmsData | undefined): unknown {
  return data?.type === 'structure' ? valueOf(data.items[0]) : (data as { value?: unknown } | undefined)?.value;
}

export const OptBits = (names: string[]): string =>
  [
    '',
    ...['seqNum', 'timeStamp', 'reasonCode', 'dataSet', 'dataRef', 'bufOvfl', 'entryID', 'configRef', 'segmentation'],
  ]
    .map((name) => (names.includes(name) ? '1' : '0'))
    .join('');

const boolean = (value: boolean): MmsData => ({ type: 'boolean', value });
const VALUES: Record<string, (value: never) => MmsData> = {
  RptEna: boolean,
  Resv: boolean,
  GI: boolean,
  PurgeBuf: boolean,
  RptID: (value: string) => ({ type: 'visible-string', value }),
  DatSet: (value: string) => ({ type: 'visible-string', value }),
  OptFlds: (value: string) => ({ type: 'bit-string', bits: value }),
  TrgOps: (value: string) => ({ type: 'bit-string', bits: value }),
  BufTm: (value: number) => ({ type: 'unsigned', value }),
  IntgPd: (value: number) => ({ type: 'unsigned', value }),
  ResvTms: (value: number) => ({ type: 'integer', value }),
  EntryID: (value: string) => ({ type: 'octet-string', octets: Buffer.from(value, 'hex') }),
};

/** A client at one control block, `TESTLD1/LLN0$BR$brcb01`. */
export class BlockClient {
  readonly item: string;

  constructor(
    readonly loopback: Loopback,
    block: string,
  ) {
    this.item = `TESTLD1/LLN0$${block.startsWith('u') ? 'RP' : 'BR'}$${block}`;
  }

  /** Undefined when it was taken, else the number of its DataAccessError. */
  set(attribute: string, value: unknown): number | undefined {
    return this.loopback.write(`${this.item}$${attribute}`, (VALUES[attribute] as (v: unknown) => MmsData)(value));
  }

  get(attribute: string): unknown {
    const data = this.loopback.value(`${this.item}$${attribute}`);
    if (typeof data === 'number') return data;
    if (data.type === 'octet-string') return data.octets.toString('hex');
    if (data.type === 'bit-string') return data.bits;
    return (data as { value?: unknown }).value;
  }

  /** Lets the server send, and gives the reports that came. */
  take(ms = 0): TestReport[] {
    clock?.tick(ms);
    turnsOfTheLoop();
    this.loopback.settle();
    return this.loopback.reports.splice(0).map(parseReport);
  }
}

let clock: sinon.SinonFakeTimers | undefined;

/** What waits for the next turn of the event loop, which the fake clock would make a ms of. */
const immediates = new Map<object, () => void>();

function turnsOfTheLoop(): void {
  while (immediates.size > 0) {
    const callbacks = [...immediates.values()];
    immediates.clear();
    for (const callback of callbacks) callback();
  }
}

/** A server whose time stands still, for the tests of one suite. */
export function useReports(): {
  open(options?: LoopbackOptions): Loopback;
  /** A client at a control block; a new one each time. */
  at(block: string, options?: LoopbackOptions): BlockClient;
  update(reference: string, value: unknown, quality?: string): void;
} {
  let first: Loopback | undefined;
  beforeEach(() => {
    clock = sinon.useFakeTimers({
      now: Date.UTC(2026, 0, 2, 3, 4, 5),
      toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'],
    });
    sinon.replace(globalThis, 'setImmediate', ((callback: () => void) => {
      const handle = {};
      immediates.set(handle, callback);
      return handle;
    }) as never);
    sinon.replace(globalThis, 'clearImmediate', ((handle: object) => void immediates.delete(handle)) as never);
    first = undefined;
  });
  afterEach(async () => {
    await first?.core.stop();
    clock?.restore();
    sinon.restore();
    immediates.clear();
    clock = undefined;
  });
  const open = (options: LoopbackOptions = {}): Loopback => {
    const loopback = Loopback.open({ ...(first ? { core: first.core } : { iedModel: reportModel() }), ...options });
    if (!first) {
      first = loopback;
      first.core.start();
    }
    return loopback;
  };
  return {
    open,
    at: (name, options) => new BlockClient(open(options), name),
    update: (reference, value, quality) => {
      const { errors } = (first as Loopback).core.update(
        [{ reference, value, ...(quality !== undefined && { quality }) }],
        Date.now(),
      );
      if (errors.length > 0) throw new Error(errors[0]?.message);
    },
  };
}
