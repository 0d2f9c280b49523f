/** Control blocks as the MMS variables that clients see (IEC 61850-8-1 §15–§18), written as attributes with values. */
import type { FunctionalConstraint } from '../model/functional-constraint.js';
import type {
  BasicType,
  DataAttribute,
  Edition,
  GooseControlBlock,
  LogControlBlock,
  LogicalNode,
  ProcessBusAddress,
  ReportControlBlock,
  SampledValueControlBlock,
  SettingGroupControlBlock,
  TriggerOptions,
} from '../model/ied-model.js';
import type { TagType } from '../model/tag-value.js';

/** Where a control block stands; its data set and its own reference are written with it. */
export interface BlockHome {
  logicalDevice: string;
  logicalNode: LogicalNode;
  edition: Edition | undefined;
}

/** One control block as an object of its logical node: `LN$BR$name`. */
export interface BlockVariable {
  name: string;
  fc: FunctionalConstraint;
  attributes: DataAttribute[];
}

const TAG_TYPES: Partial<Record<BasicType, TagType>> = {
  BOOLEAN: 'Boolean',
  INT8: 'Int8',
  INT16: 'Int16',
  INT8U: 'UInt8',
  INT16U: 'UInt16',
  INT32U: 'UInt32',
  TrgOps: 'BitString',
  OptFlds: 'BitString',
  SvOptFlds: 'BitString',
  EntryTime: 'Timestamp',
  Timestamp: 'Timestamp',
  EntryID: 'OctetString',
  Octet6: 'OctetString',
  Octet64: 'OctetString',
};

function member(
  fc: FunctionalConstraint,
  name: string,
  basicType: BasicType,
  value?: string | number | boolean,
): DataAttribute {
  return {
    name,
    fc,
    basicType,
    type: TAG_TYPES[basicType] ?? 'VisibleString',
    attributes: [],
    ...(value !== undefined && { value: String(value) }),
  };
}

/** TrgOps (IEC 61850-8-1 §8.1.3.9): bit 0 is reserved. */
function triggerBits(options: Partial<TriggerOptions>): string {
  const { dchg = false, qchg = false, dupd = false, period = false, gi = false } = options;
  return [false, dchg, qchg, dupd, period, gi].map(Number).join('');
}

/** OptFlds by their bits (IEC 61850-8-1 §17.2.3). */
const OPTIONAL_FIELDS = [
  'reserved',
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

function optionalFieldBits(names: readonly string[]): string {
  return OPTIONAL_FIELDS.map((name) => Number(names.includes(name))).join('');
}

/** What a report control block does that the file says nothing of: report what changes, and enough to make sense of it. */
const DEFAULT_TRIGGERS: Partial<TriggerOptions> = { dchg: true, qchg: true, gi: true };
const DEFAULT_FIELDS = ['seqNum', 'timeStamp', 'reasonCode', 'dataSet', 'configRef'];
const DEFAULT_BUFFERED_FIELDS = [...DEFAULT_FIELDS, 'bufOvfl', 'entryID'];

const SV_OPTIONS = ['refreshTime', 'sampleSynchronized', 'sampleRate', 'dataSet', 'security'];

/** `LD/LN$name`; a name that is a whole reference already is only put into MMS form. */
function dataSetReference(
  home: Pick<BlockHome, 'logicalDevice'> & { logicalNode: Pick<LogicalNode, 'name'> },
  name: string | undefined,
): string {
  if (!name) return '';
  if (!name.includes('/')) return `${home.logicalDevice}/${home.logicalNode.name}$${name}`;
  return name.replace(/^([^/]+\/[^.$]+)[.$]/, '$1$');
}

function reportControl(home: BlockHome, block: ReportControlBlock): BlockVariable {
  const fc = block.buffered ? 'BR' : 'RP';
  const first = home.edition === '1';
  const text: BasicType = first ? 'VisString65' : 'VisString129';
  const of = (name: string, basicType: BasicType, value?: string | number | boolean): DataAttribute =>
    member(fc, name, basicType, value);
  const attributes = [
    of('RptID', text, block.rptId ?? `${home.logicalDevice}/${home.logicalNode.name}$${fc}$${block.name}`),
    of('RptEna', 'BOOLEAN', false),
    ...(block.buffered ? [] : [of('Resv', 'BOOLEAN', false)]),
    of('DatSet', text, dataSetReference(home, block.dataSet)),
    of('ConfRev', 'INT32U', block.confRev ?? 0),
    of(
      'OptFlds',
      'OptFlds',
      optionalFieldBits(block.optionalFields ?? (block.buffered ? DEFAULT_BUFFERED_FIELDS : DEFAULT_FIELDS)),
    ),
    of('BufTm', 'INT32U', block.bufferTime ?? 0),
    of('SqNum', block.buffered ? 'INT16U' : 'INT8U', 0),
    of(
      'TrgOps',
      'TrgOps',
      triggerBits(block.triggerOptions ?? { ...DEFAULT_TRIGGERS, period: (block.integrityPeriod ?? 0) > 0 }),
    ),
    of('IntgPd', 'INT32U', block.integrityPeriod ?? 0),
    of('GI', 'BOOLEAN', false),
  ];
  if (block.buffered) {
    attributes.push(
      of('PurgeBuf', 'BOOLEAN', false),
      of('EntryID', 'EntryID'),
      // The letter O changed its case between the editions.
      of(first ? 'TimeofEntry' : 'TimeOfEntry', 'EntryTime'),
    );
    if (!first) attributes.push(of('ResvTms', 'INT16', 0));
  }
  if (!first) attributes.push(of('Owner', 'Octet64'));
  return { name: block.name, fc, attributes };
}

function logControl(home: BlockHome, block: LogControlBlock): BlockVariable {
  const of = (name: string, basicType: BasicType, value?: string | number | boolean): DataAttribute =>
    member('LG', name, basicType, value);
  return {
    name: block.name,
    fc: 'LG',
    attributes: [
      of('LogEna', 'BOOLEAN', false),
      of('LogRef', 'VisString129', dataSetReference(home, block.logName)),
      of('DatSet', 'VisString129', dataSetReference(home, block.dataSet)),
      of('OldEntrTm', 'EntryTime'),
      of('NewEntrTm', 'EntryTime'),
      of('OldEntr', 'EntryID'),
      of('NewEntr', 'EntryID'),
      of('TrgOps', 'TrgOps', triggerBits(block.triggerOptions ?? {})),
      of('IntgPd', 'INT32U', block.integrityPeriod ?? 0),
    ],
  };
}

function destination(fc: FunctionalConstraint, address: ProcessBusAddress | undefined): DataAttribute {
  return {
    name: 'DstAddress',
    fc,
    basicType: 'PhyComAddr',
    type: 'Structure',
    attributes: [
      member(fc, 'Addr', 'Octet6', address?.mac ?? ''),
      member(fc, 'PRIORITY', 'INT8U', address?.vlanPriority ?? 0),
      member(fc, 'VID', 'INT16U', address?.vlanId ?? 0),
      member(fc, 'APPID', 'INT16U', address?.appId ?? 0),
    ],
  };
}

function gooseControl(home: BlockHome, block: GooseControlBlock): BlockVariable {
  const of = (name: string, basicType: BasicType, value?: string | number | boolean): DataAttribute =>
    member('GO', name, basicType, value);
  const attributes = [
    of('GoEna', 'BOOLEAN', false),
    of('GoID', home.edition === '1' ? 'VisString65' : 'VisString129', block.goId ?? block.name),
    of('DatSet', home.edition === '1' ? 'VisString65' : 'VisString129', dataSetReference(home, block.dataSet)),
    of('ConfRev', 'INT32U', block.confRev ?? 0),
    // Needs commissioning: nothing publishes it here.
    of('NdsCom', 'BOOLEAN', !block.dataSet),
    destination('GO', block.address),
  ];
  if (home.edition !== '1') {
    attributes.push(
      of('MinTime', 'INT32U', block.address?.minTime ?? 0),
      of('MaxTime', 'INT32U', block.address?.maxTime ?? 0),
      of('FixedOffs', 'BOOLEAN', block.fixedOffsets ?? false),
    );
  }
  return { name: block.name, fc: 'GO', attributes };
}

function sampledValueControl(home: BlockHome, block: SampledValueControlBlock): BlockVariable {
  const multicast = block.multicast !== false;
  const fc = multicast ? 'MS' : 'US';
  const of = (name: string, basicType: BasicType, value?: string | number | boolean): DataAttribute =>
    member(fc, name, basicType, value);
  const options = SV_OPTIONS.map((name) => Number(block.options?.includes(name) ?? false)).join('');
  return {
    name: block.name,
    fc,
    attributes: [
      of('SvEna', 'BOOLEAN', false),
      ...(multicast ? [] : [of('Resv', 'BOOLEAN', false)]),
      of(multicast ? 'MsvID' : 'UsvID', 'VisString129', block.smvId ?? block.name),
      of('DatSet', 'VisString129', dataSetReference(home, block.dataSet)),
      of('ConfRev', 'INT32U', block.confRev ?? 0),
      of('SmpRate', 'INT16U', block.smpRate ?? 0),
      of('OptFlds', 'SvOptFlds', options),
      of('SmpMod', 'INT8', Math.max(0, ['SmpPerPeriod', 'SmpPerSec', 'SecPerSmp'].indexOf(block.smpMod ?? ''))),
      destination(fc, block.address),
      of('noASDU', 'INT16U', block.nofAsdu ?? 1),
    ],
  };
}

function settingGroupControl(home: BlockHome, block: SettingGroupControlBlock): BlockVariable {
  return {
    name: 'SGCB',
    fc: 'SP',
    attributes: [
      member('SP', 'NumOfSG', 'INT8U', block.numberOfSettingGroups),
      member('SP', 'ActSG', 'INT8U', block.activeSettingGroup),
      member('SP', 'EditSG', 'INT8U', 0),
      member('SP', 'CnfEdit', 'BOOLEAN', false),
      member('SP', 'LActTm', 'Timestamp'),
      ...(home.edition === '1' ? [] : [member('SP', 'ResvTms', 'INT16U', 0)]),
    ],
  };
}

/** Control blocks of a logical node, each with the members of its edition and its initial values. */
export function controlBlocksOf(home: BlockHome): BlockVariable[] {
  const { logicalNode } = home;
  return [
    ...logicalNode.reportControlBlocks.map((block) => reportControl(home, block)),
    ...logicalNode.logControlBlocks.map((block) => logControl(home, block)),
    ...logicalNode.gooseControlBlocks.map((block) => gooseControl(home, block)),
    ...logicalNode.sampledValueControlBlocks.map((block) => sampledValueControl(home, block)),
    ...(logicalNode.settingGroupControlBlock ? [settingGroupControl(home, logicalNode.settingGroupControlBlock)] : []),
  ];
}
