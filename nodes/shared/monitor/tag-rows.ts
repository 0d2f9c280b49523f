/** The tags of one node as the sidebar asks for them: by row, when it shows them, and not at each update. */
import { MAX_MONITOR_ROWS } from '../../../src/limits.js';
import type { TagCounts, TagPoller } from '../../../src/gateway/tags/index.js';
import type { Tag } from '../../../src/model/tag.js';
import { isUsable, type TagValue } from '../../../src/model/tag-value.js';

export type TagIdentity = Pick<TagValue, 'ied' | 'tag' | 'reference' | 'fc'>;

export interface TagRows {
  readonly size: number;
  /** Another number whenever rows have come, gone or changed their places. */
  readonly revision: number;
  identity(row: number): TagIdentity;
  /** The last known value; undefined while there was none. */
  value(row: number): TagValue | undefined;
  counts(): TagCounts;
}

export function noCounts(): TagCounts {
  return { live: 0, stale: 0, disconnected: 0, error: 0, waiting: 0, bad: 0 };
}

/** Rows of a poller, whose table has the values. The poller may be another one after a while. */
export class PollerRows implements TagRows {
  revision = 0;
  private poller: TagPoller | undefined;

  constructor(private readonly ied: string) {}

  follow(poller: TagPoller | undefined): void {
    this.poller = poller;
    this.revision++;
  }

  get size(): number {
    return this.poller?.size ?? 0;
  }

  identity(row: number): TagIdentity {
    const { tag, reference, fc } = this.poller?.tag(row) as Tag;
    return { ied: this.ied, tag, reference, fc };
  }

  value(row: number): TagValue | undefined {
    return this.poller?.value(row);
  }

  counts(): TagCounts {
    return this.poller?.counts() ?? noCounts();
  }
}

/** The last values that left a node: no copies, and no more of them than a bound. */
export class LastValues implements TagRows {
  revision = 0;
  private readonly places = new Map<string, number>();
  private readonly values: TagValue[] = [];

  constructor(private readonly capacity = MAX_MONITOR_ROWS) {}

  get size(): number {
    return this.values.length;
  }

  note(values: readonly TagValue[]): void {
    for (const value of values) {
      const key = `${value.ied}/${value.tag}`;
      const place = this.places.get(key);
      if (place !== undefined) this.values[place] = value;
      else if (this.values.length < this.capacity) {
        this.places.set(key, this.values.length);
        this.values.push(value);
        this.revision++;
      }
    }
  }

  identity(row: number): TagIdentity {
    return this.values[row] as TagValue;
  }

  value(row: number): TagValue | undefined {
    return this.values[row];
  }

  counts(): TagCounts {
    const counts = noCounts();
    for (const value of this.values) {
      counts[value.status]++;
      if (value.status === 'live' && !isUsable(value)) counts.bad++;
    }
    return counts;
  }
}
