import { performance } from 'node:perf_hooks';
import { ArgumentError, ConnectionError, ControlError, type Iec61850Error } from '../../errors.js';
import { CONTROL_PREPARATION_MS, DEFAULT_TERMINATION_TIMEOUT_MS } from '../../limits.js';
import type { MmsData } from '../../mms/data.js';
import type { ClientAssociation } from '../client-association.js';
import type { CommandValue } from './command-value.js';
import { CommandWatch } from './command-watch.js';
import { isEnhanced, needsSelection } from '../../model/control-model.js';
import { CommandEnd, type ControlAction, type ControlFeedback, type ControlRequest } from './control-request.js';
import { awaitTermination, readSbo, writeControl } from './control-services.js';
import { controlStructure, type ControlParameters } from './control-structure.js';
import type { Controllable, ControlConfiguration } from './controllable.js';
import { awaitFeedback, readStatus } from './feedback.js';
import type { ControlReport } from './last-appl-error.js';
import { hasMember, prepareCommand, tellParameters, type OutcomeFacts } from './prepare-command.js';

interface Selection {
  parameters: ControlParameters;
  /** Whether the value was part of the selection (SBOw). */
  withValue: boolean;
  /** Monotonic ms; undefined when the IED names no limit. */
  until: number | undefined;
}

/** What an object needs of the controls that it is one of. */
export interface ControlHost {
  /** Control numbers go on when the association is a new one. */
  next(key: string): number;
  /** Waits for a report of the data object; false, at once, when no report brings it. */
  news(variable: string, reference: string, ms: number): Promise<boolean>;
}

/**
 * One controllable object on one association: its selection, the command that is under way, and the reports that belong
 * to it. One command at a time; a second one is refused, and only Cancel may come between.
 */
export class ControlledObject {
  private selection: Selection | undefined;
  /** Parameters of the last Operate, which Cancel repeats. */
  private last: ControlParameters | undefined;
  private busy = false;
  private readonly watches = new Set<CommandWatch>();
  /** Waits for the end of a time-activated command. */
  private scheduled: CommandWatch | undefined;

  constructor(
    private readonly association: ClientAssociation,
    private readonly object: Controllable,
    private readonly host: ControlHost,
  ) {}

  /** Services whose end the IED has not told yet. */
  get waiting(): number {
    return this.watches.size;
  }

  get idle(): boolean {
    return !this.busy && this.watches.size === 0 && this.selection === undefined;
  }

  /** Gives a report to the command that it is about. */
  take(report: ControlReport, only: boolean): boolean {
    // The latest first: a Cancel that was just sent is more likely refused than the Operate that goes on.
    return [...this.watches].reverse().some((watch) => watch.take(report, only));
  }

  lost(error: Iec61850Error): void {
    for (const watch of this.watches) watch.end({ ending: 'lost', error });
  }

  /** @throws CommandEnd, ArgumentError (before anything was sent), and what reading the model fails with */
  async run(request: ControlRequest, facts: OutcomeFacts): Promise<void> {
    if (request.action === 'cancel') return this.cancel(request, facts);
    if (this.busy) {
      throw new ControlError(
        'BUSY',
        `${this.reference}: the command before has not ended`,
        'Wait for its outcome, or cancel it.',
      );
    }
    this.busy = true;
    try {
      await (request.action === 'select' ? this.select(request, facts) : this.operate(request, facts));
    } finally {
      this.busy = false;
    }
  }

  private get reference(): string {
    return this.object.place.reference;
  }

  private async select(request: ControlRequest, facts: OutcomeFacts): Promise<void> {
    const { configuration, parameters } = await prepareCommand(this.association, this.object, request, facts);
    if (!needsSelection(configuration.model)) {
      throw new ControlError(
        'NOT_SELECTED',
        `${this.reference} has the control model ${configuration.model}, which knows no selection`,
        'Operate it without selecting it.',
      );
    }
    await this.sendSelect(configuration, parameters, request.value !== undefined, facts);
  }

  private async operate(request: ControlRequest, facts: OutcomeFacts): Promise<void> {
    const began = performance.now();
    if (request.feedback && !this.object.status)
      throw new ArgumentError(
        `${this.reference} has no status value that could follow`,
        'Turn the wait for feedback off.',
      );
    const { configuration, parameters, value } = await prepareCommand(this.association, this.object, request, facts);
    const { model } = configuration;
    const waitsForFeedback = request.feedback && !parameters.test && parameters.operTm === undefined;
    const before = waitsForFeedback ? await readStatus(this.association, this.object) : null;
    if (needsSelection(model)) await this.useSelection(request, configuration, parameters, facts);
    if (performance.now() - began > CONTROL_PREPARATION_MS) {
      throw new ControlError(
        'LATE',
        `${this.reference}: the IED took too long to answer what a command needs; it was not operated`,
        'Check the load of the IED and the network, then command again.',
      );
    }
    await this.sendOperate(request, configuration, parameters, facts);
    if (request.feedback && waitsForFeedback && value)
      await this.confirmByFeedback(request.feedback, value, before, facts);
  }

  /** Takes the selection that is there, or selects. `parameters` gets the control number of the selection. */
  private async useSelection(
    request: ControlRequest,
    configuration: ControlConfiguration,
    parameters: ControlParameters,
    facts: OutcomeFacts,
  ): Promise<void> {
    const { selection } = this;
    const expired = selection?.until !== undefined && performance.now() >= selection.until;
    if (selection && !expired) {
      if (selection.withValue && !sameCommand(selection.parameters, parameters)) {
        throw new ControlError(
          'NOT_SELECTED',
          `${this.reference} is selected for another value, origin, time, Test or Check`,
          'Cancel the selection and select anew, or operate as it was selected.',
        );
      }
      parameters.ctlNum = selection.parameters.ctlNum;
      return;
    }
    this.selection = undefined;
    if (request.select === 'required') {
      throw expired
        ? new ControlError(
            'SELECTION_EXPIRED',
            `${this.reference}: the selection has run out after ${configuration.sboTimeout ?? 0} ms`,
            'Select again and operate sooner.',
          )
        : new ControlError(
            'NOT_SELECTED',
            `${this.reference} was not selected`,
            'Send a select first, then the operate.',
          );
    }
    try {
      await this.sendSelect(configuration, parameters, true, facts);
    } catch (error) {
      if (!(error instanceof CommandEnd) || error.outcome !== 'unknown') throw error;
      // Whether it is selected is not known; that it was not operated is.
      throw new CommandEnd('refused', 'select', error.cause);
    }
  }

  private async sendSelect(
    configuration: ControlConfiguration,
    parameters: ControlParameters,
    withValue: boolean,
    facts: OutcomeFacts,
  ): Promise<void> {
    const { association, object } = this;
    const { place, sbow } = object;
    const byValue = isEnhanced(configuration.model) || !object.sbo;
    if (byValue && !sbow)
      throw new ArgumentError(
        `${this.reference} has no SBOw to select it by`,
        'The IED contradicts its control model.',
      );
    if (byValue && !withValue)
      throw new ArgumentError(`${this.reference} is selected with its value, and there is none`, 'Give the value.');
    this.selection = undefined;
    parameters.ctlNum = this.host.next(place.key);
    parameters.t = Date.now();
    await this.watched('select', parameters, facts, async (watch) => {
      if (byValue && sbow)
        await writeControl(
          association,
          place,
          'SBOw',
          controlStructure(sbow, parameters, `${this.reference}.SBOw`),
          watch,
        );
      else await readSbo(association, place, watch);
    });
    const { sboTimeout } = configuration;
    this.selection = {
      parameters: { ...parameters },
      withValue: byValue,
      until: sboTimeout === undefined ? undefined : performance.now() + sboTimeout,
    };
    if (sboTimeout !== undefined) facts.selectedUntil = new Date(Date.now() + sboTimeout).toISOString();
  }

  private async sendOperate(
    request: ControlRequest,
    configuration: ControlConfiguration,
    parameters: ControlParameters,
    facts: OutcomeFacts,
  ): Promise<void> {
    const { association, object } = this;
    if (!needsSelection(configuration.model)) parameters.ctlNum = this.host.next(object.place.key);
    parameters.t = Date.now();
    this.last = { ...parameters };
    if (!configuration.operateMany) {
      this.selection = undefined;
      delete facts.selectedUntil;
    }
    const data = controlStructure(object.oper, parameters, `${this.reference}.Oper`);
    await this.watched('operate', parameters, facts, async (watch) => {
      try {
        await writeControl(association, object.place, 'Oper', data, watch);
      } catch (error) {
        this.selection = undefined;
        // A termination that overtook an answer which never came tells more than the answer would.
        if (!(error instanceof CommandEnd) || error.outcome === 'refused' || !watch.terminated) throw error;
      }
      watch.accepted();
      if (isEnhanced(configuration.model) || watch.terminated)
        await this.awaitEnd(request, configuration, parameters, watch, facts);
    });
  }

  private async awaitEnd(
    request: ControlRequest,
    configuration: ControlConfiguration,
    { operTm }: ControlParameters,
    watch: CommandWatch,
    facts: OutcomeFacts,
  ): Promise<void> {
    const limit =
      request.terminationTimeout ?? Math.max(DEFAULT_TERMINATION_TIMEOUT_MS, configuration.operTimeout ?? 0);
    const ahead = operTm === undefined ? 0 : Math.max(0, operTm - Date.now());
    if (operTm !== undefined) this.scheduled = watch;
    try {
      await awaitTermination(watch, ahead, limit, this.object.place);
    } finally {
      if (this.scheduled === watch) this.scheduled = undefined;
      if (watch.terminated) facts.terminated = true;
    }
  }

  private async confirmByFeedback(
    feedback: NonNullable<ControlRequest['feedback']>,
    value: CommandValue,
    before: ControlFeedback['value'],
    facts: OutcomeFacts,
  ): Promise<void> {
    const result = await awaitFeedback(this.association, this.object, value.expectation, before, {
      ...feedback,
      news: (variable, reference, ms) => this.host.news(variable, reference, ms),
    });
    facts.feedback = result;
    if (result.followed) return;
    throw new CommandEnd(
      'unknown',
      'feedback',
      new ControlError(
        'NO_FEEDBACK',
        `${this.reference}: the IED took the command, but the status value did not follow within ${feedback.timeout} ms`,
        'Look at the switch: it may be slow, stuck, or not wired to this status.',
      ),
    );
  }

  private async cancel(request: ControlRequest, facts: OutcomeFacts): Promise<void> {
    const { association, object, reference } = this;
    if (!object.cancel)
      throw new ArgumentError(`${reference} has no Cancel`, 'The IED does not let clients cancel at this object.');
    const repeated = this.last && (this.scheduled || this.busy) ? this.last : (this.selection?.parameters ?? this.last);
    const { parameters } = repeated
      ? { parameters: { ...repeated, t: Date.now() } }
      : await prepareCommand(association, object, request, facts);
    if (!repeated) parameters.ctlNum = this.host.next(object.place.key);
    facts.cdc = object.classOf(request.cdc);
    tellParameters(facts, parameters);
    const data: MmsData = controlStructure(object.cancel, parameters, `${reference}.Cancel`);
    await this.watched('cancel', parameters, facts, async (watch) => {
      await writeControl(association, object.place, 'Cancel', data, watch);
    });
    this.selection = undefined;
    this.scheduled?.end({ ending: 'cancelled' });
  }

  /** Runs a service with a watch on the reports about it, and writes down what the IED said. */
  private async watched(
    service: ControlAction,
    parameters: ControlParameters,
    facts: OutcomeFacts,
    work: (watch: CommandWatch) => Promise<void>,
  ): Promise<void> {
    if (!this.association.open) {
      throw new ConnectionError(
        `${this.reference}: the connection was lost before anything was sent`,
        'Command again when the IED is online; commands do not wait for it.',
      );
    }
    facts.sent = true;
    const numbered = hasMember(this.object, 'ctlNum');
    if (numbered) facts.ctlNum = parameters.ctlNum;
    const watch = new CommandWatch(this.object.place.key, service, numbered ? parameters.ctlNum : undefined);
    this.watches.add(watch);
    try {
      await work(watch);
    } finally {
      this.watches.delete(watch);
      const said = watch.ending?.ending === 'negative' ? watch.ending.lastApplError : watch.lastApplError;
      if (said) facts.lastApplError = said;
    }
  }
}

/** Whether Operate is what was selected; T and ctlNum are each service's own. */
function sameCommand(a: ControlParameters, b: ControlParameters): boolean {
  const key = ({ ctlVal, operTm, orCat, orIdent, test, synchroCheck, interlockCheck }: ControlParameters): string =>
    JSON.stringify(
      [ctlVal, operTm, orCat, orIdent.toString('hex'), test, synchroCheck, interlockCheck],
      (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
    );
  return key(a) === key(b);
}
