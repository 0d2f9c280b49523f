/** Where the editor's points come from: a running association, one of their own, or an SCL file. */
import type { Tag } from '../../src/model/tag.js';
import type { IedModel } from '../../src/model/ied-model.js';
import type { TagValue } from '../../src/model/tag-value.js';

/** What a probe says about one point. */
export interface Probed {
  reference: string;
  fc: string;
  value?: TagValue;
  error?: { code: string; message: string; hint: string };
}

export interface PointSource {
  /** `association` that runs already, `connection` of its own, or `scl`. */
  readonly via: 'association' | 'connection' | 'scl';
  readonly canProbe: boolean;
  browse(onProgress: (done: number, total: number) => void, signal: AbortSignal): Promise<IedModel>;
  /** Reads each point once; a point that fails does not disturb the others. */
  probe(tags: readonly Tag[]): Promise<Probed[]>;
}
