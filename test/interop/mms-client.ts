/** Our MMS association on a socket, service by service, for what the client's own API does not show. */
import { connect, type Socket } from 'node:net';
import { BerReader } from '../../src/ber/reader.js';
import { ConnectionError, type Iec61850Error } from '../../src/errors.js';
import { MmsAssociation, type Negotiated } from '../../src/mms/association.js';
import {
  decodeServiceResponse,
  encodeServiceRequest,
  type NameListScope,
  type ServiceRequest,
  type ServiceResponse,
} from '../../src/mms/services.js';
import type { OsiParameters } from '../../src/osi/connection.js';

export interface MmsClientOptions {
  port: number;
  osi?: Partial<OsiParameters>;
  maxPduSize?: number;
  maxOutstanding?: number;
  /** Time limit of a request in ms. */
  timeout?: number;
}

const SELECTORS: OsiParameters = {
  remoteTSelector: Buffer.of(0, 1),
  localTSelector: Buffer.of(0, 1),
  remoteSSelector: Buffer.of(0, 1),
  localSSelector: Buffer.of(0, 1),
  remotePSelector: Buffer.of(0, 0, 0, 1),
  localPSelector: Buffer.of(0, 0, 0, 1),
  local: { apTitle: '1.1.1.999', aeQualifier: 12 },
  remote: { apTitle: '1.1.1.999.1', aeQualifier: 12 },
};
const TICK_MS = 50;

type ResponseOf<S extends ServiceResponse['service']> = Extract<ServiceResponse, { service: S }>;

export class MmsClient {
  private readonly ended: Promise<Iec61850Error | undefined>;

  private constructor(
    private readonly socket: Socket,
    private readonly association: MmsAssociation,
    readonly negotiated: Negotiated,
    ended: Promise<Iec61850Error | undefined>,
  ) {
    this.ended = ended;
  }

  /** Associates; rejects with what the peer, or our own stack, gave as the reason. */
  static connect(options: MmsClientOptions): Promise<MmsClient> {
    const socket = connect(options.port, '127.0.0.1');
    socket.setNoDelay(true);
    return new Promise((resolve, reject) => {
      let settleEnd: (error?: Iec61850Error) => void;
      const ended = new Promise<Iec61850Error | undefined>((settle) => {
        settleEnd = settle;
      });
      const association = new MmsAssociation(
        'client',
        {
          osi: { ...SELECTORS, ...options.osi },
          maxPduSize: options.maxPduSize ?? 65000,
          maxOutstanding: options.maxOutstanding ?? 10,
          nestingLevel: 10,
          services: ['status', 'getNameList', 'identify', 'read', 'write', 'informationReport', 'conclude'],
          timeout: options.timeout ?? 10_000,
        },
        {
          send: (octets) => void socket.write(octets),
          associated: (negotiated) => resolve(new MmsClient(socket, association, negotiated, ended)),
          closed: (error) => {
            clearInterval(clock);
            socket.end();
            settleEnd(error);
            if (error) reject(error);
          },
        },
      );
      const clock = setInterval(() => association.tick(Date.now()), TICK_MS);
      socket.on('connect', () => association.transportConnected(Date.now()));
      socket.on('data', (chunk: Buffer) => association.receive(chunk, Date.now()));
      socket.on('error', (error) => association.transportClosed(Date.now(), new ConnectionError(error.message)));
      socket.on('close', () => association.transportClosed(Date.now()));
    });
  }

  request<S extends ServiceRequest['service']>(
    request: Extract<ServiceRequest, { service: S }>,
  ): Promise<ResponseOf<S>> {
    return new Promise((resolve, reject) => {
      this.association.request(
        encodeServiceRequest(request),
        {
          response: (octets, start, end) => {
            const reader = new BerReader(octets, start, end);
            reader.next();
            resolve(decodeServiceResponse(reader) as ResponseOf<S>);
          },
          failed: reject,
        },
        Date.now(),
      );
    });
  }

  /** All names of one kind, over as many pages as the peer makes of them. */
  async names(objectClass: number, scope: NameListScope): Promise<{ names: string[]; pages: number }> {
    const names: string[] = [];
    for (let pages = 1; ; pages++) {
      const continueAfter = names.at(-1);
      const page = await this.request({
        service: 'getNameList',
        objectClass,
        scope,
        ...(continueAfter !== undefined && { continueAfter }),
      });
      names.push(...page.names);
      if (!page.moreFollows) return { names, pages };
    }
  }

  /** Ends the association in order; gives what our stack says of the end, which is nothing when all went well. */
  conclude(): Promise<Iec61850Error | undefined> {
    this.association.conclude();
    return this.ended;
  }

  /** Ends the association at once. */
  abort(): void {
    this.association.abort();
    this.socket.destroy();
  }
}
