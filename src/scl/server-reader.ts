import type { DataObject, LogicalDevice, LogicalNode } from '../model/ied-model.js';
import { MAX_SCL_ATTRIBUTES } from '../limits.js';
import { AttributeCounter } from './array-count.js';
import { checkName, given, requiredAttribute, requiredName, UniqueNames } from './attributes.js';
import type { Communication } from './communication.js';
import type { SclContext } from './context.js';
import { readControlBlocks } from './control-blocks.js';
import { DataSetReader } from './data-sets.js';
import { InstanceValues } from './instance-values.js';
import type { TypeLibrary, UnfoldedType } from './type-library.js';
import { childrenOf, logicalNodeName, optional, type XmlElement } from './xml-element.js';

/** Objects that may be copied to fill in counts, over all IEDs of a file: a harmonic measurement needs about ten. */
const MAX_COPIES = MAX_SCL_ATTRIBUTES / 10;

/** The logical devices of a `Server` element, with everything in them (IEC 61850-6 §9.3.4 to §9.3.12). */
export class ServerReader {
  private readonly counter = new AttributeCounter();
  /** Objects that were copied to fill in counts. */
  private copied = 0;

  constructor(
    private readonly types: TypeLibrary,
    private readonly communication: Communication,
    private readonly context: SclContext,
  ) {}

  read(iedName: string, server: XmlElement): LogicalDevice[] {
    const reading = new ReadingServer(iedName);
    const instances = new UniqueNames(this.context);
    for (const element of childrenOf(server, 'LDevice')) {
      const inst = requiredName(element, 'inst', this.context);
      if (inst !== undefined && instances.accept(inst, element)) this.readDevice(reading, element, inst);
    }
    this.readDataSets(reading);
    return reading.devices.map(({ device }) => device);
  }

  private readDevice(reading: ReadingServer, element: XmlElement, inst: string): void {
    const ldName = optional(element, 'ldName');
    if (ldName !== undefined && !checkName(ldName, element, this.context)) return;
    const device: LogicalDevice = {
      name: ldName ?? reading.iedName + inst,
      inst,
      ...given('description', optional(element, 'desc')),
      logicalNodes: [],
    };
    const nodes: ReadingNode[] = [];
    const names = new UniqueNames(this.context);
    // LN0 is first online, wherever the file has it.
    for (const child of [...childrenOf(element, 'LN0'), ...childrenOf(element, 'LN')]) {
      const node = this.readNode(child, names, reading);
      if (!node) continue;
      nodes.push({ element: child, node });
      device.logicalNodes.push(node);
    }
    reading.devices.push({ device, inst, nodes });
  }

  private readNode(element: XmlElement, names: UniqueNames, reading: ReadingServer): LogicalNode | undefined {
    const { prefix = '', inst = '' } = element.attributes;
    const isZero = element.name === 'LN0';
    const lnClass = isZero ? 'LLN0' : requiredAttribute(element, 'lnClass', this.context);
    if (lnClass === undefined) return undefined;
    const name = isZero ? 'LLN0' : logicalNodeName(element.attributes);
    if (!checkName(name, element, this.context) || !names.accept(name, element)) return undefined;
    const type = this.types.logicalNodeType(optional(element, 'lnType') ?? '', lnClass, element);
    const dataObjects = type && this.boundedInstance(element, name, type, reading);
    if (!dataObjects) return undefined;
    return {
      name,
      prefix: isZero ? '' : prefix,
      lnClass,
      inst: isZero ? '' : inst,
      ...given('description', optional(element, 'desc')),
      dataObjects,
      dataSets: [],
      reportControlBlocks: [],
      logControlBlocks: [],
      logs: [],
      gooseControlBlocks: [],
      sampledValueControlBlocks: [],
    };
  }

  /** The data objects of a logical node, unless the IED, or what had to be copied for the whole file, grows too large. */
  private boundedInstance(
    element: XmlElement,
    name: string,
    type: UnfoldedType,
    reading: ReadingServer,
  ): DataObject[] | undefined {
    const { counts } = this.types;
    const before = this.counter.total(type.dataObjects);
    const copied = type.dataObjects.reduce((sum, object) => sum + counts.copies(object), 0);
    if (reading.attributes + before <= MAX_SCL_ATTRIBUTES && this.copied + copied <= MAX_COPIES) {
      this.copied += copied;
      const dataObjects = this.instantiate(element, type);
      const total = Math.max(before, this.counter.total(dataObjects));
      if (reading.attributes + total <= MAX_SCL_ATTRIBUTES) {
        reading.attributes += total;
        return dataObjects;
      }
    }
    const message = `With "${name}" the IED would have too many attributes: it is left out.`;
    this.context.log.report('SCL_TOO_MANY_ATTRIBUTES', message, element);
    return undefined;
  }

  /** The data objects of a type with the values of one instance; those of the type itself where there are none. */
  private instantiate(element: XmlElement, type: UnfoldedType): DataObject[] {
    const { counts } = this.types;
    const values = new InstanceValues(counts, this.context);
    const changed = new Map<string, DataObject>();
    const byName = new Map(type.dataObjects.map((object) => [object.name, object]));
    for (const doi of childrenOf(element, 'DOI')) {
      const name = doi.attributes.name ?? '';
      const object = changed.get(name) ?? byName.get(name);
      if (object) changed.set(name, values.apply(object, doi));
      else this.context.log.report('SCL_UNKNOWN_DATA', `"${name}" is not in the type of this logical node.`, doi);
    }
    if (changed.size === 0 && !type.dataObjects.some((object) => counts.copies(object) > 0)) return type.dataObjects;
    return type.dataObjects.map((object) => {
      const instance = changed.get(object.name) ?? object;
      return counts.copies(object) > 0 ? counts.resolve(instance, element, this.context) : instance;
    });
  }

  /** Data sets come last: their members may be anywhere in the server. */
  private readDataSets(reading: ReadingServer): void {
    const devices = reading.devices.map(({ device }) => device);
    const deviceNames = new Map(reading.devices.map(({ inst, device }) => [inst, device.name]));
    const dataSets = new DataSetReader(reading.iedName, devices, this.context);
    for (const { device, inst, nodes } of reading.devices) {
      const place = { iedName: reading.iedName, ldInst: inst, deviceNames, communication: this.communication };
      for (const { element, node } of nodes) {
        node.dataSets = dataSets.read(element, device);
        Object.assign(node, readControlBlocks(element, node, place, this.context));
      }
    }
  }
}

interface ReadingNode {
  element: XmlElement;
  node: LogicalNode;
}

interface ReadingDevice {
  device: LogicalDevice;
  inst: string;
  nodes: ReadingNode[];
}

class ReadingServer {
  readonly devices: ReadingDevice[] = [];
  attributes = 0;

  constructor(readonly iedName: string) {}
}
