/**
 * SCL: a file of 3 MB by its path, from the call to the document, with the worker's start; how long the event loop stood
 * still meanwhile; and unfolding the models of all of its IEDs afterwards. Measured on the built package, as users run it.
 */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as SclApi from '../src/scl/index.js';

export interface SclMeasurement {
  file: string;
  megabytes: number;
  /** From the call to the document, in ms: the median of five runs, of which the first is as cold as the others. */
  loadMs: number;
  /** The longest time in which the event loop did not turn, in ms, over all runs. */
  longestBlockMs: number;
  /** Unfolding one IED: the slowest, in ms. */
  slowestModelMs: number;
  ieds: number;
}

type Scl = typeof SclApi;

const RUNS = 5;
/** Resolution of the delay histogram in ms, which counts as delay. */
const RESOLUTION = 1;
const REAL_FILE = path.resolve(__dirname, '../../shared/corpus/scl/ca-d-scl-editor__sample.scd');

export async function measureScl(): Promise<SclMeasurement[]> {
  const { loadScl } = (await import(path.resolve(__dirname, '../dist/src/scl/index.js'))) as Scl;
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-scl-'));
  try {
    const generated = path.join(folder, 'generated.scd');
    writeFileSync(generated, generatedScd(3 << 20));
    const files = [generated, ...(existsSync(REAL_FILE) ? [REAL_FILE] : [])];
    const measurements: SclMeasurement[] = [];
    for (const file of files) measurements.push(await measure(loadScl, file));
    return measurements;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(loadScl: Scl['loadScl'], file: string): Promise<SclMeasurement> {
  const loads: number[] = [];
  let longestBlockMs = 0;
  let slowestModelMs = 0;
  let ieds = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
    delay.enable();
    await sleep(10);
    delay.reset();
    const start = performance.now();
    const document = await loadScl(file);
    loads.push(performance.now() - start);
    await sleep(10);
    delay.disable();
    longestBlockMs = Math.max(longestBlockMs, delay.max / 1e6 - RESOLUTION);
    ieds = document.ieds.length;
    for (const { name, accessPoints } of document.ieds) {
      for (const accessPoint of accessPoints.filter(({ server }) => server)) {
        const before = performance.now();
        document.model(name, accessPoint.name);
        slowestModelMs = Math.max(slowestModelMs, performance.now() - before);
      }
    }
  }
  const loadMs = loads.sort((a, b) => a - b)[RUNS >> 1] as number;
  const megabytes = statSync(file).size / (1 << 20);
  return { file: path.basename(file), megabytes, loadMs, longestBlockMs, slowestModelMs, ieds };
}

/** A station as tools write it: IEDs with protection, control and measurement nodes, values at each, and data sets. */
function generatedScd(octets: number): string {
  const ieds: string[] = [];
  for (let length = 0; length < octets; length += ieds.at(-1)?.length ?? 0) ieds.push(generatedIed(ieds.length + 1));
  return `<?xml version="1.0" encoding="UTF-8"?>
<SCL xmlns="http://www.iec.ch/61850/2003/SCL" version="2007" revision="B" release="4"><Header id="bench"/>
${ieds.join('\n')}
<DataTypeTemplates>
  <LNodeType id="LLN0" lnClass="LLN0"><DO name="Mod" type="ENC"/></LNodeType>
  <LNodeType id="MMXU" lnClass="MMXU"><DO name="Mod" type="ENC"/><DO name="TotW" type="MV"/><DO name="TotVAr" type="MV"/><DO name="Hz" type="MV"/></LNodeType>
  <DOType id="ENC" cdc="ENC"><DA name="stVal" bType="Enum" type="Mod" fc="ST" dchg="true"/><DA name="q" bType="Quality" fc="ST"/><DA name="t" bType="Timestamp" fc="ST"/><DA name="ctlModel" bType="Enum" type="Ctl" fc="CF"/></DOType>
  <DOType id="MV" cdc="MV"><DA name="mag" bType="Struct" type="Mag" fc="MX" dchg="true"/><DA name="q" bType="Quality" fc="MX"/><DA name="t" bType="Timestamp" fc="MX"/><DA name="db" bType="INT32U" fc="CF"/><DA name="d" bType="VisString255" fc="DC"/></DOType>
  <DAType id="Mag"><BDA name="f" bType="FLOAT32"/></DAType>
  <EnumType id="Mod"><EnumVal ord="1">on</EnumVal><EnumVal ord="5">off</EnumVal></EnumType>
  <EnumType id="Ctl"><EnumVal ord="0">status-only</EnumVal></EnumType>
</DataTypeTemplates>
</SCL>`;
}

function generatedIed(number: number): string {
  const nodes = Array.from({ length: 60 }, (_, at) => {
    const dois = ['TotW', 'TotVAr', 'Hz'].map(
      (name) => `
            <DOI name="${name}" desc="Measurement ${at} of bay ${number}">
              <SDI name="mag"><DAI name="f"><Val>0.0</Val></DAI></SDI>
              <DAI name="db"><Val>1000</Val></DAI>
              <DAI name="d"><Val>Feeder ${number}, ${name}</Val></DAI>
            </DOI>`,
    );
    return `
          <LN prefix="Q${at}_" lnClass="MMXU" inst="1" lnType="MMXU" desc="Bay ${number}">${dois.join('')}
            <DOI name="Mod"><DAI name="ctlModel"><Val>status-only</Val></DAI></DOI>
          </LN>`;
  });
  const members = nodes.map(
    (_, at) => `
              <FCDA ldInst="LD0" prefix="Q${at}_" lnClass="MMXU" lnInst="1" doName="TotW" fc="MX"/>`,
  );
  return `  <IED name="BAY${number}" manufacturer="Bench">
    <AccessPoint name="P1"><Server><Authentication/>
        <LDevice inst="LD0">
          <LN0 lnClass="LLN0" inst="" lnType="LLN0">
            <DataSet name="Meas">${members.join('')}
            </DataSet>
            <ReportControl name="urcb" datSet="Meas" confRev="1"><TrgOps dchg="true"/><OptFields seqNum="true"/><RptEnabled max="5"/></ReportControl>
          </LN0>${nodes.join('')}
        </LDevice>
    </Server></AccessPoint>
  </IED>`;
}

function print(measurements: readonly SclMeasurement[]): void {
  console.table(
    measurements.map((one) => ({
      file: one.file,
      MB: one.megabytes.toFixed(1),
      IEDs: one.ieds,
      'load ms (limit 1500)': Math.round(one.loadMs),
      'longest block ms (limit 50)': one.longestBlockMs.toFixed(1),
      'slowest model ms': one.slowestModelMs.toFixed(1),
    })),
  );
}

if (require.main === module) {
  measureScl().then(print, (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
