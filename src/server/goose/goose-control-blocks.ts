/** GOOSE control blocks of a server (IEC 61850-7-2 §18.2, IEC 61850-8-1 §18.1): enabled by client or owner. */
import type { GooseControlBlock } from '../../model/ied-model.js';
import type { MmsData } from '../../mms/data.js';
import type { Behaviour } from '../behaviour.js';
import { storeMembers } from '../block-members.js';
import type { ClientSession } from '../client-session.js';
import type { VariableList } from '../name-space.js';
import { DataSetRegistry } from '../reports/data-set-registry.js';
import type { DataSetListener, ReportedDataSet } from '../reports/reported-data-set.js';
import { AccessError } from '../selection.js';
import type { ServerContext } from '../server-part.js';
import type { Variable } from '../variable.js';
import type { GooseOutlet, ServedGoose } from './goose-outlet.js';

export class GooseControlBlocks {
  private readonly blocks: ServedBlock[] = [];
  private readonly registry: DataSetRegistry;

  constructor(context: ServerContext) {
    this.registry = new DataSetRegistry(context.nameSpace);
    for (const logicalDevice of context.model.logicalDevices) {
      for (const logicalNode of logicalDevice.logicalNodes) {
        for (const block of logicalNode.gooseControlBlocks) {
          const home = `${logicalDevice.name}/${logicalNode.name}`;
          const variable = context.nameSpace.variable(logicalDevice.name, `${logicalNode.name}$GO$${block.name}`);
          if (variable) this.blocks.push(new ServedBlock(context, this.registry, home, block, variable));
        }
      }
    }
    if (this.blocks.length > 0) context.values.subscribe((changes, now) => this.registry.changed(changes, now));
  }

  /**
   * Publishes by this outlet from now on, beginning with every control block that can be; undefined ends publishing.
   * @param only references of the control blocks to enable; without it all of them
   */
  setOutlet(outlet: GooseOutlet | undefined, only?: readonly string[]): void {
    for (const block of this.blocks) {
      block.disable();
      block.outlet = outlet;
      if (outlet && (!only || only.includes(block.goose.reference))) block.enable();
    }
  }

  /** Publishes those whose values changed without a trigger condition having told so. */
  scan(): void {
    for (const block of this.blocks) block.scan();
  }

  /** Control blocks that publish. */
  get enabled(): ServedGoose[] {
    return this.blocks.filter((block) => block.isEnabled).map(({ goose }) => goose);
  }
}

class ServedBlock implements Behaviour, DataSetListener {
  readonly goose: ServedGoose;
  outlet: GooseOutlet | undefined;
  private dataSet: ReportedDataSet | undefined;
  private sent: Buffer | undefined;

  constructor(
    private readonly context: ServerContext,
    private readonly registry: DataSetRegistry,
    home: string,
    block: GooseControlBlock,
    private readonly variable: Variable,
  ) {
    this.goose = {
      reference: `${home}.${block.name}`,
      gocbRef: `${home}$GO$${block.name}`,
      datSet: block.dataSet ? `${home}$${block.dataSet}` : '',
      block,
    };
    variable.behaviour = this;
  }

  get isEnabled(): boolean {
    return this.dataSet !== undefined;
  }

  /** GoEna is the one attribute that a client may write here. */
  write(session: ClientSession, variable: Variable, data: MmsData): number | undefined {
    if (variable !== this.variable.child('GoEna') || !session.rights.allows('reports')) {
      return AccessError.objectAccessDenied;
    }
    if (data.type !== 'boolean') return AccessError.typeInconsistent;
    if (!data.value) {
      this.disable();
      return undefined;
    }
    return this.enable() ? undefined : AccessError.temporarilyUnavailable;
  }

  /** False when nothing publishes, or the control block has no data set that it could publish. */
  enable(): boolean {
    if (this.isEnabled) return true;
    const list = this.list();
    if (!this.outlet || !list) return false;
    this.dataSet = this.registry.listen(list, this);
    storeMembers(this.variable, { GoEna: true, NdsCom: false });
    this.send(this.context.now());
    return true;
  }

  disable(): void {
    const { dataSet, outlet } = this;
    if (!dataSet) return;
    this.registry.leave(dataSet, this);
    this.dataSet = undefined;
    this.sent = undefined;
    storeMembers(this.variable, { GoEna: false });
    outlet?.retract(this.goose);
  }

  notified(_notification: unknown, now: number): void {
    this.send(now);
  }

  scan(): void {
    if (this.dataSet && !this.values().equals(this.sent ?? Buffer.alloc(0))) this.send(this.context.now());
  }

  private send(now: number): void {
    const octets = this.values();
    this.sent = octets;
    this.outlet?.publish(this.goose, { octets, entries: this.dataSet?.size ?? 0 }, now);
  }

  private values(): Buffer {
    const body = this.dataSet?.snapshot(0);
    return body ? body.octets.subarray(body.valuesAt) : Buffer.alloc(0);
  }

  private list(): VariableList | undefined {
    const [domain = '', item = ''] = this.goose.datSet.split('/');
    return this.context.nameSpace.domains.get(domain)?.variableLists.get(item);
  }
}
