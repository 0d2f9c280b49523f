/** What of a model makes up mode and behaviour: the logical nodes, and logical devices that stand below others. */
import type { IedModel } from '../../model/ied-model.js';
import { decodeLeaf } from '../leaf-value.js';
import { isGiven, numberOf, octetsOf, type Pending } from '../leaf-number.js';
import type { NameSpace } from '../name-space.js';
import type { Variable } from '../variable.js';
import { combine, isMode, type Mode } from './mode.js';

/** A logical device. */
export class DeviceMode {
  /** References to a logical device above this one. */
  readonly parentReference: Variable | undefined;
  readonly mode: Variable | undefined;
  readonly nodes: NodeMode[] = [];

  constructor(logicalNodeZero: Variable | undefined) {
    this.mode = leafAt(logicalNodeZero, 'ST', 'Mod', 'stVal');
    this.parentReference = leafAt(logicalNodeZero, 'SP', 'GrRef', 'setSrcRef');
  }
}

/** A logical node that has a behaviour. */
export class NodeMode {
  /** Undefined for LLN0, whose mode is that of its device. */
  readonly mode: Variable | undefined;
  readonly behaviour: Variable | undefined;

  constructor(
    readonly logicalNode: Variable,
    readonly device: DeviceMode,
  ) {
    this.mode = logicalNode.name === 'LLN0' ? undefined : leafAt(logicalNode, 'ST', 'Mod', 'stVal');
    this.behaviour = leafAt(logicalNode, 'ST', 'Beh', 'stVal');
  }

  /** Quality of the behaviour. */
  get quality(): Variable | undefined {
    const leaf = this.behaviour?.parent?.child('q');
    return leaf?.leaf ? leaf : undefined;
  }
}

export class ModeModel {
  readonly nodes = new Map<Variable, NodeMode>();
  /** By the leaf of their mode or reference to the device above. */
  readonly sources = new Map<Variable, DeviceMode | NodeMode>();
  private readonly devices = new Map<string, DeviceMode>();

  constructor(
    nameSpace: NameSpace,
    private readonly model: IedModel,
  ) {
    for (const domain of nameSpace.domains.values()) {
      const device = new DeviceMode(domain.logicalNodes.get('LLN0'));
      this.devices.set(domain.name, device);
      if (device.mode) this.sources.set(device.mode, device);
      if (device.parentReference) this.sources.set(device.parentReference, device);
      for (const logicalNode of domain.logicalNodes.values()) {
        const node = new NodeMode(logicalNode, device);
        device.nodes.push(node);
        this.nodes.set(logicalNode, node);
        if (node.mode) this.sources.set(node.mode, node);
      }
    }
  }

  /** Behaviour of a logical node; undefined where no mode that it depends on was ever given. */
  behaviourOf(node: NodeMode, values: Pending): Mode | undefined {
    return combine(modeIn(node.mode, values), this.behaviourOfDevice(node.device, values, new Set()));
  }

  private behaviourOfDevice(device: DeviceMode, values: Pending, below: Set<DeviceMode>): Mode | undefined {
    // Devices that refer to each other in a circle have the behaviour of all of them.
    if (below.has(device)) return undefined;
    below.add(device);
    const parent = this.parentOf(device, values);
    return combine(modeIn(device.mode, values), parent && this.behaviourOfDevice(parent, values, below));
  }

  /** GrRef (IEC 61850-7-1 §8.2.3): the name of a logical device, `@` for the IED's own name; a node of it may follow. */
  private parentOf({ parentReference: leaf }: DeviceMode, values: Pending): DeviceMode | undefined {
    if (!leaf?.leaf || !isGiven(leaf, values)) return undefined;
    const [name = ''] = String(decodeLeaf(leaf.leaf, octetsOf(leaf, values)) as string).split('/');
    const { name: ied, logicalDevices } = this.model;
    const plain = name.replace(/^@/, '');
    const byInst = logicalDevices.find(({ inst }) => inst === plain)?.name;
    return this.devices.get(plain) ?? this.devices.get(ied + plain) ?? this.devices.get(byInst ?? '');
  }
}

function leafAt(from: Variable | undefined, ...names: string[]): Variable | undefined {
  let at = from;
  for (const name of names) at = at?.child(name);
  return at?.leaf ? at : undefined;
}

/** The mode in a leaf that somebody gave. */
function modeIn(leaf: Variable | undefined, values: Pending): Mode | undefined {
  if (!leaf || !isGiven(leaf, values)) return undefined;
  const number = numberOf(leaf, values);
  return isMode(number) ? number : undefined;
}

/** Behaviour that a logical node shows, as clients read it; undefined when it has none or nobody gave it. */
export function shownBehaviour(logicalNode: Variable): Mode | undefined {
  return modeIn(leafAt(logicalNode, 'ST', 'Beh', 'stVal'), new Map());
}
