/** What the owner of a server is asked when a client commands, and what the owner answers. */
import type { ControlClass, ControlModel } from '../../model/control-model.js';
import type { AddCause } from '../../model/add-cause.js';
import type { ClientIdentity } from '../client-identity.js';
import type { MaybePromise } from '../maybe-promise.js';

export type ControlKind = 'select' | 'operate' | 'cancel';

/** Who commands (IEC 61850-7-3 §6.8). */
export interface CommandOrigin {
  /** orCat: 1 bay, 2 station, 3 remote, 4 to 6 the same automatic, 7 maintenance, 8 process; 0 not supported. */
  category: number;
  /** orIdent as text, in hexadecimal digits when it is none. */
  identifier: string;
}

/** How an output is to be switched (IEC 61850-7-3 §6.9, PulseConfig). */
export interface PulseConfiguration {
  cmdQual: 'pulse' | 'persistent' | 'persistent-feedback';
  /** ms that a pulse takes, and that are between two. */
  onDuration: number;
  offDuration: number;
  pulses: number;
}

/** One command of a client, as far as it is known: a select by reading SBO brings nothing but the object. */
export interface ControlCommand {
  client: ClientIdentity;
  /** Controlled object, `LD/LN.DO`. */
  reference: string;
  cdc: ControlClass;
  kind: ControlKind;
  model: ControlModel;
  /** ctlVal: boolean, number, number of an enumeration; 0 stop, 1 lower, 2 raise for a step. `null` without one. */
  value: boolean | number | null;
  /** The value for people: `close`, `on`, `raise`, a literal, `12.5`; empty without one. */
  text: string;
  origin: CommandOrigin | null;
  ctlNum: number | null;
  test: boolean;
  /** Check: the client wants the interlocking, and the synchrocheck, to be looked at; the owner does that. */
  interlockCheck: boolean;
  synchroCheck: boolean;
  /** T, when the client sent the command by its own clock, ISO 8601 UTC. */
  time: string | null;
  /** Time of a time-activated operate, which is now when the owner is asked, ISO 8601 UTC. */
  operateAt: string | null;
  /** How the output is to be switched, where the model says so. */
  pulse: PulseConfiguration | null;
}

/** How the process ended a command: with an AddCause (its name or number) it failed, without one it was done. */
export interface ControlCompletion {
  addCause?: string | number;
}

/**
 * The owner's answer: taken, or refused with the name or number of an AddCause. An operate of enhanced security ends with
 * a CommandTermination: when `completion` is settled or the status value follows, whichever comes first.
 */
export type ControlAnswer =
  { accept: true; completion?: Promise<ControlCompletion | undefined | void> } | { addCause: string | number };

/**
 * Decides on a command that passed all checks of the server, at once or by a promise. It is refused when no answer comes
 * within `controlTimeout`, when the promise is rejected, and when the answer is none of the two.
 */
export type ControlHandler = (command: ControlCommand) => MaybePromise<ControlAnswer>;

/**
 * `accepted`: answered positively, `refused`: negatively. `scheduled`: taken for its time. `done` and `failed`: how an
 * operate of enhanced security, or a scheduled one, ended. `released`: a selection ended without an operate.
 */
export type ControlResult = 'accepted' | 'refused' | 'scheduled' | 'done' | 'failed' | 'released';

/** A command of a client, and what came of it. */
export interface Controlled extends Omit<ControlCommand, 'pulse'> {
  result: ControlResult;
  /** Why it was refused or failed. */
  addCause?: AddCause;
  /** More than the AddCause tells, in words. */
  reason?: string;
}
