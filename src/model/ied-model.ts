/**
 * The tree of one IED: logical devices, logical nodes, data objects, attributes, data sets and control blocks
 * (IEC 61850-7-2 §7–§14). SCL import and online browsing both give this tree; the server is built from it.
 *
 * Trees of one SCL file share the objects of equal types: treat them as frozen.
 */
import type { FunctionalConstraint } from './functional-constraint.js';
import type { TagType } from './tag-value.js';

export type Edition = '1' | '2' | '2.1' | '2.2';

export interface IedModel {
  name: string;
  manufacturer?: string;
  type?: string;
  configVersion?: string;
  description?: string;
  edition?: Edition;
  accessPoint?: string;
  logicalDevices: LogicalDevice[];
}

export interface LogicalDevice {
  /** MMS domain name: IED name + `inst`, or `ldName` when the file uses functional naming. */
  name: string;
  inst?: string;
  description?: string;
  logicalNodes: LogicalNode[];
}

export interface LogicalNode {
  /** Prefix, class and instance together, `XCBR1`. */
  name: string;
  prefix: string;
  lnClass: string;
  inst: string;
  description?: string;
  dataObjects: DataObject[];
  dataSets: DataSet[];
  reportControlBlocks: ReportControlBlock[];
  logControlBlocks: LogControlBlock[];
  /** Names of logs (journals). */
  logs: string[];
  gooseControlBlocks: GooseControlBlock[];
  sampledValueControlBlocks: SampledValueControlBlock[];
  settingGroupControlBlock?: SettingGroupControlBlock;
}

export interface DataObject {
  name: string;
  /** Common data class, `DPS`; guessed from the member names when browsed online, absent when unknown. */
  cdc?: string;
  description?: string;
  /** Elements, when the (sub) data object is an array. */
  count?: number;
  /** Transient data object (Edition 2), reported only by events. */
  transient?: boolean;
  dataObjects: DataObject[];
  attributes: DataAttribute[];
}

/** Basic type of an attribute by its SCL name (IEC 61850-6 §9.5.4.2) where it says more than {@link TagType}. */
export type BasicType =
  | 'BOOLEAN'
  | 'INT8'
  | 'INT16'
  | 'INT24'
  | 'INT32'
  | 'INT64'
  | 'INT128'
  | 'INT8U'
  | 'INT16U'
  | 'INT24U'
  | 'INT32U'
  | 'FLOAT32'
  | 'FLOAT64'
  | 'Enum'
  | 'Dbpos'
  | 'Tcmd'
  | 'Quality'
  | 'Timestamp'
  | 'VisString32'
  | 'VisString64'
  | 'VisString65'
  | 'VisString129'
  | 'VisString255'
  | 'Unicode255'
  | 'Octet6'
  | 'Octet16'
  | 'Octet64'
  | 'EntryTime'
  | 'EntryID'
  | 'Check'
  | 'ObjRef'
  | 'Currency'
  | 'PhyComAddr'
  | 'TrgOps'
  | 'OptFlds'
  | 'SvOptFlds'
  | 'Struct';

export interface DataAttribute {
  name: string;
  fc: FunctionalConstraint;
  basicType: BasicType;
  type: TagType;
  /** Octets of a string, bits of a bit string, where the source says so. Negative: up to that many. */
  size?: number;
  /** Elements, when the attribute is an array; `type` and `attributes` are then those of one element. */
  count?: number;
  description?: string;
  /** Literals by number, for Enum. */
  enumLiterals?: Record<number, string>;
  enumType?: string;
  /** Members of a Structure; empty otherwise. */
  attributes: DataAttribute[];
  dchg?: boolean;
  qchg?: boolean;
  dupd?: boolean;
  /** Initial value as the SCL file writes it. */
  value?: string;
  /** Initial values of array elements by index. */
  values?: Record<number, string>;
  /** Values of setting groups by group number (`sGroup`). */
  groupValues?: Record<number, string>;
  shortAddress?: string;
  valKind?: string;
  valImport?: boolean;
}

export interface DataSetMember {
  /** `LD/LN.DO.DA`, with `(index)` for an array element. */
  reference: string;
  fc: FunctionalConstraint;
}

export interface DataSet {
  name: string;
  description?: string;
  members: DataSetMember[];
  /** Made by a client and deletable; undefined when unknown. */
  deletable?: boolean;
}

/** TrgOps by name (IEC 61850-7-2 §17.2.3.2.3.4). */
export interface TriggerOptions {
  dchg: boolean;
  qchg: boolean;
  dupd: boolean;
  period: boolean;
  gi: boolean;
}

export interface ReportControlBlock {
  /** Name as it is online, with the instance number when it is indexed. */
  name: string;
  buffered: boolean;
  description?: string;
  /** Name of the data set in the same logical node, or its whole reference `LD/LN.name`. */
  dataSet?: string;
  rptId?: string;
  confRev?: number;
  bufferTime?: number;
  integrityPeriod?: number;
  triggerOptions?: TriggerOptions;
  /** Names of the optional fields that are set: `seqNum`, `timeStamp`, `reasonCode`, `dataSet`, `dataRef`, `bufOvfl`, `entryID`, `configRef`, `segmentation`. */
  optionalFields?: string[];
  /** Instances (`RptEnabled max`), when the source says so; the model lists each one by its own name. */
  maxInstances?: number;
  /** Client that this instance belongs to (ClientLN), and its IP address where the file has it. */
  client?: { ied: string; address?: string };
}

export interface LogControlBlock {
  name: string;
  description?: string;
  dataSet?: string;
  logName?: string;
  logEnabled?: boolean;
  integrityPeriod?: number;
  triggerOptions?: TriggerOptions;
  reasonCode?: boolean;
}

/** Layer 2 address of a GOOSE or sampled-value control block. */
export interface ProcessBusAddress {
  mac?: string;
  appId?: number;
  vlanId?: number;
  vlanPriority?: number;
  minTime?: number;
  maxTime?: number;
  /** Every `P` of the address by its type, R-GOOSE ones included. */
  parameters?: Record<string, string>;
}

export interface GooseControlBlock {
  name: string;
  description?: string;
  dataSet?: string;
  goId?: string;
  confRev?: number;
  fixedOffsets?: boolean;
  goEna?: boolean;
  address?: ProcessBusAddress;
}

export interface SampledValueControlBlock {
  name: string;
  description?: string;
  dataSet?: string;
  smvId?: string;
  confRev?: number;
  multicast?: boolean;
  smpRate?: number;
  smpMod?: string;
  nofAsdu?: number;
  options?: string[];
  address?: ProcessBusAddress;
}

export interface SettingGroupControlBlock {
  numberOfSettingGroups: number;
  activeSettingGroup: number;
}

/** Transport, session, presentation and ACSE parameters of a server's access point (IEC 61850-8-1 Annex A). */
export interface OsiAddress {
  /** Selectors as hex text, `0001`; an empty string means present and empty. */
  tSelector?: string;
  sSelector?: string;
  pSelector?: string;
  /** Dotted object identifier, `1.3.9999.23`. */
  apTitle?: string;
  aeQualifier?: number;
}
