/** How one data object moves. */
import type { Update } from '../../server/index.js';

/** A number from 0 up to, but not including, 1. */
export type Random = () => number;

export interface Mover {
  /** What it begins with. */
  start(): Update[];
  /** What is new after `seconds`; nothing in most cases. */
  move(seconds: number): Update[];
}

/** A number round 0 that is as often small as in nature (Box and Muller). */
export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Whether something that happens every `mean` seconds on the average happens in these `seconds`. */
export function happens(random: Random, seconds: number, mean: number): boolean {
  return random() < 1 - Math.exp(-seconds / mean);
}
