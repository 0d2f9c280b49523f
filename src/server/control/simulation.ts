/** A process that follows commands by itself, for simulated devices (the option `operate: 'simulate'`). */
import { SIMULATED_TRAVEL_MS } from '../../limits.js';
import type { ServerContext } from '../server-part.js';
import { UpdateTransaction, type Update } from '../update.js';
import type { ControlCommand } from './control-handler.js';
import type { ControlObject } from './control-object.js';
import { Cause, refusal, type Refusal } from './refusal.js';

const RAISE = 2;

export class SimulatedProcess {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly object: ControlObject,
    private readonly context: ServerContext,
  ) {}

  /** Why the process would not follow. */
  refusal({ value }: Pick<ControlCommand, 'value'>): Refusal | undefined {
    const { cdc, range } = this.object;
    if ((cdc !== 'BSC' && cdc !== 'BAC') || value === 0) return undefined;
    const next = this.stepped(value);
    const beyond = (range.max !== undefined && next > range.max) || (range.min !== undefined && next < range.min);
    return beyond ? refusal(Cause.stepLimit) : undefined;
  }

  /** Lets the status follow: a position by way of the intermediate one. */
  follow({ value }: Pick<ControlCommand, 'value'>): void {
    this.stop();
    const { object } = this;
    const step = object.cdc === 'BSC' || object.cdc === 'BAC';
    if (value === null || (step && value === 0)) return;
    const end = step ? this.stepped(value) : value;
    if (object.cdc === 'DPC' && object.statusValue !== (value ? 2 : 1)) this.set('intermediate');
    this.timer = setTimeout(() => this.set(end), SIMULATED_TRAVEL_MS);
  }

  /** It stays where it is. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private stepped(value: boolean | number | null): number {
    const { cdc, statusValue, stepSize } = this.object;
    const size = cdc === 'BAC' ? stepSize : 1;
    return (typeof statusValue === 'number' ? statusValue : 0) + (value === RAISE ? size : -size);
  }

  private set(value: boolean | number | string): void {
    const { points, values, options } = this.context;
    new UpdateTransaction(points, values, options.timeQuality, this.context.now()).run(this.updates(value));
  }

  private updates(value: boolean | number | string): Update[] {
    const { object } = this;
    const { status } = object;
    if (!status) return [];
    if (status.fc !== 'MX' || typeof value !== 'number') return [{ reference: object.reference, fc: status.fc, value }];
    const { scaleFactor, offset } = object.scaling;
    return ['f', 'i']
      .filter((member) => object.member('MX', 'mxVal', member))
      .map((member) => ({
        reference: `${object.reference}.mxVal.${member}`,
        fc: 'MX',
        value: member === 'f' ? value : Math.round((value - offset) / scaleFactor),
      }));
  }
}
