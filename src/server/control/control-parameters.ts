/** What Operate, SelectWithValue and Cancel carry (IEC 61850-8-1 §20), of whatever members a model gives them. */
import { encodeData } from '../../mms/data-codec.js';
import type { MmsData } from '../../mms/data.js';
import { VALUE_MEMBERS } from '../../model/control-model.js';
import { binaryTimeToMs, utcTimeToMs } from '../../model/timestamp.js';
import type { Variable } from '../variable.js';

export interface ControlParameters {
  ctlVal?: MmsData;
  /** Time of a time-activated operate, ms since 1970; absent when it is to be done at once. */
  operateAt?: number;
  orCat: number;
  orIdent: Buffer;
  /** Absent when the model has none. */
  ctlNum?: number;
  /** T, ms since 1970. */
  time?: number;
  test: boolean;
  synchroCheck: boolean;
  interlockCheck: boolean;
  /** Octets of what has to be the same in SelectWithValue and Operate, by member. */
  compared: ReadonlyMap<string, Buffer>;
}

/** operTm may be left out of a SelectWithValue, and T is another one each time. */
const COMPARED: ReadonlySet<string> = new Set([...VALUE_MEMBERS, 'origin', 'ctlNum', 'Test', 'Check']);

/**
 * Reads the members of a service by the names of the model.
 * @param data a structure of the type of `service`
 */
export function readParameters(service: Variable, data: MmsData): ControlParameters {
  const items = data.type === 'structure' ? data.items : [];
  const compared = new Map<string, Buffer>();
  const parameters: ControlParameters = {
    orCat: 0,
    orIdent: Buffer.alloc(0),
    test: false,
    synchroCheck: false,
    interlockCheck: false,
    compared,
  };
  service.children.forEach((member, i) => {
    const item = items[i];
    if (!item) return;
    if (COMPARED.has(member.name)) compared.set(member.name, encodeData(item));
    take(parameters, member, item);
  });
  return parameters;
}

function take(parameters: ControlParameters, member: Variable, item: MmsData): void {
  const { name } = member;
  if (VALUE_MEMBERS.includes(name)) parameters.ctlVal = item;
  else if (name === 'operTm') {
    const at = timeOf(item);
    if (at !== undefined && at > 0) parameters.operateAt = at;
  } else if (name === 'T') {
    const time = timeOf(item);
    if (time !== undefined) parameters.time = time;
  } else if (name === 'origin' && item.type === 'structure') {
    member.children.forEach((part, i) => {
      const value = item.items[i];
      if (part.name === 'orCat' && (value?.type === 'integer' || value?.type === 'unsigned')) {
        parameters.orCat = Number(value.value);
      } else if (part.name === 'orIdent' && value?.type === 'octet-string') parameters.orIdent = value.octets;
    });
  } else if (name === 'ctlNum' && (item.type === 'unsigned' || item.type === 'integer')) {
    parameters.ctlNum = Number(item.value);
  } else if (name === 'Test' && item.type === 'boolean') parameters.test = item.value;
  else if (name === 'Check' && item.type === 'bit-string') {
    // Bit 0 synchrocheck, bit 1 interlock-check (IEC 61850-8-1 §8.1.3.12).
    parameters.synchroCheck = item.bits[0] === '1';
    parameters.interlockCheck = item.bits[1] === '1';
  }
}

function timeOf(data: MmsData): number | undefined {
  if (data.type === 'utc-time') return utcTimeToMs(data.seconds, data.fraction);
  // EntryTime in some Edition 1 models, whose 0 is 1984.
  if (data.type !== 'binary-time') return undefined;
  return data.ms === 0 && !data.days ? 0 : binaryTimeToMs(data.ms, data.days ?? 0);
}

/** Whether an operate is what was selected. */
export function sameParameters(selected: ControlParameters, operated: ControlParameters): boolean {
  for (const [name, octets] of operated.compared) {
    const before = selected.compared.get(name);
    if (before && !before.equals(octets)) return false;
  }
  return true;
}
