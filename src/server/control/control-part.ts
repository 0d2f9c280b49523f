/** Control (IEC 61850-7-2 §20, IEC 61850-8-1 §20): the controllable objects of a server, and what clients do with them. */
import { encodeData } from '../../mms/data-codec.js';
import type { MmsData } from '../../mms/data.js';
import type { Behaviour } from '../behaviour.js';
import type { ClientSession } from '../client-session.js';
import { whenThere, type MaybePromise } from '../maybe-promise.js';
import { AccessError } from '../selection.js';
import type { ServerContext, ServerPart } from '../server-part.js';
import type { Variable } from '../variable.js';
import { assign, type Assignment } from '../written-value.js';
import type { Request } from './control-checks.js';
import { ControlHost } from './control-host.js';
import { ControlMachine, type Outcome } from './control-machine.js';
import { ControlObject } from './control-object.js';
import { readParameters } from './control-parameters.js';
import { controlValue } from './control-value.js';
import { accessErrorOf, Cause, refusal } from './refusal.js';

export class ControlPart implements ServerPart, Behaviour {
  private readonly host: ControlHost;
  /** Logical device of each controllable object, by the variable that has its services. */
  private readonly objects = new Map<Variable, string>();
  /** Machines of those that were commanded. */
  private readonly machines = new Map<Variable, ControlMachine>();

  constructor(private readonly context: ServerContext) {
    this.host = new ControlHost(context);
    for (const domain of context.nameSpace.domains.values()) {
      for (const logicalNode of domain.logicalNodes.values()) {
        for (const object of logicalNode.child('CO')?.children ?? []) this.attach(domain.name, object);
      }
    }
    context.values.subscribe((changes) => {
      const { watched } = this.host;
      if (watched.size > 0) for (const { leaf } of changes) watched.get(leaf)?.statusChanged();
    });
  }

  /** Reading SBO selects; everything else of a controllable object is read as it is stored. */
  read(session: ClientSession, variable: Variable): MaybePromise<number | Buffer | undefined> {
    if (variable.name !== 'SBO' || !variable.parent || !this.objects.has(variable.parent)) return undefined;
    const machine = this.machine(variable.parent);
    const { domain, item } = machine.object;
    const name = `${domain}/${item}$SBO`;
    return whenThere(machine.select({ session, service: 'SBO' }), (why) =>
      encodeData({ type: 'visible-string', value: why ? '' : name }),
    );
  }

  /** Oper, SBOw and Cancel are written as a whole. */
  write(session: ClientSession, variable: Variable, data: MmsData): MaybePromise<number | undefined> {
    const { name: service, parent } = variable;
    if (!parent || !this.objects.has(parent)) return AccessError.objectAccessDenied;
    if (service !== 'Oper' && service !== 'SBOw' && service !== 'Cancel') return AccessError.objectAccessDenied;
    const assignments: Assignment[] = [];
    const error = assign(variable, data, assignments);
    if (error === AccessError.typeInconsistent) return error;
    const machine = this.machine(parent);
    const parameters = readParameters(variable, data);
    const value = controlValue(machine.object, parameters.ctlVal);
    const request = { session, service, parameters, ...(value && { value }) } satisfies Request;
    const outcome =
      error === undefined
        ? this.perform(machine, request, data)
        : machine.refuse(request, refusal(Cause.inconsistentParameters, 'a member is out of its range', error));
    return whenThere(outcome, (why) => {
      if (why) return accessErrorOf(why);
      const values = new Map(assignments.map(({ leaf, encoding }) => [leaf, encoding]));
      this.context.values.apply(values, 'server', this.context.now());
      return undefined;
    });
  }

  sessionClosed(session: ClientSession): void {
    for (const machine of [...this.host.active]) machine.sessionClosed(session);
  }

  stop(): void {
    this.host.decisions.stop();
    for (const machine of this.machines.values()) machine.stop();
  }

  private perform(
    machine: ControlMachine,
    request: Request & { parameters: NonNullable<Request['parameters']> },
    data: MmsData,
  ): MaybePromise<Outcome> {
    if (request.service === 'Oper') return machine.operate(request, data);
    return request.service === 'Cancel' ? machine.cancel(request) : machine.select(request);
  }

  /** Data objects below CO that can be operated; sub data objects can be as well. */
  private attach(domain: string, variable: Variable): void {
    if (!variable.object) return;
    if (variable.child('Oper')) {
      this.objects.set(variable, domain);
      variable.behaviour = this;
      return;
    }
    for (const child of variable.children) this.attach(domain, child);
  }

  private machine(services: Variable): ControlMachine {
    let machine = this.machines.get(services);
    if (!machine) {
      const domain = this.objects.get(services) as string;
      const zero = this.context.nameSpace.domains.get(domain)?.logicalNodes.get('LLN0');
      machine = new ControlMachine(new ControlObject(domain, services, this.context.points), this.host, zero);
      this.machines.set(services, machine);
    }
    return machine;
  }
}
