import { MAX_REPORT_OCTETS, MAX_REPORT_SEGMENTS } from '../../limits.js';
import type { Segment } from './report-decoder.js';
import type { ReportHeader } from './report-header.js';

/**
 * Joins the segments of reports that are larger than the PDU (IEC 61850-8-1 §17.2.3.3): they share a SqNum, and
 * SubSqNum counts them from 0. A report with a lost segment is dropped whole.
 */
export class SegmentJoiner {
  private segments: Segment[] = [];
  private octets = 0;

  /** Whether this is a part of a report and no whole one. */
  static isPart({ subSqNum, moreSegments }: ReportHeader): boolean {
    return subSqNum !== 0 || moreSegments;
  }

  /**
   * Takes one segment.
   * @returns the whole report when this was its last segment, and how many reports were lost
   */
  add(octets: Buffer, header: ReportHeader): { report?: Segment[]; lost: number } {
    const first = this.segments[0];
    let lost = 0;
    const follows = first && first.header.sqNum === header.sqNum && header.subSqNum === this.segments.length;
    if (!follows) {
      if (first) lost++;
      this.clear();
      if (header.subSqNum !== 0) {
        // The rest of a report whose beginning is missing counts once, with its last part.
        return { lost: lost + (header.moreSegments || first ? 0 : 1) };
      }
    }
    const length = header.end - header.inclusionAt;
    this.octets += length;
    if (this.segments.length >= MAX_REPORT_SEGMENTS || this.octets > MAX_REPORT_OCTETS) {
      this.clear();
      return { lost: lost + 1 };
    }
    const kept = Buffer.from(octets.subarray(header.inclusionAt, header.end));
    this.segments.push({ octets: kept, header: { ...header, inclusionAt: 0, end: kept.length } });
    if (header.moreSegments) return { lost };
    const report = this.segments;
    this.clear();
    return { report, lost };
  }

  /** Forgets a report that did not come whole; whether there was one. */
  clear(): boolean {
    const had = this.segments.length > 0;
    this.segments = [];
    this.octets = 0;
    return had;
  }
}
