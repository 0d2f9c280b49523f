import { ConnectionError, Iec61850Error, TimeoutError } from '../errors.js';
import { isFunctionalConstraint, type FunctionalConstraint } from '../model/functional-constraint.js';
import type { DataSet, DataSetMember, IedModel, LogicalDevice, LogicalNode } from '../model/ied-model.js';
import { fromMmsName, objectReference } from '../model/reference.js';
import { ObjectClass } from '../mms/services.js';
import type { TypeComponent, TypeDescription } from '../mms/type-description.js';
import type { VariableSpecification } from '../mms/variable-access.js';
import type { ClientAssociation } from './client-association.js';
import { logicalNodeFromTypes, nameTree, type NameTree } from './live-model.js';
import { nameList } from './name-list.js';
import { forEachBounded } from './type-cache.js';

export interface BrowseOptions {
  /** Called with logical nodes done and in all. */
  onProgress?(done: number, total: number): void;
  signal?: AbortSignal;
}

/** Answers of a logical node's type that do not fit are asked for in parts; a silent IED is not asked on and on. */
type Groups = Map<FunctionalConstraint, TypeComponent[]>;

/**
 * Discovers the model of an IED: logical devices, logical nodes, data objects with their attributes and types, data
 * sets, and the names of control blocks and logs (IEC 61850-8-1 §11, GetServerDirectory to GetDataDefinition).
 *
 * The type of a logical node that the IED refuses, because it is larger than the PDU (libiec61850 issue 96), is asked
 * for data object by data object; a data object that it refuses as well is left out.
 * @param iedName of the model; the part that the logical devices' names share is taken when it is empty
 */
export async function browse(
  association: ClientAssociation,
  iedName: string,
  options: BrowseOptions = {},
): Promise<IedModel> {
  const domains = await nameList(association, ObjectClass.domain, { scope: 'vmd' });
  const limit = association.negotiated.maxOutstanding;
  const listed: { domain: string; tree: NameTree; dataSets: string[]; logs: string[] }[] = [];
  await forEachBounded(
    domains.map((domain, index) => ({ domain, index })),
    limit,
    async ({ domain, index }) => {
      options.signal?.throwIfAborted();
      const scope = { scope: 'domain', domain } as const;
      const tree = nameTree(await nameList(association, ObjectClass.namedVariable, scope));
      const dataSets = await optionalNames(association, ObjectClass.namedVariableList, domain);
      const logs = await optionalNames(association, ObjectClass.journal, domain);
      listed[index] = { domain, tree, dataSets, logs };
    },
  );
  const nodes = listed.flatMap(({ domain, tree }) =>
    [...tree].map(([ln, constraints]) => ({ domain, ln, constraints })),
  );
  const built = new Map<string, LogicalNode>();
  let done = 0;
  await forEachBounded(nodes, limit, async ({ domain, ln, constraints }) => {
    options.signal?.throwIfAborted();
    built.set(`${domain}/${ln}`, logicalNodeFromTypes(ln, await typesOfNode(association, domain, ln, constraints)));
    options.onProgress?.(++done, nodes.length);
  });
  await addDataSets(association, built, listed, limit);
  const name = iedName || commonPrefix(domains);
  return {
    name,
    logicalDevices: listed.map(({ domain, tree, logs }): LogicalDevice => {
      const logicalNodes = [...tree.keys()].map((ln) => built.get(`${domain}/${ln}`) as LogicalNode);
      for (const log of logs) addLog(logicalNodes, log);
      const prefix = commonPrefix(domains);
      return {
        name: domain,
        ...(prefix && domain.length > prefix.length && { inst: domain.slice(prefix.length) }),
        logicalNodes,
      };
    }),
  };
}

/** Not every IED supports every object class; what it refuses it does not have. */
async function optionalNames(association: ClientAssociation, objectClass: number, domain: string): Promise<string[]> {
  try {
    return await nameList(association, objectClass, { scope: 'domain', domain });
  } catch (error) {
    if (error instanceof Iec61850Error && !fatal(error)) return [];
    throw error;
  }
}

function fatal(error: Iec61850Error): boolean {
  return error instanceof ConnectionError || error instanceof TimeoutError;
}

async function typeOf(association: ClientAssociation, domain: string, item: string): Promise<TypeDescription> {
  const { type } = await association.request({
    service: 'getVariableAccessAttributes',
    name: { scope: 'domain', domain, item },
  });
  return type;
}

async function typesOfNode(
  association: ClientAssociation,
  domain: string,
  ln: string,
  constraints: ReadonlyMap<FunctionalConstraint, ReadonlySet<string>>,
): Promise<Groups> {
  const groups: Groups = new Map();
  try {
    const type = await typeOf(association, domain, ln);
    if (type.type === 'structure') {
      for (const { name, type: group } of type.components) {
        if (isFunctionalConstraint(name) && group.type === 'structure') groups.set(name, group.components);
      }
      return groups;
    }
  } catch (error) {
    if (!(error instanceof Iec61850Error) || fatal(error)) throw error;
  }
  for (const [fc, objects] of constraints)
    groups.set(fc, await typesOfObjects(association, domain, `${ln}$${fc}`, [...objects]));
  return groups;
}

async function typesOfObjects(
  association: ClientAssociation,
  domain: string,
  prefix: string,
  objects: string[],
): Promise<TypeComponent[]> {
  const components: TypeComponent[] = [];
  for (const name of objects) {
    try {
      components.push({ name, type: await typeOf(association, domain, `${prefix}$${name}`) });
    } catch (error) {
      if (!(error instanceof Iec61850Error) || fatal(error)) throw error;
    }
  }
  return components;
}

async function addDataSets(
  association: ClientAssociation,
  nodes: ReadonlyMap<string, LogicalNode>,
  listed: readonly { domain: string; dataSets: string[] }[],
  limit: number,
): Promise<void> {
  const all = listed.flatMap(({ domain, dataSets }) => dataSets.map((item) => ({ domain, item })));
  await forEachBounded(all, limit, async ({ domain, item }) => {
    const separator = item.indexOf('$');
    const node = nodes.get(`${domain}/${item.slice(0, separator)}`);
    if (!node) return;
    const dataSet: DataSet = { name: item.slice(separator + 1), members: [] };
    node.dataSets.push(dataSet);
    try {
      const answer = await association.request({
        service: 'getNamedVariableListAttributes',
        name: { scope: 'domain', domain, item },
      });
      dataSet.deletable = answer.deletable;
      dataSet.members = answer.variables.flatMap((variable) => dataSetMember(variable) ?? []);
    } catch (error) {
      if (!(error instanceof Iec61850Error) || fatal(error)) throw error;
    }
  });
  for (const node of nodes.values()) node.dataSets.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `LD/LN.DO…` with its functional constraint; an array element keeps its index. */
export function dataSetMember(variable: VariableSpecification): DataSetMember | undefined {
  if (variable.name.scope !== 'domain') return undefined;
  const reference = fromMmsName(variable.name.domain, variable.name.item);
  if (!reference?.functionalConstraint) return undefined;
  let text = objectReference(reference);
  for (const step of variable.access ?? []) {
    if (step.select === 'index') text += `(${step.index})`;
    else if (step.select === 'component') text += `.${step.name.replace(/\$/g, '.')}`;
  }
  return { reference: text, fc: reference.functionalConstraint };
}

/** Journals are named `LN$log`. */
function addLog(nodes: readonly LogicalNode[], log: string): void {
  const separator = log.indexOf('$');
  const node = nodes.find((one) => one.name === (separator < 0 ? 'LLN0' : log.slice(0, separator)));
  node?.logs.push(separator < 0 ? log : log.slice(separator + 1));
}

/** The IED's name, as far as the names of its logical devices show it: what they all begin with. */
function commonPrefix(names: readonly string[]): string {
  let prefix = names[0] ?? '';
  for (const name of names) while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return names.length > 1 ? prefix : '';
}
