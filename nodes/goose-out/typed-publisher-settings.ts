/** A publisher that was typed into a `goose-out` node, checked. */
import { parseAddress } from '../../src/ethernet/frame.js';
import { ArgumentError } from '../../src/errors.js';
import {
  TYPED_MEMBER_TYPES,
  typedModel,
  type TypedMember,
  type TypedModel,
  type TypedPublisher,
} from '../../src/gateway/process-bus/index.js';
import { DEFAULT_GOOSE_MAX_TIME_MS, DEFAULT_GOOSE_MIN_TIME_MS, MAX_GOOSE_TTL_MS } from '../../src/limits.js';
import { parseAppId } from '../shared/app-id.js';
import { text, wholeNumber } from '../shared/fields.js';
import type { FieldReader } from '../shared/frame-source.js';

/**
 * @param ethernet whether frames go to a MAC address
 * @throws ArgumentError that names the field which is wrong
 */
export function typedPublisher(saved: unknown, field: FieldReader, ethernet: boolean): TypedModel {
  const form = (typeof saved === 'object' && saved !== null ? saved : {}) as Record<string, unknown>;
  const read = (name: string): string => field(form[name], name);
  const number = (name: string, min: number, max: number, fallback: number): number =>
    wholeNumber(read(name), name, min, max, fallback);
  const appId = parseAppId(read('appId'));
  if (appId === undefined) throw new ArgumentError('No APPID is given', 'Open the node and give it, such as 3001.');
  const mac = read('address');
  if (ethernet && mac === '')
    throw new ArgumentError('No multicast address is given', 'Give it, such as 01-0C-CD-01-00-01.');
  if (mac !== '') parseAddress(mac);
  const tagged = read('vlanId') !== '' || read('vlanPriority') !== '';
  const [datSet, goId, ttl] = [read('datSet'), read('goId'), read('timeAllowedToLive')];
  const publisher: TypedPublisher = {
    gocbRef: read('gocbRef'),
    ...(datSet !== '' && { datSet }),
    ...(goId !== '' && { goId }),
    confRev: number('confRev', 0, 0xffff_ffff, 1),
    address: {
      ...(mac !== '' && { mac }),
      appId,
      ...(tagged && { vlanId: number('vlanId', 0, 4095, 0), vlanPriority: number('vlanPriority', 0, 7, 4) }),
      minTime: number('minTime', 1, MAX_GOOSE_TTL_MS / 2, DEFAULT_GOOSE_MIN_TIME_MS),
      maxTime: number('maxTime', 1, MAX_GOOSE_TTL_MS / 2, DEFAULT_GOOSE_MAX_TIME_MS),
    },
    ...(ttl !== '' && { timeAllowedToLive: wholeNumber(ttl, 'timeAllowedToLive', 1, MAX_GOOSE_TTL_MS, 0) }),
    fixedLength: form.fixedLength === true,
    members: membersOf(form.members, field),
  };
  return typedModel(publisher);
}

const TYPES: ReadonlySet<string> = new Set(TYPED_MEMBER_TYPES);

function membersOf(value: unknown, field: FieldReader): TypedMember[] {
  return (Array.isArray(value) ? (value as unknown[]) : []).map((row): TypedMember => {
    const { name, type, initial } = (row ?? {}) as Record<string, unknown>;
    if (!TYPES.has(text(type)))
      throw new ArgumentError(`"${text(type)}" is no type of a member`, 'Choose one in the node.');
    const start = field(initial, 'initial');
    return {
      name: field(name, 'name'),
      type: text(type) as TypedMember['type'],
      ...(start !== '' && { initial: start }),
    };
  });
}
