/** The process of one simulated device: its values move plausibly, each by its common data class. */
import type { IedModel } from '../../model/ied-model.js';
import type { IedServer, Update } from '../../server/index.js';
import { counter, measuredValue } from './measured.js';
import type { Mover, Random } from './mover.js';
import { attributeOf, processObjects, type FoundObject } from './objects.js';
import { statusValue } from './status.js';
import { SwitchPairs } from './switch-pairs.js';

/** What a protection function, or the trip logic, operates by (IEC 61850-7-4, Op and Tr). */
const TRIP = /\.(Op|Tr)\.general$/;
/** Movers that have their turn in one step; a large model goes round in several. */
const MOVERS_PER_STEP = 2000;

export class Movement {
  private readonly movers: Mover[] = [];
  private readonly pairs: SwitchPairs;
  /** When each mover had its last turn, in seconds since the start. */
  private readonly turns: number[];
  private now = 0;
  private next = 0;

  constructor(
    model: IedModel,
    private readonly server: Pick<IedServer, 'update' | 'read'>,
    random: Random,
    /** Is told of trips. */
    private readonly tripped: () => void = () => undefined,
  ) {
    for (const found of processObjects(model)) {
      const mover = moverOf(found, random);
      if (mover) this.movers.push(mover);
    }
    this.pairs = new SwitchPairs(model, server);
    this.turns = this.movers.map(() => 0);
  }

  /** Values that it can move, or tell at least. */
  get size(): number {
    return this.movers.length;
  }

  /** Tells all values as they are at rest. */
  start(): void {
    this.tell(this.movers.flatMap((mover) => mover.start()));
    this.tell(this.pairs.follow());
  }

  /** Lets `seconds` pass. */
  step(seconds: number): void {
    const { movers, turns } = this;
    this.now += seconds;
    const updates: Update[] = [];
    for (let turn = Math.min(MOVERS_PER_STEP, movers.length); turn > 0; turn--) {
      updates.push(...(movers[this.next] as Mover).move(this.now - (turns[this.next] as number)));
      turns[this.next] = this.now;
      this.next = (this.next + 1) % movers.length;
    }
    this.tell(updates);
    this.tell(this.pairs.follow());
  }

  /** What a model does not take, such as an enumeration that its file cut short, is left out. */
  private tell(updates: Update[]): void {
    if (updates.length === 0) return;
    this.server.update(updates);
    if (updates.some(({ reference, value }) => value === true && TRIP.test(reference))) this.tripped();
  }
}

function moverOf(found: FoundObject, random: Random): Mover | undefined {
  return measuredValue(found, random) ?? counter(found, random) ?? statusValue(found, random) ?? othersOf(found);
}

/** Objects of other classes: what they hold is as good as what the file says. */
function othersOf({ object, reference, path }: FoundObject): Mover | undefined {
  if (path[0] === 'Beh') return undefined;
  for (const fc of ['ST', 'MX'] as const) {
    if (!attributeOf(object, fc, 'q')) continue;
    return { start: () => [{ reference, fc, quality: 'good' }], move: () => [] };
  }
  return undefined;
}
