import { performance } from 'node:perf_hooks';
import { BerReader } from '../ber/reader.js';
import { tlv } from '../ber/encode.js';
import { DataAccessError, dataAccessErrorName, DecodeError, type Iec61850Error } from '../errors.js';
import type { PreparedRequest, ResponseHandler } from '../mms/association.js';
import type { ClientAssociation } from './client-association.js';
import type { ObjectDecoder } from './object-decoder.js';

const READ_REQUEST = 0xa4;
const LIST_OF_VARIABLE = 0xa0;
const VARIABLE_ACCESS = 0xa1;
const RESULTS = 0xa1;
const FAILURE = 0x80;

/** One variable of the plan. */
export interface PlanObject {
  /** `domain/item`, for people. */
  key: string;
  rows: number[];
  /** Its VariableSpecification, encoded. */
  specification: Buffer;
  decoder: ObjectDecoder;
  /** Octets that its answer is expected to take. */
  answerSize: number;
  /** Monotonic ms before which it is not asked again; 0 while it works. */
  retryAt: number;
  /** Batches with this object that timed out one after the other. */
  timeouts: number;
}

/** What becomes of a batch. */
export interface BatchOutcome {
  /** One object of the batch failed; the others are unaffected. */
  objectFailed(object: PlanObject, error: Iec61850Error): void;
  /** The request as a whole failed. */
  batchFailed(batch: ReadBatch, error: Iec61850Error): void;
  batchDone(batch: ReadBatch): void;
}

/** Objects that are read with one multi-variable request, encoded once. */
export class ReadBatch implements ResponseHandler {
  private prepared: PreparedRequest | undefined;
  private preparedFor: ClientAssociation | undefined;

  constructor(
    readonly objects: readonly PlanObject[],
    private readonly outcome: BatchOutcome,
  ) {}

  send(association: ClientAssociation): void {
    if (!this.prepared || this.preparedFor !== association) {
      const list = tlv(LIST_OF_VARIABLE, ...this.objects.map((object) => object.specification));
      this.prepared = association.prepare(tlv(READ_REQUEST, tlv(VARIABLE_ACCESS, list)));
      this.preparedFor = association;
    }
    association.sendPrepared(this.prepared, this);
  }

  response(octets: Buffer, start: number, end: number): void {
    const service = new BerReader(octets, start, end).expect(READ_REQUEST, 'read answer').enter();
    do {
      if (!service.next()) throw new DecodeError('the read answer has no results');
    } while (service.tag !== RESULTS);
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    const received = Date.now();
    const readAt = performance.now();
    const limit = service.end;
    let at = service.start;
    for (const object of this.objects) {
      if (at >= limit) throw new DecodeError('the read answer has fewer results than were asked for');
      if (octets[at] === FAILURE) at = this.failure(object, octets, at, limit);
      else at = this.success(object, octets, view, at, limit, received, readAt);
    }
    if (at !== limit) throw new DecodeError('the read answer has more results than were asked for');
    this.outcome.batchDone(this);
  }

  failed(error: Iec61850Error): void {
    this.outcome.batchFailed(this, error);
  }

  private success(
    object: PlanObject,
    octets: Buffer,
    view: DataView,
    at: number,
    limit: number,
    received: number,
    readAt: number,
  ): number {
    try {
      const next = object.decoder.decode(octets, view, at, limit, received, readAt);
      object.retryAt = 0;
      object.timeouts = 0;
      return next;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const reader = new BerReader(octets, at, limit);
      reader.next();
      this.outcome.objectFailed(
        object,
        new DecodeError(`${object.key}: ${error.message}`, { tag: object.key, cause: error }),
      );
      return reader.end;
    }
  }

  private failure(object: PlanObject, octets: Buffer, at: number, limit: number): number {
    const reader = new BerReader(octets, at, limit);
    reader.next();
    const code = reader.integer();
    this.outcome.objectFailed(
      object,
      new DataAccessError(code, `${object.key}: ${dataAccessErrorName(code)}`, { tag: object.key }),
    );
    return reader.end;
  }
}
