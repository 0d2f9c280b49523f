/** Generated IEDs: measured values (CDC MV, FC MX), each with `mag.f`, `q` and `t`, in as many nodes as are wanted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Tag } from '../src/model/tag.js';

export interface Shape {
  ied: string;
  /** Instances of the logical devices. */
  devices: string[];
  /** Logical nodes `GGIO1`, `GGIO2`, … of each device. */
  nodes: number;
  /** Data objects `AnIn1`, `AnIn2`, … of each node. */
  objects: number;
}

/** Attributes of one data object: `mag.f`, `q`, `t`. */
export const ATTRIBUTES_PER_OBJECT = 3;

export function objectCount({ devices, nodes, objects }: Shape): number {
  return devices.length * nodes * objects;
}

/** `LD/GGIO1.AnIn1`, for every data object. */
export function references(shape: Shape): string[] {
  const found: string[] = [];
  for (const device of shape.devices) {
    for (let node = 1; node <= shape.nodes; node++) {
      for (let object = 1; object <= shape.objects; object++)
        found.push(`${shape.ied}${device}/GGIO${node}.AnIn${object}`);
    }
  }
  return found;
}

/** One tag a data object, named as the default template of the project names it. */
export function tags(shape: Shape): Tag[] {
  return references(shape).map((reference) => ({
    tag: reference.slice(shape.ied.length).replace('/', '.'),
    reference,
    fc: 'MX',
    type: 'Float32',
  }));
}

/** The SCL text of one IED. */
export function sclText(shape: Shape): string {
  const node = (_: unknown, i: number): string => `<LN lnClass="GGIO" inst="${i + 1}" lnType="GGIO"/>`;
  const device = (inst: string): string =>
    `<LDevice inst="${inst}"><LN0 lnClass="LLN0" inst="" lnType="LLN0"/>${Array.from({ length: shape.nodes }, node).join('')}</LDevice>`;
  const object = (_: unknown, i: number): string => `<DO name="AnIn${i + 1}" type="MV"/>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<SCL xmlns="http://www.iec.ch/61850/2003/SCL" version="2007" revision="B" release="4">
<Header id="bench"/>
<IED name="${shape.ied}" manufacturer="bench" type="bench" configVersion="1">
<AccessPoint name="AP1"><Server><Authentication/>${shape.devices.map(device).join('\n')}</Server></AccessPoint>
</IED>
<DataTypeTemplates>
<LNodeType id="LLN0" lnClass="LLN0"><DO name="Beh" type="Beh"/></LNodeType>
<LNodeType id="GGIO" lnClass="GGIO">${Array.from({ length: shape.objects }, object).join('')}</LNodeType>
<DOType id="Beh" cdc="ENS">
<DA name="stVal" fc="ST" bType="Enum" type="Beh" dchg="true"/><DA name="q" fc="ST" bType="Quality"/><DA name="t" fc="ST" bType="Timestamp"/>
</DOType>
<DOType id="MV" cdc="MV">
<DA name="mag" fc="MX" bType="Struct" type="AnalogueValue" dchg="true"/><DA name="q" fc="MX" bType="Quality"/><DA name="t" fc="MX" bType="Timestamp"/>
</DOType>
<DAType id="AnalogueValue"><BDA name="f" bType="FLOAT32"/></DAType>
<EnumType id="Beh"><EnumVal ord="1">on</EnumVal></EnumType>
</DataTypeTemplates>
</SCL>
`;
}

/** Functional constraint number of MX, and types FLOAT32, STRUCTURE, Timestamp, Quality as `.cfg` files number them. */
const MX = 1;
const TYPE = { float32: 10, timestamp: 22, quality: 23, structure: 27 } as const;

/** The same IED as a libiec61850 `.cfg` model. */
export function cfgText(shape: Shape): string {
  const lines = [`MODEL(${shape.ied}){`];
  for (const device of shape.devices) {
    lines.push(`LD(${device}){`, 'LN(LLN0){', 'DO(Beh 0){', 'DA(stVal 0 12 0 1 0)=1;', '}', '}');
    for (let node = 1; node <= shape.nodes; node++) {
      lines.push(`LN(GGIO${node}){`);
      for (let object = 1; object <= shape.objects; object++) {
        lines.push(
          `DO(AnIn${object} 0){`,
          `DA(mag 0 ${TYPE.structure} ${MX} 1 0){`,
          `DA(f 0 ${TYPE.float32} ${MX} 1 0)=${object}.5;`,
          '}',
          `DA(q 0 ${TYPE.quality} ${MX} 2 0);`,
          `DA(t 0 ${TYPE.timestamp} ${MX} 0 0);`,
          '}',
        );
      }
      lines.push('}');
    }
    lines.push('}');
  }
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

/** Writes a text to a temporary file for the time of some work. */
export async function withFile<T>(name: string, text: string, work: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'iec61850-bench-'));
  try {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return await work(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
