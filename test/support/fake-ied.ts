/** A small IED for tests of the client: answers from a table of types and values, and misbehaves on request. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { BerReader } from '../../src/ber/reader.js';
import { MmsAssociation } from '../../src/mms/association.js';
import type { AccessResult, MmsData } from '../../src/mms/data.js';
import { serviceErrorByName, type ServiceErrorFields } from '../../src/mms/service-error.js';
import {
  decodeServiceRequest,
  decodeServiceResponseAt,
  encodeServiceRequest,
  encodeServiceResponse,
  type ServiceRequest,
  type ServiceResponse,
} from '../../src/mms/services.js';
import type { TypeDescription } from '../../src/mms/type-description.js';
import { objectNameText } from '../../src/mms/object-name.js';

export interface FakeVariable {
  type: TypeDescription;
  data: MmsData | (() => MmsData);
}

type Answer = ServiceResponse | 'silent' | 'close' | 'error' | 'reject' | { error: ServiceErrorFields };

export interface FakeIedOptions {
  /** By `domain/item`. */
  variables?: Record<string, FakeVariable>;
  maxOutstanding?: number;
  maxPduSize?: number;
  /** Answers a request in place of the table; undefined leaves it to the table, `silent` gives no answer, `half` the first half of one. */
  answer?(request: ServiceRequest): Answer | Promise<Answer> | 'half' | { rawPdu: Buffer } | undefined;
  /** Takes the TCP connection and never says anything. */
  hangAfterConnect?: boolean;
  /** Refuses associations with this ACSE diagnostic when it gives a number. */
  refuse?(request: { calling: { apTitle?: string }; password?: Buffer }): number | undefined;
}

export const mv = (
  value: number,
  quality = '0000000000000',
  seconds = 1_700_000_000,
  fraction = 0x800000,
): MmsData => ({
  type: 'structure',
  items: [
    { type: 'structure', items: [{ type: 'float', value, width: 32 }] },
    { type: 'bit-string', bits: quality },
    { type: 'utc-time', seconds, fraction, quality: 0x0a },
  ],
});

const FLOAT: TypeDescription = { type: 'float', formatWidth: 32, exponentWidth: 8 };
const QUALITY: TypeDescription = { type: 'bit-string', size: -13 };
export const mvType: TypeDescription = {
  type: 'structure',
  components: [
    { name: 'mag', type: { type: 'structure', components: [{ name: 'f', type: FLOAT }] } },
    { name: 'q', type: QUALITY },
    { name: 't', type: { type: 'utc-time' } },
  ],
};

export const spsType: TypeDescription = {
  type: 'structure',
  components: [
    { name: 'stVal', type: { type: 'boolean' } },
    { name: 'q', type: QUALITY },
    { name: 't', type: { type: 'utc-time' } },
  ],
};

export const sps = (value: boolean, quality = '0000000000000'): MmsData => ({
  type: 'structure',
  items: [
    { type: 'boolean', value },
    { type: 'bit-string', bits: quality },
    { type: 'utc-time', seconds: 1_700_000_000, fraction: 0, quality: 0x0a },
  ],
});

/** `count` measured values `LD/GGIO1.AnIn1[MX]`… with their tags. */
export function measurements(
  count: number,
  value: (index: number) => number = (i) => i + 0.5,
): Record<string, FakeVariable> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`LD/GGIO1$MX$AnIn${i + 1}`, { type: mvType, data: () => mv(value(i)) }]),
  );
}

export class FakeIed {
  private server: Server | undefined;
  readonly sockets = new Set<Socket>();
  private readonly associations = new Set<MmsAssociation>();
  port = 0;
  /** Requests that came, in order. */
  readonly requests: ServiceRequest[] = [];
  connections = 0;
  private halve = false;

  constructor(readonly options: FakeIedOptions = {}) {}

  async listen(port = 0): Promise<this> {
    this.server = createServer((socket) => this.accept(socket));
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  /** Sends an unconfirmed PDU, given with its tag, to every client. */
  sendUnconfirmed(pdu: Buffer): void {
    for (const association of this.associations) association.sendUnconfirmed(pdu);
  }

  /** Asks the client for something, as a server does that obtains a file. */
  ask(request: ServiceRequest): Promise<ServiceResponse> {
    const [association] = [...this.associations].slice(-1);
    return new Promise((resolve, reject) => {
      association?.request(
        encodeServiceRequest(request),
        { response: (octets, start, end) => resolve(decodeServiceResponseAt(octets, start, end)), failed: reject },
        0,
      );
    });
  }

  /** Destroys all connections but goes on listening. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    server.close();
    await once(server, 'close');
  }

  private accept(socket: Socket): void {
    this.connections++;
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    if (this.options.hangAfterConnect) return;
    const association: MmsAssociation = new MmsAssociation(
      'server',
      {
        osi: { local: {}, remote: {} },
        maxPduSize: this.options.maxPduSize ?? 65000,
        maxOutstanding: this.options.maxOutstanding ?? 5,
        nestingLevel: 10,
        services: ['read'],
        timeout: 5000,
      },
      {
        send: (octets) => socket.write(this.halve ? octets.subarray(0, octets.length >> 1) : octets),
        associated: () => undefined,
        closed: () => socket.end(),
        associationRequested: (request) => {
          const diagnostic = this.options.refuse?.(request);
          if (diagnostic === undefined) association.accept();
          else association.refuse(diagnostic, 'refused by the test');
        },
        confirmedRequest: (invokeId, octets, start, end) =>
          this.confirmed(association, socket, invokeId, octets, start, end),
      },
    );
    association.transportConnected(0);
    this.associations.add(association);
    socket.on('close', () => this.associations.delete(association));
    socket.on('data', (chunk) => association.receive(chunk, 0));
  }

  private confirmed(
    association: MmsAssociation,
    socket: Socket,
    invokeId: number,
    octets: Buffer,
    start: number,
    end: number,
  ): void {
    const reader = new BerReader(octets, start, end);
    reader.next();
    const request = decodeServiceRequest(reader);
    this.requests.push(request);
    const given = this.options.answer?.(request);
    this.halve = given === 'half';
    const answer = given === undefined || given === 'half' ? this.fromTable(request) : given;
    if (answer instanceof Promise) void answer.then((later) => this.give(association, socket, invokeId, later));
    else if (typeof answer === 'object' && 'rawPdu' in answer) association.sendUnconfirmed(answer.rawPdu);
    else this.give(association, socket, invokeId, answer);
  }

  private give(association: MmsAssociation, socket: Socket, invokeId: number, answer: Answer): void {
    if (answer === 'silent') return;
    if (answer === 'close') {
      socket.destroy();
      return;
    }
    if (answer === 'error') {
      association.respondError(invokeId, serviceErrorByName('access', 'object-non-existent'));
      return;
    }
    if (answer === 'reject') {
      association.reject(invokeId, 1, 1);
      return;
    }
    if ('error' in answer) {
      association.respondError(invokeId, answer.error);
      return;
    }
    const response = encodeServiceResponse(answer);
    association.respond(invokeId, [response], response.length);
  }

  private fromTable(request: ServiceRequest): ServiceResponse | 'error' {
    const variables = this.options.variables ?? {};
    switch (request.service) {
      case 'read': {
        if (!('list' in request.access)) return 'error';
        const results = request.access.list.map(({ name }): AccessResult => {
          const variable = variables[objectNameText(name)];
          if (!variable) return { success: false, error: 10 };
          return { success: true, data: typeof variable.data === 'function' ? variable.data() : variable.data };
        });
        return { service: 'read', results };
      }
      case 'getVariableAccessAttributes': {
        const variable = variables[objectNameText(request.name)];
        return variable ? { service: 'getVariableAccessAttributes', deletable: false, type: variable.type } : 'error';
      }
      case 'getNameList':
        return { service: 'getNameList', names: request.objectClass === 9 ? ['LD'] : [], moreFollows: false };
      case 'identify':
        return { service: 'identify', vendor: 'test', model: 'fake', revision: '1' };
      default:
        return 'error';
    }
  }
}
