/** What the controllable objects of a server share: the owner, the clients, and the objects that are not at rest. */
import { addCause } from '../../model/add-cause.js';
import { originText } from '../../model/originator.js';
import type { MmsData } from '../../mms/data.js';
import type { ClientSession } from '../client-session.js';
import type { MaybePromise } from '../maybe-promise.js';
import type { ServerContext } from '../server-part.js';
import type { Variable } from '../variable.js';
import { OwnersDecisions, type Decision } from './control-decision.js';
import type { Request } from './control-checks.js';
import type { ControlCommand, Controlled, ControlKind, ControlResult } from './control-handler.js';
import type { ControlMachine } from './control-machine.js';
import type { ControlObject } from './control-object.js';
import type { ControlParameters } from './control-parameters.js';
import { encodeCommandTermination, encodeLastApplError, type LastApplError } from './control-reports.js';
import type { ControlValue } from './control-value.js';
import { addCauseOfEdition1, ControlError, type Refusal } from './refusal.js';
import type { SimulatedProcess } from './simulation.js';

export class ControlHost {
  /** Objects that are selected or operated. */
  readonly active = new Set<ControlMachine>();
  /** Objects whose end shows in a status value. */
  readonly watched = new Map<Variable, ControlMachine>();
  readonly decisions: OwnersDecisions;

  constructor(readonly context: ServerContext) {
    this.decisions = new OwnersDecisions(context);
  }

  /** Whether commands are followed by a simulated process: nobody decides, and the option says so. */
  get simulates(): boolean {
    const { owner, options } = this.context;
    return owner.control === undefined && options.operate === 'simulate';
  }

  decide(process: SimulatedProcess, command: ControlCommand): MaybePromise<Decision> {
    if (!this.simulates) return this.decisions.ask(command);
    const why = command.kind === 'operate' ? process.refusal(command) : undefined;
    return why ? { taken: false, why } : { taken: true };
  }

  command(
    object: ControlObject,
    { identity }: ClientSession,
    kind: ControlKind,
    parameters: ControlParameters | undefined,
    value: ControlValue | undefined,
  ): ControlCommand {
    const { reference, cdc, model, pulse } = object;
    const { operateAt, time } = parameters ?? {};
    return {
      ...{ client: identity, reference, cdc, kind, model },
      value: value?.value ?? null,
      text: value?.text ?? '',
      origin: parameters ? { category: parameters.orCat, identifier: originText(parameters.orIdent) } : null,
      ctlNum: parameters?.ctlNum ?? null,
      test: parameters?.test ?? false,
      interlockCheck: parameters?.interlockCheck ?? false,
      synchroCheck: parameters?.synchroCheck ?? false,
      time: time === undefined ? null : new Date(time).toISOString(),
      operateAt: operateAt === undefined ? null : new Date(operateAt).toISOString(),
      pulse,
    };
  }

  tell({ pulse: _pulse, ...command }: ControlCommand, result: ControlResult, why?: Refusal, reason?: string): void {
    const more = why?.reason ?? reason;
    const event: Controlled = {
      ...command,
      result,
      ...(why && { addCause: addCause(why.addCause) }),
      ...(more !== undefined && { reason: more }),
    };
    this.context.tell('controlled', event);
  }

  failed(error: unknown): void {
    this.context.tell('error', error instanceof Error ? error : new Error(String(error)));
  }

  /** Sends the LastApplError of a refused service. */
  explain(object: ControlObject, { session, service, parameters }: Request, why: Refusal): void {
    session.sendUnconfirmed(encodeLastApplError(this.lastApplError(object, service, parameters, why)));
  }

  /** Sends a CommandTermination, a negative one when there is a reason. */
  terminate(
    object: ControlObject,
    session: ClientSession,
    parameters: ControlParameters,
    written: MmsData,
    why: Refusal | undefined,
  ): void {
    const oper = { scope: 'domain', domain: object.domain, item: `${object.item}$Oper` } as const;
    const error = why && this.lastApplError(object, 'Oper', parameters, why);
    session.sendUnconfirmed(encodeCommandTermination(oper, written, error));
  }

  private lastApplError(
    { domain, item }: ControlObject,
    service: Request['service'],
    parameters: ControlParameters | undefined,
    { addCause: cause, timeTest }: Refusal,
  ): LastApplError {
    return {
      controlObject: `${domain}/${item}$${service}`,
      error: timeTest ? ControlError.timeoutTestNotOk : ControlError.unknown,
      orCat: parameters?.orCat ?? 0,
      orIdent: parameters?.orIdent ?? Buffer.alloc(0),
      ctlNum: parameters?.ctlNum ?? 0,
      addCause: this.context.model.edition === '1' ? addCauseOfEdition1(cause) : cause,
    };
  }
}
