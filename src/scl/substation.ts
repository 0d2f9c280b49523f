import { given } from './attributes.js';
import type { SclBay, SclLogicalNodeReference, SclSubstation, SclVoltageLevel } from './document.js';
import { childrenOf, firstChild, optional, type XmlElement } from './xml-element.js';

/** Names of substations, voltage levels and bays, and the logical nodes that work for them (IEC 61850-6 §9.2). */
export function readSubstations(root: XmlElement): SclSubstation[] {
  return childrenOf(root, 'Substation').map((element) => ({
    ...naming(element),
    voltageLevels: childrenOf(element, 'VoltageLevel').map(readVoltageLevel),
  }));
}

function naming(element: XmlElement): { name: string; description?: string } {
  return { name: element.attributes.name ?? '', ...given('description', optional(element, 'desc')) };
}

function readVoltageLevel(element: XmlElement): SclVoltageLevel {
  const bays = childrenOf(element, 'Bay').map((bay): SclBay => ({ ...naming(bay), logicalNodes: collect(bay, []) }));
  return { ...naming(element), ...given('voltage', readVoltage(firstChild(element, 'Voltage'))), bays };
}

const MULTIPLIERS: Readonly<Record<string, number>> = { '': 1, m: 1e-3, k: 1e3, M: 1e6 };

function readVoltage(element: XmlElement | undefined): number | undefined {
  if (!element || element.text === '') return undefined;
  const factor = MULTIPLIERS[element.attributes.multiplier ?? ''];
  const value = Number(element.text) * (factor ?? NaN);
  return Number.isFinite(value) ? value : undefined;
}

/** Every `LNode` below a bay; `owner` names the equipment, sub-equipment and functions on the way. */
function collect(element: XmlElement, owner: readonly string[]): SclLogicalNodeReference[] {
  return element.children.flatMap((child) => {
    if (child.name === 'LNode') return [reference(child, owner)];
    const name = optional(child, 'name');
    return collect(child, name === undefined ? owner : [...owner, name]);
  });
}

function reference({ attributes }: XmlElement, owner: readonly string[]): SclLogicalNodeReference {
  const { iedName, ldInst = '', prefix = '', lnClass = '', lnInst = '' } = attributes;
  return {
    owner: owner.join('/'),
    ...(iedName && iedName !== 'None' && { iedName }),
    ldInst,
    logicalNode: prefix + lnClass + lnInst,
  };
}
