import type { Iec61850Error } from '../../errors.js';
import type { AddCause } from '../../model/add-cause.js';
import type { ControlClass, ControlModel } from '../../model/control-model.js';

export type ControlAction = 'select' | 'operate' | 'cancel';

/** Who commands (IEC 61850-7-3 §6.8, Originator). */
export interface Origin {
  /** orCat 1 bay, 2 station, 3 remote, 4 to 6 the same automatic, 7 maintenance, 8 process; 0 not supported. */
  category?: number;
  /** orIdent: text, or octets; up to 64 octets. Some IEDs fail over long ones. */
  identifier?: string | Uint8Array;
}

export interface ControlRequest {
  /** Controllable data object, `LD/LN.DO`; what names its `Oper` or `ctlVal` means the same. */
  reference: string;
  /** `operate` when absent; an object that needs a selection is selected first. */
  action?: ControlAction;
  /** `true`, `"on"`, `"open"`, `"raise"`, a number … by the class of the object; `select` and `cancel` may leave it out. */
  value?: unknown;
  origin?: Origin;
  /** The command is a test: equipment does not move. */
  test?: boolean;
  /** Check: the IED shall look at the interlocking. */
  interlockCheck?: boolean;
  /** Check: the IED shall look at the synchrocheck. */
  synchroCheck?: boolean;
  /** Time-activated operate: when the IED shall execute, as Date, ISO 8601 text or ms since 1970. */
  operateAt?: Date | string | number;
  /** `auto` selects where the model asks for it; `required` refuses to operate what was not selected before. */
  select?: 'auto' | 'required';
  /** ctlModel to be taken in place of the one that the IED shows. */
  model?: ControlModel;
  /** Class of the object where the IED does not show it, as it stands in SCL. */
  cdc?: string;
  /** Literals of an enumeration by number, from SCL. */
  enumLiterals?: Readonly<Record<number, string>>;
  /** ms to wait for CommandTermination, from Operate's answer or from `operateAt`; operTimeout of the IED, at least 30 s, when absent. */
  terminationTimeout?: number;
  /** Wait for the status value to follow. */
  feedback?: {
    /** ms from the end of the command. */
    timeout: number;
    /** Absolute difference that a measured value may keep from its set point; 1 % of the set point when absent. */
    tolerance?: number;
  };
}

/** What of the command failed, or hid its outcome. */
export type ControlStep = 'check' | 'select' | 'operate' | 'termination' | 'cancel' | 'feedback';

export interface ControlFeedback {
  followed: boolean;
  /** Last value read; null when none was. */
  value: boolean | number | string | null;
  /** ms that it took, or that were waited. */
  ms: number;
}

/**
 * How a command ended. `done`: the IED did it, or took it for `scheduled`. `refused`: nothing was operated, or the IED
 * says that it failed. `unknown`: a lost link or a time-out hides what happened, and nobody sends it again by itself.
 */
export interface ControlOutcome {
  outcome: 'done' | 'refused' | 'unknown';
  action: ControlAction;
  ied: string;
  /** `LD/LN.DO`. */
  reference: string;
  /** What was commanded, in words: `close`, `raise`, `12.5`. */
  command: string;
  /** Whether a select, operate or cancel left for the IED at all. */
  sent: boolean;
  step?: ControlStep;
  model?: ControlModel;
  cdc?: ControlClass;
  ctlNum?: number;
  origin?: { category: number; identifier: string };
  test?: boolean;
  interlockCheck?: boolean;
  synchroCheck?: boolean;
  /** Time at which the IED shall execute, ISO 8601 UTC. */
  scheduled?: string;
  /** Until when a selection holds, ISO 8601 UTC; absent when the IED names no limit. */
  selectedUntil?: string;
  /** Whether a CommandTermination told the end. */
  terminated?: boolean;
  /** What the IED said about a refusal. */
  addCause?: AddCause;
  /** `Error` of LastApplError. */
  controlError?: string;
  feedback?: ControlFeedback;
  error?: { code: string; message: string; hint: string };
  /** This machine's clock, ISO 8601 UTC. */
  started: string;
  ended: string;
  /** ms from start to end, by a monotonic clock. */
  ms: number;
}

/** Thrown inside a command to end it. */
export class CommandEnd extends Error {
  constructor(
    readonly outcome: 'refused' | 'unknown',
    readonly step: ControlStep,
    override readonly cause: Iec61850Error,
  ) {
    super(cause.message);
  }
}
