import {
  ArgumentError,
  ControlError,
  DataAccessError,
  dataAccessErrorName,
  type Iec61850Error,
  RejectError,
  ServiceError,
} from '../../errors.js';
import { CONTROL_MODELS, VALUE_MEMBERS, type ControlClass, type ControlModel } from '../../model/control-model.js';
import { standardEnum } from '../../model/enums.js';
import { objectReference, parseReference, splitLogicalNodeName } from '../../model/reference.js';
import type { TagData } from '../../model/tag-value.js';
import type { ObjectName } from '../../mms/object-name.js';
import type { TypeDescription } from '../../mms/type-description.js';
import type { ClientAssociation } from '../client-association.js';
import { dataValue } from '../../mms/data-value.js';
import { memberType } from '../member-type.js';
import type { TypeCache } from '../type-cache.js';
import type { Scaling } from './analogue-value.js';

/** Place of a controllable data object. */
export interface ControlPlace {
  /** `LD/LN.DO`. */
  reference: string;
  /** `domain/LN$DO`, the form in which answers of the IED are compared. */
  key: string;
  lnClass: string;
  dataObject: string;
  /** MMS name below the data object, for a functional constraint. */
  name(fc: 'CO' | 'CF' | 'ST' | 'MX', ...steps: string[]): ObjectName;
}

/** What the IED shows of a controllable object; holds for one association. */
export interface Controllable {
  place: ControlPlace;
  oper: TypeDescription;
  sbow?: TypeDescription;
  cancel?: TypeDescription;
  /** Whether there is an SBO to be read. */
  sbo: boolean;
  /** Class of the object; `cdc`, as SCL names it, decides where the IED shows too little. */
  classOf(cdc?: string): ControlClass;
  /** Live type of ctlVal. */
  valueType: TypeDescription;
  enumLiterals?: Readonly<Record<number, string>>;
  /** Status value that follows a command. */
  status?: { fc: 'ST' | 'MX'; type: TypeDescription; path: readonly string[] };
  /** Type of the configuration, as far as the IED shows it. */
  configuration?: TypeDescription;
}

/** Configuration of a controllable object at the moment of a command. */
export interface ControlConfiguration {
  model: ControlModel;
  /** ms for which a selection holds; absent when the IED names none. */
  sboTimeout?: number;
  /** ms that the IED gives a command. */
  operTimeout?: number;
  /** Whether one selection is good for several operates. */
  operateMany: boolean;
  range: { min?: number; max?: number };
  scaling?: Scaling;
}

const SERVICES = new Set(['Oper', 'SBOw', 'SBO', 'Cancel']);

/** @throws ArgumentError when the text is no reference of a data object */
export function controlPlace(text: string): ControlPlace {
  const parsed = parseReference(text);
  const service = parsed.path.findIndex((step) => SERVICES.has(step));
  const path = service < 0 ? parsed.path : parsed.path.slice(0, service);
  const { logicalDevice: domain, logicalNode } = parsed;
  const reference = objectReference({ logicalDevice: domain, logicalNode, path });
  if (path.length === 0 || path.some((step) => step.endsWith(')'))) {
    throw new ArgumentError(
      `"${text.slice(0, 120)}" is no controllable data object`,
      'Write LD/LN.DO, such as BAY1CTRL/CSWI1.Pos.',
    );
  }
  return {
    reference,
    key: `${domain}/${[logicalNode, ...path].join('$')}`,
    lnClass: splitLogicalNodeName(logicalNode).lnClass,
    dataObject: path.join('.'),
    name: (fc, ...steps) => ({ scope: 'domain', domain, item: [logicalNode, fc, ...path, ...steps].join('$') }),
  };
}

/**
 * Asks the IED for the types of an object.
 * @throws ArgumentError when there is no such object, ControlError when it cannot be operated
 */
export async function loadControllable(types: TypeCache, place: ControlPlace): Promise<Controllable> {
  const [services, status, measurand, configuration] = await Promise.all([
    controlServices(types, place),
    optionalType(types, place.name('ST')),
    optionalType(types, place.name('MX')),
    optionalType(types, place.name('CF')),
  ]);
  if (!services) throw notOperable(place, status ?? measurand ?? configuration);
  const valueType = VALUE_MEMBERS.map((name) => memberType(services.oper, [name])).find((type) => type !== undefined);
  if (!valueType) {
    throw new ArgumentError(`${place.reference}: the IED shows an Oper without ctlVal`, 'It cannot be operated.');
  }
  const enumLiterals = standardEnum(place.lnClass, place.dataObject, 'ctlVal');
  const found = statusValue(status, measurand);
  return {
    place,
    ...services,
    valueType,
    classOf: (cdc) => controlClass(valueType, found?.path[0], found?.leaf, cdc, enumLiterals !== undefined),
    ...(enumLiterals && { enumLiterals }),
    ...(found && { status: { fc: found.fc, type: found.type, path: found.path } }),
    ...(configuration && { configuration }),
  };
}

function notOperable({ reference }: ControlPlace, other: TypeDescription | undefined): Iec61850Error {
  return other
    ? new ControlError(
        'STATUS_ONLY',
        `${reference} can only be read: the IED shows no Oper for it`,
        'Allow control in the IED (ctlModel), or choose another object.',
      )
    : new ArgumentError(`the IED has no ${reference}`, 'Browse it and choose the object again.');
}

async function controlServices(
  types: TypeCache,
  place: ControlPlace,
): Promise<Pick<Controllable, 'oper' | 'sbow' | 'cancel' | 'sbo'> | undefined> {
  const whole = await optionalType(types, place.name('CO'));
  const member = (name: string): TypeDescription | undefined => (whole ? memberType(whole, [name]) : undefined);
  // Some IEDs refuse the type of the whole object: its services are asked for one by one.
  const part = async (name: string): Promise<TypeDescription | undefined> =>
    whole ? member(name) : optionalType(types, place.name('CO', name));
  const oper = await part('Oper');
  if (!oper) return undefined;
  const [sbow, cancel, sbo] = await Promise.all([part('SBOw'), part('Cancel'), part('SBO')]);
  return { oper, ...(sbow && { sbow }), ...(cancel && { cancel }), sbo: sbo !== undefined };
}

/** The type, or undefined when the IED answers that it has none. */
async function optionalType(types: TypeCache, name: ObjectName): Promise<TypeDescription | undefined> {
  try {
    return await types.typeOf({ name });
  } catch (error) {
    if (error instanceof ServiceError || error instanceof RejectError) return undefined;
    throw error;
  }
}

interface StatusPlace {
  fc: 'ST' | 'MX';
  /** Type of the data object below `fc`. */
  type: TypeDescription;
  path: string[];
  leaf: TypeDescription;
}

const STATUS_PATHS = [['stVal'], ['valWTr', 'posVal']];
const MEASURAND_PATHS = [
  ['mxVal', 'f'],
  ['mxVal', 'i'],
  ['valWTr', 'posVal'],
  ['mag', 'f'],
  ['mag', 'i'],
];

function statusValue(
  status: TypeDescription | undefined,
  measurand: TypeDescription | undefined,
): StatusPlace | undefined {
  const find = (fc: 'ST' | 'MX', type: TypeDescription | undefined, paths: string[][]): StatusPlace | undefined => {
    for (const path of type ? paths : []) {
      const leaf = memberType(type as TypeDescription, path);
      if (leaf) return { fc, type: type as TypeDescription, path, leaf };
    }
    return undefined;
  };
  return find('ST', status, STATUS_PATHS) ?? find('MX', measurand, MEASURAND_PATHS);
}

function controlClass(
  value: TypeDescription,
  statusName: string | undefined,
  status: TypeDescription | undefined,
  cdc: string | undefined,
  enumerated: boolean,
): ControlClass {
  const twoBits = value.type === 'bit-string' && Math.abs(value.size) === 2;
  if (statusName === 'valWTr') return twoBits || value.type === 'boolean' ? 'BSC' : 'ISC';
  if (statusName === 'mxVal' || statusName === 'mag') return twoBits || value.type === 'boolean' ? 'BAC' : 'APC';
  if (value.type === 'structure' || value.type === 'float') return 'APC';
  if (value.type === 'integer' || value.type === 'unsigned') {
    if (cdc === 'ISC' || cdc === 'BSC' || cdc === 'BAC') return cdc;
    return enumerated || cdc === 'ENC' ? 'ENC' : 'INC';
  }
  if (status?.type === 'bit-string') return 'DPC';
  if (status === undefined && (cdc === 'DPC' || cdc === 'BSC' || cdc === 'BAC')) return cdc;
  if (status === undefined && twoBits) return 'DPC';
  return 'SPC';
}

/**
 * ctlModel and what else of the configuration a command needs, read anew as it can be changed while the IED runs.
 * @param model taken in place of ctlModel, which then need not be readable
 * @throws ArgumentError, DataAccessError and what a read fails with
 */
export async function readConfiguration(
  association: ClientAssociation,
  { place, configuration }: Controllable,
  model?: ControlModel,
): Promise<ControlConfiguration> {
  const members = ['ctlModel', 'sboTimeout', 'sboClass', 'operTimeout', 'minVal', 'maxVal', 'sVC'].filter((name) =>
    configuration ? memberType(configuration, [name]) !== undefined : name === 'ctlModel',
  );
  const values = new Map<string, TagData>();
  if (members.length > 0) {
    const { results } = await association.request({
      service: 'read',
      specificationWithResult: false,
      access: { list: members.map((name) => ({ name: place.name('CF', name) })) },
    });
    members.forEach((name, i) => {
      const result = results[i];
      if (result?.success) {
        const type = configuration && memberType(configuration, [name]);
        values.set(name, dataValue(result.data, type, name));
      } else if (name === 'ctlModel' && model === undefined) {
        const why = result ? dataAccessErrorName(result.error) : 'no answer';
        throw new DataAccessError(result?.error ?? 2, `${place.reference}: ctlModel cannot be read: ${why}`);
      }
    });
  }
  return configurationOf(values, place.reference, model);
}

function configurationOf(values: Map<string, TagData>, what: string, forced?: ControlModel): ControlConfiguration {
  const model = forced ?? CONTROL_MODELS[numberOf(values.get('ctlModel')) ?? -1];
  if (!model) {
    throw new ArgumentError(
      `${what}: the IED shows no control model (ctlModel)`,
      'Choose the model by hand if you know it from the manual.',
    );
  }
  const sboTimeout = numberOf(values.get('sboTimeout'));
  const operTimeout = numberOf(values.get('operTimeout'));
  const min = numberOf(values.get('minVal'));
  const max = numberOf(values.get('maxVal'));
  const scaleFactor = numberOf(memberOf(values.get('sVC'), 'scaleFactor'));
  const offset = numberOf(memberOf(values.get('sVC'), 'offset'));
  return {
    model,
    // 0 stands for no limit in some IEDs, and for nothing configured in others.
    ...(sboTimeout !== undefined && sboTimeout > 0 && { sboTimeout }),
    ...(operTimeout !== undefined && operTimeout > 0 && { operTimeout }),
    operateMany: numberOf(values.get('sboClass')) === 1,
    range: { ...(min !== undefined && { min }), ...(max !== undefined && { max }) },
    ...(scaleFactor !== undefined && { scaling: { scaleFactor, offset: offset ?? 0 } }),
  };
}

/** A number, or that of an AnalogueValue. */
function numberOf(value: TagData | undefined): number | undefined {
  if (typeof value === 'number') return value;
  const inner = memberOf(value, 'f') ?? memberOf(value, 'i');
  return typeof inner === 'number' ? inner : undefined;
}

function memberOf(value: TagData | undefined, name: string): TagData | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value[name] : undefined;
}
