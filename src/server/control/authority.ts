/** Who may command, and when: mode, switching authority and blocks of the logical node (IEC 61850-7-4 Annex A, B). */
import { givenNumber, isGiven } from '../leaf-number.js';
import { Mode } from '../mode/mode.js';
import { valueOf } from '../value-tree.js';
import type { Variable } from '../variable.js';
import type { ControlObject } from './control-object.js';
import { Cause, refusal, type Refusal } from './refusal.js';

const NOTHING_PENDING: ReadonlyMap<Variable, Buffer> = new Map();

/** Level of control that an origin category belongs to; a category of none counts as the remotest. */
function levelOf(orCat: number): 'bay' | 'station' | 'remote' {
  if (orCat === 1 || orCat === 4) return 'bay';
  return orCat === 2 || orCat === 5 ? 'station' : 'remote';
}

/**
 * Blocked-by-mode: without a behaviour a logical node is on. `Mod` itself can be commanded in every mode, or nobody would
 * get a logical node out of one.
 * @param test undefined for a select that does not say
 */
export function blockedByMode(object: ControlObject, test: boolean | undefined): Refusal | undefined {
  const behaviour = givenNumber(statusOf(object.logicalNode, 'Beh'), NOTHING_PENDING) ?? Mode.on;
  const inTest = behaviour === Mode.test || behaviour === Mode.testBlocked;
  if (object.name === 'Mod') {
    return test && !inTest ? refusal(Cause.blockedByMode, 'a test command, and the mode is not test') : undefined;
  }
  if (behaviour === Mode.off) return refusal(Cause.blockedByMode, 'the logical node is off');
  if (behaviour === Mode.blocked || behaviour === Mode.testBlocked) {
    return refusal(Cause.blockedByMode, 'the logical node is blocked');
  }
  if (test === undefined || test === inTest) return undefined;
  return refusal(
    Cause.blockedByMode,
    test ? 'a test command, and the mode is not test' : 'the mode is test, and the command is none',
  );
}

/**
 * Blocked-by-switching-hierarchy (IEC 61850-7-4 Annex B): local means the bay, LocSta the station, else remote; with
 * MltLev the levels below may command as well. Loc, LocKey, LocSta and MltLev stand in the logical node or in LLN0.
 * @param zero LLN0 of the logical device
 */
export function blockedByHierarchy(
  object: ControlObject,
  zero: Variable | undefined,
  orCat: number,
): Refusal | undefined {
  const { logicalNode } = object;
  const has = (node: Variable | undefined): boolean =>
    ['Loc', 'LocKey', 'LocSta'].some((name) => truth(node, name) !== undefined);
  const node = has(logicalNode) ? logicalNode : zero;
  if (!has(node)) return undefined;
  const level = levelOf(orCat);
  const is = (name: string): boolean => truth(node, name) ?? truth(zero, name) ?? false;
  if (is('Loc') || is('LocKey')) {
    return level === 'bay' ? undefined : refusal(Cause.blockedBySwitchingHierarchy, 'the bay is in local');
  }
  const several = is('MltLev');
  if (level === 'bay') {
    return several ? undefined : refusal(Cause.blockedBySwitchingHierarchy, 'the bay is not in local');
  }
  // LocSta has to be operable from where the authority shall go to.
  if (object.name === 'LocSta' || truth(node, 'LocSta') === undefined) return undefined;
  if (is('LocSta')) {
    return level === 'station' ? undefined : refusal(Cause.blockedBySwitchingHierarchy, 'the station has authority');
  }
  return level === 'remote' || several
    ? undefined
    : refusal(Cause.blockedBySwitchingHierarchy, 'the remote control centre has authority');
}

/** Blocked-by-command: CmdBlk of the logical node is set. */
export function blockedByCommand({ logicalNode, name }: ControlObject): Refusal | undefined {
  if (name === 'CmdBlk' || name === 'Mod' || !truth(logicalNode, 'CmdBlk')) return undefined;
  return refusal(Cause.blockedByCommand, 'CmdBlk is set');
}

function statusOf(logicalNode: Variable | undefined, name: string): Variable | undefined {
  return logicalNode?.child('ST')?.child(name)?.child('stVal');
}

/** A status or setting that is true or false; undefined where there is none, or nobody ever told it. */
function truth(logicalNode: Variable | undefined, name: string): boolean | undefined {
  const leaf = statusOf(logicalNode, name) ?? logicalNode?.child('SP')?.child(name)?.child('setVal');
  const quality = leaf?.parent?.child('q');
  const given = leaf && (isGiven(leaf) || (quality && isGiven(quality)));
  const value = given ? valueOf(leaf) : undefined;
  return typeof value === 'boolean' ? value : undefined;
}
