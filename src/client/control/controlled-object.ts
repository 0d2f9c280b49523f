import { performance } from 'node:perf_hooks';
import { ArgumentError, ControlError, type Iec61850Error } from '../../errors.js';
import { CONTROL_PREPARATION_MS, DEFAULT_TERMINATION_TIMEOUT_MS } from '../../limits.js';
import type { MmsData } from '../../mms/data.js';
import type { ClientAssociation } from '../client-association.js';
import { checkOperateAt, checkOrigin, checkTimes, originText } from './check-request.js';
import { commandValue, neutralValue, type CommandValue } from './command-value.js';
import { CommandWatch } from './command-watch.js';
import { isEnhanced, needsSelection } from './control-model.js';
import { CommandEnd, type ControlAction, type ControlOutcome, type ControlRequest } from './control-request.js';
import { applicationError, readSbo, writeControl } from './control-services.js';
import { controlStructure, type ControlParameters } from './control-structure.js';
import { readConfiguration, type Controllable, type ControlConfiguration } from './controllable.js';
import { awaitFeedback, readStatus } from './feedback.js';
import type { ControlReport, LastApplError } from './last-appl-error.js';

/** Facts of the outcome that a command gathers on its way. */
export type OutcomeFacts = Pick<
  ControlOutcome,
  | 'command'
  | 'sent'
  | 'model'
  | 'cdc'
  | 'ctlNum'
  | 'origin'
  | 'test'
  | 'interlockCheck'
  | 'synchroCheck'
  | 'scheduled'
  | 'selectedUntil'
  | 'terminated'
  | 'feedback'
> & { lastApplError?: LastApplError };

interface Selection {
  parameters: ControlParameters;
  /** Whether the value was part of the selection (SBOw). */
  withValue: boolean;
  /** Monotonic ms; undefined when the IED names no limit. */
  until: number | undefined;
}

/** Hands out control numbers, which go on when the association is a new one. */
export interface ControlNumbers {
  next(key: string): number;
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
    private readonly numbers: ControlNumbers,
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
    const { configuration, parameters } = await this.prepare(request, facts, request.value !== undefined);
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
    const { configuration, parameters, value } = await this.prepare(request, facts, true);
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

  /** Everything that can be wrong before the first octet of the command leaves. */
  private async prepare(
    request: ControlRequest,
    facts: OutcomeFacts,
    needsValue: boolean,
  ): Promise<{ configuration: ControlConfiguration; parameters: ControlParameters; value?: CommandValue }> {
    const { object } = this;
    facts.cdc = object.classOf(request.cdc);
    checkTimes(request);
    const origin = checkOrigin(request.origin);
    const operTm = checkOperateAt(request.operateAt);
    const configuration = await readConfiguration(this.association, object, request.model);
    facts.model = configuration.model;
    if (configuration.model === 'status-only') {
      throw new ControlError(
        'STATUS_ONLY',
        `${this.reference} can only be read: its control model is status-only`,
        'Allow control in the IED (ctlModel), or choose another object.',
      );
    }
    const value = needsValue ? this.valueOf(request, configuration) : undefined;
    if (value) facts.command = value.text;
    const parameters: ControlParameters = {
      ctlVal: value?.data ?? neutralValue({ type: object.valueType, what: this.reference }),
      ...(operTm !== undefined && { operTm }),
      ...origin,
      ctlNum: 0,
      t: Date.now(),
      test: request.test === true,
      synchroCheck: request.synchroCheck === true,
      interlockCheck: request.interlockCheck === true,
    };
    if (operTm !== undefined && !hasMember(object, 'operTm')) {
      throw new ArgumentError(
        `${this.reference} takes no time-activated operate: its Oper has no operTm`,
        'Send the command at its time.',
      );
    }
    // Encoded once for what it might find wrong, before a selection is taken.
    controlStructure(object.oper, parameters, `${this.reference}.Oper`);
    this.tell(facts, parameters);
    return { configuration, parameters, ...(value && { value }) };
  }

  private valueOf(request: ControlRequest, { range, scaling }: ControlConfiguration): CommandValue {
    const { object } = this;
    const enumLiterals = request.enumLiterals ?? object.enumLiterals;
    return commandValue(request.value, {
      what: this.reference,
      cdc: object.classOf(request.cdc),
      type: object.valueType,
      range,
      ...(enumLiterals && { enumLiterals }),
      ...(scaling && { scaling }),
    });
  }

  private tell(
    facts: OutcomeFacts,
    { orCat, orIdent, test, interlockCheck, synchroCheck, operTm }: ControlParameters,
  ): void {
    facts.origin = { category: orCat, identifier: originText(orIdent) };
    facts.test = test;
    facts.interlockCheck = interlockCheck;
    facts.synchroCheck = synchroCheck;
    if (operTm !== undefined) facts.scheduled = new Date(operTm).toISOString();
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
    parameters.ctlNum = this.numbers.next(place.key);
    parameters.t = Date.now();
    await this.watched('select', parameters, facts, async (watch) => {
      facts.sent = true;
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
    if (!needsSelection(configuration.model)) parameters.ctlNum = this.numbers.next(object.place.key);
    parameters.t = Date.now();
    this.last = { ...parameters };
    if (!configuration.operateMany) {
      this.selection = undefined;
      delete facts.selectedUntil;
    }
    const data = controlStructure(object.oper, parameters, `${this.reference}.Oper`);
    await this.watched('operate', parameters, facts, async (watch) => {
      facts.sent = true;
      try {
        await writeControl(association, object.place, 'Oper', data, watch);
      } catch (error) {
        this.selection = undefined;
        // A termination that overtook an answer which never came tells more than the answer would.
        if (!(error instanceof CommandEnd) || error.outcome === 'refused' || !watch.terminated) throw error;
      }
      watch.accepted();
      if (isEnhanced(configuration.model) || watch.terminated)
        await this.termination(request, configuration, parameters, watch, facts);
    });
  }

  private async termination(
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
    const ended = await watch.ended(ahead + limit);
    if (this.scheduled === watch) this.scheduled = undefined;
    switch (ended?.ending) {
      case 'positive':
        facts.terminated = true;
        return;
      case 'negative':
        facts.terminated = true;
        throw new CommandEnd('refused', 'termination', applicationError(ended.lastApplError, this.reference));
      case 'cancelled':
        throw new CommandEnd(
          'refused',
          'termination',
          new ControlError('CANCELLED', `${this.reference}: the command was cancelled before its time`, ''),
        );
      case 'lost':
        throw new CommandEnd('unknown', 'termination', ended.error);
      case undefined:
        throw new CommandEnd(
          'unknown',
          'termination',
          new ControlError(
            'NO_TERMINATION',
            `${this.reference}: the IED took the command but did not tell its end within ${Math.round(limit)} ms`,
            'Look at the position before a new command; raise the time limit if the drive is slow.',
          ),
        );
    }
  }

  private async confirmByFeedback(
    feedback: NonNullable<ControlRequest['feedback']>,
    value: CommandValue,
    before: ControlOutcomeValue,
    facts: OutcomeFacts,
  ): Promise<void> {
    const result = await awaitFeedback(this.association, this.object, value.expectation, before, feedback);
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
      : await this.prepare(request, facts, request.value !== undefined);
    if (!repeated) parameters.ctlNum = this.numbers.next(object.place.key);
    facts.cdc = object.classOf(request.cdc);
    this.tell(facts, parameters);
    const data: MmsData = controlStructure(object.cancel, parameters, `${reference}.Cancel`);
    await this.watched('cancel', parameters, facts, async (watch) => {
      facts.sent = true;
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

type ControlOutcomeValue = Awaited<ReturnType<typeof readStatus>>;

function hasMember({ oper }: Controllable, name: string): boolean {
  return oper.type === 'structure' && oper.components.some((component) => component.name === name);
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
