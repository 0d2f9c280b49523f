/**
 * A device, seen twice: `wellformed.cid` describes it, and a capture holds its full discovery online. The model that we
 * make of the file must have the names, the order, the types and the data set members that the device itself told.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { dataSetMember } from '../../src/client/browse.js';
import { logicalNodeFromTypes } from '../../src/client/live-model.js';
import { compareModels } from '../../src/gateway/scl-check/index.js';
import { isFunctionalConstraint } from '../../src/model/functional-constraint.js';
import type { DataAttribute, DataObject, IedModel, LogicalDevice, LogicalNode } from '../../src/model/ied-model.js';
import { parseReference, toMmsName } from '../../src/model/reference.js';
import type { FunctionalConstraint } from '../../src/model/functional-constraint.js';
import { decodeMmsPdu } from '../../src/mms/pdu.js';
import type { ServiceRequest, ServiceResponse } from '../../src/mms/services.js';
import type { TypeComponent, TypeDescription } from '../../src/mms/type-description.js';
import { parseScl } from '../../src/scl/index.js';
import { carriedBy } from './associations.js';
import { readCapture, tcpConnections } from './pcap.js';

const CORPUS = path.resolve(__dirname, '../../../shared/corpus');
const CAPTURE = path.join(CORPUS, 'pcap/drMAle-scl_parser__CCI-discovery.pcapng');
const FILE = path.join(CORPUS, 'scl/drMAle-scl_parser__wellformed.cid');

interface Discovery {
  variables: Set<string>;
  /** Members of data sets, `domain/item`, by the data set's own name. */
  dataSets: Map<string, string[]>;
  /** Types of whole logical nodes. */
  types: Map<string, TypeDescription>;
}

describe('the model of a CID', function () {
  this.timeout(60_000);
  if (!existsSync(CAPTURE) || !existsSync(FILE)) {
    it.skip('cannot be compared with its device: ../shared/corpus is not here');
    return;
  }
  let live: Discovery;
  let model: IedModel;
  let nodes: LogicalNode[];
  before(() => {
    live = discover(readFileSync(CAPTURE));
    model = parseScl(readFileSync(FILE)).model('CEI016_CTRL');
    nodes = model.logicalDevices.flatMap(({ logicalNodes }) => logicalNodes);
  });

  it('has the variables that the device lists, no more and no less', () => {
    const ours = new Set<string>();
    for (const node of nodes) for (const name of namesOf(node)) ours.add(name);
    // What is inside of a report control block is the same for all, and not part of the model.
    const listed = [...live.variables].filter((name) => !/\$(BR|RP)\$[^$]+\$/.test(name));
    assert.ok(listed.length > 1500);
    assert.deepEqual([...ours].sort(), listed.sort());
  });

  it('RCB names in SCL (urcbA, indexed="true", RptEnabled max) are urcbA01… online', () => {
    const ours = nodes.flatMap(({ reportControlBlocks }) => reportControlBlocks.map(({ name }) => name));
    assert.ok(ours.length > 5 && ours.every((name) => /\d\d$/.test(name)), ours.join());
    for (const name of ours)
      assert.ok(
        [...live.variables].some((variable) => variable.endsWith(`$${name}`)),
        name,
      );
  });

  it('has the members of each type in the order that the device gives, with types and sizes', () => {
    for (const node of nodes) {
      const type = live.types.get(node.name);
      assert.ok(type?.type === 'structure', node.name);
      for (const { name: fc, type: content } of type.components) {
        if (fc !== 'BR' && fc !== 'RP')
          assert.equal(shapeOfNode(node, fc as FunctionalConstraint), shapeOf(content), `${node.name} ${fc}`);
      }
    }
  });

  it('has the members of each data set in their order', () => {
    const ours = new Map<string, string[]>();
    for (const { name, dataSets } of nodes)
      for (const dataSet of dataSets) ours.set(`${name}$${dataSet.name}`, dataSet.members.map(toName));
    assert.deepEqual(ours, live.dataSets);
  });

  it('shows no difference by the live SCL check but the slip of the device in the size of an ObjRef', () => {
    const [device] = model.logicalDevices;
    assert.ok(device && model.logicalDevices.length === 1);
    const { findings, compared } = compareModels(model, { ...model, logicalDevices: [seen(device.name, live)] });
    assert.ok(compared.dataObjects > 200 && compared.dataSets > 3 && compared.controlBlocks > 5);
    assert.ok(findings.length > 0);
    for (const { kind, severity, device: shown } of findings)
      assert.deepEqual([kind, severity, shown], ['length', 'warning', 'VisString255, visible string 1409']);
  });
});

/** The logical device as our client makes it of such answers. */
function seen(name: string, { types, dataSets }: Discovery): LogicalDevice {
  const logicalNodes = [...types].map(([item, type]) => {
    const groups = new Map<FunctionalConstraint, readonly TypeComponent[]>();
    if (type.type === 'structure')
      for (const { name: fc, type: group } of type.components)
        if (isFunctionalConstraint(fc) && group.type === 'structure') groups.set(fc, group.components);
    const node = logicalNodeFromTypes(item, groups);
    node.dataSets = [...dataSets]
      .filter(([dataSet]) => dataSet.startsWith(`${item}$`))
      .map(([dataSet, members]) => ({
        name: dataSet.slice(item.length + 1),
        members: members.flatMap((member) => {
          const [domain = '', variable = ''] = member.split('/');
          return dataSetMember({ name: { scope: 'domain', domain, item: variable } }) ?? [];
        }),
      }));
    return node;
  });
  return { name, logicalNodes };
}

function discover(capture: Buffer): Discovery {
  const discovery: Discovery = { variables: new Set(), dataSets: new Map(), types: new Map() };
  const requests = new Map<number, ServiceRequest>();
  for (const connection of tcpConnections(readCapture(capture))) {
    for (const octets of carriedBy(connection).pdus) {
      const pdu = decodeMmsPdu(octets);
      if (pdu.pdu === 'confirmed-request') requests.set(pdu.invokeId, pdu.request);
      const request = pdu.pdu === 'confirmed-response' ? requests.get(pdu.invokeId) : undefined;
      if (pdu.pdu === 'confirmed-response' && request) note(discovery, request, pdu.response);
    }
  }
  return discovery;
}

function note(discovery: Discovery, request: ServiceRequest, response: ServiceResponse): void {
  if (request.service === 'getNameList' && response.service === 'getNameList') {
    const variables = request.scope.scope === 'domain' && request.objectClass === 0;
    if (variables) for (const name of response.names) discovery.variables.add(name);
  } else if (
    request.service === 'getNamedVariableListAttributes' &&
    response.service === 'getNamedVariableListAttributes' &&
    request.name.scope === 'domain'
  ) {
    const members = response.variables.map(({ name }) =>
      name.scope === 'domain' ? `${name.domain}/${name.item}` : name.item,
    );
    discovery.dataSets.set(request.name.item, members);
  } else if (
    request.service === 'getVariableAccessAttributes' &&
    response.service === 'getVariableAccessAttributes' &&
    'scope' in request.name &&
    request.name.scope === 'domain'
  ) {
    discovery.types.set(request.name.item, response.type);
  }
}

function toName({ reference, fc }: { reference: string; fc: FunctionalConstraint }): string {
  const { domain, item } = toMmsName({ ...parseReference(reference), functionalConstraint: fc });
  return `${domain}/${item}`;
}

/** Every MMS name of a logical node: itself, its functional constraints, and all below; not inside of arrays. */
function namesOf(node: LogicalNode): Set<string> {
  const names = new Set([node.name]);
  const add = (steps: readonly string[]): void => {
    for (let length = 1; length <= steps.length; length += 1)
      names.add([node.name, ...steps.slice(0, length)].join('$'));
  };
  const attribute = (one: DataAttribute, outer: readonly string[]): void => {
    const steps = [...outer, one.name];
    add([one.fc, ...steps]);
    if (one.count === undefined) for (const member of one.attributes) attribute(member, steps);
  };
  const object = (one: DataObject, outer: readonly string[]): void => {
    const steps = [...outer, one.name];
    for (const member of one.dataObjects) object(member, steps);
    for (const member of one.attributes) attribute(member, steps);
  };
  for (const member of node.dataObjects) object(member, []);
  for (const { name, buffered } of node.reportControlBlocks) add([buffered ? 'BR' : 'RP', name]);
  return names;
}

function shapeOf(type: TypeDescription): string {
  switch (type.type) {
    case 'structure':
      return `{${type.components.map((component) => `${component.name}:${shapeOf(component.type)}`).join(' ')}}`;
    case 'array':
      return `${shapeOf(type.element)}[${type.count}]`;
    case 'integer':
      // An enumeration may have any width.
      return type.size === 8 ? 'integer' : `integer${type.size}`;
    case 'float':
      return `float${type.formatWidth}`;
    case 'visible-string':
      // This device gives the size of an ObjRef as fa 7f, which is a slip for ff 7f.
      return `visible-string${type.size === -1409 ? -129 : type.size}`;
    default:
      return 'size' in type ? `${type.type}${type.size}` : type.type;
  }
}

function shapeOfNode(node: LogicalNode, fc: FunctionalConstraint): string {
  const objects = (list: readonly DataObject[]): string[] =>
    list.flatMap((object) => {
      const members = [
        ...objects(object.dataObjects),
        ...attributes(object.attributes.filter((member) => member.fc === fc)),
      ];
      return members.length === 0 ? [] : [`${object.name}:{${members.join(' ')}}`];
    });
  const attributes = (list: readonly DataAttribute[]): string[] =>
    list.map((one) => `${one.name}:${shapeOfAttribute(one)}`);
  const shapeOfAttribute = (one: DataAttribute): string => {
    const element = one.type === 'Structure' ? `{${attributes(one.attributes).join(' ')}}` : leafShape(one);
    return one.count === undefined ? element : `${element}[${one.count}]`;
  };
  return `{${objects(node.dataObjects).join(' ')}}`;
}

function leafShape({ type, size = 0 }: DataAttribute): string {
  switch (type) {
    case 'Boolean':
      return 'boolean';
    case 'Enum':
    case 'Int8':
      return 'integer';
    case 'Int16':
    case 'Int32':
    case 'Int64':
      return `integer${type.slice(3)}`;
    case 'UInt8':
    case 'UInt16':
    case 'UInt32':
      return `unsigned${type.slice(4)}`;
    case 'Float32':
    case 'Float64':
      return type.toLowerCase();
    case 'Quality':
    case 'Dbpos':
    case 'BitString':
      return `bit-string${size}`;
    case 'Timestamp':
      return 'utc-time';
    case 'VisibleString':
      return `visible-string${size}`;
    case 'OctetString':
      return `octet-string${size}`;
    default:
      return type;
  }
}
