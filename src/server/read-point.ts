import type { FunctionalConstraint } from '../model/functional-constraint.js';
import { qualityBitsFromString, qualityFromBits, type Quality } from '../model/quality.js';
import type { TagData, TagType } from '../model/tag-value.js';
import { timeQualityFromOctet, type TimeQuality } from '../model/timestamp.js';
import { dataOf, leafData } from './leaf-value.js';
import type { Points } from './points.js';
import { valueOf } from './value-tree.js';
import type { Variable } from './variable.js';

/** The server's own value of a point, in the terms of a tag value. */
export interface ServerValue {
  reference: string;
  fc: FunctionalConstraint;
  type: TagType;
  value: TagData;
  quality: Quality | null;
  timestamp: string | null;
  timeQuality: TimeQuality | null;
}

export function readPoint(points: Points, text: string): ServerValue {
  const { reference, fc, value, quality, time } = points.find(text);
  const bits = quality && valueOf(quality);
  const utc = time?.leaf && dataOf(encodingOf(time));
  const timestamp = time?.leaf && utc ? leafData(time.leaf, utc) : null;
  return {
    reference,
    fc,
    type: value.leaf?.tagType ?? (value.array ? 'Array' : 'Structure'),
    value: valueOf(value),
    quality: typeof bits === 'string' ? qualityFromBits(qualityBitsFromString(bits)) : null,
    timestamp: typeof timestamp === 'string' ? timestamp : null,
    timeQuality: utc?.type === 'utc-time' ? timeQualityFromOctet(utc.quality) : null,
  };
}

function encodingOf(variable: Variable): Buffer {
  return (variable.octets as Buffer).subarray(0, variable.length);
}
