/** An IED with controllable objects for tests of the client, which answers a control as a test scripts it. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { BerReader } from '../../../src/ber/reader.js';
import { Controls } from '../../../src/client/control/index.js';
import { IedSession } from '../../../src/client/index.js';
import { MmsAssociation } from '../../../src/mms/association.js';
import type { MmsData } from '../../../src/mms/data.js';
import { objectNameText, type ObjectName } from '../../../src/mms/object-name.js';
import { encodeMmsPdu } from '../../../src/mms/pdu.js';
import { serviceErrorByName } from '../../../src/mms/service-error.js';
import {
  decodeServiceRequest,
  encodeServiceResponse,
  type ServiceRequest,
  type ServiceResponse,
} from '../../../src/mms/services.js';
import type { TypeComponent, TypeDescription } from '../../../src/mms/type-description.js';

export const BOOLEAN: TypeDescription = { type: 'boolean' };
export const TWO_BITS: TypeDescription = { type: 'bit-string', size: 2 };
export const INT8: TypeDescription = { type: 'integer', size: 8 };
export const INT32: TypeDescription = { type: 'integer', size: 32 };
const UINT32: TypeDescription = { type: 'unsigned', size: 32 };
export const FLOAT: TypeDescription = { type: 'float', formatWidth: 32, exponentWidth: 8 };
export const structure = (members: Record<string, TypeDescription>): TypeDescription => ({
  type: 'structure',
  components: Object.entries(members).map(([name, type]): TypeComponent => ({ name, type })),
});
const STATUS = { q: { type: 'bit-string', size: -13 }, t: { type: 'utc-time' } } as const;
const ORIGIN = structure({ orCat: INT8, orIdent: { type: 'octet-string', size: -64 } });

/** Members of a control structure, in the order of the standard. */
export function controlType(value: TypeDescription, without: string[] = [], operTm = false): TypeDescription {
  const members: Record<string, TypeDescription> = {
    ctlVal: value,
    ...(operTm && { operTm: { type: 'utc-time' } }),
    origin: ORIGIN,
    ctlNum: { type: 'unsigned', size: 8 },
    T: { type: 'utc-time' },
    Test: BOOLEAN,
    Check: TWO_BITS,
  };
  return structure(Object.fromEntries(Object.entries(members).filter(([name]) => !without.includes(name))));
}

export interface ControlObjectOptions {
  /** ctlModel on the wire. */
  model: number;
  /** Type of ctlVal; BOOLEAN when absent. */
  value?: TypeDescription;
  /** Members below ST and MX; a position when absent. */
  status?: Record<string, TypeDescription>;
  measurand?: Record<string, TypeDescription>;
  without?: string[];
  cancelWithout?: string[];
  operTm?: boolean;
  configuration?: Record<string, { type: TypeDescription; data: MmsData }>;
  /** Refuses the type of the whole object, as some IEDs do. */
  partsOnly?: boolean;
}

/** A control that came, and what a test can say to it. */
export interface ControlCall {
  /** `Oper`, `SBOw`, `Cancel`, or `SBO` for a select by reading. */
  service: string;
  data?: MmsData;
  ctlNum: number;
  /** Answers the write, or the read of SBO with this text. */
  accept(text?: string): void;
  refuse(error?: number): void;
  terminate(ctlNum?: number): void;
  lastApplError(values: LastApplErrorValues): void;
  negative(values: LastApplErrorValues): void;
  report(names: ObjectName[], data: MmsData[]): void;
  close(): void;
}

export interface LastApplErrorValues {
  addCause: number;
  error?: number;
  ctlNum?: number;
  /** CntrlObj; null leaves it out. */
  object?: string | null;
}

export const POSITION = 'LD/CSWI1.Pos';
const OBJECT = 'CSWI1$CO$Pos';

export class ControlIed {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private association: MmsAssociation | undefined;
  private readonly types = new Map<string, TypeDescription>();
  private readonly values = new Map<string, MmsData>();
  /** Controls that came, in order. */
  readonly calls: ControlCall[] = [];
  port = 0;
  /** What it does with a control; accepts when absent. */
  onControl: (call: ControlCall) => void = (call) => call.accept('LD/CSWI1.Pos');

  constructor(options: ControlObjectOptions) {
    const { model, value = BOOLEAN, without = [], cancelWithout = ['Check'], operTm } = options;
    const whole = controlType(value, without, operTm);
    const services: Record<string, TypeDescription> = {
      ...(model === 2 && { SBO: { type: 'visible-string', size: -129 } as const }),
      ...(model === 4 && { SBOw: whole }),
      ...(model !== 0 && { Oper: whole, Cancel: controlType(value, [...without, ...cancelWithout], operTm) }),
    };
    if (model !== 0 && !options.partsOnly) this.types.set(OBJECT, structure(services));
    for (const [name, type] of Object.entries(services)) this.types.set(`${OBJECT}$${name}`, type);
    const status = options.status ?? (options.measurand ? undefined : { stVal: TWO_BITS });
    if (status) this.types.set('CSWI1$ST$Pos', structure({ ...status, ...STATUS }));
    if (options.measurand) this.types.set('CSWI1$MX$Pos', structure({ ...options.measurand, ...STATUS }));
    const configuration = {
      ctlModel: { type: INT8, data: { type: 'integer', value: model } as MmsData },
      ...options.configuration,
    };
    this.types.set(
      'CSWI1$CF$Pos',
      structure(Object.fromEntries(Object.entries(configuration).map(([name, { type }]) => [name, type]))),
    );
    for (const [name, { data }] of Object.entries(configuration)) this.values.set(`CSWI1$CF$Pos$${name}`, data);
    this.status({ type: 'bit-string', bits: '01' });
  }

  /** Sets the status value, the first member of the status. */
  status(data: MmsData, item = 'CSWI1$ST$Pos'): void {
    this.values.set(item, {
      type: 'structure',
      items: [
        data,
        { type: 'bit-string', bits: '0'.repeat(13) },
        { type: 'utc-time', seconds: 0, fraction: 0, quality: 0 },
      ],
    });
  }

  set(item: string, data: MmsData): void {
    this.values.set(item, data);
  }

  async listen(): Promise<this> {
    this.server = createServer((socket) => this.accept(socket));
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server?.close();
    if (this.server) await once(this.server, 'close');
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    const association: MmsAssociation = new MmsAssociation(
      'server',
      {
        osi: { local: {}, remote: {} },
        maxPduSize: 65000,
        maxOutstanding: 5,
        nestingLevel: 10,
        services: ['read', 'write', 'informationReport'],
        timeout: 5000,
      },
      {
        send: (octets) => socket.write(octets),
        associated: () => undefined,
        closed: () => socket.end(),
        associationRequested: () => association.accept(),
        confirmedRequest: (invokeId, octets, start, end) => {
          const reader = new BerReader(octets, start, end);
          reader.next();
          const respond = (answer: ServiceResponse | undefined): void => {
            if (!answer) association.respondError(invokeId, serviceErrorByName('access', 'object-non-existent'));
            else {
              const response = encodeServiceResponse(answer);
              association.respond(invokeId, [response], response.length);
            }
          };
          this.request(decodeServiceRequest(reader), respond, () => socket.destroy());
        },
      },
    );
    this.association = association;
    association.transportConnected(0);
    socket.on('data', (chunk) => association.receive(chunk, 0));
  }

  /** Sends an InformationReport to the client that associated last. */
  report(names: ObjectName[], data: MmsData[]): void {
    this.association?.sendUnconfirmed(
      encodeMmsPdu({
        pdu: 'information-report',
        access: { list: names.map((name) => ({ name })) },
        results: data.map((one) => ({ success: true, data: one })),
      }),
    );
  }

  lastApplErrorData(values: LastApplErrorValues, ctlNum: number): MmsData {
    const object = values.object === undefined ? 'LD/CSWI1$CO$Pos$Oper' : values.object;
    return {
      type: 'structure',
      items: [
        ...(object === null ? [] : [{ type: 'visible-string', value: object } as const]),
        { type: 'integer', value: values.error ?? 1 },
        {
          type: 'structure',
          items: [
            { type: 'integer', value: 2 },
            { type: 'octet-string', octets: Buffer.from('NR') },
          ],
        },
        { type: 'unsigned', value: values.ctlNum ?? ctlNum },
        { type: 'integer', value: values.addCause },
      ],
    };
  }

  private request(
    request: ServiceRequest,
    respond: (answer: ServiceResponse | undefined) => void,
    close: () => void,
  ): void {
    switch (request.service) {
      case 'getVariableAccessAttributes': {
        const type = this.types.get(request.name.item);
        respond(type && { service: 'getVariableAccessAttributes', deletable: false, type });
        return;
      }
      case 'read': {
        const names = 'list' in request.access ? request.access.list.map(({ name }) => objectNameText(name)) : [];
        if (names[0]?.endsWith('$SBO')) {
          this.control('SBO', undefined, close, (text, error) =>
            respond({
              service: 'read',
              results: [
                error === undefined
                  ? { success: true, data: { type: 'visible-string', value: text } }
                  : { success: false, error },
              ],
            }),
          );
          return;
        }
        respond({
          service: 'read',
          results: names.map((name) => {
            const data = this.values.get(name.slice(name.indexOf('/') + 1));
            return data ? { success: true, data } : { success: false, error: 10 };
          }),
        });
        return;
      }
      case 'write': {
        const name = 'list' in request.access ? request.access.list[0]?.name.item : undefined;
        this.control(name?.split('$').at(-1) ?? '', request.data[0], close, (_text, error) =>
          respond({ service: 'write', results: [error === undefined ? { success: true } : { success: false, error }] }),
        );
        return;
      }
      case 'getNameList':
        respond({ service: 'getNameList', names: ['LD'], moreFollows: false });
        return;
      default:
        respond(undefined);
    }
  }

  private control(
    service: string,
    data: MmsData | undefined,
    close: () => void,
    answer: (text: string, error?: number) => void,
  ): void {
    const oper: ObjectName = { scope: 'domain', domain: 'LD', item: `${OBJECT}$Oper` };
    const error: ObjectName = { scope: 'vmd', item: 'LastApplError' };
    const ctlNum = data ? numberOf(data) : 0;
    const numbered = (other = ctlNum): MmsData => {
      if (data?.type !== 'structure') return { type: 'structure', items: [] };
      const items = data.items.map((item): MmsData => (item.type === 'unsigned' ? { ...item, value: other } : item));
      return { type: 'structure', items };
    };
    const call: ControlCall = {
      service,
      ...(data && { data }),
      ctlNum,
      accept: (text = 'LD/CSWI1$CO$Pos$SBO') => answer(text),
      refuse: (code = 3) => answer('', code),
      terminate: (other) => this.report([oper], [numbered(other)]),
      lastApplError: (values) => this.report([error], [this.lastApplErrorData(values, ctlNum)]),
      negative: (values) =>
        this.report([error, oper], [this.lastApplErrorData(values, ctlNum), numbered(values.ctlNum)]),
      report: (names, all) => this.report(names, all),
      close,
    };
    this.calls.push(call);
    this.onControl(call);
  }
}

function numberOf(data: MmsData): number {
  const member = data.type === 'structure' ? data.items.find(({ type }) => type === 'unsigned') : undefined;
  return member?.type === 'unsigned' ? Number(member.value) : 0;
}

export const sboTimeout = (ms: number): ControlObjectOptions['configuration'] => ({
  sboTimeout: { type: UINT32, data: { type: 'unsigned', value: ms } },
});

export interface Bench {
  ied: ControlIed;
  session: IedSession;
  controls: Controls;
  close(): Promise<void>;
}

/** An IED with a session on it that is online. */
export async function startBench(options: ControlObjectOptions, timeout = 2000): Promise<Bench> {
  const ied = await new ControlIed(options).listen();
  const session = new IedSession({ name: 'BAY', endpoints: [{ host: '127.0.0.1', port: ied.port }], timeout });
  const controls = Controls.of(session);
  const online = new Promise<void>((resolve) => {
    session.on('state', ({ state }) => {
      if (state === 'online') resolve();
    });
  });
  session.start();
  await online;
  return {
    ied,
    session,
    controls,
    close: async () => {
      await session.close();
      await ied.close();
    },
  };
}
