import { isFunctionalConstraint, type FunctionalConstraint } from '../model/functional-constraint.js';
import type {
  DataAttribute,
  DataObject,
  DataSet,
  DataSetMember,
  LogicalDevice,
  LogicalNode,
} from '../model/ied-model.js';
import { MAX_LIST_LENGTH, MAX_SCL_ATTRIBUTES } from '../limits.js';
import { given, requiredName, UniqueNames, unsignedAttribute } from './attributes.js';
import type { SclContext } from './context.js';
import { childrenOf, optional, type XmlElement } from './xml-element.js';

const PLACE = /^[^\s/.$()]+\/[^\s/.$()]+$/;
const STEP = /^[^\s/.$()]+(\(\d{1,9}\))?$/;

/** A setting of a group is SG and SE online, and files give one of both as a rule (IEC 61850-7-2 §16). */
const inFile = (fc: FunctionalConstraint): readonly FunctionalConstraint[] => (fc === 'SG' ? ['SG', 'SE'] : [fc]);

/** Reads the data sets of one server (IEC 61850-6 §9.3.7); their members may lie in any of its logical devices. */
export class DataSetReader {
  private readonly devices: ReadonlyMap<string, LogicalDevice>;
  private readonly nodes = new Map<LogicalDevice, Map<string, LogicalNode>>();
  private readonly wholes = new Map<string, DataSetMember[]>();
  private readonly constraintsOf = new WeakMap<readonly DataObject[], ReadonlySet<FunctionalConstraint>>();
  /** Members that this server may still have: a few FCDA can stand for very many. */
  private allowance = MAX_SCL_ATTRIBUTES;

  constructor(
    private readonly iedName: string,
    devices: readonly LogicalDevice[],
    private readonly context: SclContext,
  ) {
    this.devices = new Map(devices.map((device) => [device.inst ?? '', device]));
  }

  read(element: XmlElement, own: LogicalDevice): DataSet[] {
    const names = new UniqueNames(this.context);
    return childrenOf(element, 'DataSet').flatMap((dataSet) => {
      const name = requiredName(dataSet, 'name', this.context);
      if (name === undefined || !names.accept(name, dataSet)) return [];
      const members = this.allMembers(dataSet, own);
      return [{ name, ...given('description', optional(dataSet, 'desc')), members, deletable: false }];
    });
  }

  private allMembers(dataSet: XmlElement, own: LogicalDevice): DataSetMember[] {
    const all: DataSetMember[] = [];
    for (const fcda of childrenOf(dataSet, 'FCDA')) {
      const members = this.members(fcda, own);
      if (all.length + members.length > Math.min(MAX_LIST_LENGTH, this.allowance)) {
        const message = `The members of "${dataSet.attributes.name ?? ''}" from here on are left out: there are too many.`;
        this.context.log.report('SCL_TOO_MANY_ATTRIBUTES', message, fcda);
        break;
      }
      for (const member of members) all.push(member);
    }
    this.allowance -= all.length;
    return all;
  }

  /** One member, or many where the FCDA names a whole logical node or device. */
  private members(fcda: XmlElement, own: LogicalDevice): DataSetMember[] {
    const { prefix = '', lnClass = '', lnInst = '' } = fcda.attributes;
    const ldInst = optional(fcda, 'ldInst') ?? own.inst ?? '';
    const device = this.devices.get(ldInst);
    const doName = optional(fcda, 'doName');
    const fc = this.functionalConstraint(fcda);
    if (doName !== undefined && lnClass !== '') {
      const node = device && this.node(device, prefix + lnClass + lnInst);
      const place = `${device?.name ?? this.iedName + ldInst}/${prefix}${lnClass}${lnInst}`;
      return this.member(fcda, place, node, doName, fc);
    }
    if (!device) return this.leaveOut(fcda, `the server has no logical device "${ldInst}"`);
    if (!fc) return this.leaveOut(fcda, 'it has neither a data object nor a functional constraint');
    const members =
      lnClass === '' ? this.wholeDevice(device, fc) : this.wholeNode(device, prefix + lnClass + lnInst, fc);
    if (members.length === 0) return this.leaveOut(fcda, `nothing in it has the functional constraint ${fc}`);
    const whole = lnClass === '' ? 'logical device' : 'logical node';
    const message = `A whole ${whole} stands for its ${members.length} data objects with ${fc}; compare with the IED.`;
    this.context.log.report('SCL_FCDA_EXPANDED', message, fcda);
    return members;
  }

  private member(
    fcda: XmlElement,
    place: string,
    node: LogicalNode | undefined,
    doName: string,
    fc: FunctionalConstraint | undefined,
  ): DataSetMember[] {
    const daName = optional(fcda, 'daName');
    const steps = [...doName.split('.'), ...(daName?.split('.') ?? [])];
    if (!PLACE.test(place) || steps.some((step) => !STEP.test(step))) {
      return this.leaveOut(fcda, 'its names are not a reference');
    }
    const found = node && resolve(node, steps);
    const known = found?.attribute?.fc ?? fc;
    if (!known) return this.leaveOut(fcda, 'it has no functional constraint');
    const used = fc ?? known;
    const path = this.indexed(fcda, steps, found);
    const reference = `${place}.${path.join('.')}`;
    if (!found) this.unresolved(fcda, `${reference} is not in the model`);
    else if (
      !inFile(used).some((one) =>
        found.attribute ? found.attribute.fc === one : this.hasConstraint(found.object, one),
      )
    ) {
      this.unresolved(fcda, `${reference} has nothing with the functional constraint ${used}`);
    }
    return [{ reference, fc: used }];
  }

  private functionalConstraint(fcda: XmlElement): FunctionalConstraint | undefined {
    const fc = fcda.attributes.fc ?? '';
    return isFunctionalConstraint(fc) ? fc : undefined;
  }

  /** Puts `ix` behind the first array on the way, which is the only one that it can mean. */
  private indexed(fcda: XmlElement, steps: string[], found: Found | undefined): string[] {
    const ix = optional(fcda, 'ix') === undefined ? undefined : unsignedAttribute(fcda, 'ix', this.context);
    if (ix === undefined) return steps;
    const at = found?.arrayStep ?? -1;
    if (at === -1) {
      this.context.log.report('SCL_INVALID_INDEX', `ix="${ix}" is ignored: there is no array on the way.`, fcda);
      return steps;
    }
    return steps.map((step, position) => (position === at ? `${stepName(step)}(${ix})` : step));
  }

  private node(device: LogicalDevice, name: string): LogicalNode | undefined {
    let nodes = this.nodes.get(device);
    if (!nodes) {
      nodes = new Map(device.logicalNodes.map((node) => [node.name, node]));
      this.nodes.set(device, nodes);
    }
    return nodes.get(name);
  }

  private wholeDevice(device: LogicalDevice, fc: FunctionalConstraint): DataSetMember[] {
    return this.whole(`${device.name} ${fc}`, () =>
      device.logicalNodes.flatMap(({ name }) => this.wholeNode(device, name, fc)),
    );
  }

  private wholeNode(device: LogicalDevice, name: string, fc: FunctionalConstraint): DataSetMember[] {
    return this.whole(`${device.name}/${name} ${fc}`, () => {
      const objects = this.node(device, name)?.dataObjects ?? [];
      return objects
        .filter((object) => this.hasConstraint(object, fc))
        .map((object) => ({ reference: `${device.name}/${name}.${object.name}`, fc }));
    });
  }

  /** Found once, however often data sets name it. */
  private whole(key: string, find: () => DataSetMember[]): DataSetMember[] {
    const members = this.wholes.get(key) ?? find();
    this.wholes.set(key, members);
    return members;
  }

  private hasConstraint(object: DataObject, fc: FunctionalConstraint): boolean {
    return object.attributes.some((attribute) => attribute.fc === fc) || this.constraints(object.dataObjects).has(fc);
  }

  /** Functional constraints within a list of data objects, found once however often types share it. */
  private constraints(objects: readonly DataObject[]): ReadonlySet<FunctionalConstraint> {
    let constraints = this.constraintsOf.get(objects);
    if (!constraints) {
      constraints = new Set(
        objects.flatMap((object) => [
          ...object.attributes.map(({ fc }) => fc),
          ...this.constraints(object.dataObjects),
        ]),
      );
      this.constraintsOf.set(objects, constraints);
    }
    return constraints;
  }

  private unresolved(fcda: XmlElement, why: string): void {
    this.context.log.report('SCL_FCDA_UNRESOLVED', `A data set member is kept as written, but ${why}.`, fcda);
  }

  private leaveOut(fcda: XmlElement, why: string): [] {
    this.context.log.report('SCL_FCDA_INCOMPLETE', `A data set member is left out: ${why}.`, fcda);
    return [];
  }
}

interface Found {
  object: DataObject;
  attribute?: DataAttribute;
  /** Position of the first step that is an array. */
  arrayStep?: number;
}

/** Follows data object, sub data objects, then attributes. */
function resolve(node: LogicalNode, steps: readonly string[]): Found | undefined {
  let objects: readonly DataObject[] = node.dataObjects;
  let attributes: readonly DataAttribute[] = [];
  let found: Found | undefined;
  for (const [at, step] of steps.entries()) {
    const name = stepName(step);
    const object: DataObject | undefined = objects.find((candidate) => candidate.name === name);
    const attribute: DataAttribute | undefined = object
      ? undefined
      : attributes.find((candidate) => candidate.name === name);
    const target = object ?? attribute;
    if (!target) return undefined;
    const arrayStep: number | undefined = found?.arrayStep ?? (target.count === undefined ? undefined : at);
    if (object) found = { object, ...given('arrayStep', arrayStep) };
    else if (found && attribute) found = { object: found.object, attribute, ...given('arrayStep', arrayStep) };
    objects = object?.dataObjects ?? [];
    attributes = target.attributes;
  }
  return found;
}

function stepName(step: string): string {
  const bracket = step.indexOf('(');
  return bracket === -1 ? step : step.slice(0, bracket);
}
