/** One timer that is set anew, for times longer than a timer of the platform takes as well. It keeps no process alive. */
const LONGEST_MS = 0x7fffffff;

export class Alarm {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly ring: () => void) {}

  get isSet(): boolean {
    return this.timer !== undefined;
  }

  /** Rings once after `ms`, in place of what was set before. */
  set(ms: number): void {
    this.clear();
    const step = Math.min(Math.max(0, ms), LONGEST_MS);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (ms > step) this.set(ms - step);
      else this.ring();
    }, step);
    this.timer.unref();
  }

  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
