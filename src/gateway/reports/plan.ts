import type { ReportDirectory } from '../../client/reports/report-directory.js';
import { brings, membersByObject } from '../../client/data-sets/layout.js';
import { tagLayout, tagVariable, type TagLayout, type TagVariable } from '../../client/tag-layout.js';
import { forEachTyped, type TypeCache } from '../../client/type-cache.js';
import { ConnectionError, Iec61850Error } from '../../errors.js';
import type { Tag } from '../../model/tag.js';

/** One control block that is to be taken, and the tags that it is taken for. */
export interface PlannedReport {
  /** `LD/LN.name[BR]`. */
  reference: string;
  /** `LD/LN$name`. */
  dataSet: string;
  /** Whether the data set was made for these tags, and is to be written to DatSet. */
  made?: boolean;
  tags: Tag[];
}

export interface ReportPlan {
  reports: PlannedReport[];
  /** Tags that no free control block reports. */
  rest: Tag[];
}

export interface PlacedTag {
  tag: Tag;
  place: TagVariable;
  layout: TagLayout;
}

/** Where tags stand in their data objects, by the live types; those that the IED does not have are left out. */
export async function placeTags(tags: readonly Tag[], types: TypeCache, concurrency: number): Promise<PlacedTag[]> {
  const placed: (PlacedTag | undefined)[] = [];
  const places = tags.flatMap((tag, index) => {
    try {
      return { tag, index, place: tagVariable(tag) };
    } catch (error) {
      if (error instanceof Iec61850Error) return [];
      throw error;
    }
  });
  await forEachTyped(
    types,
    places,
    ({ place }) => place.variable,
    concurrency,
    async ({ tag, index, place }) => {
      try {
        placed[index] = { tag, place, layout: tagLayout(tag, place, await types.typeOf(place.variable)) };
      } catch (error) {
        if (!(error instanceof Iec61850Error) || error instanceof ConnectionError) throw error;
      }
    },
  );
  return placed.filter((one): one is PlacedTag => one !== undefined);
}

/**
 * Chooses the control blocks that bring the most of the tags: the data sets that hold most of what is left come first,
 * and of each a free instance, buffered ones before others, as they lose nothing while the connection is away.
 * @param own control blocks that are ours already, which count as free and come first
 * @param avoid control blocks that could not be taken a while ago
 */
export function planReports(
  tags: readonly Tag[],
  placed: readonly PlacedTag[],
  directory: Pick<ReportDirectory, 'states' | 'contents'>,
  own: ReadonlySet<string>,
  avoid: ReadonlySet<string>,
): ReportPlan {
  const left = new Set(placed.map(({ tag }) => tag));
  const offers = offersOf(placed, directory, own, avoid);
  const reports: PlannedReport[] = [];
  for (;;) {
    let best: { offer: Offer; tags: Tag[] } | undefined;
    for (const offer of offers) {
      const brought = offer.tags.filter((tag) => left.has(tag));
      if (brought.length > (best?.tags.length ?? 0)) best = { offer, tags: brought };
    }
    const reference = best?.offer.instances[0];
    if (!best || reference === undefined) break;
    reports.push({ reference, dataSet: best.offer.dataSet, tags: best.tags });
    for (const tag of best.tags) left.delete(tag);
  }
  const reported = new Set(reports.flatMap((report) => report.tags));
  return { reports, rest: tags.filter((tag) => !reported.has(tag)) };
}

interface Offer {
  dataSet: string;
  tags: Tag[];
  /** Control blocks that report it, the best first; never empty. */
  instances: string[];
}

function offersOf(
  placed: readonly PlacedTag[],
  { states, contents }: Pick<ReportDirectory, 'states' | 'contents'>,
  own: ReadonlySet<string>,
  avoid: ReadonlySet<string>,
): Offer[] {
  const instances = new Map<string, { reference: string; rank: number }[]>();
  for (const [reference, state] of states) {
    const mine = own.has(reference);
    if (avoid.has(reference) || (state.inUse && !mine)) continue;
    const dataSet = state.text('datset');
    const rank = (mine ? 0 : 2) + (state.name.buffered ? 0 : 1);
    const list = instances.get(dataSet);
    if (list) list.push({ reference, rank });
    else instances.set(dataSet, [{ reference, rank }]);
  }
  return [...contents].flatMap(([dataSet, { members }]) => {
    const free = instances.get(dataSet);
    if (!free) return [];
    const byObject = membersByObject(members);
    const tags = placed.filter(({ place, layout }) => brings(byObject, place, layout)).map(({ tag }) => tag);
    free.sort((a, b) => a.rank - b.rank);
    return tags.length > 0 ? [{ dataSet, tags, instances: free.map(({ reference }) => reference) }] : [];
  });
}
