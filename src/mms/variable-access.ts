import type { BerReader } from '../ber/reader.js';
import { berInteger, berVisibleString, tlv } from '../ber/encode.js';
import { DecodeError, LimitError } from '../errors.js';
import { MAX_DATA_NESTING, MAX_IDENTIFIER_LENGTH, MAX_LIST_LENGTH } from '../limits.js';
import { decodeObjectName, encodeObjectName, type ObjectName } from './object-name.js';

/** One step of alternate access (ISO 9506-2 §14.3.1): an array element, a range of them, or a component. */
export type AccessStep =
  | { select: 'index'; index: number }
  | { select: 'range'; index: number; count: number }
  | { select: 'all' }
  | { select: 'component'; name: string };

/** A variable, or a part of it when `access` has steps. */
export interface VariableSpecification {
  name: ObjectName;
  /** Steps from the outside inwards. */
  access?: AccessStep[];
}

/** VariableAccessSpecification (ISO 9506-2 §14.2.1): variables one by one, or a named variable list. */
export type VariableAccess = { list: VariableSpecification[] } | { listName: ObjectName };

const TAG = { listOfVariable: 0xa0, listName: 0xa1, sequence: 0x30, name: 0xa0, alternateAccess: 0xa5 } as const;
/** selectAccess ends the path; selectAlternateAccess goes on. The selections carry other tags in each. */
const END = { component: 0x81, index: 0x82, range: 0xa3, all: 0x84 } as const;
const SELECT_ALTERNATE = 0xa0;
const ON = { component: 0x80, index: 0x81, range: 0xa2, all: 0x83 } as const;

/** Reads the reader's current element. @throws DecodeError, LimitError */
export function decodeVariableAccess(reader: BerReader): VariableAccess {
  if (reader.tag === TAG.listName) {
    const inner = reader.enter();
    if (!inner.next()) throw new DecodeError('variable list name is empty');
    return { listName: decodeObjectName(inner) };
  }
  if (reader.tag !== TAG.listOfVariable)
    throw new DecodeError(`variable access has unknown tag 0x${reader.tag.toString(16)}`);
  return { list: decodeVariableList(reader.enter()) };
}

export function decodeVariableList(list: BerReader): VariableSpecification[] {
  const variables: VariableSpecification[] = [];
  while (list.next()) {
    if (list.tag !== TAG.sequence) throw new DecodeError('list of variables has a member that is no SEQUENCE');
    if (variables.length >= MAX_LIST_LENGTH) throw new LimitError('list of variables is too long');
    variables.push(decodeVariable(list.enter()));
  }
  return variables;
}

function decodeVariable(member: BerReader): VariableSpecification {
  const choice = member.expect(TAG.name, 'variable name').enter();
  if (!choice.next()) throw new DecodeError('variable name is empty');
  const name = decodeObjectName(choice);
  if (!member.next()) return { name };
  if (member.tag !== TAG.alternateAccess) throw new DecodeError('variable has a member that is no alternate access');
  return { name, access: decodeAlternateAccess(member.enter(), 0) };
}

function decodeAlternateAccess(list: BerReader, depth: number): AccessStep[] {
  if (depth > MAX_DATA_NESTING) throw new LimitError('alternate access is nested too deep');
  if (!list.next()) throw new DecodeError('alternate access is empty');
  const ended = decodeStep(list, END);
  if (ended) {
    if (!list.done) throw new DecodeError('alternate access with several selections is not supported');
    return [ended];
  }
  if (list.tag !== SELECT_ALTERNATE)
    throw new DecodeError(`alternate access 0x${list.tag.toString(16)} is not supported`);
  const inner = list.enter();
  const step = inner.next() ? decodeStep(inner, ON) : undefined;
  if (!step) throw new DecodeError('alternate access selects nothing');
  return [step, ...decodeAlternateAccess(inner.expect(TAG.sequence, 'nested alternate access').enter(), depth + 1)];
}

function decodeStep(reader: BerReader, tags: typeof END | typeof ON): AccessStep | undefined {
  switch (reader.tag) {
    case tags.component:
      return { select: 'component', name: reader.visibleString(MAX_IDENTIFIER_LENGTH) };
    case tags.index:
      return { select: 'index', index: reader.unsigned(0x7fffffff) };
    case tags.all:
      return { select: 'all' };
    case tags.range: {
      const inner = reader.enter();
      const index = inner.expect(0x80, 'low index').unsigned(0x7fffffff);
      return { select: 'range', index, count: inner.expect(0x81, 'number of elements').unsigned(0x7fffffff) };
    }
    default:
      return undefined;
  }
}

function encodeStep(step: AccessStep, tags: typeof END | typeof ON): Buffer {
  switch (step.select) {
    case 'component':
      return berVisibleString(tags.component, step.name);
    case 'index':
      return berInteger(tags.index, step.index);
    case 'all':
      return tlv(tags.all);
    case 'range':
      return tlv(tags.range, berInteger(0x80, step.index), berInteger(0x81, step.count));
  }
}

function encodeAlternateAccess(steps: readonly AccessStep[]): Buffer {
  const [step, ...rest] = steps as [AccessStep, ...AccessStep[]];
  if (rest.length === 0) return encodeStep(step, END);
  return tlv(SELECT_ALTERNATE, encodeStep(step, ON), tlv(TAG.sequence, encodeAlternateAccess(rest)));
}

export function encodeVariable(variable: VariableSpecification): Buffer {
  const name = tlv(TAG.name, encodeObjectName(variable.name));
  if (!variable.access || variable.access.length === 0) return tlv(TAG.sequence, name);
  return tlv(TAG.sequence, name, tlv(TAG.alternateAccess, encodeAlternateAccess(variable.access)));
}

export function encodeVariableAccess(access: VariableAccess): Buffer {
  return 'list' in access
    ? tlv(TAG.listOfVariable, ...access.list.map(encodeVariable))
    : tlv(TAG.listName, encodeObjectName(access.listName));
}
