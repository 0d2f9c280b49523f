/**
 * Reports of an unbuffered control block on their way to its client. They are sent as events come; a client that is too
 * slow gets several in one, and a gap in SqNum that says so (IEC 61850-7-2 §17.2.3: best effort).
 */
import { merged, type ReportBody } from './report-body.js';

export interface UnbufferedReport {
  readonly body: ReportBody;
  /** When it was made, in ms since 1970. */
  readonly time: number;
  /** Reports that went into it and that will not come. */
  readonly lost: number;
}

export class UnbufferedQueue {
  private reports: UnbufferedReport[] = [];
  private octets = 0;

  /** @param limit octets that all reports together may take, beyond which they become one */
  constructor(private readonly limit: number) {}

  get length(): number {
    return this.reports.length;
  }

  add(body: ReportBody, time: number): void {
    this.put({ body, time, lost: 0 });
    if (this.octets <= this.limit || this.reports.length === 1) return;
    const all = this.reports;
    this.clear();
    const lost = all.reduce((sum, report) => sum + report.lost, all.length - 1);
    this.put({ body: merged(all.map((report) => report.body)), time, lost });
  }

  /** Takes the oldest ones out, up to `count` of them. */
  take(count: number): UnbufferedReport[] {
    const taken = this.reports.splice(0, count);
    for (const { body } of taken) this.octets -= body.size;
    return taken;
  }

  clear(): void {
    this.reports = [];
    this.octets = 0;
  }

  private put(report: UnbufferedReport): void {
    this.reports.push(report);
    this.octets += report.body.size;
  }
}
