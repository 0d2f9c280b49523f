import { qualityFromBits } from '../../../src/model/quality.js';
import type { TagValue } from '../../../src/model/tag-value.js';

/** A live breaker position, with what a test changes of it. */
export function sampleValue(changes: Partial<TagValue> = {}): TagValue {
  return {
    ied: 'BAY1',
    tag: 'CTRL.XCBR1.Pos',
    reference: 'BAY1CTRL/XCBR1.Pos',
    fc: 'ST',
    type: 'Dbpos',
    value: 2,
    text: 'Closed',
    quality: qualityFromBits(0),
    timestamp: '2026-03-01T10:00:00.123Z',
    timeQuality: null,
    received: '2026-03-01T10:00:00.150Z',
    status: 'live',
    source: 'poll',
    sequence: 1,
    ...changes,
  };
}
