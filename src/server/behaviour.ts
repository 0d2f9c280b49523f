import type { MmsData } from '../mms/data.js';
import type { ClientSession } from './client-session.js';
import type { MaybePromise } from './maybe-promise.js';
import type { Variable } from './variable.js';

/**
 * What stands behind variables that are more than a stored value: control blocks, control objects, setting groups. It is
 * attached to a {@link Variable} and answers for everything below that.
 */
export interface Behaviour {
  /**
   * A client is about to read `variable`, which is the one with this behaviour or stands below it. Values may be brought
   * up to date here. Reading something that only contains it (a whole logical node) does not come here.
   * @returns the number of a DataAccessError when it must not be read; the encoding of what this client gets in place of the
   * stored value
   */
  read?(session: ClientSession, variable: Variable): MaybePromise<number | Buffer | undefined>;
  /**
   * A client writes `variable`, which is the one with this behaviour or stands below it. Nothing is stored unless the
   * behaviour does so. Without this method writes are refused.
   * @returns the number of a DataAccessError when it is refused
   */
  write?(session: ClientSession, variable: Variable, data: MmsData): MaybePromise<number | undefined>;
  /**
   * In place of `write`: the variable is written as data without a behaviour is, where nobody objects.
   * @returns the number of a DataAccessError when the write is refused now
   */
  admit?(session: ClientSession, variable: Variable): number | undefined;
}

/** The nearest behaviour at or above a variable. */
export function behaviourOf(variable: Variable): Behaviour | undefined {
  for (let at: Variable | undefined = variable; at; at = at.parent) if (at.behaviour) return at.behaviour;
  return undefined;
}
