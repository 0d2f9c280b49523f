/** From the tree of an IED to the variables that clients see (IEC 61850-8-1 §24: LN, FC, data object, attribute). */
import { Iec61850Error, LimitError } from '../errors.js';
import { MAX_DATA_NESTING, MAX_SERVER_VARIABLES } from '../limits.js';
import type { FunctionalConstraint } from '../model/functional-constraint.js';
import type { DataAttribute, DataObject, IedModel, LogicalDevice, LogicalNode } from '../model/ied-model.js';
import { controlBlocksOf, type BlockVariable } from './control-blocks.js';
import { addDataSets } from './data-sets/from-model.js';
import { encodingInFile, initialEncoding } from './initial-value.js';
import { leafTypeOf } from './leaf-type.js';
import { Domain, NameSpace } from './name-space.js';
import type { Problems } from './problems.js';
import { Trigger } from './value-store.js';
import { Variable } from './variable.js';

/** Order of the functional constraints in the type of a logical node; process values first. */
const FC_ORDER = [
  ...(['ST', 'MX', 'CO', 'CF', 'DC', 'SP', 'SG', 'SE', 'SV', 'EX', 'SR', 'OR', 'BL'] as const),
  ...(['RP', 'LG', 'BR', 'GO', 'GS', 'MS', 'US'] as const),
] satisfies FunctionalConstraint[];

/** Unfolds a model. What cannot be served is left out and named in `problems`. @throws LimitError */
export function buildNameSpace(model: IedModel, problems: Problems): NameSpace {
  return new ModelBuilder(model, problems).build();
}

class ModelBuilder {
  private readonly nameSpace = new NameSpace();
  private readonly constraints = new WeakMap<DataObject, ReadonlySet<FunctionalConstraint>>();
  private count = 0;
  /** Whether the logical device has setting groups: each setting is then seen as SG and as SE (IEC 61850-7-2 §16). */
  private paired = false;

  constructor(
    private readonly model: IedModel,
    private readonly problems: Problems,
  ) {}

  build(): NameSpace {
    for (const logicalDevice of this.model.logicalDevices) this.addDomain(logicalDevice);
    // When all variables stand, for a data set may name those of another logical device.
    for (const logicalDevice of this.model.logicalDevices) {
      for (const logicalNode of logicalDevice.logicalNodes) {
        addDataSets(this.nameSpace, logicalDevice.name, logicalNode, this.problems);
      }
    }
    return this.nameSpace;
  }

  private addDomain(logicalDevice: LogicalDevice): void {
    if (this.nameSpace.domains.has(logicalDevice.name)) {
      this.problems.add(logicalDevice.name, 'there are two logical devices of this name; the second one is left out');
      return;
    }
    const domain = new Domain(logicalDevice.name);
    this.paired = logicalDevice.logicalNodes.some((node) => node.settingGroupControlBlock);
    this.nameSpace.domains.set(domain.name, domain);
    for (const logicalNode of logicalDevice.logicalNodes) {
      if (domain.logicalNodes.has(logicalNode.name)) {
        this.problems.add(
          `${domain.name}/${logicalNode.name}`,
          'there are two logical nodes of this name; the second one is left out',
        );
        continue;
      }
      domain.logicalNodes.set(logicalNode.name, this.logicalNode(domain, logicalNode));
      for (const log of logicalNode.logs) domain.journals.push(`${logicalNode.name}$${log}`);
    }
  }

  private variable(name: string, parent: Variable | undefined, array = false): Variable {
    if (++this.count > MAX_SERVER_VARIABLES) {
      throw new LimitError(
        `the model of ${this.model.name} has more than ${MAX_SERVER_VARIABLES} variables`,
        'Serve fewer logical devices, or smaller arrays.',
      );
    }
    return new Variable(name, parent, array);
  }

  private logicalNode(domain: Domain, logicalNode: LogicalNode): Variable {
    const top = this.variable(logicalNode.name, undefined);
    const blocks = controlBlocksOf({ logicalDevice: domain.name, logicalNode, edition: this.model.edition });
    const present = new Set<FunctionalConstraint>(blocks.map(({ fc }) => fc));
    for (const dataObject of logicalNode.dataObjects) for (const fc of this.constraintsOf(dataObject)) present.add(fc);
    for (const fc of ['SG', 'SE'] as const)
      if (present.has(fc)) for (const twin of this.standsFor(fc)) present.add(twin);
    const path = `${domain.name}/${logicalNode.name}`;
    top.children = FC_ORDER.filter((fc) => present.has(fc))
      .map((fc) => this.constrained(top, fc, logicalNode, blocks, path))
      .filter(({ children }) => children.length > 0);
    return top;
  }

  private constrained(
    top: Variable,
    fc: FunctionalConstraint,
    logicalNode: LogicalNode,
    blocks: readonly BlockVariable[],
    path: string,
  ): Variable {
    const group = this.variable(fc, top);
    const members: Variable[] = [];
    for (const dataObject of logicalNode.dataObjects) {
      const member = this.dataObject(dataObject, fc, group, `${path}.${dataObject.name}`, 0);
      if (member) this.addMember(members, member, `${path}.${dataObject.name}[${fc}]`);
    }
    for (const block of blocks) {
      if (block.fc !== fc) continue;
      const member = this.variable(block.name, group);
      member.controlBlock = true;
      member.children = block.attributes.flatMap(
        (attribute) => this.attribute(attribute, member, `${path}.${block.name}`, 0) ?? [],
      );
      this.addMember(members, member, `${path}.${block.name}[${fc}]`);
    }
    for (const member of members) member.cached = true;
    group.children = members;
    return group;
  }

  private addMember(members: Variable[], member: Variable, reference: string): void {
    if (members.some(({ name }) => name === member.name)) {
      this.problems.add(reference, 'there are two members of this name; the second one is left out');
    } else members.push(member);
  }

  /** Constraints in a file whose attributes are seen under this one: files give settings as SE, SG, or both. */
  private standsFor(fc: FunctionalConstraint): readonly FunctionalConstraint[] {
    return this.paired && (fc === 'SG' || fc === 'SE') ? ['SG', 'SE'] : [fc];
  }

  /** Attributes of a data object that are seen under a constraint. */
  private attributesOf({ attributes }: DataObject, fc: FunctionalConstraint): DataAttribute[] {
    const own = attributes.filter((attribute) => attribute.fc === fc);
    if (this.standsFor(fc).length === 1) return own;
    return attributes.filter((one) => one.fc === fc || (isSetting(one) && !own.some(({ name }) => name === one.name)));
  }

  /** Functional constraints that a data object has members of. */
  private constraintsOf(dataObject: DataObject, depth = 0): ReadonlySet<FunctionalConstraint> {
    let found = this.constraints.get(dataObject);
    if (!found) {
      const set = new Set<FunctionalConstraint>();
      for (const { fc } of dataObject.attributes) set.add(fc);
      if (depth < MAX_DATA_NESTING) {
        for (const inner of dataObject.dataObjects) for (const fc of this.constraintsOf(inner, depth + 1)) set.add(fc);
      }
      found = set;
      this.constraints.set(dataObject, found);
    }
    return found;
  }

  private dataObject(
    dataObject: DataObject,
    fc: FunctionalConstraint,
    parent: Variable,
    path: string,
    depth: number,
    element?: number,
  ): Variable | undefined {
    const present = this.constraintsOf(dataObject);
    if (!this.standsFor(fc).some((one) => present.has(one))) return undefined;
    if (depth > MAX_DATA_NESTING) {
      this.problems.add(`${path}[${fc}]`, 'it is nested too deep and left out');
      return undefined;
    }
    const fill = (target: Variable, at: string, index = element): Variable | undefined => {
      const members: Variable[] = [];
      for (const inner of dataObject.dataObjects) {
        const member = this.dataObject(inner, fc, target, `${at}.${inner.name}`, depth + 1, index);
        if (member) this.addMember(members, member, `${at}.${inner.name}[${fc}]`);
      }
      for (const attribute of this.attributesOf(dataObject, fc)) {
        const member = this.attribute(attribute, target, at, depth + 1, index);
        if (member) this.addMember(members, member, `${at}.${attribute.name}[${fc}]`);
      }
      target.children = members;
      target.object = dataObject;
      return members.length > 0 ? target : undefined;
    };
    return this.repeated(dataObject.name, dataObject.count, parent, path, fill);
  }

  private attribute(
    attribute: DataAttribute,
    parent: Variable,
    path: string,
    depth: number,
    element?: number,
    above = 0,
  ): Variable | undefined {
    const at = `${path}.${attribute.name}`;
    // A structure's trigger conditions are those of its members, which have none of their own.
    const triggers = above | triggersOf(attribute);
    if (depth > MAX_DATA_NESTING) {
      this.problems.add(`${at}[${attribute.fc}]`, 'it is nested too deep and left out');
      return undefined;
    }
    if (attribute.basicType === 'Struct' && attribute.attributes.length === 0) {
      this.problems.add(`${at}[${attribute.fc}]`, 'it is a structure without members and left out');
      return undefined;
    }
    const fill = (target: Variable, here: string, index = element): Variable | undefined => {
      if (attribute.attributes.length > 0) {
        target.children = attribute.attributes.flatMap(
          (inner) => this.attribute(inner, target, here, depth + 1, index, triggers) ?? [],
        );
        return target.children.length > 0 ? target : undefined;
      }
      this.fillLeaf(
        target,
        attribute,
        index === undefined ? attribute.value : (attribute.values?.[index] ?? attribute.value),
        here,
      );
      target.triggers = triggers;
      return target;
    };
    return this.repeated(attribute.name, attribute.count, parent, at, fill);
  }

  private fillLeaf(target: Variable, attribute: DataAttribute, value: string | undefined, path: string): void {
    const type = leafTypeOf(attribute);
    target.leaf = type;
    target.octets = initialEncoding(type);
    if (value !== undefined && value !== '') {
      try {
        target.octets = encodingInFile(attribute, type, value);
      } catch (error) {
        if (!(error instanceof Iec61850Error)) throw error;
        this.problems.add(`${path}[${attribute.fc}]`, `its value in the file is not used: ${error.message}`);
      }
    }
    target.length = target.octets.length;
  }

  /** One variable, or an array of `count` of them. `fill` gives undefined when nothing is left of it. */
  private repeated(
    name: string,
    count: number | undefined,
    parent: Variable,
    path: string,
    fill: (target: Variable, path: string, index?: number) => Variable | undefined,
  ): Variable | undefined {
    if (count === undefined) return fill(this.variable(name, parent), path);
    if (count < 1) {
      this.problems.add(path, 'it is an array without elements and left out');
      return undefined;
    }
    const array = this.variable(name, parent, true);
    const elements: Variable[] = [];
    for (let index = 0; index < count; index++) {
      const element = fill(this.variable('', array), `${path}(${index})`, index);
      if (element) elements.push(element);
    }
    array.children = elements;
    return elements.length > 0 ? array : undefined;
  }
}

const isSetting = ({ fc }: DataAttribute): boolean => fc === 'SG' || fc === 'SE';

function triggersOf({ dchg, qchg, dupd }: DataAttribute): number {
  return (dchg ? Trigger.dchg : 0) | (qchg ? Trigger.qchg : 0) | (dupd ? Trigger.dupd : 0);
}
