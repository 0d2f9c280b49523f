import { DecodeError } from '../errors.js';
import { DataTag } from '../mms/data.js';
import { DataShapes, type DataShape } from '../mms/data-shape.js';
import type { TypeDescription } from '../mms/type-description.js';
import { memberIndices, memberType } from './member-type.js';
import type { TagLayout } from './tag-layout.js';

/** How a value's content octets become a number; `other` goes through the general decoder. */
export const Kind = { float32: 0, float64: 1, boolean: 2, integer: 3, bits2: 4, other: 5 } as const;

/** What of a variable goes into one row; targets are those of the {@link DataShape}, -1 for none. */
export interface Slot {
  kind: number;
  valueTarget: number;
  qualityTarget: number;
  timeTarget: number;
  type: TypeDescription | undefined;
  name: string;
}

/** What of a variable goes into rows, and in which shapes it was seen: one for all variables of one type. */
export class ObjectLayout {
  readonly slots: readonly Slot[];
  readonly shapes: DataShapes;

  /** @param layouts of the tags that a variable brings; those of variables that share this are the same */
  constructor(layouts: readonly TagLayout[], type: TypeDescription) {
    const targets = new Map<string, number>();
    const paths: number[][] = [];
    const target = (path: readonly string[] | undefined): number => {
      if (!path) return -1;
      const key = path.join('.');
      let index = targets.get(key);
      if (index === undefined) {
        const indices = memberIndices(type, path);
        if (!indices) throw new DecodeError(`the type has no member ${key}`);
        targets.set(key, (index = paths.push(indices) - 1));
      }
      return index;
    };
    this.slots = layouts.map((layout) => {
      const valueType = memberType(type, layout.value);
      return {
        kind: valueKind(valueType, layout),
        valueTarget: target(layout.value),
        qualityTarget: target(layout.quality),
        timeTarget: target(layout.time),
        type: valueType,
        name: layout.value.at(-1) ?? '',
      };
    });
    this.shapes = new DataShapes(paths, (shape, octets, start) => {
      for (const slot of this.slots) check(slot, shape, octets, start);
    });
  }
}

/** Checks tag and length of each value, quality and time, and notes what else a value's first octet must be. */
function check(slot: Slot, shape: DataShape, octets: Buffer, start: number): void {
  const target = (index: number): { tag: number; at: number; length: number } => ({
    tag: octets[start + (shape.headerAt[index] as number)] as number,
    at: start + (shape.contentAt[index] as number),
    length: shape.contentLength[index] as number,
  });
  if (slot.qualityTarget >= 0) {
    const { tag, length } = target(slot.qualityTarget);
    if (tag !== DataTag.bitString || length < 3) throw new DecodeError('quality is no bit string of 13 bits');
  }
  if (slot.timeTarget >= 0) {
    const { tag, length } = target(slot.timeTarget);
    if (tag !== DataTag.utcTime || length !== 8) throw new DecodeError('time is no UtcTime of 8 octets');
  }
  const { tag, at, length } = target(slot.valueTarget);
  switch (slot.kind) {
    case Kind.float32:
    case Kind.float64: {
      const width = slot.kind === Kind.float32 ? 8 : 11;
      const octetCount = slot.kind === Kind.float32 ? 5 : 9;
      if (tag !== DataTag.float || length !== octetCount || octets[at] !== width) {
        throw new DecodeError('value is no IEEE 754 float of its type');
      }
      shape.alsoCheck(octets, start, at - 1);
      return;
    }
    case Kind.boolean:
      if (tag !== DataTag.boolean || length !== 1) throw new DecodeError('value is no BOOLEAN');
      return;
    case Kind.bits2:
      if (tag !== DataTag.bitString || length !== 2) throw new DecodeError('value is no bit string of two bits');
      return;
    case Kind.integer:
      if ((tag !== DataTag.integer && tag !== DataTag.unsigned) || length < 1) {
        throw new DecodeError('value is no INTEGER');
      }
      return;
    default:
  }
}

function valueKind(type: TypeDescription | undefined, layout: TagLayout): number {
  switch (type?.type) {
    case 'float':
      return type.formatWidth > 32 ? Kind.float64 : Kind.float32;
    case 'boolean':
      return Kind.boolean;
    case 'integer':
    case 'unsigned':
      return Kind.integer;
    case 'bit-string':
      return layout.type === 'Dbpos' ? Kind.bits2 : Kind.other;
    default:
      return Kind.other;
  }
}

/** Layouts by type and by the members that are wanted, so that each is made once. */
export class LayoutCache {
  private readonly byType = new Map<TypeDescription, Map<string, ObjectLayout>>();

  layoutOf(layouts: readonly TagLayout[], type: TypeDescription): ObjectLayout {
    let ofType = this.byType.get(type);
    if (!ofType) this.byType.set(type, (ofType = new Map<string, ObjectLayout>()));
    const key = layouts
      .map(({ value, quality, time, type: tagType }) => [value, quality, time, tagType].join())
      .join(';');
    let layout = ofType.get(key);
    if (!layout) ofType.set(key, (layout = new ObjectLayout(layouts, type)));
    return layout;
  }
}
