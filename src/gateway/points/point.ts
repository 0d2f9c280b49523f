/** A point that somebody may choose, with why and how warmly it is recommended. */
import type { Tag } from '../../model/tag.js';

export const POINT_CATEGORIES = [
  'position',
  'protection',
  'measurement',
  'energy',
  'alarm',
  'status',
  'control',
  'setting',
  'health',
  'other',
] as const;
export type PointCategory = (typeof POINT_CATEGORIES)[number];

export interface PointCandidate {
  tag: Tag;
  category: PointCategory;
  /** 1 is what nearly everybody wants, 9 what nearly nobody does. */
  rank: number;
  /** Why it has this rank, in English. */
  reason: string;
  /** Key under which a catalogue translates the reason, `position.breaker`. */
  reasonKey: string;
  /** Ticked when a person presses "recommended". */
  recommended: boolean;
  /** The file says that the value is momentary (`transient`, most trips are): a poll can miss it, a report does not. */
  transient?: boolean;
  /** `LD/LN.DO.units[CF]`, when the IED has a unit that the model does not know yet. */
  unitReference?: string;
  /** `LD/LN.DO.pulsQty[CF]`, when a counter's value counts pulses of a quantity that the model does not know yet. */
  pulseReference?: string;
}
