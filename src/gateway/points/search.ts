/** Finding points: free text, and filters by category. */
import { POINT_CATEGORIES, type PointCandidate, type PointCategory } from './point.js';
import { LN_CLASS_NAMES } from './ln-classes.js';
import { splitLogicalNodeName } from '../../model/reference.js';
import { foldText, namesFor } from './synonyms.js';

/** Words of a query that count; the rest of a longer one is ignored. */
const MAX_QUERY_WORDS = 20;

/**
 * Points that fit every word of the query. A word fits when it stands in tag, reference, functional constraint, class,
 * type, unit, description or reason, or when it is an English or German name for the object (`breaker`, `Spannung`).
 * The order stays; an empty query finds all.
 */
export function searchPoints(points: readonly PointCandidate[], query: string): PointCandidate[] {
  const words = foldText(query)
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, MAX_QUERY_WORDS);
  if (words.length === 0) return [...points];
  const wanted = words.map((word) => ({ word, names: namesFor(word) }));
  return points.filter((point) => {
    const { text, names } = searchable(point);
    return wanted.every(({ word, names: synonyms }) => text.includes(word) || names.some((name) => synonyms.has(name)));
  });
}

export interface PointFilter {
  categories?: readonly PointCategory[];
  recommended?: boolean;
  /** MMS domain name, `BAY1CTRL`. */
  logicalDevice?: string;
  lnClass?: string;
}

/** Points that fit every part of the filter that is given. */
export function filterPoints(points: readonly PointCandidate[], filter: PointFilter): PointCandidate[] {
  const { categories, recommended, logicalDevice, lnClass } = filter;
  return points.filter((point) => {
    if (categories && categories.length > 0 && !categories.includes(point.category)) return false;
    if (recommended && !point.recommended) return false;
    if (logicalDevice !== undefined && !point.tag.reference.startsWith(`${logicalDevice}/`)) return false;
    return lnClass === undefined || searchable(point).names[0] === lnClass;
  });
}

/** How many points each quick filter would show. */
export function countByCategory(points: readonly PointCandidate[]): Record<PointCategory, number> {
  const counts = Object.fromEntries(POINT_CATEGORIES.map((category) => [category, 0])) as Record<PointCategory, number>;
  for (const { category } of points) counts[category]++;
  return counts;
}

interface Searchable {
  text: string;
  /** Logical node class first, then data object, sub data objects and attributes, and the category as `#alarm`. */
  names: string[];
}

/** Kept for each point, since a person types letter by letter. */
const prepared = new WeakMap<PointCandidate, Searchable>();

function searchable(point: PointCandidate): Searchable {
  let found = prepared.get(point);
  if (!found) {
    const { tag } = point;
    const [logicalNode = '', ...path] = tag.reference.slice(tag.reference.indexOf('/') + 1).split('.');
    const { lnClass } = splitLogicalNodeName(logicalNode);
    const texts = [tag.tag, tag.reference, tag.fc, tag.cdc, tag.type, tag.unit, tag.description];
    found = {
      text: foldText([...texts, point.reason, point.category, LN_CLASS_NAMES[lnClass]].filter((it) => !!it).join('\n')),
      names: [lnClass, ...path.map((name) => name.replace(/\d+$/, '') || name), ...path, `#${point.category}`],
    };
    prepared.set(point, found);
  }
  return found;
}
