import assert from 'node:assert/strict';
import { SclError } from '../../src/errors.js';
import type { DataAttribute, DataObject, IedModel, LogicalNode } from '../../src/model/ied-model.js';
import { parseScl, type SclDiagnosticCode, type SclDocument } from '../../src/scl/index.js';

export interface Parts {
  /** Attributes of the root, by default those of Edition 2.1. */
  version?: string;
  communication?: string;
  /** Content of LN0. */
  ln0?: string;
  /** Content of the logical node `GGIO1`. */
  ln?: string;
  /** Content of the LDevice after LN0 and GGIO1. */
  more?: string;
  /** Attributes of the LDevice. */
  device?: string;
  /** DOs of the type of GGIO1. */
  dos?: string;
  /** More types. */
  types?: string;
  /** More IEDs. */
  ieds?: string;
}

export const ROOT = 'xmlns="http://www.iec.ch/61850/2003/SCL"';

/** A whole file with IED1: an LLN0 without data, and a GGIO1. */
export function sclText(parts: Parts = {}): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<SCL ${ROOT} ${parts.version ?? 'version="2007" revision="B" release="4"'}>
  <Header id="test" version="3" revision="c" toolID="by hand"/>
  ${parts.communication === undefined ? '' : `<Communication>${parts.communication}</Communication>`}
  <IED name="IED1" manufacturer="ACME" type="Relay" configVersion="1.2" desc="Feeder">
    <AccessPoint name="P1">
      <Server>
        <Authentication/>
        <LDevice ${parts.device ?? 'inst="LD0"'}>
          <LN0 lnClass="LLN0" inst="" lnType="LLN0">${parts.ln0 ?? ''}</LN0>
          <LN lnClass="GGIO" inst="1" lnType="GGIO">${parts.ln ?? ''}</LN>
          ${parts.more ?? ''}
        </LDevice>
      </Server>
    </AccessPoint>
  </IED>
  ${parts.ieds ?? ''}
  <DataTypeTemplates>
    <LNodeType id="LLN0" lnClass="LLN0"/>
    <LNodeType id="GGIO" lnClass="GGIO">${parts.dos ?? '<DO name="Ind1" type="SPS"/>'}</LNodeType>
    <DOType id="SPS" cdc="SPS">
      <DA name="stVal" bType="BOOLEAN" fc="ST" dchg="true"/>
      <DA name="q" bType="Quality" fc="ST" qchg="true"/>
      <DA name="t" bType="Timestamp" fc="ST"/>
    </DOType>
    ${parts.types ?? ''}
  </DataTypeTemplates>
</SCL>`;
}

export function parse(parts: Parts = {}): SclDocument {
  return parseScl(Buffer.from(sclText(parts)));
}

export function modelOf(parts: Parts = {}): IedModel {
  return parse(parts).model('IED1');
}

/** GGIO1 of IED1. */
export function nodeOf(parts: Parts = {}): LogicalNode {
  return nodeNamed(modelOf(parts), 'GGIO1');
}

export function nodeNamed(model: IedModel, name: string): LogicalNode {
  const node = model.logicalDevices.flatMap(({ logicalNodes }) => logicalNodes).find((entry) => entry.name === name);
  assert.ok(node, `no ${name}`);
  return node;
}

/** `Ind1.mag.f` in a logical node, through data objects and attributes. */
export function at(node: LogicalNode, path: string): DataObject & DataAttribute {
  let found: Partial<DataObject & DataAttribute> = { dataObjects: node.dataObjects };
  for (const step of path.split('.')) {
    const members: Array<DataObject | DataAttribute> = [...(found.dataObjects ?? []), ...(found.attributes ?? [])];
    const member = members.find(({ name }) => name === step);
    assert.ok(member, `no ${step} in ${path}`);
    found = member;
  }
  return found as DataObject & DataAttribute;
}

export function codes(document: SclDocument): SclDiagnosticCode[] {
  return document.diagnostics.map(({ code }) => code);
}

export function sclErrorOf(work: () => unknown): SclError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof SclError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: 'nothing was thrown' });
}
