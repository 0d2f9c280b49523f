/** The common data class of a data object that was found online, where only names and MMS types are seen. */
import type { FunctionalConstraint } from './functional-constraint.js';
import type { DataAttribute, DataObject } from './ied-model.js';

/** What is needed of a data object to guess its class. */
export type GuessableDataObject = Pick<DataObject, 'name' | 'attributes' | 'dataObjects'>;

/** Sub data objects of the standard's own classes (IEC 61850-7-3 §7.4, 61400-25-2 §7). */
const SUB_DATA_OBJECTS: ReadonlySet<string> = new Set([
  ...['phsA', 'phsB', 'phsC', 'neut', 'net', 'res', 'phsAB', 'phsBC', 'phsCA', 'c1', 'c2', 'c3'],
  ...['actSt', 'oldSt', 'stTm', 'stCt', 'actSp', 'oldSp', 'manSp', 'actAlm', 'oldAlm', 'actCmd', 'oldCmd'],
]);
/** Members that only a data object has; a structured attribute has none of them. */
const DATA_OBJECT_MEMBERS: ReadonlySet<string> = new Set([
  ...['q', 't', 'stVal', 'general', 'cVal', 'instCVal', 'instMag', 'actVal', 'setVal', 'setMag'],
  ...['ctlModel', 'units', 'db', 'zeroDb', 'subEna', 'd', 'dU', 'cdcNs', 'dataNs', 'Oper'],
]);

/**
 * Whether a structure below a data object is a sub data object (`phsA`) or a structured attribute (`cVal`), which MMS
 * does not tell.
 * @param members names of the structure's own members, of every functional constraint in which it was seen
 */
export function looksLikeSubDataObject(name: string, members: readonly string[]): boolean {
  return SUB_DATA_OBJECTS.has(name) || members.some((member) => DATA_OBJECT_MEMBERS.has(member));
}

/** Common data class of a data object by the names and types of its members; undefined when nothing fits. */
export function guessCdc(dataObject: GuessableDataObject): string | undefined {
  const find = (name: string, ...constraints: FunctionalConstraint[]): DataAttribute | undefined =>
    dataObject.attributes.find(
      (attribute) => attribute.name === name && (constraints.length === 0 || constraints.includes(attribute.fc)),
    );
  const has = (name: string, ...constraints: FunctionalConstraint[]): boolean =>
    find(name, ...constraints) !== undefined;
  return (
    trackingClass(has) ??
    statusClass(find) ??
    measurandClass(find) ??
    groupClass(dataObject) ??
    settingClass(find) ??
    descriptionClass(dataObject.name, has)
  );
}

type Find = (name: string, ...constraints: FunctionalConstraint[]) => DataAttribute | undefined;
type Has = (name: string, ...constraints: FunctionalConstraint[]) => boolean;

/** How a value's MMS type looks: `step` is a 2-bit command, enumerations are 8-bit integers on the wire. */
type Shape = 'boolean' | 'double' | 'enum' | 'integer' | 'string' | 'structure' | 'other';

function shapeOf(attribute: DataAttribute): Shape {
  if (attribute.basicType === 'Dbpos' || attribute.basicType === 'Tcmd') return 'double';
  switch (attribute.type) {
    case 'Boolean':
      return 'boolean';
    case 'Dbpos':
      return 'double';
    case 'BitString':
      return Math.abs(attribute.size ?? 0) === 2 ? 'double' : 'other';
    case 'Enum':
    case 'Int8':
      return 'enum';
    case 'Int16':
    case 'Int32':
    case 'Int64':
    case 'UInt8':
    case 'UInt16':
    case 'UInt32':
      return 'integer';
    case 'VisibleString':
    case 'UnicodeString':
      return 'string';
    case 'Structure':
      return 'structure';
    default:
      return 'other';
  }
}

/** The value that a control of this object takes, from `Oper`, `SBOw` or Edition 1's own `ctlVal`. */
function controlValue(find: Find): DataAttribute | undefined {
  for (const service of ['Oper', 'SBOw']) {
    const value = find(service, 'CO')?.attributes.find(
      (member) => member.name === 'ctlVal' || member.name === 'setMag',
    );
    if (value) return value;
  }
  return find('ctlVal', 'CO');
}

function statusClass(find: Find): string | undefined {
  // A control that is switched off (status-only) has no Oper, but keeps its ctlModel.
  const controllable =
    ['Oper', 'SBOw', 'SBO', 'Cancel', 'ctlVal'].some((name) => find(name, 'CO')) || !!find('ctlModel');
  const status = find('stVal', 'ST');
  if (status) {
    switch (shapeOf(status)) {
      case 'boolean':
        return controllable ? 'SPC' : 'SPS';
      case 'double':
        return controllable ? 'DPC' : 'DPS';
      case 'enum':
        return controllable ? 'ENC' : 'ENS';
      case 'integer':
        return controllable ? 'INC' : 'INS';
      case 'string':
        return 'VSS';
      default:
        return undefined;
    }
  }
  if (find('general', 'ST')) return find('dirGeneral', 'ST') ? 'ACD' : 'ACT';
  if (find('actVal', 'ST') ?? find('frVal', 'ST')) return 'BCR';
  if (find('hstVal', 'ST')) return 'HST';
  if (find('cnt', 'ST') && find('sev', 'ST')) return 'SEC';
  if (find('valWTr', 'ST') ?? find('valWTr', 'MX')) {
    const control = controlValue(find);
    return control && ['integer', 'enum'].includes(shapeOf(control)) && control.basicType !== 'Enum' ? 'ISC' : 'BSC';
  }
  // A control without any status value: the command alone tells its class.
  const control = find('mxVal') || find('setMag', 'MX') ? undefined : controlValue(find);
  switch (control && shapeOf(control)) {
    case 'boolean':
      return 'SPC';
    case 'integer':
      return 'INC';
    default:
      return undefined;
  }
}

function measurandClass(find: Find): string | undefined {
  if (find('mxVal', 'MX')) {
    const control = controlValue(find);
    return control && ['double', 'enum'].includes(shapeOf(control)) ? 'BAC' : 'APC';
  }
  if (find('setMag', 'MX')) return 'APC';
  if (find('mag', 'MX')) return 'MV';
  if (find('instMag', 'MX')) return 'SAV';
  if (find('cVal', 'MX') ?? find('instCVal', 'MX')) return 'CMV';
  if (find('har', 'MX')) return 'HMV';
  if (find('phsABHar', 'MX')) return 'HDEL';
  if (find('phsAHar', 'MX')) return 'HWYE';
  return undefined;
}

function groupClass(dataObject: GuessableDataObject): string | undefined {
  const subs = new Set(dataObject.dataObjects.map((sub) => sub.name));
  // Harmonics are arrays of complex values, which a browse may take for data objects or for attributes.
  if (subs.has('har')) return 'HMV';
  if (subs.has('phsABHar')) return 'HDEL';
  if (subs.has('phsAHar')) return 'HWYE';
  if (subs.has('phsAB') || subs.has('phsBC') || subs.has('phsCA')) return 'DEL';
  if (subs.has('c1')) return 'SEQ';
  if (['phsA', 'phsB', 'phsC', 'neut', 'net', 'res'].some((name) => subs.has(name))) return 'WYE';
  return undefined;
}

function settingClass(find: Find): string | undefined {
  const setting = (name: string): DataAttribute | undefined => find(name, 'SP', 'SG', 'SE');
  const value = setting('setVal');
  if (value) {
    switch (shapeOf(value)) {
      case 'boolean':
        return 'SPG';
      case 'enum':
        return 'ENG';
      case 'integer':
        return 'ING';
      case 'string':
        return 'VSG';
      default:
        return undefined;
    }
  }
  if (setting('setMag')) return 'ASG';
  if (setting('setTm') ?? setting('setCal')) return 'TSG';
  if (setting('setSrcRef')) return 'ORG';
  if (setting('cur')) return 'CUG';
  if (setting('setCharact')) return 'CURVE';
  if (setting('crvPts')) return 'CSG';
  return undefined;
}

function descriptionClass(name: string, has: Has): string | undefined {
  if (has('crvPts', 'DC') || has('numPts', 'DC')) return 'CSD';
  if (!has('vendor', 'DC')) return undefined;
  return name === 'PhyNam' || ['hwRev', 'serNum', 'model', 'location'].some((member) => has(member, 'DC'))
    ? 'DPL'
    : 'LPL';
}

/** Service tracking of Edition 2 (IEC 61850-7-2 §14, FC SR) by the member that only this one has. */
function trackingClass(has: Has): string | undefined {
  if (!has('serviceType', 'SR')) return undefined;
  const rows: ReadonlyArray<readonly [member: string, cdc: string]> = [
    ['ctlVal', 'CTS'],
    ['entryID', 'BTS'],
    ['purgeBuf', 'BTS'],
    ['resv', 'UTS'],
    ['logEna', 'LTS'],
    ['goEna', 'GTS'],
    ['numOfSG', 'STS'],
    ['svEna', 'MTS'],
  ];
  return rows.find(([member]) => has(member, 'SR'))?.[1] ?? 'CST';
}
