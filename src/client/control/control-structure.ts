import { ArgumentError } from '../../errors.js';
import { VALUE_MEMBERS } from '../../model/control-model.js';
import { BINARY_TIME_EPOCH_MS, msToUtcTime, timeQualityToOctet } from '../../model/timestamp.js';
import type { MmsData } from '../../mms/data.js';
import type { TypeDescription } from '../../mms/type-description.js';

/** What Operate, SelectWithValue and Cancel carry (IEC 61850-8-1 §20). */
export interface ControlParameters {
  ctlVal: MmsData;
  /** ms since 1970; the member is 0 when absent. */
  operTm?: number;
  orCat: number;
  orIdent: Buffer;
  ctlNum: number;
  /** When this service is sent, ms since 1970. */
  t: number;
  test: boolean;
  synchroCheck: boolean;
  interlockCheck: boolean;
}

const DAY_MS = 86_400_000;

/**
 * The structure of a control service with the members that the live type has, in its order: IEDs leave out T, operTm,
 * Check or origin, in Cancel more than in Oper.
 * @throws ArgumentError for a member that no edition has, or that has a type of its own
 */
export function controlStructure(type: TypeDescription, parameters: ControlParameters, what: string): MmsData {
  if (type.type !== 'structure') throw new ArgumentError(`${what} is shown as ${type.type} and not as a structure`);
  return {
    type: 'structure',
    items: type.components.map(({ name, type: member }) => memberData(name, member, parameters, `${what}.${name}`)),
  };
}

function memberData(name: string, type: TypeDescription, parameters: ControlParameters, what: string): MmsData {
  if (VALUE_MEMBERS.includes(name)) return parameters.ctlVal;
  switch (name) {
    case 'operTm':
      return timeData(parameters.operTm, type, what);
    case 'origin':
      return originData(type, parameters, what);
    case 'ctlNum':
      return numberData(parameters.ctlNum, type, what);
    case 'T':
      return timeData(parameters.t, type, what);
    case 'Test':
      return booleanData(parameters.test, type, what);
    case 'Check':
      return checkData(parameters, type, what);
    default:
      throw new ArgumentError(
        `${what} is a member that no edition of the standard has`,
        'Tell the developers the device type; its control cannot be filled in.',
      );
  }
}

function unexpected(type: TypeDescription, what: string): never {
  throw new ArgumentError(`${what} has the unexpected type ${type.type}`, 'Tell the developers the device type.');
}

function numberData(value: number, type: TypeDescription, what: string): MmsData {
  return type.type === 'integer' || type.type === 'unsigned' ? { type: type.type, value } : unexpected(type, what);
}

function booleanData(value: boolean, type: TypeDescription, what: string): MmsData {
  return type.type === 'boolean' ? { type: 'boolean', value } : unexpected(type, what);
}

function originData(type: TypeDescription, { orCat, orIdent }: ControlParameters, what: string): MmsData {
  if (type.type !== 'structure') return unexpected(type, what);
  return {
    type: 'structure',
    items: type.components.map(({ name, type: member }): MmsData => {
      if (name === 'orCat') return numberData(orCat, member, `${what}.${name}`);
      if (name === 'orIdent' && member.type === 'octet-string') {
        const limit = Math.abs(member.size);
        if (orIdent.length > limit)
          throw new ArgumentError(
            `${what}.orIdent has ${orIdent.length} octets, the IED takes ${limit}`,
            'Give a shorter identifier.',
          );
        return { type: 'octet-string', octets: orIdent };
      }
      return unexpected(member, `${what}.${name}`);
    }),
  };
}

/** T is UtcTime; EntryTime in some Edition 1 IEDs. An operTm of 0 means at once. */
function timeData(ms: number | undefined, type: TypeDescription, what: string): MmsData {
  if (type.type === 'utc-time') {
    // How well this machine's clock is set is not known.
    return { type: 'utc-time', ...msToUtcTime(ms ?? 0), quality: ms === undefined ? 0 : timeQualityToOctet({}) };
  }
  if (type.type !== 'binary-time') return unexpected(type, what);
  const since = Math.max(0, (ms ?? BINARY_TIME_EPOCH_MS) - BINARY_TIME_EPOCH_MS);
  return { type: 'binary-time', ms: since % DAY_MS, ...(type.withDate && { days: Math.floor(since / DAY_MS) }) };
}

/** Check (IEC 61850-8-1 §8.1.3.12): bit 0 synchrocheck, bit 1 interlock-check. */
function checkData({ synchroCheck, interlockCheck }: ControlParameters, type: TypeDescription, what: string): MmsData {
  if (type.type !== 'bit-string') return unexpected(type, what);
  const bits = `${synchroCheck ? 1 : 0}${interlockCheck ? 1 : 0}`;
  return { type: 'bit-string', bits: bits.padEnd(Math.abs(type.size), '0') };
}
