/** Whether frames are being refused, as one state that does not change with every frame. */
import { BUS_SECURITY_CALM_MS } from '../limits.js';
import type { BusSecurityState, RefusedFrame } from '../routable/index.js';

/** A storm of forged frames is told of once in this time, in ms. */
const TOLD_AT_MOST_MS = 1000;

export class SecurityWatch {
  private current: BusSecurityState = 'ok';
  private refusedAt = 0;
  private toldAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  /** @param tell hears of every change */
  constructor(
    private readonly tell: ((state: BusSecurityState) => void) | undefined,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  get state(): BusSecurityState {
    return this.current;
  }

  refused(reason: RefusedFrame): void {
    this.refusedAt = this.clock();
    if (reason === this.current || this.refusedAt - this.toldAt < TOLD_AT_MOST_MS) return;
    this.toldAt = this.refusedAt;
    this.become(reason);
    this.timer ??= setInterval(() => this.look(), TOLD_AT_MOST_MS);
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    if (this.clock() - this.refusedAt < BUS_SECURITY_CALM_MS) return;
    this.close();
    this.become('ok');
  }

  private become(state: BusSecurityState): void {
    this.current = state;
    this.tell?.(state);
  }
}
