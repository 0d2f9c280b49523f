import { performance } from 'node:perf_hooks';
import { DataAccessError, dataAccessErrorName, DecodeError, type Iec61850Error } from '../errors.js';
import type { PreparedRequest, ResponseHandler } from '../mms/association.js';
import { ACCESS_FAILURE } from '../mms/data-codec.js';
import { accessResultAt, encodeReadRequest, findReadResults } from '../mms/services/read.js';
import type { ClientAssociation } from './client-association.js';
import type { ObjectDecoder } from './object-decoder.js';
import { variableOfKey } from './tag-layout.js';

/** One variable of the plan. */
export interface PlanObject {
  /** `domain/item`, with the index of an array element behind it. */
  key: string;
  decoder: ObjectDecoder;
  /** Octets that it takes in a request. */
  requestSize: number;
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
      const list = this.objects.map(({ key }) => variableOfKey(key));
      this.prepared = association.prepare(
        encodeReadRequest({ service: 'read', specificationWithResult: false, access: { list } }),
      );
      this.preparedFor = association;
    }
    association.sendPrepared(this.prepared, this);
  }

  response(octets: Buffer, start: number, end: number): void {
    const results = findReadResults(octets, start, end);
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    const received = Date.now();
    const readAt = performance.now();
    const limit = results.end;
    let at = results.start;
    for (const object of this.objects) {
      if (at >= limit) throw new DecodeError('the read answer has fewer results than were asked for');
      if (octets[at] === ACCESS_FAILURE) at = this.failure(object, octets, at, limit);
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
      this.outcome.objectFailed(
        object,
        new DecodeError(`${object.key}: ${error.message}`, { tag: object.key, cause: error }),
      );
      return accessResultAt(octets, at, limit).next;
    }
  }

  private failure(object: PlanObject, octets: Buffer, at: number, limit: number): number {
    const { error: code = 0, next } = accessResultAt(octets, at, limit);
    this.outcome.objectFailed(
      object,
      new DataAccessError(code, `${object.key}: ${dataAccessErrorName(code)}`, { tag: object.key }),
    );
    return next;
  }
}
