/** Whether a stream goes on at another rate than before. */
import type { SampleRow } from './sample-row.js';
import type { SvAsdu } from './sv-pdu.js';

/** 80 and 256 a period of 50 and 60 Hz (9-2LE), and the rates of IEC 61869-9 Table 902. */
const USUAL_RATES: readonly number[] = [4000, 4800, 5760, 12_800, 14_400, 15_360, 96_000];
/** ms over which samples are counted, and how many such times have to agree. */
const SPAN_MS = 250;
const AGREEING = 2;
/** Share by which a count may differ from the rate that it is taken for. */
const TOLERANCE = 0.02;

/** Samples a second as a frame states them (IEC 61850-9-2 Table 13: smpRate, smpMod); undefined when it does not. */
export function statedRate({ smpRate, smpMod }: SvAsdu, nominal: number): number | undefined {
  if (smpRate === undefined || smpRate === 0) return undefined;
  if (smpMod === 2) return 1 / smpRate;
  // Without smpMod a rate of thousands can only be one a second.
  return smpMod === 1 || smpRate > 1000 ? smpRate : smpRate * nominal;
}

/** Goes by what frames state, when that changes; and by the times at which they come, when smpCnt does not fit the rate any more. */
export class RateWatch {
  private stated: string | undefined;
  private begin: number | undefined;
  private last = 0;
  private samples = 0;
  private candidate = 0;
  private agreed = 0;
  /** Whether smpCnt goes on beyond the rate, or began anew before it: it is 0 once a second. */
  private contradicted = false;
  private lastCount: number | undefined;

  constructor(private rate: number) {}

  /**
   * @param nominal frequency that a rate for each period refers to
   * @returns another rate, once it is known
   */
  take(row: SampleRow, asdu: SvAsdu, nominal: number): number | undefined {
    this.watchCount(row);
    const changed = this.byStatement(asdu, nominal) ?? this.byTime(row);
    if (changed === undefined || changed === this.rate) return undefined;
    this.rate = changed;
    this.begin = undefined;
    this.agreed = 0;
    this.contradicted = false;
    return changed;
  }

  private watchCount({ smpCnt }: SampleRow): void {
    if (smpCnt >= this.rate) this.contradicted = true;
    else if (smpCnt === 0 && this.lastCount !== undefined) this.contradicted = this.lastCount !== this.rate - 1;
    this.lastCount = smpCnt;
  }

  private byStatement(asdu: SvAsdu, nominal: number): number | undefined {
    const { smpRate, smpMod } = asdu;
    if (smpRate === undefined) return undefined;
    const text = `${smpRate} ${smpMod ?? ''}`;
    const before = this.stated;
    this.stated = text;
    // What the first frames state is not believed against the file: many state nothing that is true.
    return before !== undefined && before !== text ? statedRate(asdu, nominal) : undefined;
  }

  private byTime({ time, missing }: SampleRow): number | undefined {
    if (this.begin === undefined || missing === Infinity || time < this.last) {
      this.begin = time;
      this.last = time;
      this.samples = 0;
      return undefined;
    }
    this.last = time;
    this.samples += 1 + missing;
    const elapsed = time - this.begin;
    if (elapsed < SPAN_MS) return undefined;
    const found = usualRate((this.samples * 1000) / elapsed);
    this.begin = time;
    this.samples = 0;
    this.agreed = found !== undefined && found === this.candidate ? this.agreed + 1 : 1;
    this.candidate = found ?? 0;
    // Publishers without real time send quicker or slower than they count: their smpCnt is right.
    if (found === undefined || this.agreed < AGREEING || !this.contradicted) return undefined;
    // A rate that no list has is kept as long as the count is near it.
    return Math.abs(found / this.rate - 1) > TOLERANCE ? found : undefined;
  }
}

function usualRate(measured: number): number | undefined {
  return USUAL_RATES.find((rate) => Math.abs(measured / rate - 1) <= TOLERANCE);
}
