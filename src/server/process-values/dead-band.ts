/** Dead bands (IEC 61850-7-3 §8, db, zeroDb, dbAng): parts of a reference, counted in 0.001 %. */
import { givenNumber, type Pending } from '../leaf-number.js';
import type { Variable } from '../variable.js';
import type { RangeLimits } from './range.js';

const UNIT = 1e-5;
const FULL_CIRCLE = 360;

/** Configuration of a measurand that its dead bands come from. */
export class DeadBand {
  private readonly db: Variable | undefined;
  private readonly dbRef: Variable | undefined;
  private readonly zeroDb: Variable | undefined;
  private readonly zeroDbRef: Variable | undefined;
  private readonly dbAng: Variable | undefined;
  private readonly dbAngRef: Variable | undefined;

  /** @param config the data object in the functional constraint CF */
  constructor(
    config: Variable | undefined,
    private readonly limits: RangeLimits | undefined,
  ) {
    const child = (name: string): Variable | undefined => config?.child(name);
    this.db = child('db');
    this.dbRef = child('dbRef');
    this.zeroDb = child('zeroDb');
    this.zeroDbRef = child('zeroDbRef');
    this.dbAng = child('dbAng');
    this.dbAngRef = child('dbAngRef');
  }

  /**
   * How far a value may move before it is taken over; 0 when every change is.
   * @param last the value that was taken over last
   */
  band(last: number, values: Pending): number {
    const db = givenNumber(this.db, values) ?? 0;
    if (db <= 0) return 0;
    const reference = givenNumber(this.dbRef, values);
    // Edition 2.1: with a reference of 0, the band is a part of the value that was sent last.
    if (reference === 0) return db * UNIT * Math.abs(last);
    return this.part(db, reference, values);
  }

  /** Values nearer to zero than this are zero. */
  zeroBand(values: Pending): number {
    const zeroDb = givenNumber(this.zeroDb, values) ?? 0;
    return zeroDb > 0 ? this.part(zeroDb, givenNumber(this.zeroDbRef, values), values) : 0;
  }

  /** As {@link band} for an angle in degrees; undefined where the model has no dead band for it. */
  angleBand(values: Pending): number | undefined {
    const dbAng = givenNumber(this.dbAng, values);
    if (dbAng === undefined) return undefined;
    const reference = givenNumber(this.dbAngRef, values) ?? 0;
    return dbAng * UNIT * (reference > 0 ? reference : FULL_CIRCLE);
  }

  /** Without any reference there is nothing to count parts of: no dead band then. */
  private part(count: number, reference: number | undefined, values: Pending): number {
    const whole = reference !== undefined && reference > 0 ? reference : this.limits?.span(values);
    return whole === undefined ? 0 : count * UNIT * whole;
  }
}

/** Difference of two angles in degrees, the short way round. */
export function angleBetween(a: number, b: number): number {
  const difference = Math.abs(a - b) % FULL_CIRCLE;
  return difference > FULL_CIRCLE / 2 ? FULL_CIRCLE - difference : difference;
}
