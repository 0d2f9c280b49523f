import { performance } from 'node:perf_hooks';
import { ConnectionError, ControlError, Iec61850Error } from '../../errors.js';
import { MAX_CONTROLLED_OBJECTS } from '../../limits.js';
import type { ClientAssociation } from '../client-association.js';
import type { IedSession, SessionUser } from '../ied-session.js';
import { ReportHub } from '../reports/report-hub.js';
import type { TypeCache } from '../type-cache.js';
import { addCause, controlErrorName } from '../../model/add-cause.js';
import { CommandEnd, type ControlOutcome, type ControlRequest, type ControlStep } from './control-request.js';
import { controlPlace, loadControllable, type ControlPlace } from './controllable.js';
import { ControlledObject } from './controlled-object.js';
import { readControlReport } from './last-appl-error.js';
import type { OutcomeFacts } from './prepare-command.js';

/** What lives as long as one association. */
interface Attached {
  association: ClientAssociation;
  types: TypeCache;
  objects: Map<string, Promise<ControlledObject>>;
  /** Those of `objects` that are known by now. */
  known: Map<string, ControlledObject>;
}

const MAX_CTL_NUM = 255;

/**
 * Commands to one IED (IEC 61850-7-2 §20), for everybody who uses its session: two nodes that control the same object
 * know of each other's commands. Nothing waits for an IED that is away, and nothing is ever sent twice.
 */
export class Controls implements SessionUser {
  private static readonly bySession = new WeakMap<IedSession, Controls>();
  private attachment: Attached | undefined;
  private readonly numbers = new Map<string, number>();

  /** The controls of a session, which are the same for all its users. */
  static of(session: IedSession): Controls {
    let controls = Controls.bySession.get(session);
    if (!controls) {
      controls = new Controls(session);
      Controls.bySession.set(session, controls);
      session.use(controls);
    }
    return controls;
  }

  private constructor(private readonly session: IedSession) {}

  attached(association: ClientAssociation, types: TypeCache): void {
    this.attachment = { association, types, objects: new Map(), known: new Map() };
  }

  detached(error: Iec61850Error): void {
    const { attachment } = this;
    this.attachment = undefined;
    for (const object of attachment?.known.values() ?? []) object.lost(error);
  }

  informationReport(octets: Buffer, start: number, end: number): void {
    const objects = [...(this.attachment?.known.values() ?? [])].filter(({ waiting }) => waiting > 0);
    // A termination without a command, or one that came too late, has nobody to tell.
    if (objects.length === 0) return;
    let report;
    try {
      report = readControlReport(octets, start, end);
    } catch (error) {
      // What cannot be read says nothing about the command; its time limit goes on.
      if (error instanceof Iec61850Error) return;
      throw error;
    }
    const only = objects.length === 1 && objects[0]?.waiting === 1;
    if (report) for (const object of objects) if (object.take(report, only)) return;
  }

  /** Runs one command to its end. Never rejects: everything that can happen is an outcome. */
  async command(request: ControlRequest): Promise<ControlOutcome> {
    const began = performance.now();
    const started = new Date().toISOString();
    const action = request.action ?? 'operate';
    const facts: OutcomeFacts = { command: action === 'operate' ? shown(request.value) : action, sent: false };
    let reference = String(request.reference);
    const finish = (outcome: ControlOutcome['outcome'], step?: ControlStep, error?: Iec61850Error): ControlOutcome => {
      const { lastApplError, ...others } = facts;
      return {
        outcome,
        action,
        ied: this.session.name,
        reference,
        ...others,
        ...(step && { step }),
        ...(lastApplError &&
          outcome !== 'done' && {
            addCause: addCause(lastApplError.addCause),
            controlError: controlErrorName(lastApplError.error),
          }),
        ...(error && { error: { code: error.code, message: error.message, hint: error.hint } }),
        started,
        ended: new Date().toISOString(),
        ms: Math.round(performance.now() - began),
      };
    };
    try {
      const place = controlPlace(reference);
      ({ reference } = place);
      const object = await this.object(place);
      await object.run({ ...request, action }, facts);
      return finish('done');
    } catch (error) {
      if (error instanceof CommandEnd) return finish(error.outcome, error.step, error.cause);
      if (error instanceof Iec61850Error) return finish('refused', 'check', error);
      // A defect of ours: what was sent may have been done.
      const defect = new ControlError('REFUSED', `${reference}: ${String(error)}`, '', { cause: error });
      return finish(facts.sent ? 'unknown' : 'refused', 'check', defect);
    }
  }

  private object(place: ControlPlace): Promise<ControlledObject> {
    const { attachment } = this;
    if (!attachment?.association.open) {
      const why = this.session.lastError;
      return Promise.reject(
        new ConnectionError(
          `${this.session.name} is not connected${why ? `: ${why.message}` : ''}; nothing was sent`,
          'Command again when the IED is online; commands do not wait for it.',
          { ied: this.session.name },
        ),
      );
    }
    const { objects, known, types, association } = attachment;
    const { key } = place;
    const present = objects.get(key);
    if (present) return present;
    if (objects.size >= MAX_CONTROLLED_OBJECTS) this.forgetIdle(attachment);
    const loading = loadControllable(types, place).then((controllable) => {
      const object = new ControlledObject(association, controllable, {
        next: (name) => this.nextNumber(name),
        news: async (variable, reference, ms) =>
          (await ReportHub.existing(this.session)?.newsOf(variable, reference, ms)) ?? false,
      });
      known.set(key, object);
      return object;
    });
    objects.set(key, loading);
    // An object that could not be asked for may be there the next time.
    loading.catch(() => objects.delete(key));
    return loading;
  }

  private forgetIdle({ objects, known }: Attached): void {
    for (const [key, object] of known) {
      if (!object.idle) continue;
      known.delete(key);
      objects.delete(key);
    }
  }

  private nextNumber(key: string): number {
    const before = this.numbers.get(key);
    const next = before === undefined || before >= MAX_CTL_NUM ? 0 : before + 1;
    if (this.numbers.size >= MAX_CONTROLLED_OBJECTS) this.numbers.clear();
    this.numbers.set(key, next);
    return next;
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : value === undefined ? '' : (JSON.stringify(value) ?? '');
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
