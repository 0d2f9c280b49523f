import { ConnectionError, Iec61850Error, TimeoutError } from '../errors.js';
import type { ClientAssociation } from './client-association.js';
import { ReadBatch, type BatchOutcome, type PlanObject } from './read-batch.js';

/** One variable in a request is at most this much of the PDU, so that a batch is one TPDU on nearly every device. */
const MAX_BATCH_OCTETS = 7800;
const REQUEST_OVERHEAD = 32;
const MAX_BATCH_OBJECTS = 200;

export interface CycleResult {
  /** Objects that were asked for. */
  objects: number;
  failed: number;
  /** Why the cycle ended early; absent when each object has an outcome. */
  error?: Iec61850Error;
}

/** Called for each object that failed, with the error that names it. */
export type ObjectFailed = (object: PlanObject, error: Iec61850Error) => void;

/**
 * A set of objects that is read together, in batches that fit the negotiated PDU size in both directions, pipelined
 * up to the negotiated number of outstanding requests. A batch that the IED refuses as a whole is halved until the
 * object is found that it cannot stand.
 */
export class ReadCycle implements BatchOutcome {
  private batches: ReadBatch[] = [];
  private queue: ReadBatch[] = [];
  private inFlight = 0;
  private association: ClientAssociation | undefined;
  private result: CycleResult = { objects: 0, failed: 0 };
  private done: ((result: CycleResult) => void) | undefined;
  private readonly pump = (): void => this.sendNext();

  constructor(
    objects: readonly PlanObject[],
    private readonly maxPduSize: number,
    private readonly onObjectFailed: ObjectFailed,
  ) {
    this.batches = this.pack(objects);
  }

  get running(): boolean {
    return this.done !== undefined;
  }

  get objects(): PlanObject[] {
    return this.batches.flatMap((batch) => batch.objects);
  }

  /** Takes objects out, which fail, or are asked for elsewhere. */
  remove(gone: ReadonlySet<PlanObject>): void {
    this.batches = this.batches.flatMap((batch) => {
      if (!batch.objects.some((object) => gone.has(object))) return [batch];
      const rest = batch.objects.filter((object) => !gone.has(object));
      return rest.length === 0 ? [] : [this.batch(rest)];
    });
  }

  add(objects: readonly PlanObject[]): void {
    this.batches.push(...this.pack(objects));
  }

  /** Reads every object once. One run at a time. */
  run(association: ClientAssociation): Promise<CycleResult> {
    return new Promise((resolve) => {
      this.association = association;
      this.result = { objects: 0, failed: 0 };
      this.done = resolve;
      this.inFlight = 0;
      this.queue = this.batches.slice().reverse();
      association.addPump(this.pump);
      this.sendNext();
    });
  }

  private sendNext(): void {
    const { association } = this;
    if (!association) return;
    if (!association.open) {
      this.end(new ConnectionError('the association with the IED was lost'));
      return;
    }
    while (this.queue.length > 0 && association.ready) {
      const batch = this.queue.pop() as ReadBatch;
      this.inFlight++;
      this.result.objects += batch.objects.length;
      batch.send(association);
    }
    if (this.queue.length === 0 && this.inFlight === 0) this.end(undefined);
  }

  objectFailed(object: PlanObject, error: Iec61850Error): void {
    this.result.failed++;
    this.onObjectFailed(object, error);
  }

  batchDone(): void {
    this.inFlight--;
    this.sendNext();
  }

  batchFailed(batch: ReadBatch, error: Iec61850Error): void {
    // What belonged to a cycle that ended with its association has no meaning any more.
    if (!this.done) return;
    this.inFlight--;
    if (error instanceof ConnectionError) {
      this.end(error);
      return;
    }
    if (error instanceof TimeoutError) this.timedOut(batch, error);
    else if (batch.objects.length === 1)
      this.objectFailed(batch.objects[0] as PlanObject, named(error, batch.objects[0] as PlanObject));
    else this.queue.push(...this.split(batch));
    this.sendNext();
  }

  /**
   * Once: the IED may be busy. Twice: one object in it may be one that the IED does not answer; halves are tried from
   * the next cycle on, until it stands alone and is reported.
   */
  private timedOut(batch: ReadBatch, error: TimeoutError): void {
    const often = batch.objects.every((object) => ++object.timeouts >= 2);
    if (batch.objects.length === 1)
      this.objectFailed(batch.objects[0] as PlanObject, named(error, batch.objects[0] as PlanObject));
    else {
      this.result.failed += batch.objects.length;
      if (often) this.split(batch);
    }
    this.result.error = error;
    this.association?.checkAlive();
  }

  private split(batch: ReadBatch): ReadBatch[] {
    const middle = batch.objects.length >> 1;
    const halves = [this.batch(batch.objects.slice(0, middle)), this.batch(batch.objects.slice(middle))];
    this.batches = this.batches.flatMap((one) => (one === batch ? halves : [one]));
    return halves;
  }

  private end(error: Iec61850Error | undefined): void {
    const { done } = this;
    if (!done) return;
    this.association?.removePump(this.pump);
    this.association = undefined;
    this.done = undefined;
    this.queue = [];
    this.inFlight = 0;
    if (error) this.result.error = error;
    done(this.result);
  }

  private batch(objects: readonly PlanObject[]): ReadBatch {
    return new ReadBatch(objects, this);
  }

  private pack(objects: readonly PlanObject[]): ReadBatch[] {
    const limit = Math.min(this.maxPduSize, MAX_BATCH_OCTETS) - REQUEST_OVERHEAD;
    const batches: ReadBatch[] = [];
    let current: PlanObject[] = [];
    let request = 0;
    let answer = 0;
    for (const object of objects) {
      const full =
        request + object.requestSize > limit ||
        answer + object.answerSize > limit ||
        current.length >= MAX_BATCH_OBJECTS;
      if (current.length > 0 && full) {
        batches.push(this.batch(current));
        current = [];
        request = 0;
        answer = 0;
      }
      current.push(object);
      request += object.requestSize;
      answer += object.answerSize;
    }
    if (current.length > 0) batches.push(this.batch(current));
    return batches;
  }
}

function named(error: Iec61850Error, object: PlanObject): Iec61850Error {
  return new Iec61850Error(error.code, `${object.key}: ${error.message}`, error.hint, {
    tag: object.key,
    cause: error,
  });
}
