/** Gathers events for BufTm, so that what belongs together is one report (IEC 61850-7-2 §17.2.2.2.9). */
import { Alarm } from './alarm.js';
import { merged, type ReportBody } from './report-body.js';

export class EventCollector {
  private bodies: ReportBody[] = [];
  private readonly members = new Set<number>();
  private readonly alarm = new Alarm(() => this.flush());

  /** @param deliver takes what was gathered */
  constructor(private readonly deliver: (body: ReportBody) => void) {}

  /** @param bufferTime ms; 0 delivers at once */
  add(body: ReportBody, bufferTime: number): void {
    if (bufferTime === 0) {
      this.flush();
      this.deliver(body);
      return;
    }
    // A second event of a member that waits ends the waiting: no value is ever replaced by a later one.
    if (this.overlaps(body)) this.flush();
    if (this.bodies.length === 0) this.alarm.set(bufferTime);
    this.bodies.push(body);
    for (let i = 0; i < body.count; i++) this.members.add(body.member(i));
  }

  /** Delivers what waits, if anything. */
  flush(): void {
    if (this.bodies.length === 0) return;
    const body = merged(this.bodies);
    this.clear();
    this.deliver(body);
  }

  /** Forgets what waits. */
  clear(): void {
    this.alarm.clear();
    this.bodies = [];
    this.members.clear();
  }

  private overlaps(body: ReportBody): boolean {
    if (this.bodies.length === 0) return false;
    for (let i = 0; i < body.count; i++) if (this.members.has(body.member(i))) return true;
    return false;
  }
}
