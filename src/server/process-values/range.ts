/** Range of a measurand (IEC 61850-7-3 §7.4, rangeC and range). */
import { givenNumber, type Pending } from '../leaf-number.js';
import type { Variable } from '../variable.js';
import { Analogue } from './analogue.js';

/** RangeKind. */
const Range = { normal: 0, high: 1, low: 2, highHigh: 3, lowLow: 4 } as const;

/** RangeConfig: limits that nobody gave do not count. */
export class RangeLimits {
  private readonly min: Analogue | undefined;
  private readonly max: Analogue | undefined;
  private readonly hhLim: Analogue | undefined;
  private readonly hLim: Analogue | undefined;
  private readonly lLim: Analogue | undefined;
  private readonly llLim: Analogue | undefined;
  private readonly limDb: Variable | undefined;

  constructor(config: Variable) {
    const limit = (name: string): Analogue | undefined => Analogue.of(config.child(name));
    this.min = limit('min');
    this.max = limit('max');
    this.hhLim = limit('hhLim');
    this.hLim = limit('hLim');
    this.lLim = limit('lLim');
    this.llLim = limit('llLim');
    this.limDb = config.child('limDb');
  }

  /** max − min, where both are given and it is more than nothing. */
  span(values: Pending): number | undefined {
    const [min, max] = [this.min?.given(values), this.max?.given(values)];
    return min !== undefined && max !== undefined && max > min ? max - min : undefined;
  }

  /**
   * The range of a value, or undefined where no limit is given.
   * @param before range so far: a limit is only left when the value is back by more than `limDb`
   */
  rangeOf(value: number, before: number, values: Pending): number | undefined {
    const [highHigh, high, low, lowLow] = [this.hhLim, this.hLim, this.lLim, this.llLim].map((limit) =>
      limit?.given(values),
    );
    if ((highHigh ?? high ?? low ?? lowLow) === undefined || Number.isNaN(value)) return undefined;
    const slack = (givenNumber(this.limDb, values) ?? 0) * 1e-5 * (this.span(values) ?? 0);
    const wasHigh = before === Range.high || before === Range.highHigh;
    const wasLow = before === Range.low || before === Range.lowLow;
    const above = (limit: number | undefined, held: boolean): boolean =>
      limit !== undefined && value > limit - (held ? slack : 0);
    const below = (limit: number | undefined, held: boolean): boolean =>
      limit !== undefined && value < limit + (held ? slack : 0);
    if (above(highHigh, before === Range.highHigh)) return Range.highHigh;
    if (above(high, wasHigh)) return Range.high;
    if (below(lowLow, before === Range.lowLow)) return Range.lowLow;
    return below(low, wasLow) ? Range.low : Range.normal;
  }
}
