/**
 * The states of one controllable object (IEC 61850-7-2 §20.3): selected, waiting for its time, being decided on, moving.
 * A machine is made when the object is commanded for the first time.
 */
import type { MmsData } from '../../mms/data.js';
import { follows } from '../../model/control-expectation.js';
import { isEnhanced, needsSelection } from '../../model/control-model.js';
import type { TagData } from '../../model/tag-value.js';
import type { ClientSession } from '../client-session.js';
import { whenThere, type MaybePromise } from '../maybe-promise.js';
import type { Variable } from '../variable.js';
import { serviceRefusal, selectionRefusal, stateRefusal, valueRefusal, type Request } from './control-checks.js';
import { ownersCause, type Decision } from './control-decision.js';
import type { ControlCommand } from './control-handler.js';
import type { ControlHost } from './control-host.js';
import type { ControlObject } from './control-object.js';
import { ControlOutput } from './control-output.js';
import type { ControlParameters } from './control-parameters.js';
import { ControlSelection } from './control-selection.js';
import { ControlStatus } from './control-status.js';
import type { ControlValue } from './control-value.js';
import { Cause, refusal, type Refusal } from './refusal.js';
import { SimulatedProcess } from './simulation.js';

/** An operate that was not refused at once. */
interface Execution {
  session: ClientSession;
  command: ControlCommand;
  parameters: ControlParameters;
  value: ControlValue;
  /** What the client wrote, which the termination repeats. */
  written: MmsData;
  enhanced: boolean;
  /** `ending`: a Cancel was taken, and the end is told when that is answered. */
  phase: 'waiting' | 'deciding' | 'moving' | 'ending';
  /** Status value when the command came. */
  before: TagData;
  /** Whether the client has its answer, so that a termination may follow. */
  answered: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Outcome of a service: why it was refused, or nothing. */
export type Outcome = Refusal | undefined;

export class ControlMachine {
  private readonly status: ControlStatus;
  private readonly output: ControlOutput;
  private readonly process: SimulatedProcess;
  private readonly selection: ControlSelection;
  private execution: Execution | undefined;

  constructor(
    readonly object: ControlObject,
    private readonly host: ControlHost,
    private readonly zero: Variable | undefined,
  ) {
    this.status = new ControlStatus(object, host.context);
    this.output = new ControlOutput(this.status);
    this.process = new SimulatedProcess(object, host.context);
    this.selection = new ControlSelection(object, this.status, host, () => this.settle());
  }

  /** Select, and SelectWithValue. */
  select(request: Request): MaybePromise<Outcome> {
    const command = this.commandOf(request);
    return this.told(request, command, this.trySelect(request, command));
  }

  operate(request: Request & { parameters: ControlParameters }, written: MmsData): MaybePromise<Outcome> {
    const command = this.commandOf(request);
    this.status.received(true);
    return this.told(request, command, this.tryOperate(request, command, written));
  }

  cancel(request: Request): MaybePromise<Outcome> {
    const command = this.commandOf(request);
    return this.told(request, command, this.tryCancel(request, command));
  }

  /** Refuses a service before anything else is looked at. */
  refuse(request: Request, why: Refusal): MaybePromise<Outcome> {
    return this.told(request, this.commandOf(request), why);
  }

  /** The status value has changed. */
  statusChanged(): void {
    const { execution } = this;
    if (!execution || execution.phase !== 'moving' || !execution.answered) return;
    if (this.followed(execution)) this.finish(execution);
  }

  /** The association of a client is over: what is not on its way yet does not happen. */
  sessionClosed(session: ClientSession): void {
    const { execution, selection } = this;
    if (execution?.session === session && execution.phase === 'waiting') {
      this.finish(execution, refusal(Cause.abortionByCommunicationLoss, 'the client is gone'));
    } else if (selection.heldBy(session) && !execution) selection.release('the client is gone');
  }

  /** The server closes. */
  stop(): void {
    const { execution } = this;
    this.output.stop();
    this.process.stop();
    // A client that waits for its answer gets none: its association ends.
    if (execution?.phase === 'deciding') this.end(execution);
    else if (execution) this.finish(execution, refusal(Cause.unknown, 'the server closes'));
    this.selection.release('the server closes');
  }

  private commandOf({ session, service, parameters, value }: Request): ControlCommand {
    const kind = service === 'Oper' ? 'operate' : service === 'Cancel' ? 'cancel' : 'select';
    return this.host.command(this.object, session, kind, parameters, value);
  }

  /** Tells the owner what came of a service, and the client why it was refused, before it gets the answer. */
  private told(request: Request, command: ControlCommand, outcome: MaybePromise<Outcome>): MaybePromise<Outcome> {
    return whenThere(outcome, (why) => {
      if (why) {
        this.host.explain(this.object, request, why);
        this.host.tell(command, 'refused', why);
      } else this.host.tell(command, command.kind === 'operate' && command.operateAt ? 'scheduled' : 'accepted');
      return why;
    });
  }

  private check(request: Request): Outcome {
    const { object } = this;
    const { model } = object;
    const why =
      serviceRefusal(model, request) ??
      (this.execution ? refusal(Cause.commandAlreadyInExecution) : undefined) ??
      selectionRefusal(model, request, this.selection.holder);
    return why ?? valueRefusal(object, request, this.host.context.now()) ?? stateRefusal(object, this.zero, request);
  }

  private trySelect(request: Request, command: ControlCommand): MaybePromise<Outcome> {
    const why = this.check(request);
    if (why) return why;
    const { selection } = this;
    const asked = selection.ask(request.session, request.parameters, command);
    this.host.active.add(this);
    return whenThere(this.host.decide(this.process, command), (decision) => {
      if (selection.holder !== asked) return refusal(Cause.selectFailed, 'the selection has ended meanwhile');
      if (!decision.taken) {
        selection.release();
        return decision.why;
      }
      selection.confirm();
      return undefined;
    });
  }

  /** An object that nobody holds needs no looking after. */
  private settle(): void {
    if (!this.selection.holder && !this.execution) this.host.active.delete(this);
  }

  private tryOperate(
    request: Request & { parameters: ControlParameters },
    command: ControlCommand,
    written: MmsData,
  ): MaybePromise<Outcome> {
    const { session, parameters, value } = request;
    const why = this.check(request);
    if (why || !value) {
      if (!this.execution) {
        this.status.received(false);
        // A failed operate uses up a selection that is good for one (IEC 61850-7-2 §20.3.3).
        if (this.selection.heldBy(session) && !this.object.operateMany) this.selection.release();
      }
      return why;
    }
    const { model, statusValue: before } = this.object;
    const execution: Execution = {
      ...{ session, command, parameters, value, written, before },
      enhanced: isEnhanced(model),
      phase: 'waiting',
      answered: false,
      timer: undefined,
    };
    this.execution = execution;
    this.host.active.add(this);
    this.selection.pause();
    const { operateAt } = parameters;
    if (operateAt === undefined) return this.begin(execution);
    execution.timer = setTimeout(() => this.timeHasCome(execution), operateAt - this.host.context.now());
    return undefined;
  }

  /** A time-activated operate: the tests are made again, as the bay may be another one now. */
  private timeHasCome(execution: Execution): void {
    const why = stateRefusal(this.object, this.zero, execution);
    const outcome = why ?? this.begin(execution);
    const go = (failed: Outcome): void => {
      if (failed) this.finish(execution, failed);
    };
    if (outcome instanceof Promise) outcome.then(go, (error: unknown) => this.host.failed(error));
    else go(outcome);
  }

  /** Asks the owner, and lets the command go on its way. */
  private begin(execution: Execution): MaybePromise<Outcome> {
    execution.phase = 'deciding';
    return whenThere(this.host.decide(this.process, execution.command), (decision) => {
      if (this.execution !== execution) return refusal(Cause.unknown, 'the command has ended meanwhile');
      if (decision.taken) {
        this.move(execution, decision);
        return undefined;
      }
      if (execution.parameters.operateAt === undefined) this.end(execution);
      return decision.why;
    });
  }

  private move(execution: Execution, { completion }: Extract<Decision, { taken: true }>): void {
    const { object } = this;
    const scheduled = execution.parameters.operateAt !== undefined;
    execution.phase = 'moving';
    this.status.operated(execution.parameters);
    this.output.start(object.pulse);
    if (this.host.simulates) this.process.follow(execution.command);
    if (!execution.enhanced) {
      if (scheduled) this.finish(execution);
      else this.end(execution);
      return;
    }
    if (object.status) this.host.watched.set(object.status.value, this);
    execution.timer = setTimeout(() => this.timeIsOver(execution), object.operTimeout);
    completion?.then(
      (end) => this.completed(execution, end?.addCause === undefined ? undefined : ownersCause(end.addCause)),
      (error: unknown) => {
        this.host.failed(error);
        this.completed(execution, refusal(Cause.unknown, 'the owner could not tell the end'));
      },
    );
    // The termination comes after the answer, however quick the process is.
    setImmediate(() => {
      execution.answered = true;
      const ended = completion === undefined && !object.status;
      if (this.execution === execution && (ended || this.followed(execution))) this.finish(execution);
    });
  }

  private completed(execution: Execution, failed: Outcome): void {
    setImmediate(() => this.finish(execution, failed));
  }

  private followed({ value, before }: Execution): boolean {
    return this.object.status !== undefined && follows(this.object.statusValue, value.expectation, before);
  }

  private timeIsOver(execution: Execution): void {
    const late: Refusal = { addCause: Cause.timeLimitOver, reason: 'operTimeout is over', timeTest: true };
    this.finish(execution, this.followed(execution) ? undefined : late);
  }

  private tryCancel(request: Request, command: ControlCommand): MaybePromise<Outcome> {
    const { execution, selection } = this;
    const { model } = this.object;
    const why = serviceRefusal(model, request);
    if (why) return why;
    const holder = execution ?? selection.holder;
    if (!holder) {
      const cause = needsSelection(model) ? Cause.objectNotSelected : Cause.notSupported;
      return refusal(cause, 'there is nothing to cancel');
    }
    if (holder.session !== request.session) return refusal(Cause.lockedByOtherClient);
    if (execution) return this.cancelExecution(execution, command);
    selection.release();
    return undefined;
  }

  private cancelExecution(execution: Execution, command: ControlCommand): MaybePromise<Outcome> {
    const end = (): undefined => {
      clearTimeout(execution.timer);
      execution.phase = 'ending';
      setImmediate(() => this.finish(execution, refusal(Cause.abortionByCancel)));
    };
    if (execution.phase === 'waiting') return end();
    if (execution.phase !== 'moving') return refusal(Cause.commandAlreadyInExecution);
    return whenThere(this.host.decide(this.process, command), (decision) => {
      if (!decision.taken) return decision.why;
      // It may have come to its end while the owner decided.
      return this.execution === execution ? end() : undefined;
    });
  }

  /** An operate is over: the object is free for the next command. */
  private end(execution: Execution): void {
    clearTimeout(execution.timer);
    this.execution = undefined;
    if (this.object.status) this.host.watched.delete(this.object.status.value);
    this.output.ended();
    this.status.received(false);
    this.selection.operated();
    this.settle();
  }

  /** The end of an operate that was answered positively: of enhanced security the client is told. */
  private finish(execution: Execution, why?: Refusal): void {
    if (this.execution !== execution) return;
    if (why) {
      this.process.stop();
      this.output.stop();
    }
    this.end(execution);
    const { session, command, parameters, written, enhanced } = execution;
    if (enhanced) this.host.terminate(this.object, session, parameters, written, why);
    this.host.tell(command, why ? 'failed' : 'done', why);
  }
}
