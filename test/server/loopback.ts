/** A client and a server in one process, joined without sockets: every answer is there when the request returns. */
import { type Iec61850Error } from '../../src/errors.js';
import { MmsAssociation, type AssociationParameters, type Negotiated } from '../../src/mms/association.js';
import type { AccessResult, MmsData } from '../../src/mms/data.js';
import type { ObjectName } from '../../src/mms/object-name.js';
import {
  decodeServiceResponse,
  encodeServiceRequest,
  type ServiceRequest,
  type ServiceResponse,
} from '../../src/mms/services.js';
import type { AccessStep } from '../../src/mms/variable-access.js';
import { openInformationReport } from '../../src/mms/information-report.js';
import { decodeMmsPdu, type MmsPdu } from '../../src/mms/pdu.js';
import { BerReader, tlv } from '../../src/mms/wire.js';
import { decodeDataPpdu } from '../../src/osi/presentation.js';
import type { IedModel } from '../../src/model/ied-model.js';
import { ClientConnection } from '../../src/server/client-connection.js';
import type { IedServerOptions } from '../../src/server/options.js';
import { ServerCore } from '../../src/server/server-core.js';
import type { Written } from '../../src/server/services/write.js';
import { testModel } from './fixture.js';

export interface LoopbackOptions extends IedServerOptions {
  iedModel?: IedModel;
  /** What the client offers. */
  offer?: Partial<AssociationParameters>;
  clientPassword?: string;
  /** Octets that one piece of the stream has, in both directions. */
  pieces?: number;
  /** Server that is there already, in place of a new one from the options. */
  core?: ServerCore;
  /** Address that the client comes from. */
  address?: string;
  /** Changes what the client sends before the server sees it; `index` counts from 0, the connection request. */
  tamper?: (octets: Buffer, index: number) => Buffer;
}

export type ResponseOf<S extends ServiceRequest['service']> = Extract<ServiceResponse, { service: S }>;

export class Loopback {
  readonly core: ServerCore;
  readonly connection: ClientConnection;
  readonly association: MmsAssociation;
  readonly written: Written[] = [];
  /** What the owner of the server was told: the name of the event, and what came with it. */
  readonly events: unknown[][] = [];
  /** Octets that the client is said not to have taken yet. */
  backlog = 0;
  readonly failures: unknown[] = [];
  /** Access results of the information reports that came since the last look, encoded. */
  reports: Buffer[] = [];
  /** How the association ended for the server; at most one entry. */
  readonly ends: (Iec61850Error | undefined)[] = [];
  /** What the server sent since the last look, in pieces as it sent them. */
  sent: Buffer[] = [];
  negotiated: Negotiated | undefined;
  private readonly onTheWay: (() => void)[] = [];
  clientEnd: { error: Iec61850Error | undefined } | undefined;
  serverEnd: { error: Iec61850Error | undefined } | undefined;

  constructor({
    iedModel,
    offer,
    clientPassword,
    pieces,
    core,
    address = '127.0.0.1',
    tamper = (octets) => octets,
    ...options
  }: LoopbackOptions = {}) {
    let sent = 0;
    this.core =
      core ??
      new ServerCore(iedModel ?? testModel(), options, (name, ...values) => {
        if (name === 'written') this.written.push(values[0] as Written);
        this.events.push([name, ...values]);
      });
    this.connection = new ClientConnection({ address, port: 50000 }, this.core, {
      backlog: () => this.backlog,
      send: (octets) => {
        this.sent.push(octets);
        cut(octets, pieces, (piece) => this.onTheWay.push(() => this.association.receive(piece, 0)));
      },
      associated: () => undefined,
      closed: (error) => {
        this.serverEnd = { error };
        this.ends.push(error);
      },
      failed: (error) => this.failures.push(error),
    });
    this.association = new MmsAssociation(
      'client',
      {
        osi: {
          local: { apTitle: '1.1.1.999', aeQualifier: 12 },
          remote: { apTitle: '1.1.1.999.1', aeQualifier: 12 },
          ...(clientPassword !== undefined && { password: clientPassword }),
        },
        maxPduSize: 65000,
        maxOutstanding: 10,
        nestingLevel: 10,
        services: ['read'],
        timeout: 1000,
        ...offer,
      },
      {
        send: (octets) =>
          cut(tamper(octets, sent++), pieces, (piece) => this.onTheWay.push(() => this.connection.receive(piece, 0))),
        associated: (negotiated) => (this.negotiated = negotiated),
        closed: (error) => (this.clientEnd = { error }),
        informationReport: (octets, start, end) => {
          const report = openInformationReport(octets, start, end);
          if (report) this.reports.push(Buffer.from(octets.subarray(report.start, report.end)));
        },
      },
    );
  }

  /** Associates. */
  static open(options: LoopbackOptions = {}): Loopback {
    const loopback = new Loopback(options);
    loopback.connect();
    if (!loopback.negotiated)
      throw loopback.clientEnd?.error ?? loopback.serverEnd?.error ?? new Error('no association');
    return loopback;
  }

  connect(): void {
    this.connection.connected(0);
    this.association.transportConnected(0);
    this.settle();
  }

  /** Delivers what is on its way, and what comes of it. */
  settle(): void {
    for (let deliver = this.onTheWay.shift(); deliver; deliver = this.onTheWay.shift()) deliver();
  }

  /** The encoded answer to encoded service octets. @throws what the client makes of an error or a reject */
  raw(service: Buffer): Buffer {
    let answer: Buffer | undefined;
    let failure: Iec61850Error | undefined;
    this.association.request(
      service,
      {
        response: (octets, start, end) => (answer = Buffer.from(octets.subarray(start, end))),
        failed: (error) => (failure = error),
      },
      0,
    );
    this.settle();
    if (failure) throw failure;
    if (!answer) throw this.serverEnd?.error ?? new Error('no answer came');
    return answer;
  }

  /** Sends an MMS PDU past the client, and gives the PDUs that the server sent for it. */
  inject(pdu: Buffer): MmsPdu[] {
    this.sent = [];
    this.connection.receive(dataPacket(pdu), 0);
    this.settle();
    return this.sent.map((octets) => {
      const { start, end } = decodeDataPpdu(octets, PPDU_AT, octets.length);
      return decodeMmsPdu(octets, start, end);
    });
  }

  request<R extends ServiceRequest>(request: R): ResponseOf<R['service']> {
    const reader = new BerReader(this.raw(encodeServiceRequest(request)));
    reader.next();
    return decodeServiceResponse(reader) as ResponseOf<R['service']>;
  }

  names(domain: string, objectClass = 0, continueAfter?: string): { names: string[]; moreFollows: boolean } {
    return this.request({
      service: 'getNameList',
      objectClass,
      scope: { scope: 'domain', domain },
      ...(continueAfter !== undefined && { continueAfter }),
    });
  }

  read(...items: (string | { item: string; access: AccessStep[] })[]): AccessResult[] {
    const list = items.map((one) =>
      typeof one === 'string' ? { name: nameOf(one) } : { name: nameOf(one.item), access: one.access },
    );
    return this.request({ service: 'read', specificationWithResult: false, access: { list } }).results;
  }

  /** One value, or the number of its DataAccessError. */
  value(item: string, ...access: AccessStep[]): MmsData | number {
    const [result] = this.read(access.length > 0 ? { item, access } : item) as [AccessResult];
    return result.success ? result.data : result.error;
  }

  /** Undefined when the value was taken, else the number of its DataAccessError. */
  write(item: string, data: MmsData, ...access: AccessStep[]): number | undefined {
    const list = [{ name: nameOf(item), ...(access.length > 0 && { access }) }];
    const [result] = this.request({ service: 'write', access: { list }, data: [data] }).results;
    return result?.success ? undefined : result?.error;
  }
}

/** TPKT, COTP and session headers of data take so many octets. */
const PPDU_AT = 11;

/** TPKT with a COTP data unit that carries session data. */
export function dataPacket(pdu: Buffer): Buffer {
  const ppdu = tlv(0x61, tlv(0x30, Buffer.of(0x02, 1, 3), tlv(0xa0, pdu)));
  return packet(Buffer.concat([Buffer.of(1, 0, 1, 0), ppdu]));
}

/** TPKT with a COTP data unit. */
export function packet(tsdu: Buffer): Buffer {
  const length = tsdu.length + 7;
  return Buffer.concat([Buffer.of(3, 0, length >> 8, length & 0xff, 2, 0xf0, 0x80), tsdu]);
}

/** `TESTLD1/XCBR1$ST$Pos`. */
export function nameOf(text: string): ObjectName {
  const [domain = '', item = ''] = text.split('/');
  return { scope: 'domain', domain, item };
}

function cut(octets: Buffer, size: number | undefined, take: (piece: Buffer) => void): void {
  if (size === undefined) take(octets);
  else for (let at = 0; at < octets.length; at += size) take(octets.subarray(at, at + size));
}
