/** A server's report control blocks, for tests of the client: attributes that can be read, written and refused. */
import { FakeIed, sps, spsType, type FakeVariable } from '../../support/fake-ied.js';
import type { MmsData } from '../../../src/mms/data.js';
import { ObjectClass, type ServiceRequest, type ServiceResponse } from '../../../src/mms/services.js';
import type { TypeComponent, TypeDescription } from '../../../src/mms/type-description.js';
import type { VariableSpecification } from '../../../src/mms/variable-access.js';

const NUMBER = (size: number): TypeDescription => ({ type: 'unsigned', size });
const TEXT: TypeDescription = { type: 'visible-string', size: -129 };
const FLAG: TypeDescription = { type: 'boolean' };

const TYPES: Record<string, TypeDescription> = {
  RptID: TEXT,
  RptEna: FLAG,
  Resv: FLAG,
  DatSet: TEXT,
  ConfRev: NUMBER(32),
  OptFlds: { type: 'bit-string', size: -10 },
  BufTm: NUMBER(32),
  SqNum: NUMBER(16),
  TrgOps: { type: 'bit-string', size: -6 },
  IntgPd: NUMBER(32),
  GI: FLAG,
  PurgeBuf: FLAG,
  EntryID: { type: 'octet-string', size: 8 },
  TimeofEntry: { type: 'binary-time', withDate: true },
  ResvTms: { type: 'integer', size: 16 },
  Owner: { type: 'octet-string', size: -64 },
};

const flag = (value: boolean): MmsData => ({ type: 'boolean', value });
const number = (value: number): MmsData => ({ type: 'unsigned', value });
const text = (value: string): MmsData => ({ type: 'visible-string', value });

const BRCB: Record<string, MmsData> = {
  RptID: text('events'),
  RptEna: flag(false),
  DatSet: text('LD/LLN0$ds'),
  ConfRev: number(1),
  OptFlds: { type: 'bit-string', bits: '0111101110' },
  BufTm: number(50),
  SqNum: number(0),
  TrgOps: { type: 'bit-string', bits: '011001' },
  IntgPd: number(0),
  GI: flag(false),
  PurgeBuf: flag(false),
  EntryID: { type: 'octet-string', octets: Buffer.alloc(8) },
  TimeofEntry: { type: 'binary-time', ms: 0, days: 0 },
  ResvTms: { type: 'integer', value: 0 },
  Owner: { type: 'octet-string', octets: Buffer.alloc(0) },
};

export interface FakeControlBlockOptions {
  /** `LLN0$BR$name` or `LLN0$RP$name`. */
  item?: string;
  /** Attributes in place of the usual ones; undefined leaves one out. */
  attributes?: Record<string, MmsData | undefined>;
  /** DataAccessError by attribute that is written. */
  refuse?(attribute: string, value: MmsData): number | undefined;
  /** Called with every write that was taken, before its answer. */
  written?(attribute: string, value: MmsData): void;
  /** Ends the connection in place of an answer. */
  closes?(request: ServiceRequest): boolean;
  members?: string[];
  variables?: Record<string, FakeVariable>;
}

export class FakeControlBlock {
  readonly item: string;
  readonly attributes: Record<string, MmsData>;
  /** Attributes that were written, in order, with their values. */
  readonly writes: [string, MmsData][] = [];
  members: string[];
  readonly ied: FakeIed;

  constructor(readonly options: FakeControlBlockOptions = {}) {
    this.item = options.item ?? 'LLN0$BR$brcb01';
    this.attributes = {};
    for (const [name, value] of Object.entries({ ...BRCB, ...options.attributes }))
      if (value !== undefined) this.attributes[name] = value;
    this.members = options.members ?? ['GGIO1$ST$Ind1', 'GGIO1$ST$Ind2'];
    this.ied = new FakeIed({
      variables: {
        'LD/GGIO1$ST$Ind1': { type: spsType, data: sps(true) },
        'LD/GGIO1$ST$Ind2': { type: spsType, data: sps(false) },
        ...options.variables,
        [`LD/${this.item}`]: {
          type: { type: 'structure', components: this.components() },
          data: () => ({ type: 'structure', items: Object.values(this.attributes) }),
        },
      },
      answer: (request) => this.answer(request),
    });
  }

  /** Names of what was written, in order. */
  get written(): string[] {
    return this.writes.map(([name]) => name);
  }

  private components(): TypeComponent[] {
    return Object.keys(this.attributes).map((name) => ({
      name,
      type: TYPES[name] ?? (name.toLowerCase() === 'timeofentry' ? (TYPES.TimeofEntry as TypeDescription) : FLAG),
    }));
  }

  private answer(request: ServiceRequest): ServiceResponse | 'close' | undefined {
    if (this.options.closes?.(request)) return 'close';
    if (request.service === 'getNamedVariableListAttributes') {
      const variables = this.members.map((item): VariableSpecification => ({
        name: { scope: 'domain', domain: 'LD', item },
      }));
      return { service: 'getNamedVariableListAttributes', deletable: false, variables };
    }
    if (request.service === 'getNameList' && request.objectClass === ObjectClass.namedVariable) {
      return { service: 'getNameList', names: ['LLN0', this.item, `${this.item}$RptID`], moreFollows: false };
    }
    if (request.service !== 'write' || !('list' in request.access)) return undefined;
    const results = request.access.list.map(({ name }, i) => {
      const attribute = name.item.slice(this.item.length + 1);
      const value = request.data[i] as MmsData;
      this.writes.push([attribute, value]);
      const error = attribute in this.attributes ? this.options.refuse?.(attribute, value) : 4;
      if (error !== undefined) return { success: false, error } as const;
      if (attribute !== 'GI' && attribute !== 'PurgeBuf') this.attributes[attribute] = value;
      this.options.written?.(attribute, value);
      return { success: true } as const;
    });
    return { service: 'write', results };
  }
}
