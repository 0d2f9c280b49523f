import type { IedModel, LogicalDevice } from '../model/ied-model.js';
import { booleanAttribute, given, requiredName, UniqueNames } from './attributes.js';
import type { Communication } from './communication.js';
import type { SclContext } from './context.js';
import { modelKey, type SclAccessPoint, type SclAuthentication, type SclIed } from './document.js';
import { editionOf } from './edition.js';
import type { ServerReader } from './server-reader.js';
import { childrenOf, firstChild, logicalNodeName, optional, type XmlElement } from './xml-element.js';

/** Takes the model of one access point under its {@link modelKey}. */
export type ModelSink = (key: string, model: IedModel) => void;

/** Reads an `IED` element (IEC 61850-6 §9.3): its summary, and a model for each access point with a server. */
export class IedReader {
  constructor(
    private readonly servers: ServerReader,
    private readonly communication: Communication,
    private readonly context: SclContext,
    private readonly sink: ModelSink,
  ) {}

  read(element: XmlElement, name: string): SclIed {
    const identity: Omit<SclIed, 'accessPoints' | 'services'> = {
      name,
      ...given('manufacturer', optional(element, 'manufacturer')),
      ...given('type', optional(element, 'type')),
      ...given('configVersion', optional(element, 'configVersion')),
      ...given('description', optional(element, 'desc')),
      ...given('edition', this.edition(element)),
    };
    const names = new UniqueNames(this.context);
    const accessPoints = childrenOf(element, 'AccessPoint').flatMap((child) => {
      const accessPoint = requiredName(child, 'name', this.context);
      return accessPoint !== undefined && names.accept(accessPoint, child)
        ? [{ name: accessPoint, element: child }]
        : [];
    });
    const devices = new Map<XmlElement, LogicalDevice[]>();
    return {
      ...identity,
      accessPoints: accessPoints.map((entry) => {
        const server = this.serverOf(entry.element, accessPoints);
        if (!server) return this.accessPoint(entry, name, undefined, []);
        const logicalDevices = devices.get(server) ?? this.servers.read(name, server);
        devices.set(server, logicalDevices);
        this.sink(modelKey(name, entry.name), { ...identity, accessPoint: entry.name, logicalDevices });
        return this.accessPoint(entry, name, server, logicalDevices);
      }),
      ...given('services', readServices(firstChild(element, 'Services'))),
    };
  }

  /** `originalScl…` tells the edition of a device inside of a file of another edition. */
  private edition(element: XmlElement): SclIed['edition'] {
    const { originalSclVersion, originalSclRevision, originalSclRelease } = element.attributes;
    if (originalSclVersion === undefined) return this.context.edition;
    return editionOf(originalSclVersion, originalSclRevision, originalSclRelease) ?? this.context.edition;
  }

  /** The server of an access point: its own, or that of the access point that `ServerAt` names. */
  private serverOf(element: XmlElement, all: readonly NamedElement[]): XmlElement | undefined {
    const own = firstChild(element, 'Server');
    if (own) return own;
    const stray = firstChild(element, 'LDevice');
    if (stray) {
      this.context.log.report(
        'SCL_LDEVICE_OUTSIDE_SERVER',
        'A logical device stands outside of a Server; it is read.',
        stray,
      );
      return element;
    }
    const serverAt = firstChild(element, 'ServerAt');
    if (!serverAt) return undefined;
    const apName = serverAt.attributes.apName ?? '';
    const other = all.find(({ name }) => name === apName);
    const server = firstChild(other?.element, 'Server');
    if (!server) {
      this.context.log.report('SCL_MISSING_SERVER', `ServerAt names "${apName}", which has no server.`, serverAt);
    }
    return server;
  }

  private accessPoint(
    { name, element }: NamedElement,
    iedName: string,
    server: XmlElement | undefined,
    devices: readonly LogicalDevice[],
  ): SclAccessPoint {
    return {
      name,
      ...given('description', optional(element, 'desc')),
      server: server !== undefined,
      ldInsts: devices.map(({ inst }) => inst ?? ''),
      addresses: this.communication.addresses(iedName, name),
      ...(server && { authentication: this.authentication(server) }),
      clientLogicalNodes: childrenOf(element, 'LN').map(({ attributes }) => logicalNodeName(attributes)),
    };
  }

  private authentication(server: XmlElement): SclAuthentication {
    const element = firstChild(server, 'Authentication');
    const allows = (attribute: string, absent: boolean): boolean =>
      element ? booleanAttribute(element, attribute, absent, this.context) : absent;
    return {
      none: allows('none', true),
      password: allows('password', false),
      weak: allows('weak', false),
      strong: allows('strong', false),
      certificate: allows('certificate', false),
    };
  }
}

interface NamedElement {
  name: string;
  element: XmlElement;
}

function readServices(element: XmlElement | undefined): SclIed['services'] {
  if (!element) return undefined;
  return Object.fromEntries(element.children.map(({ name, attributes }) => [name, { ...attributes }]));
}
