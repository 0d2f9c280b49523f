import { SettingGroupError } from '../../errors.js';
import { MAX_WAITING_EDITS } from '../../limits.js';
import type { ClientAssociation } from '../client-association.js';

interface Line {
  last: Promise<unknown>;
  length: number;
}

const lines = new WeakMap<ClientAssociation, Map<string, Line>>();

/**
 * Runs what works on a control block after what does so already: to the IED, all users of one association are one client,
 * and an edit of one would be an edit of the other.
 * @throws SettingGroupError when too many wait; what `work` throws
 */
export async function inTurn<T>(association: ClientAssociation, reference: string, work: () => Promise<T>): Promise<T> {
  let byReference = lines.get(association);
  if (!byReference) lines.set(association, (byReference = new Map<string, Line>()));
  let line = byReference.get(reference);
  if (!line) byReference.set(reference, (line = { last: Promise.resolve(), length: 0 }));
  if (line.length >= MAX_WAITING_EDITS)
    throw new SettingGroupError(
      'BUSY',
      `${reference}: ${line.length} jobs of this gateway wait already`,
      'Wait until they are done.',
      { tag: reference },
    );
  line.length++;
  const before = line.last;
  const mine = before.then(work, work);
  line.last = mine;
  try {
    return await mine;
  } finally {
    line.length--;
    if (line.length === 0) byReference.delete(reference);
  }
}
