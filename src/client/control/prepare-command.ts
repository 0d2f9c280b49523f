/** What a command needs before its first octet leaves, and everything that can be wrong with it until then. */
import { ArgumentError, ControlError } from '../../errors.js';
import type { ClientAssociation } from '../client-association.js';
import { originText } from '../../model/originator.js';
import { checkOperateAt, checkOrigin, checkTimes } from './check-request.js';
import { commandValue, neutralValue, type CommandValue } from './command-value.js';
import type { ControlOutcome, ControlRequest } from './control-request.js';
import { controlStructure, type ControlParameters } from './control-structure.js';
import { readConfiguration, type Controllable, type ControlConfiguration } from './controllable.js';
import type { LastApplError } from './last-appl-error.js';

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

/** A command that can be sent. */
export interface PreparedCommand {
  configuration: ControlConfiguration;
  /** ctlNum and T are filled in when a service is sent. */
  parameters: ControlParameters;
  /** Absent for a select or cancel without a value. */
  value?: CommandValue;
}

/**
 * Checks a request against the IED as it is now, and writes into `facts` what is known then.
 * @throws ArgumentError, ControlError, and what reading the configuration fails with
 */
export async function prepareCommand(
  association: ClientAssociation,
  object: Controllable,
  request: ControlRequest,
  facts: OutcomeFacts,
): Promise<PreparedCommand> {
  const { reference } = object.place;
  facts.cdc = object.classOf(request.cdc);
  checkTimes(request);
  const origin = checkOrigin(request.origin);
  const operTm = checkOperateAt(request.operateAt);
  if (operTm !== undefined && !hasMember(object, 'operTm')) {
    throw new ArgumentError(
      `${reference} takes no time-activated operate: its Oper has no operTm`,
      'Send the command at its time.',
    );
  }
  const configuration = await readConfiguration(association, object, request.model);
  facts.model = configuration.model;
  if (configuration.model === 'status-only') {
    throw new ControlError(
      'STATUS_ONLY',
      `${reference} can only be read: its control model is status-only`,
      'Allow control in the IED (ctlModel), or choose another object.',
    );
  }
  const value =
    request.action === 'operate' || request.value !== undefined ? valueOf(object, request, configuration) : undefined;
  if (value) facts.command = request.action === 'operate' ? value.text : `${request.action} ${value.text}`;
  const parameters: ControlParameters = {
    ctlVal: value?.data ?? neutralValue({ type: object.valueType, what: reference }),
    ...(operTm !== undefined && { operTm }),
    ...origin,
    ctlNum: 0,
    t: Date.now(),
    test: request.test === true,
    synchroCheck: request.synchroCheck === true,
    interlockCheck: request.interlockCheck === true,
  };
  // Encoded once for what it might find wrong, before a selection is taken.
  controlStructure(object.oper, parameters, `${reference}.Oper`);
  tellParameters(facts, parameters);
  return { configuration, parameters, ...(value && { value }) };
}

function valueOf(
  object: Controllable,
  request: ControlRequest,
  { range, scaling }: ControlConfiguration,
): CommandValue {
  const enumLiterals = request.enumLiterals ?? object.enumLiterals;
  return commandValue(request.value, {
    what: object.place.reference,
    cdc: object.classOf(request.cdc),
    type: object.valueType,
    range,
    ...(enumLiterals && { enumLiterals }),
    ...(scaling && { scaling }),
  });
}

/** Writes down what the parameters of a service say. */
export function tellParameters(
  facts: OutcomeFacts,
  { orCat, orIdent, test, interlockCheck, synchroCheck, operTm }: ControlParameters,
): void {
  facts.origin = { category: orCat, identifier: originText(orIdent) };
  facts.test = test;
  facts.interlockCheck = interlockCheck;
  facts.synchroCheck = synchroCheck;
  if (operTm !== undefined) facts.scheduled = new Date(operTm).toISOString();
}

/** Whether the live type of Oper has this member. */
export function hasMember({ oper }: Controllable, name: string): boolean {
  return oper.type === 'structure' && oper.components.some((component) => component.name === name);
}
