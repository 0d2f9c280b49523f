import { BINARY_TIME_EPOCH_MS, isoTime, utcTimeToMs } from '../model/timestamp.js';
import type { TagData } from '../model/tag-value.js';
import type { MmsData } from './data.js';
import type { TypeDescription } from './type-description.js';

const DAY_MS = 86_400_000;
const DBPOS_NAMES = new Set(['stVal', 'subVal', 'ctlVal']);

/**
 * Data as it stands in a tag value. Members of a structure take their names from the type; without a type, or where
 * it does not fit, they are named by their position.
 * @param name of the member that holds the data, which tells Dbpos from other two-bit strings
 */
export function dataValue(data: MmsData, type: TypeDescription | undefined, name = ''): TagData {
  switch (data.type) {
    case 'structure': {
      const components =
        type?.type === 'structure' && type.components.length === data.items.length ? type.components : undefined;
      return Object.fromEntries(
        data.items.map((item, i) => {
          const member = components?.[i]?.name ?? String(i);
          return [member, dataValue(item, components?.[i]?.type, member)];
        }),
      );
    }
    case 'array': {
      const element = type?.type === 'array' ? type.element : undefined;
      return data.items.map((item) => dataValue(item, element, name));
    }
    case 'boolean':
      return data.value;
    case 'bit-string':
      return data.bits.length === 2 && DBPOS_NAMES.has(name) ? Number.parseInt(data.bits, 2) : data.bits;
    case 'integer':
    case 'unsigned':
      return typeof data.value === 'bigint' ? data.value.toString() : data.value;
    case 'float':
      return data.value;
    case 'octet-string':
    case 'other':
      return data.octets.toString('hex');
    case 'visible-string':
    case 'mms-string': {
      // Some devices end their strings with a NUL octet.
      const end = data.value.indexOf('\0');
      return end < 0 ? data.value : data.value.slice(0, end);
    }
    case 'utc-time':
      return isoTime(utcTimeToMs(data.seconds, data.fraction));
    case 'binary-time':
      return data.days === undefined ? data.ms : isoTime(BINARY_TIME_EPOCH_MS + data.days * DAY_MS + data.ms);
  }
}
