/** A second process: IEDs with unbuffered control blocks that report measured values as fast as they are told to. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { BerReader } from '../../src/ber/reader.js';
import { MmsAssociation } from '../../src/mms/association.js';
import type { MmsData } from '../../src/mms/data.js';
import { encodeMmsPdu } from '../../src/mms/pdu.js';
import { serviceErrorByName } from '../../src/mms/service-error.js';
import {
  decodeServiceRequest,
  encodeServiceResponse,
  type ServiceRequest,
  type ServiceResponse,
} from '../../src/mms/services.js';
import type { TypeDescription } from '../../src/mms/type-description.js';
import { msToUtcTime } from '../../src/model/timestamp.js';
import { serve } from '../child.js';

export interface ReportSourceOptions {
  ieds: number;
  /** Members of each data set, each a measured value with quality and time. */
  members: number;
}

const DOMAIN = 'BENCH';
const FLOAT: TypeDescription = { type: 'float', formatWidth: 32, exponentWidth: 8 };
const MEASURED: TypeDescription = {
  type: 'structure',
  components: [
    { name: 'mag', type: { type: 'structure', components: [{ name: 'f', type: FLOAT }] } },
    { name: 'q', type: { type: 'bit-string', size: -13 } },
    { name: 't', type: { type: 'utc-time' } },
  ],
};
const UNSIGNED: TypeDescription = { type: 'unsigned', size: 32 };
const CONTROL_BLOCK: [name: string, type: TypeDescription, data: MmsData][] = [
  ['RptID', { type: 'visible-string', size: -129 }, { type: 'visible-string', value: '' }],
  ['RptEna', { type: 'boolean' }, { type: 'boolean', value: false }],
  ['Resv', { type: 'boolean' }, { type: 'boolean', value: false }],
  ['DatSet', { type: 'visible-string', size: -129 }, { type: 'visible-string', value: `${DOMAIN}/LLN0$values` }],
  ['ConfRev', UNSIGNED, { type: 'unsigned', value: 1 }],
  ['OptFlds', { type: 'bit-string', size: -10 }, { type: 'bit-string', bits: '0111100010' }],
  ['BufTm', UNSIGNED, { type: 'unsigned', value: 0 }],
  ['SqNum', { type: 'unsigned', size: 8 }, { type: 'unsigned', value: 0 }],
  ['TrgOps', { type: 'bit-string', size: -6 }, { type: 'bit-string', bits: '010001' }],
  ['IntgPd', UNSIGNED, { type: 'unsigned', value: 0 }],
  ['GI', { type: 'boolean' }, { type: 'boolean', value: false }],
];

let members = 0;
let socket: Socket | undefined;
let association: MmsAssociation | undefined;
let sent = 0;
let pace: NodeJS.Timeout | undefined;
let sqNum = 0;

async function start(options: ReportSourceOptions): Promise<number[]> {
  ({ members } = options);
  const ports: number[] = [];
  for (let i = 0; i < options.ieds; i++) {
    const server = createServer(accept);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  return ports;
}

function accept(client: Socket): void {
  const own: MmsAssociation = new MmsAssociation(
    'server',
    {
      osi: { local: {}, remote: {} },
      maxPduSize: 65_000,
      maxOutstanding: 10,
      nestingLevel: 10,
      services: ['read', 'write'],
      timeout: 5000,
    },
    {
      send: (octets) => client.write(octets),
      associated: () => undefined,
      closed: () => client.end(),
      associationRequested: () => own.accept(),
      confirmedRequest: (invokeId, octets, from, to) => {
        const reader = new BerReader(octets, from, to);
        reader.next();
        const answer = answerTo(decodeServiceRequest(reader));
        if (!answer) return own.respondError(invokeId, serviceErrorByName('access', 'object-non-existent'));
        const response = encodeServiceResponse(answer);
        return own.respond(invokeId, [response], response.length);
      },
    },
  );
  client.setNoDelay(true);
  client.on('error', () => client.destroy());
  own.transportConnected(0);
  client.on('data', (chunk) => own.receive(chunk, 0));
  socket = client;
  association = own;
}

function answerTo(request: ServiceRequest): ServiceResponse | undefined {
  switch (request.service) {
    case 'read': {
      const data: MmsData = { type: 'structure', items: CONTROL_BLOCK.map(([, , value]) => value) };
      const items = 'list' in request.access ? request.access.list : [];
      return { service: 'read', results: items.map(() => ({ success: true, data })) };
    }
    case 'write':
      return { service: 'write', results: request.data.map(() => ({ success: true })) };
    case 'getVariableAccessAttributes': {
      const isBlock = request.name.item.startsWith('LLN0$RP');
      const components = CONTROL_BLOCK.map(([name, type]) => ({ name, type }));
      const type: TypeDescription = isBlock ? { type: 'structure', components } : MEASURED;
      return { service: 'getVariableAccessAttributes', deletable: false, type };
    }
    case 'getNamedVariableListAttributes':
      return {
        service: 'getNamedVariableListAttributes',
        deletable: false,
        variables: Array.from({ length: members }, (_, i) => ({
          name: { scope: 'domain', domain: DOMAIN, item: `GGIO1$MX$AnIn${i + 1}` },
        })),
      };
    case 'getNameList':
      return { service: 'getNameList', names: [DOMAIN], moreFollows: false };
    default:
      return undefined;
  }
}

/** A report of the first members; their time is now, so that the receiver sees how old they are. */
function report(included: number): Buffer {
  const now = msToUtcTime(Date.now());
  const bits = (text: string): MmsData => ({ type: 'bit-string', bits: text });
  const values = Array.from({ length: included }, (): MmsData => ({
    type: 'structure',
    items: [
      { type: 'structure', items: [{ type: 'float', value: Math.random() * 1000, width: 32 }] },
      bits('0000000000000'),
      { type: 'utc-time', ...now, quality: 10 },
    ],
  }));
  const header: MmsData[] = [
    { type: 'visible-string', value: `${DOMAIN}/LLN0$RP$urcb01` },
    bits('0111100010'),
    { type: 'unsigned', value: sqNum++ & 0xff },
    { type: 'binary-time', ms: 0, days: 15_000 },
    { type: 'visible-string', value: `${DOMAIN}/LLN0$values` },
    { type: 'unsigned', value: 1 },
    bits('1'.repeat(included).padEnd(members, '0')),
  ];
  return encodeMmsPdu({
    pdu: 'information-report',
    access: { listName: { scope: 'vmd', item: 'RPT' } },
    results: [...header, ...values, ...values.map(() => bits('010000'))].map((data) => ({ success: true, data })),
  });
}

/** Sends reports at a rate, or as fast as the connection takes them, until the next call. */
function send({ perSecond, included }: { perSecond: number; included: number }): void {
  clearInterval(pace);
  pace = undefined;
  if (perSecond === 0) return;
  // Encoding is not what is measured: a round of reports is made once. At a low rate each has a time of its own.
  const fresh = perSecond <= 100;
  const made = Array.from({ length: 256 }, () => report(included));
  const began = performance.now();
  sent = 0;
  const step = (): void => {
    const due = (perSecond * (performance.now() - began)) / 1000;
    for (; sent < due && (socket?.writableLength ?? 0) < 4 << 20; sent++) {
      association?.sendUnconfirmed(fresh ? report(included) : (made[sent & 0xff] as Buffer));
    }
  };
  pace = setInterval(step, 1);
}

const operations = { start, send };
export type ReportSourceOperations = typeof operations;
serve(operations);
