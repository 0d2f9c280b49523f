import { LimitError, TimeoutError, type Iec61850Error } from '../errors.js';
import { MAX_PROBE_POINTS, PROBE_TIMEOUT_MS } from '../limits.js';
import type { Tag } from '../model/tag.js';
import type { TagValue } from '../model/tag-value.js';
import { RowState } from '../model/value-table.js';
import type { ClientAssociation } from './client-association.js';
import { TagReader } from './tag-reader.js';
import { buildTagValue } from './tag-value-builder.js';
import type { TypeCache } from './type-cache.js';

/** What probing one point found: its value, or why there is none. */
export interface ProbeResult {
  tag: string;
  value?: TagValue;
  error?: { code: string; message: string; hint: string };
}

/**
 * Reads points once, for a person who wants to see them before deploying. Ends after {@link PROBE_TIMEOUT_MS} with
 * what came until then.
 * @throws LimitError for more than {@link MAX_PROBE_POINTS} points
 */
export async function probe(
  association: ClientAssociation,
  types: TypeCache,
  tags: readonly Tag[],
  ied: string,
): Promise<ProbeResult[]> {
  if (tags.length > MAX_PROBE_POINTS)
    throw new LimitError(`at most ${MAX_PROBE_POINTS} points are probed at once`, 'Tick fewer points.');
  const reader = new TagReader(
    tags.map(({ interval: _interval, ...tag }) => tag),
    ied,
  );
  reader.attach(association, types);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Iec61850Error>((resolve) => {
    timer = setTimeout(
      () => resolve(new TimeoutError(`${ied}: not probed within ${PROBE_TIMEOUT_MS / 1000} s`)),
      PROBE_TIMEOUT_MS,
    );
  });
  const failure = await Promise.race([limit, reader.run(0).then((result) => result.error)]);
  clearTimeout(timer);
  reader.detach();
  const { table } = reader;
  return reader.rows.map((info, row): ProbeResult => {
    const state = table.state[row];
    if (state === RowState.number || state === RowState.other) {
      return { tag: info.tag.tag, value: buildTagValue(table, row, info, ied, 'live', 'read', 1, Date.now()) };
    }
    const error = table.errors[row] ?? failure ?? new TimeoutError(`${ied}, ${info.tag.tag}: no answer`);
    return { tag: info.tag.tag, error: { code: error.code, message: error.message, hint: error.hint } };
  });
}
