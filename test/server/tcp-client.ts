/** A client on a real socket, as small as it can be. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { Iec61850Error } from '../../src/errors.js';
import { MmsAssociation } from '../../src/mms/association.js';
import {
  decodeServiceResponse,
  encodeServiceRequest,
  type ServiceRequest,
  type ServiceResponse,
} from '../../src/mms/services.js';
import { BerReader } from '../../src/mms/wire.js';
import { nameOf } from './loopback.js';

export class TcpClient {
  readonly association: MmsAssociation;
  private constructor(
    readonly socket: Socket,
    password: string | undefined,
    opened: (error?: Iec61850Error) => void,
  ) {
    this.association = new MmsAssociation(
      'client',
      {
        osi: { local: {}, remote: {}, ...(password !== undefined && { password }) },
        maxPduSize: 65000,
        maxOutstanding: 10,
        nestingLevel: 10,
        services: [],
        timeout: 5000,
      },
      {
        send: (octets) => socket.write(octets),
        associated: () => opened(),
        closed: (error) => {
          socket.end();
          opened(error ?? new Iec61850Error('CLOSED', 'closed'));
        },
      },
    );
    socket.on('data', (octets) => this.association.receive(octets, performance.now()));
    socket.on('error', () => undefined);
    socket.on('close', () => this.association.transportClosed(performance.now()));
    socket.on('connect', () => this.association.transportConnected(performance.now()));
  }

  static open(port: number, password?: string): Promise<TcpClient> {
    return new Promise((resolve, reject) => {
      const client: TcpClient = new TcpClient(connect(port, '127.0.0.1'), password, (error) => {
        if (error) reject(error);
        else resolve(client);
      });
    });
  }

  request(request: ServiceRequest): Promise<ServiceResponse> {
    return new Promise((resolve, reject) => {
      this.association.request(
        encodeServiceRequest(request),
        {
          response: (octets, start, end) => {
            const reader = new BerReader(octets, start, end);
            reader.next();
            resolve(decodeServiceResponse(reader));
          },
          failed: reject,
        },
        performance.now(),
      );
    });
  }

  async read(...items: string[]): Promise<ServiceResponse> {
    const list = items.map((item) => ({ name: nameOf(item) }));
    return this.request({ service: 'read', specificationWithResult: false, access: { list } });
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.association.conclude();
    await closed;
  }
}
