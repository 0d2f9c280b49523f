/** A measurand (IEC 61850-7-3 §7.4, MV and CMV): what follows from its instantaneous value. */
import { isGiven, numberOf, setNumber, type Pending } from '../leaf-number.js';
import type { Variable } from '../variable.js';
import { Analogue } from './analogue.js';
import { angleBetween, DeadBand } from './dead-band.js';
import { RangeLimits } from './range.js';

/** Magnitude and, of a phasor, angle: instantaneous, and the one that is kept within a dead band. */
interface Pair {
  readonly instantaneous: Analogue;
  readonly banded: Analogue;
}

/** A range and what it is the range of. */
interface Ranged {
  readonly leaf: Variable;
  readonly limits: RangeLimits;
  readonly value: Analogue;
}

export class Measurand {
  private readonly magnitude: Pair | undefined;
  private readonly angle: Pair | undefined;
  private readonly ranges: readonly Ranged[];
  private readonly deadBand: DeadBand;

  private constructor(object: Variable, config: Variable | undefined) {
    const [instantaneous, banded] = [object.child('instCVal'), object.child('cVal')];
    this.magnitude =
      pairOf(object.child('instMag'), object.child('mag')) ?? pairOf(instantaneous?.child('mag'), banded?.child('mag'));
    this.angle = this.magnitude && pairOf(instantaneous?.child('ang'), banded?.child('ang'));
    const limits = limitsOf(config, 'rangeC');
    this.deadBand = new DeadBand(config, limits);
    const value = this.magnitude?.instantaneous ?? Analogue.of(object.child('mag') ?? banded?.child('mag'));
    const angle = this.angle?.instantaneous ?? Analogue.of(banded?.child('ang'));
    this.ranges = [
      ...rangedOf(object.child('range'), limits, value),
      ...rangedOf(object.child('rangeAng'), limitsOf(config, 'rangeAngC'), angle),
    ];
  }

  /**
   * @param object the data object in the functional constraint MX
   * @param config the same one in CF
   * @returns undefined when nothing of it follows from something else
   */
  static of(object: Variable, config: Variable | undefined): Measurand | undefined {
    const measurand = new Measurand(object, config);
    return measurand.magnitude || measurand.ranges.length > 0 ? measurand : undefined;
  }

  /**
   * Adds what follows from the values of a transaction. What is given in it itself stays as given.
   * @param byOwner whether the values are the process's own, not those of a substitution
   */
  derive(values: Map<Variable, Buffer>, byOwner: boolean): void {
    const { magnitude, angle } = this;
    if (magnitude) {
      const parts = angle ? [magnitude, angle] : [magnitude];
      const isNew = parts.some(({ instantaneous }) => instantaneous.isIn(values));
      const isBanded = parts.some(({ banded }) => banded.isIn(values));
      if (isNew && !isBanded) this.follow(magnitude, angle, values);
      // A magnitude that is given is that of this instant as well.
      else if (isBanded && !isNew && byOwner) {
        for (const { instantaneous, banded } of parts) if (banded.isIn(values)) instantaneous.copy(banded, values);
      }
    }
    for (const ranged of this.ranges) setRange(ranged, values);
  }

  private follow(magnitude: Pair, angle: Pair | undefined, values: Map<Variable, Buffer>): void {
    const now = magnitude.instantaneous.number(values);
    const isZero = Math.abs(now) < this.deadBand.zeroBand(values);
    if (!this.moved(magnitude, angle, isZero ? 0 : now, values)) return;
    if (isZero) magnitude.banded.setZero(values);
    else magnitude.banded.copy(magnitude.instantaneous, values);
    // A phasor is that of one instant.
    if (angle) angle.banded.copy(angle.instantaneous, values);
  }

  private moved(magnitude: Pair, angle: Pair | undefined, now: number, values: Pending): boolean {
    if (!magnitude.banded.isGiven(values)) return true;
    const last = magnitude.banded.number(values);
    if (now === 0) return last !== 0;
    const band = this.deadBand.band(last, values);
    // The comparison is turned round: what is no number has moved.
    if (!Object.is(now, last) && !(Math.abs(now - last) < band)) return true;
    if (!angle) return false;
    const turned = angleBetween(angle.instantaneous.number(values), angle.banded.number(values));
    // Without a dead band of its own the angle goes with the magnitude, where that has one.
    const angleBand = this.deadBand.angleBand(values) ?? (band > 0 ? Number.POSITIVE_INFINITY : 0);
    return turned > 0 && turned >= angleBand;
  }
}

function pairOf(instantaneous: Variable | undefined, banded: Variable | undefined): Pair | undefined {
  const [one, other] = [Analogue.of(instantaneous), Analogue.of(banded)];
  return one && other && { instantaneous: one, banded: other };
}

function limitsOf(config: Variable | undefined, name: string): RangeLimits | undefined {
  const limits = config?.child(name);
  return limits && new RangeLimits(limits);
}

function rangedOf(leaf: Variable | undefined, limits: RangeLimits | undefined, value: Analogue | undefined): Ranged[] {
  return leaf?.leaf && limits && value ? [{ leaf, limits, value }] : [];
}

function setRange({ leaf, limits, value }: Ranged, values: Map<Variable, Buffer>): void {
  if (values.has(leaf) || !value.isGiven(values)) return;
  const before = numberOf(leaf, values);
  const range = limits.rangeOf(value.number(values), before, values);
  if (range !== undefined && (range !== before || !isGiven(leaf))) setNumber(leaf, range, values);
}
