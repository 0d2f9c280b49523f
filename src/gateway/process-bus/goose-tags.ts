/** The points of one GOOSE control block as tag values. */
import type { GoosePdu } from '../../goose/goose-pdu.js';
import type { GoosePoint } from '../../goose/goose-member.js';
import { pointValue, wireType } from '../../goose/goose-values.js';
import { qualityFromBits } from '../../model/quality.js';
import type { TagStatus, TagValue } from '../../model/tag-value.js';
import { isoTime, timeQualityFromOctet, utcTimeToMs } from '../../model/timestamp.js';
import { valueText } from '../../model/value-text.js';
import { DEFAULT_TAG_TEMPLATE, partsOfReference, tagName, uniqueTagNames } from '../points/naming.js';

interface Row {
  tag: string;
  point: GoosePoint;
}

export class GooseTags {
  private readonly rows: readonly Row[] | undefined;
  private readonly sequences = new Map<string, number>();

  /**
   * @param ied name of the publisher
   * @param points of the data set; without them entries are called by their position and typed as the wire shows them
   */
  constructor(
    private readonly ied: string,
    points: readonly GoosePoint[] | undefined,
  ) {
    this.rows =
      points &&
      uniqueTagNames(
        points.map((point) => ({
          tag: tagName(DEFAULT_TAG_TEMPLATE, partsOfReference(point.reference, point.fc, ied)),
          point,
        })),
      );
  }

  /**
   * One tag value a point.
   * @param received ms since 1970 by this machine
   * @returns undefined when the frame has other types than the file says
   */
  values(pdu: GoosePdu, status: TagStatus, received: number): TagValue[] | undefined {
    const common = this.common(pdu, status, received);
    if (!this.rows) return pdu.allData.map((_data, i) => this.untyped(pdu, i, common));
    const values: TagValue[] = [];
    for (const { tag, point } of this.rows) {
      const found = pointValue(point, pdu.allData);
      if (!found) return undefined;
      const { reference, fc, node } = point;
      const literals = node.enumLiterals && { enumLiterals: { ...node.enumLiterals } };
      values.push({
        ied: this.ied,
        tag,
        reference,
        fc,
        type: node.type,
        value: found.value,
        text: valueText(node.type, found.value, literals),
        quality: found.quality === undefined ? null : qualityFromBits(found.quality),
        timestamp: found.time ? isoTime(found.time.ms) : null,
        timeQuality: found.time ? timeQualityFromOctet(found.time.quality) : null,
        ...common,
        sequence: this.count(tag),
      });
    }
    return values;
  }

  private untyped(pdu: GoosePdu, index: number, common: ReturnType<GooseTags['common']>): TagValue {
    const data = pdu.allData[index] as GoosePdu['allData'][number];
    const type = wireType(data);
    const node = { name: '', type, children: [] };
    // A structure whose members nobody names is shown member by member, numbered.
    const value = pointValue({ reference: '', fc: 'ST', node, value: { entry: index, path: [] } }, pdu.allData)?.value;
    const tag = `${pdu.gocbRef}.${index + 1}`;
    return {
      ied: this.ied,
      tag,
      reference: pdu.datSet,
      fc: 'ST',
      type,
      value: value ?? null,
      text: valueText(type, value ?? null),
      quality: null,
      timestamp: null,
      timeQuality: null,
      ...common,
      sequence: this.count(tag),
    };
  }

  private common(
    pdu: GoosePdu,
    status: TagStatus,
    received: number,
  ): Pick<TagValue, 'received' | 'entryTime' | 'status' | 'source'> {
    const entryTime = isoTime(utcTimeToMs(pdu.t.seconds, pdu.t.fraction));
    return {
      received: isoTime(received) ?? '',
      ...(entryTime !== null && { entryTime }),
      status,
      source: 'goose',
    };
  }

  private count(tag: string): number {
    const sequence = (this.sequences.get(tag) ?? 0) + 1;
    this.sequences.set(tag, sequence);
    return sequence;
  }
}
