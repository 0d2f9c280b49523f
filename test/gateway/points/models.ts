/** Small models in the form that SCL import and browsing give, for the tests of this folder. */
import type { FunctionalConstraint } from '../../../src/model/functional-constraint.js';
import type { BasicType, DataAttribute, DataObject, IedModel, LogicalNode } from '../../../src/model/ied-model.js';
import { splitLogicalNodeName } from '../../../src/model/reference.js';
import type { TagType } from '../../../src/model/tag-value.js';

export function da(
  name: string,
  fc: FunctionalConstraint,
  type: TagType,
  more: Partial<DataAttribute> = {},
): DataAttribute {
  const basicTypes: Partial<Record<TagType, BasicType>> = {
    Boolean: 'BOOLEAN',
    Float32: 'FLOAT32',
    Structure: 'Struct',
  };
  const basicType =
    basicTypes[type] ?? (type in { Dbpos: 1, Enum: 1, Quality: 1, Timestamp: 1 } ? (type as BasicType) : 'INT32');
  return { name, fc, type, basicType, attributes: [], ...more };
}

export function struct(name: string, fc: FunctionalConstraint, ...attributes: DataAttribute[]): DataAttribute {
  return da(name, fc, 'Structure', { attributes });
}

export function dataObject(
  name: string,
  cdc: string | undefined,
  ...members: Array<DataAttribute | DataObject>
): DataObject {
  const attributes = members.filter((member): member is DataAttribute => 'fc' in member);
  const dataObjects = members.filter((member): member is DataObject => !('fc' in member));
  return { name, ...(cdc !== undefined && { cdc }), attributes, dataObjects };
}

const stamp = (fc: FunctionalConstraint): DataAttribute[] => [da('q', fc, 'Quality'), da('t', fc, 'Timestamp')];

export const units = (siUnit?: string, multiplier?: string): DataAttribute =>
  struct(
    'units',
    'CF',
    da('SIUnit', 'CF', 'Enum', siUnit === undefined ? {} : { value: siUnit }),
    da('multiplier', 'CF', 'Enum', multiplier === undefined ? {} : { value: multiplier }),
  );

export const status = (name: string, cdc: string, type: TagType, more: Partial<DataAttribute> = {}): DataObject =>
  dataObject(name, cdc, da('stVal', 'ST', type, more), ...stamp('ST'));
export const sps = (name: string): DataObject => status(name, 'SPS', 'Boolean');
export const dpc = (name: string): DataObject =>
  dataObject(name, 'DPC', da('stVal', 'ST', 'Dbpos'), ...stamp('ST'), da('ctlModel', 'CF', 'Enum'));
export const act = (name: string): DataObject =>
  dataObject(name, 'ACT', da('general', 'ST', 'Boolean'), ...stamp('ST'));
export const acd = (name: string): DataObject =>
  dataObject(name, 'ACD', da('general', 'ST', 'Boolean'), da('dirGeneral', 'ST', 'Enum'), ...stamp('ST'));
export const mv = (name: string, ...more: DataAttribute[]): DataObject =>
  dataObject(name, 'MV', struct('mag', 'MX', da('f', 'MX', 'Float32')), ...stamp('MX'), ...more);
export const cmv = (name: string, ...more: DataAttribute[]): DataObject => {
  const vector = struct('mag', 'MX', da('f', 'MX', 'Float32'));
  const angle = struct('ang', 'MX', da('f', 'MX', 'Float32'));
  return dataObject(name, 'CMV', struct('cVal', 'MX', vector, angle), ...stamp('MX'), ...more);
};
export const bcr = (name: string, ...more: DataAttribute[]): DataObject =>
  dataObject(name, 'BCR', da('actVal', 'ST', 'Int64'), ...stamp('ST'), ...more);
export const lpl = (name = 'NamPlt'): DataObject =>
  dataObject(
    name,
    'LPL',
    da('vendor', 'DC', 'VisibleString'),
    da('swRev', 'DC', 'VisibleString'),
    da('d', 'DC', 'VisibleString'),
  );
export const asg = (name: string): DataObject =>
  dataObject(name, 'ASG', struct('setMag', 'SP', da('f', 'SP', 'Float32')));

/** Mod, Beh, Health and NamPlt, as every logical node has them. */
export const common = (): DataObject[] => [
  status('Mod', 'ENC', 'Enum'),
  status('Beh', 'ENS', 'Enum'),
  status('Health', 'ENS', 'Enum'),
  lpl(),
];

export function ln(name: string, ...dataObjects: DataObject[]): LogicalNode {
  return {
    name,
    ...splitLogicalNodeName(name),
    dataObjects,
    dataSets: [],
    reportControlBlocks: [],
    logControlBlocks: [],
    logs: [],
    gooseControlBlocks: [],
    sampledValueControlBlocks: [],
  };
}

/** An IED with one logical device, `BAY1CTRL`. */
export function ied(...logicalNodes: LogicalNode[]): IedModel {
  return { name: 'BAY1', logicalDevices: [{ name: 'BAY1CTRL', inst: 'CTRL', logicalNodes }] };
}

/** The same model as browsing gives it: no classes, enumerations as 8-bit integers, positions as 2-bit strings. */
export function asBrowsed(model: IedModel): IedModel {
  const attribute = (it: DataAttribute): DataAttribute => ({
    name: it.name,
    fc: it.fc,
    ...(it.type === 'Enum'
      ? { type: 'Int8' as const, basicType: 'INT8' as const }
      : { type: it.type, basicType: it.basicType }),
    attributes: it.attributes.map(attribute),
  });
  const object = (it: DataObject): DataObject => ({
    name: it.name,
    dataObjects: it.dataObjects.map(object),
    attributes: it.attributes.map(attribute),
  });
  return {
    ...model,
    logicalDevices: model.logicalDevices.map(({ name, logicalNodes }) => ({
      name,
      logicalNodes: logicalNodes.map((node) => ({ ...node, dataObjects: node.dataObjects.map(object) })),
    })),
  };
}
