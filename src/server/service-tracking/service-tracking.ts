/**
 * Service tracking (IEC 61850-7-2 §14, IEC 61850-7-4 LTRK): what clients do becomes data that other clients can read and
 * have reported. Nothing happens in models without an LTRK.
 */
import { Iec61850Error } from '../../errors.js';
import { MAX_OR_IDENT } from '../../limits.js';
import type { AccessEvent } from '../access-log.js';
import type { Controlled } from '../control/control-handler.js';
import type { IedServerEvents } from '../events.js';
import { octetsOf } from '../leaf-number.js';
import { encodeLeaf } from '../leaf-value.js';
import type { NameSpace } from '../name-space.js';
import type { ServerContext, ServerPart } from '../server-part.js';
import type { Variable } from '../variable.js';
import { trackedAccess, trackedCommand, type TrackedService } from './tracked-service.js';

export class ServiceTracking {
  /** Tracking objects by the name of the logical device that they stand in. */
  private readonly trackers = new Map<string, Variable>();

  constructor(private readonly context: Pick<ServerContext, 'nameSpace' | 'values' | 'options' | 'now'>) {
    for (const { name, logicalNodes } of context.nameSpace.domains.values()) {
      for (const logicalNode of logicalNodes.values()) {
        const objects = /LTRK\d*$/.test(logicalNode.name) && logicalNode.child('SR');
        if (objects && !this.trackers.has(name)) this.trackers.set(name, objects);
      }
    }
  }

  /** Whether the model has anything that tracks. */
  get tracks(): boolean {
    return this.trackers.size > 0;
  }

  /** Takes what the server tells its owner. */
  follow<E extends keyof IedServerEvents>(event: E, values: IedServerEvents[E]): void {
    if (event === 'controlled') this.track(trackedCommand(values[0] as Controlled));
    else if (event === 'access') this.track(trackedAccess(values[0] as AccessEvent));
  }

  /** Sets the attributes of the tracking object of a service, as one transaction. */
  track(service: TrackedService | undefined): void {
    const object = service && this.trackerOf(service);
    if (!object) return;
    const { context } = this;
    const values = new Map<Variable, Buffer>();
    const { block } = service;
    const shown = block === undefined ? undefined : blockAt(context.nameSpace, block);
    if (shown) copyMembers(shown, object, values);
    const own = {
      ...service.values,
      objRef: service.objRef,
      serviceType: service.serviceType,
      errorCode: service.errorCode,
      originatorID: Buffer.from(service.originator).subarray(0, MAX_OR_IDENT),
      t: context.now(),
    };
    for (const [name, value] of Object.entries(own)) this.set(object.child(name), value, values);
    context.values.apply(values, 'server', context.now());
  }

  /** In the logical device of the object, or where the model has but one for all. */
  private trackerOf({ objRef, trackers }: TrackedService): Variable | undefined {
    const near = this.trackers.get(objRef.split('/')[0] ?? '');
    for (const group of near ? [near] : this.trackers.values()) {
      const name = trackers.find((candidate) => group.child(candidate));
      if (name !== undefined) return group.child(name);
    }
    return undefined;
  }

  private set(variable: Variable | undefined, value: unknown, values: Map<Variable, Buffer>): void {
    if (!variable) return;
    if (!variable.leaf) {
      // An analogue value of a command stands in its float or integer.
      const members =
        typeof value === 'object' && value !== null
          ? Object.entries(value)
          : [['f', value] as const, ['i', value] as const];
      for (const [name, member] of members) this.set(variable.child(name), member, values);
      return;
    }
    try {
      values.set(variable, encodeLeaf(variable.leaf, value, this.context.options.timeQuality));
    } catch (error) {
      // What the file has no room or literal for stays as it was; the service is tracked all the same.
      if (!(error instanceof Iec61850Error)) throw error;
    }
  }
}

/** Makes the tracking of a server; it hears of everything that the server tells. */
export function trackServices(context: ServerContext): ServerPart {
  const tracking = new ServiceTracking(context);
  if (tracking.tracks) context.observe((event, values) => tracking.follow(event, values));
  return {};
}

/** The control block at `LD/LN.name[FC]`. */
function blockAt(nameSpace: NameSpace, reference: string): Variable | undefined {
  const [, device = '', node = '', name = '', fc = ''] = /^([^/]+)\/([^.]+)\.([^[]+)\[(\w+)\]$/.exec(reference) ?? [];
  return nameSpace.domains.get(device)?.logicalNodes.get(node)?.child(fc)?.child(name);
}

/** Takes over members of a control block; tracking objects write them with a small letter, `rptEna` for `RptEna`. */
function copyMembers(block: Variable, object: Variable, values: Map<Variable, Buffer>): void {
  const plain = (name: string): string => name.toLowerCase();
  const byName = new Map(block.children.map((member) => [plain(member.name), member]));
  for (const leaf of object.children) {
    const source = byName.get(plain(leaf.name));
    if (source?.leaf && leaf.leaf?.description.type === source.leaf.description.type) {
      values.set(leaf, Buffer.from(octetsOf(source, values)));
    }
  }
}
