/** Looks at IEDs now and again, and at once when a session says something, and tells how they are. */
import { onDiagnostic } from '../../src/diagnostics.js';
import { HEALTH_CHECK_MS } from '../../src/limits.js';
import { iedViews } from '../shared/monitor/overview.js';
import { monitor } from '../shared/monitor/registry.js';
import { RequestTimes } from '../shared/monitor/request-times.js';
import { changeKey, healthOf, type Health } from './health.js';

/** Why a message is sent. */
export type HealthEvent = 'start' | 'change' | 'interval' | 'request';

export interface HealthWatchOptions {
  /** Node of the one IED; undefined: all IEDs of this Node-RED. */
  iedId?: string;
  /** Tell at changes. */
  changes: boolean;
  /** ms after which everything is told again; 0 never. */
  interval: number;
}

export interface HealthListener {
  told(event: HealthEvent, health: Health): void;
  /** All that is watched, after each look. */
  looked(all: readonly Health[]): void;
}

export class HealthWatch {
  private readonly known = new Map<string, string>();
  private readonly times = new RequestTimes();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly end: () => void;
  private soon: NodeJS.Immediate | undefined;

  constructor(
    private readonly options: HealthWatchOptions,
    private readonly listener: HealthListener,
  ) {
    this.timers.push(setInterval(() => this.look(), HEALTH_CHECK_MS));
    if (options.interval > 0) this.timers.push(setInterval(() => this.tell('interval'), options.interval));
    // A state that lasts for less than a look is told too.
    this.end = onDiagnostic('iec61850:session:state', () => (this.soon ??= setImmediate(() => this.look())));
    this.soon = setImmediate(() => this.look());
  }

  /** Tells all that is watched. */
  tell(event: HealthEvent): void {
    for (const [id, health] of this.all()) {
      this.known.set(id, changeKey(health));
      this.listener.told(event, health);
    }
  }

  close(): void {
    clearImmediate(this.soon);
    for (const timer of this.timers) clearInterval(timer);
    this.end();
    this.times.stop();
  }

  private look(): void {
    clearImmediate(this.soon);
    this.soon = undefined;
    const all = this.all();
    for (const [id, health] of all) {
      const before = this.known.get(id);
      const key = changeKey(health);
      if (key === before) continue;
      this.known.set(id, key);
      if (before === undefined) this.listener.told('start', health);
      else if (this.options.changes) this.listener.told('change', health);
    }
    for (const id of this.known.keys()) if (!all.has(id)) this.known.delete(id);
    this.listener.looked([...all.values()]);
  }

  private all(): Map<string, Health> {
    this.times.touch();
    return new Map(iedViews(monitor, this.times, this.options.iedId).map((view) => [view.id, healthOf(view)]));
  }
}
