/** Round-trip times of the confirmed requests of each IED, measured only while somebody looks. */
import { onDiagnostic } from '../../../src/diagnostics.js';
import { MONITOR_LEASE_MS } from '../../../src/limits.js';

export interface RoundTrip {
  /** ms of the last request. */
  last: number;
  /** Weighted mean of the last ones, ms. */
  mean: number;
  /** Longest since the measurement began, ms. */
  max: number;
  requests: number;
  /** Of these, without a good answer. */
  errors: number;
}

/** Weight of the newest request in the mean. */
const WEIGHT = 0.1;

export class RequestTimes {
  private readonly times = new Map<string, RoundTrip>();
  private end: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly lease = MONITOR_LEASE_MS) {}

  /** Whether requests are measured now. */
  get running(): boolean {
    return this.end !== undefined;
  }

  /** Measures for a while from now; what was measured before a pause is forgotten. */
  touch(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stop(), this.lease);
    this.timer.unref();
    if (this.end) return;
    this.times.clear();
    this.end = onDiagnostic('iec61850:request', ({ ied, duration, outcome }) => this.note(ied, duration, outcome));
  }

  of(ied: string): RoundTrip | undefined {
    return this.times.get(ied);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.end?.();
    this.end = undefined;
  }

  private note(ied: string, ms: number, outcome: 'ok' | 'error'): void {
    let times = this.times.get(ied);
    if (!times) this.times.set(ied, (times = { last: ms, mean: ms, max: 0, requests: 0, errors: 0 }));
    times.last = ms;
    times.mean += (ms - times.mean) * WEIGHT;
    if (ms > times.max) times.max = ms;
    times.requests++;
    if (outcome === 'error') times.errors++;
  }
}
