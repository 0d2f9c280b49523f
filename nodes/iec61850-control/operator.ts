/** What an `iec61850-control` node does with its messages: guards, asks for confirmation, commands, and tells how it ended. */
import { Controls, type ControlOutcome, type ControlRequest } from '../../src/client/control/index.js';
import { ControlError, Iec61850Error } from '../../src/errors.js';
import { GuardedSession } from '../shared/guarded-session.js';
import type { SessionLease } from '../shared/ied-connection.js';
import type { NodeMessage } from '../shared/red.js';
import type { StatusLine } from '../shared/status.js';
import { commandOf, guard } from './command-message.js';
import type { ControlSettings } from './control-settings.js';

export interface OperatorOutput {
  status: StatusLine;
  log(text: string): void;
  warn(text: string): void;
  /** Sends to the audit output, if there is one. */
  audit(message: NodeMessage): void;
}

/** Message for the output `done` or `refused`; the second takes what is unknown, too. */
export type Told = { done: NodeMessage } | { refused: NodeMessage };

interface Waiting {
  request: ControlRequest;
  msg: NodeMessage;
  timer: NodeJS.Timeout;
  settle: (told: Told | undefined) => void;
}

export class Operator {
  private readonly guarded: GuardedSession;
  private waiting: Waiting | undefined;
  private running = 0;
  private closed = false;

  /** @param lease of the session; undefined while the node may not operate equipment */
  constructor(
    private readonly ied: string,
    lease: SessionLease | undefined,
    private readonly settings: ControlSettings,
    private readonly out: OperatorOutput,
  ) {
    this.guarded = new GuardedSession(lease, out.status);
  }

  close(): void {
    this.closed = true;
    const { waiting } = this;
    if (waiting) {
      this.out.warn(`${this.place}: closed before the command was confirmed; nothing was sent`);
      this.end(waiting, undefined);
    }
    if (this.running > 0)
      this.out.warn(`${this.place}: closed while a command was under way; look at its outcome on site`);
    this.guarded.close();
  }

  /** Handles one message; never rejects. Undefined for a message that has no outcome of its own, a confirmation. */
  input(msg: NodeMessage): Promise<Told | undefined> {
    if (this.waiting && msg.confirm !== undefined) return Promise.resolve(this.confirmed(this.waiting, msg));
    let request: ControlRequest;
    try {
      if (msg.confirm !== undefined) throw new ControlError('NOT_CONFIRMED', 'no command waits for a confirmation');
      guard(msg, this.settings);
      request = commandOf(msg, this.settings);
      if (this.waiting && request.action === 'cancel')
        this.end(this.waiting, this.refusal(this.waiting.msg, 'NOT_CONFIRMED', 'cancelled before it was confirmed'));
      if (this.waiting)
        throw new ControlError('BUSY', 'another command waits for its confirmation', 'Confirm it first.');
    } catch (error) {
      if (error instanceof Iec61850Error) return Promise.resolve(this.refused(msg, error));
      throw error;
    }
    const { confirm } = this.settings;
    // Cancel makes things safe; nobody should have to confirm it.
    if (confirm === undefined || request.action === 'cancel') return this.command(request, msg);
    return this.askFor(request, msg, confirm);
  }

  private get place(): string {
    return `${this.ied} ${this.settings.reference}`;
  }

  private askFor(request: ControlRequest, msg: NodeMessage, limit: number): Promise<Told | undefined> {
    return new Promise((settle) => {
      const timer = setTimeout(() => {
        const { waiting } = this;
        if (waiting) this.end(waiting, this.refusal(msg, 'NOT_CONFIRMED', `not confirmed within ${limit / 1000} s`));
      }, limit);
      this.waiting = { request, msg, timer, settle };
      const command = describe(request);
      this.out.log(`${this.place}: ${command} waits for confirmation`);
      this.audit('waiting', msg, { command, until: new Date(Date.now() + limit).toISOString() });
      this.out.status.busy(`confirm ${command}`);
    });
  }

  /** A confirmation belongs to the command that waits. */
  private confirmed(waiting: Waiting, msg: NodeMessage): Told | undefined {
    if (msg.retain !== undefined && msg.retain !== false)
      return this.refusal(msg, 'RETAINED', 'a retained message is no confirmation');
    if (msg.confirm === true) {
      clearTimeout(waiting.timer);
      this.waiting = undefined;
      void this.command(waiting.request, waiting.msg).then(waiting.settle);
    } else this.end(waiting, this.refusal(waiting.msg, 'NOT_CONFIRMED', 'the confirmation was denied'));
    return undefined;
  }

  private end(waiting: Waiting, told: Told | undefined): void {
    clearTimeout(waiting.timer);
    this.waiting = undefined;
    waiting.settle(told);
  }

  private async command(request: ControlRequest, msg: NodeMessage): Promise<Told> {
    const { out } = this;
    const { session } = this.guarded;
    if (!session) return this.refusal(msg, 'NOT_ALLOWED', 'this node may not operate equipment');
    const command = describe(request);
    out.log(`${this.place}: ${command} commanded`);
    this.audit('command', msg, { command, action: request.action, value: request.value, origin: request.origin });
    out.status.busy(command);
    this.running++;
    const outcome = await Controls.of(session).command(request);
    this.running--;
    return this.tell(msg, outcome);
  }

  private tell(msg: NodeMessage, outcome: ControlOutcome): Told {
    const { out } = this;
    const { command, error, ms } = outcome;
    const line = `${this.place}: ${command} ${outcome.outcome} after ${ms} ms${numbers(outcome)}`;
    this.audit('end', msg, outcome);
    const message: NodeMessage = {
      ...msg,
      topic: `${this.ied}/${outcome.reference}`,
      outcome: outcome.outcome,
      control: outcome,
    };
    if (outcome.outcome === 'done') {
      out.log(line);
      if (!this.closed) out.status.ok(`${command} ${outcome.scheduled ? 'taken' : 'done'}`);
      return { done: message };
    }
    const reason = error ? [error.message, error.hint].filter((part) => part !== '').join('. ') : 'no reason';
    out.warn(`${line}: ${reason}`);
    if (!this.closed) {
      if (outcome.outcome === 'unknown') out.status.bad(`${command} unknown`);
      else out.status.warn(outcome.addCause?.short ?? 'refused');
    }
    return { refused: { ...message, reason } };
  }

  private refusal(msg: NodeMessage, failure: 'NOT_ALLOWED' | 'NOT_CONFIRMED' | 'RETAINED', why: string): Told {
    return this.refused(msg, new ControlError(failure, why));
  }

  /** Refused by the node itself; the IED never heard of it. */
  private refused(msg: NodeMessage, { code, message, hint }: Iec61850Error): Told {
    const now = new Date().toISOString();
    return this.tell(msg, {
      outcome: 'refused',
      action: this.settings.action,
      ied: this.ied,
      reference: this.settings.reference,
      command: describe({ ...this.settings, value: msg.payload }),
      sent: false,
      step: 'check',
      error: { code, message, hint },
      started: now,
      ended: now,
      ms: 0,
    });
  }

  private audit(event: 'waiting' | 'command' | 'end', msg: NodeMessage, details: object): void {
    if (!this.settings.audit || this.closed) return;
    const { reference } = this.settings;
    this.out.audit({
      topic: `${this.ied}/${reference}`,
      payload: { event, time: new Date().toISOString(), ied: this.ied, reference, message: msg._msgid, ...details },
    });
  }
}

/** A command in words, for the log, the status and the audit. */
function describe({ action = 'operate', value }: Pick<ControlRequest, 'action' | 'value'>): string {
  if (action !== 'operate') return action;
  const text = typeof value === 'string' ? value : value === undefined ? '' : (JSON.stringify(value) ?? '');
  return text === '' ? 'operate' : text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function numbers({ origin, ctlNum, model, test }: ControlOutcome): string {
  const parts = [
    ...(model ? [model] : []),
    ...(origin ? [`origin ${origin.category} "${origin.identifier}"`] : []),
    ...(ctlNum === undefined ? [] : [`ctlNum ${ctlNum}`]),
    ...(test ? ['test'] : []),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
