/** The points of one browsed IED, as the dialog asks for them: lists by filter and search, and levels of the tree. */
import { LN_CLASS_NAMES } from '../../src/gateway/points/ln-classes.js';
import {
  compileTagTemplate,
  DEFAULT_TAG_TEMPLATE,
  partsOfReference,
  uniqueTagNames,
} from '../../src/gateway/points/naming.js';
import type { PointCandidate, PointCategory } from '../../src/gateway/points/point.js';
import { pointAt } from '../../src/gateway/points/point-at.js';
import { recommendPoints } from '../../src/gateway/points/recommend.js';
import { countByCategory, filterPoints, searchPoints } from '../../src/gateway/points/search.js';
import { MAX_EDITOR_ROWS } from '../../src/limits.js';
import type { IedModel } from '../../src/model/ied-model.js';
import type { Tag } from '../../src/model/tag.js';
import { modelRows, type ModelRow } from './model-rows.js';

export interface PointQuery {
  /** Free text; every word has to fit. */
  text?: string;
  category?: PointCategory;
  recommended?: boolean;
  /** Also housekeeping objects and single attributes. */
  hidden?: boolean;
  /** Only below this place, `LD` or `LD/LN`. */
  under?: string;
  offset?: number;
  limit?: number;
}

export interface TreeRow extends ModelRow {
  /** Present when the row can be chosen. */
  tag?: Tag;
  /** What makes a data object worth reading, and whether it is recommended; see {@link PointCandidate}. */
  reason?: string;
  reasonKey?: string;
  recommended?: boolean;
}

export class PointIndex {
  private readonly candidates: PointCandidate[];
  private everyCandidate: PointCandidate[] | undefined;
  private byKey: Map<string, PointCandidate> | undefined;

  constructor(readonly model: IedModel) {
    this.candidates = recommendPoints(model);
  }

  summary(): {
    ied: string;
    logicalDevices: number;
    points: number;
    recommended: number;
    categories: Record<PointCategory, number>;
  } {
    return {
      ied: this.model.name,
      logicalDevices: this.model.logicalDevices.length,
      points: this.candidates.length,
      recommended: this.candidates.filter(({ recommended }) => recommended).length,
      categories: countByCategory(this.candidates),
    };
  }

  /** One page of the points that fit, best first, and how many there are in all. */
  list(query: PointQuery): { total: number; rows: PointCandidate[] } {
    const { text = '', category, recommended, hidden, under, offset = 0, limit = MAX_EDITOR_ROWS } = query;
    const all = hidden ? (this.everyCandidate ??= recommendPoints(this.model, { hidden: true })) : this.candidates;
    const filtered = filterPoints(all, {
      ...(category && { categories: [category] }),
      ...(recommended && { recommended }),
    });
    const below = under ? filtered.filter(({ tag }) => isBelow(tag.reference, under)) : filtered;
    const found = searchPoints(below, text);
    return { total: found.length, rows: found.slice(offset, offset + Math.min(limit, MAX_EDITOR_ROWS)) };
  }

  /** One level of the tree. */
  rows(path: string): TreeRow[] {
    return modelRows(this.model, path).map((row) => {
      const tag = this.tagOf(row);
      if (!tag) return row.kind === 'ln' ? describedClass(row) : row;
      const candidate = row.kind === 'do' ? this.candidateOf(tag) : undefined;
      if (!candidate) return { ...row, tag };
      const { reason, reasonKey, recommended } = candidate;
      return { ...row, tag, reason, reasonKey, recommended };
    });
  }

  /** The candidate behind a chosen tag; undefined for attributes and foreign references. */
  candidateOf(tag: Pick<Tag, 'reference' | 'fc'>): PointCandidate | undefined {
    this.byKey ??= new Map(this.candidates.map((candidate) => [key(candidate.tag), candidate]));
    return this.byKey.get(key(tag));
  }

  /**
   * Names for tags by a template, unique among themselves and the ones that are taken.
   * @throws ArgumentError when the template cannot be used.
   */
  name(tags: readonly Tag[], template: string, taken: readonly string[]): Tag[] {
    const nameOf = compileTagTemplate(template || DEFAULT_TAG_TEMPLATE);
    const named = tags.map((tag) => ({ ...tag, tag: this.nameInModel(tag, template) ?? nameOf(this.partsOf(tag)) }));
    return uniqueTagNames(named, taken);
  }

  private nameInModel(tag: Tag, template: string): string | undefined {
    try {
      return pointAt(this.model, key(tag), template || DEFAULT_TAG_TEMPLATE).tag;
    } catch {
      return undefined;
    }
  }

  /** A tag of another IED, or one that is gone, still gets a name. */
  private partsOf(tag: Tag): ReturnType<typeof partsOfReference> {
    return { ...partsOfReference(tag.reference, tag.fc, this.model.name), desc: tag.description ?? '' };
  }

  private tagOf({ kind, path }: ModelRow): Tag | undefined {
    if (kind !== 'do' && kind !== 'da') return undefined;
    try {
      return pointAt(this.model, path);
    } catch {
      // Objects of which nothing can be read have a row, and no tick box.
      return undefined;
    }
  }
}

/** IEDs do not describe their logical nodes; the standard names their classes. */
function describedClass(row: ModelRow): ModelRow {
  const description = row.description ?? LN_CLASS_NAMES[row.type ?? ''];
  return description === undefined ? row : { ...row, description };
}

function key({ reference, fc }: Pick<Tag, 'reference' | 'fc'>): string {
  return `${reference}[${fc}]`;
}

function isBelow(reference: string, place: string): boolean {
  const next = reference[place.length];
  return reference.startsWith(place) && (next === '/' || next === '.' || next === undefined);
}
