/** Reports of the server, to clients that only count what comes. */
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { MmsAssociation } from '../src/mms/association.js';
import { decodeServiceResponse, encodeServiceRequest } from '../src/mms/services.js';
import { openInformationReport } from '../src/mms/information-report.js';
import type { MmsData } from '../src/mms/data.js';
import { BerReader } from '../src/mms/wire.js';
import type { BenchPart, BenchRow } from './bench-row.js';
import { Child } from './child.js';
import { ROUND_SECONDS } from './measure.js';
import { references, sclText, type Shape } from './models.js';
import type { ReportServerOperations } from './processes/report-server.js';

const MEMBERS = 100;
const CLIENTS = 10;
const UPDATES = 10_000;
const SHAPE: Shape = { ied: 'BENCH', devices: ['MEAS'], nodes: 1, objects: MEMBERS };
/** Position of TimeOfEntry in a report whose OptFlds has nothing else before it. */
const TIME_OF_ENTRY = 2;
const DAY_MS = 86_400_000;
const EPOCH_1984 = Date.UTC(1984, 0, 1);

/** The model with a data set of all its objects, and as many control blocks of each kind as there are clients. */
function scl(): string {
  const members = Array.from(
    { length: MEMBERS },
    (_, i) => `<FCDA ldInst="MEAS" lnClass="GGIO" lnInst="1" doName="AnIn${i + 1}" fc="MX"/>`,
  ).join('');
  const block = (name: string, buffered: boolean): string =>
    `<ReportControl name="${name}" datSet="All" confRev="1" buffered="${buffered}" indexed="true">
     <TrgOps dchg="true"/><OptFields timeStamp="true" bufOvfl="false"/><RptEnabled max="${CLIENTS}"/></ReportControl>`;
  return sclText(SHAPE).replace(
    '<LN0 lnClass="LLN0" inst="" lnType="LLN0"/>',
    `<LN0 lnClass="LLN0" inst="" lnType="LLN0"><DataSet name="All">${members}</DataSet>
     ${block('urcb', false)}${block('brcb', true)}</LN0>`,
  );
}

class CountingClient {
  entries = 0;
  /** ms from the event to its arrival. */
  readonly ages: number[] = [];

  private constructor(
    private readonly socket: Socket,
    private readonly association: MmsAssociation,
  ) {}

  static open(port: number): Promise<CountingClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      const association = new MmsAssociation(
        'client',
        {
          osi: { local: {}, remote: {} },
          maxPduSize: 65_000,
          maxOutstanding: 1,
          nestingLevel: 10,
          services: [],
          timeout: 10_000,
        },
        {
          send: (octets) => socket.write(octets),
          associated: () => resolve(client),
          closed: (error) => reject(error ?? new Error('the server closed the association')),
          informationReport: (octets, start, end) => client.count(octets, start, end),
        },
      );
      const client = new CountingClient(socket, association);
      socket.on('error', reject);
      socket.on('data', (octets) => association.receive(octets, performance.now()));
      socket.on('connect', () => association.transportConnected(performance.now()));
    });
  }

  write(item: string, data: MmsData): Promise<void> {
    const list = [{ name: { scope: 'domain', domain: 'BENCHMEAS', item } as const }];
    return new Promise((resolve, reject) => {
      const response = (octets: Buffer, start: number, end: number): void => {
        const reader = new BerReader(octets, start, end);
        reader.next();
        const answer = decodeServiceResponse(reader);
        if (answer.service === 'write' && answer.results[0]?.success) resolve();
        else reject(new Error(`${item} was refused`));
      };
      const request = encodeServiceRequest({ service: 'write', access: { list }, data: [data] });
      this.association.request(request, { response, failed: reject }, performance.now());
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private count(octets: Buffer, start: number, end: number): void {
    const report = openInformationReport(octets, start, end);
    if (!report) return;
    const reader = new BerReader(octets, report.start, report.end);
    for (let i = 0; i < TIME_OF_ENTRY; i++) reader.next();
    reader.next();
    const time = EPOCH_1984 + octets.readUInt32BE(reader.start) + octets.readUInt16BE(reader.start + 4) * DAY_MS;
    this.ages.push(Date.now() - time);
    reader.next();
    for (let at = reader.start + 1; at < reader.end; at++) {
      for (let bits = octets[at] as number; bits !== 0; bits &= bits - 1) this.entries++;
    }
  }
}

const TRUE: MmsData = { type: 'boolean', value: true };
const FALSE: MmsData = { type: 'boolean', value: false };
const blockName = (kind: 'RP' | 'BR', number: number): string =>
  `LLN0$${kind}$${kind === 'RP' ? 'urcb' : 'brcb'}${String(number).padStart(2, '0')}`;

async function run(): Promise<BenchRow[]> {
  const server = new Child<ReportServerOperations>(path.join(__dirname, 'processes', 'report-server.ts'));
  const clients: CountingClient[] = [];
  try {
    const port = await server.call.start({
      scl: scl(),
      references: references(SHAPE).map((reference) => `${reference}[MX]`),
      reportBufferSize: 1 << 20,
    });
    for (let i = 0; i < CLIENTS; i++) clients.push(await CountingClient.open(port));
    const [first] = clients as [CountingClient];
    const rows: BenchRow[] = [];
    for (const kind of ['RP', 'BR'] as const) {
      await first.write(`${blockName(kind, 1)}$RptEna`, TRUE);
      const before = first.entries;
      await server.call.rush();
      await pause(ROUND_SECONDS * 1000);
      const { cores, perSecond } = await server.call.end();
      await pause(500);
      const entries = first.entries - before;
      await first.write(`${blockName(kind, 1)}$RptEna`, FALSE);
      rows.push({
        name: `report entries to one client, ${kind === 'RP' ? 'unbuffered' : 'buffered'}`,
        figure: entries / ROUND_SECONDS,
        unit: 'entries/s',
        atLeast: 200_000,
        note: `${MEMBERS} to a report; ${Math.round(perSecond)} updates/s, ${cores.toFixed(2)} of a core`,
      });
    }
    for (const each of [false, true]) {
      for (const [i, client] of clients.entries()) await client.write(`${blockName('RP', i + 1)}$RptEna`, TRUE);
      const before = clients.reduce((sum, { entries }) => sum + entries, 0);
      for (const { ages } of clients) ages.length = 0;
      await server.call.begin({ perSecond: UPDATES, each });
      await pause(ROUND_SECONDS * 1000);
      const { cores, perSecond } = await server.call.end();
      await pause(500);
      for (const [i, client] of clients.entries()) await client.write(`${blockName('RP', i + 1)}$RptEna`, FALSE);
      const entries = clients.reduce((sum, client) => sum + client.entries, 0) - before;
      const expected = Math.round(perSecond * ROUND_SECONDS) * CLIENTS;
      const ages = clients.flatMap((client) => client.ages).sort((a, b) => a - b);
      const what = each ? 'each update a report of its own' : `${MEMBERS} to a report`;
      rows.push(
        {
          name: `from update to client at ${UPDATES} updates/s, ${CLIENTS} clients, p99`,
          figure: ages[Math.floor(ages.length * 0.99)],
          unit: 'ms',
          ...(!each && { atMost: 20 }),
          note: `${what}; ${entries} of about ${expected} events came; the way over loopback is in it`,
        },
        { name: `processor for that`, figure: cores, unit: 'cores', ...(!each && { atMost: 1 }), note: what },
      );
    }
    return rows;
  } finally {
    for (const client of clients) client.close();
    await server.stop();
  }
}

export const part: BenchPart = { name: 'server-reports', title: 'Reports of the server', run };
