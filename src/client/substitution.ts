import {
  ArgumentError,
  ConnectionError,
  DataAccessError,
  dataAccessErrorName,
  RejectError,
  ServiceError,
} from '../errors.js';
import { qualityBitString, qualityToBits, type Quality } from '../model/quality.js';
import { objectReference, parseReference } from '../model/reference.js';
import type { MmsData } from '../mms/data.js';
import type { ObjectName } from '../mms/object-name.js';
import type { TypeDescription } from '../mms/type-description.js';
import type { ClientAssociation } from './client-association.js';
import { analogueData, finiteNumber } from './control/analogue-value.js';
import type { IedSession } from './ied-session.js';
import { memberType } from './member-type.js';
import type { TypeCache } from './type-cache.js';
import { writableData, type WritableValue } from './write-value.js';

/** Substitution of a process value (IEC 61850-7-3 §7.1, SV) as one action. */
export interface Substitution {
  /** Value to stand in for that of the process; absent ends the substitution. */
  value?: WritableValue;
  /** Quality of it; good and substituted when absent. */
  quality?: Partial<Omit<Quality, 'text'>>;
  /** Who substitutes, subID; up to the length that the IED takes. */
  id?: string;
}

/** Names of the value to substitute, of all classes: subVal of status, subMag of measurands, subCVal of vectors. */
const VALUE_MEMBERS = ['subVal', 'subMag', 'subCVal'];
const SUBSTITUTED = { validity: 'good', source: 'substituted' } as const;
const DBPOS: Readonly<Record<string, number>> = {
  ...{ intermediate: 0, off: 1, open: 1, on: 2, close: 2, closed: 2, bad: 3 },
};

/**
 * Substitutes the value of a data object, or ends that. The value, its quality and its author are written first, and
 * only when the IED took all of them subEna is set: a part of a substitution never becomes effective.
 * @param text data object, `LD/LN.DO`; below WYE and DEL that of the phase, `LD/LN.DO.phsA`
 * @throws ArgumentError before anything is written; DataAccessError names the member that the IED refuses; ConnectionError
 * while the IED is away; TimeoutError and ConnectionError on the way, when nobody knows what was written
 */
export async function substitute(session: IedSession, text: string, substitution: Substitution): Promise<void> {
  const { logicalDevice: domain, logicalNode, path } = parseReference(text);
  const reference = objectReference({ logicalDevice: domain, logicalNode, path });
  if (path.length === 0)
    throw new ArgumentError(
      `"${text.slice(0, 120)}" is no data object`,
      'Write LD/LN.DO, such as BAY1MEAS/MMXU1.TotW.',
    );
  const { association, types } = present(session);
  const item = [logicalNode, 'SV', ...path].join('$');
  const type = await substitutionType(types, { scope: 'domain', domain, item }, reference);
  const write = (members: readonly [name: string, data: MmsData][]): Promise<void> =>
    writeMembers(association, reference, domain, item, members);
  if (substitution.value === undefined) {
    await write([['subEna', { type: 'boolean', value: false }]]);
    return;
  }
  const members = substitutionMembers(substitution, type, reference);
  await write(members);
  await write([['subEna', { type: 'boolean', value: true }]]);
}

/** The association that stands now. @throws ConnectionError when there is none */
function present(session: IedSession): { association: ClientAssociation; types: TypeCache } {
  const found: { association: ClientAssociation; types: TypeCache }[] = [];
  const release = session.use({
    attached: (association, types) => found.push({ association, types }),
    detached: () => undefined,
  });
  release();
  const [standing] = found;
  if (!standing?.association.open)
    throw new ConnectionError(`${session.name} is not connected`, 'Wait until the IED is online.', {
      ied: session.name,
    });
  return standing;
}

async function substitutionType(types: TypeCache, name: ObjectName, reference: string): Promise<TypeDescription> {
  try {
    const type = await types.typeOf({ name });
    if (memberType(type, ['subEna'])) return type;
  } catch (error) {
    if (!(error instanceof ServiceError) && !(error instanceof RejectError)) throw error;
  }
  throw new ArgumentError(
    `${reference} cannot be substituted: the IED shows no subEna for it`,
    'Choose a data object that has SV attributes.',
  );
}

function substitutionMembers(
  { value, quality, id }: Substitution,
  type: TypeDescription,
  reference: string,
): [name: string, data: MmsData][] {
  const members: [string, MmsData][] = [];
  const name = VALUE_MEMBERS.find((one) => memberType(type, [one]));
  if (name === undefined || value === undefined)
    throw new ArgumentError(`${reference} cannot be substituted: the IED shows no value for it`);
  const valueType = memberType(type, [name]) as TypeDescription;
  members.push([name, valueData(value, valueType, `${reference}.${name}`)]);
  const qualityType = memberType(type, ['subQ']);
  if (qualityType?.type === 'bit-string') {
    const bits = qualityBitString(qualityToBits({ ...SUBSTITUTED, ...quality }));
    members.push(['subQ', { type: 'bit-string', bits: bits.padEnd(Math.abs(qualityType.size), '0') }]);
  } else if (quality) throw new ArgumentError(`${reference}: the IED has no subQ`, 'Leave the quality out.');
  const idType = memberType(type, ['subID']);
  if (idType) members.push(['subID', writableData(id ?? '', idType, `${reference}.subID`)]);
  else if (id !== undefined) throw new ArgumentError(`${reference}: the IED has no subID`, 'Leave the author out.');
  return members;
}

/** A number for an analogue value, a word for a position; everything else as it is written elsewhere. */
function valueData(value: WritableValue, type: TypeDescription, what: string): MmsData {
  const number = finiteNumber(value);
  if (type.type === 'structure' && number !== undefined) {
    const inner = memberType(type, ['mag']);
    if (!inner) return analogueData(number, type, what);
    throw new ArgumentError(`${what} is a vector`, 'Give { mag: { f: … }, ang: { f: … } }.');
  }
  if (type.type === 'bit-string' && Math.abs(type.size) === 2 && typeof value === 'string') {
    const word = value.trim().toLowerCase();
    if (Object.hasOwn(DBPOS, word)) return writableData(DBPOS[word] as number, type, what);
  }
  return writableData(value, type, what);
}

async function writeMembers(
  association: ClientAssociation,
  reference: string,
  domain: string,
  item: string,
  members: readonly [name: string, data: MmsData][],
): Promise<void> {
  const { results } = await association.request({
    service: 'write',
    access: { list: members.map(([name]) => ({ name: { scope: 'domain', domain, item: `${item}$${name}` } })) },
    data: members.map(([, data]) => data),
  });
  members.forEach(([name], i) => {
    const result = results[i];
    if (result?.success) return;
    const error = result?.error ?? 2;
    throw new DataAccessError(error, `${reference}.${name}[SV]: ${dataAccessErrorName(error)}`, { tag: reference });
  });
}
