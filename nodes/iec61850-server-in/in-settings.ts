/** What an `iec61850-server-in` node was told to hear, and to ask its flow. */
import { ArgumentError } from '../../src/errors.js';
import { addCauseNumber } from '../../src/model/add-cause.js';
import type { AccessAction } from '../../src/server/access-log.js';
import { expandEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { text, wholeNumber } from '../shared/fields.js';
import type { VersionedDef } from '../shared/red.js';

export interface ServerInDef extends VersionedDef {
  server?: string;
  /** Actions that are told, separated by blanks; all when empty. */
  kinds?: string;
  /** Objects that are told and asked about: patterns with `*`, separated by commas or blanks. */
  filter?: string;
  askControls?: boolean;
  /** Selects and cancels as well as operates. */
  askSelects?: boolean;
  askWrites?: boolean;
  /** Time in ms that the flow has for its answer. */
  timeout?: string | number;
  /** What is done when no answer comes. */
  otherwise?: 'refuse' | 'accept';
  /** AddCause of a command that is refused without another one. */
  addCause?: string;
}

export interface InSettings {
  kinds: ReadonlySet<AccessAction>;
  /** Whether an object is one that the node was told to look at. */
  concerns: (object: string) => boolean;
  askControls: boolean;
  askSelects: boolean;
  askWrites: boolean;
  timeout: number;
  accept: boolean;
  addCause: string;
}

export const KINDS: readonly AccessAction[] = [
  ...(['connect', 'disconnect', 'write', 'control', 'settingGroup', 'file', 'dataSet', 'controlBlock'] as const),
];
const DEFAULT_TIMEOUT_MS = 2000;
const MAX_TIMEOUT_MS = 60_000;
const DEFAULT_ADD_CAUSE = 'Blocked-by-process';

/** @throws ArgumentError that names the field that is wrong */
export function inSettings(saved: ServerInDef, lookup: EnvironmentLookup): InSettings {
  const field = (name: 'filter' | 'timeout' | 'kinds'): string => expandEnvironment(text(saved[name]), lookup, name);
  const addCause = text(saved.addCause) || DEFAULT_ADD_CAUSE;
  if (addCauseNumber(addCause) === undefined) {
    throw new ArgumentError(`"${addCause}" is no AddCause`, `Write a name such as ${DEFAULT_ADD_CAUSE}.`);
  }
  return {
    kinds: new Set(kindsOf(field('kinds'))),
    concerns: filterOf(field('filter')),
    askControls: saved.askControls === true,
    askSelects: saved.askSelects === true,
    askWrites: saved.askWrites === true,
    timeout: wholeNumber(field('timeout'), 'timeout', 1, MAX_TIMEOUT_MS, DEFAULT_TIMEOUT_MS),
    accept: saved.otherwise === 'accept',
    addCause,
  };
}

function kindsOf(written: string): readonly AccessAction[] {
  const names = written.split(/[\s,]+/).filter((name) => name !== '');
  const wrong = names.find((name) => !(KINDS as readonly string[]).includes(name));
  if (wrong !== undefined) {
    throw new ArgumentError(`"${wrong}" is no kind of event`, `Write some of ${KINDS.join(', ')}.`);
  }
  return names.length > 0 ? (names as AccessAction[]) : KINDS;
}

/** Whether an object is one of those that match a pattern; `*` stands for any characters, and none for everything. */
function filterOf(written: string): (object: string) => boolean {
  const patterns = written.split(/[\s,;]+/).filter((pattern) => pattern !== '');
  if (patterns.length === 0) return () => true;
  const tests = patterns.map((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\/]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}($|[.[])`, 'i');
  });
  return (object) => tests.some((test) => test.test(object));
}
