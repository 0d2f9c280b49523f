import { ArgumentError } from '../../errors.js';
import { MAX_FEEDBACK_MS, MAX_OPERATE_AHEAD_MS, MAX_OR_IDENT, MAX_TERMINATION_TIMEOUT_MS } from '../../limits.js';
import type { ControlRequest, Origin } from './control-request.js';

/** orCat 2, station control: a gateway in the substation. */
const DEFAULT_OR_CAT = 2;
/** Short, as some IEDs restart over a long one. */
const DEFAULT_OR_IDENT = 'NR';

export interface CheckedOrigin {
  orCat: number;
  orIdent: Buffer;
}

/** @throws ArgumentError for what the standard does not allow */
export function checkOrigin(origin: Origin = {}): CheckedOrigin {
  const { category = DEFAULT_OR_CAT, identifier = DEFAULT_OR_IDENT } = origin;
  if (!Number.isInteger(category) || category < 0 || category > 8) {
    throw new ArgumentError(
      `origin category ${String(category)} is none of 0 to 8`,
      'Give 1 bay, 2 station, 3 remote, 4 to 6 the same automatic, 7 maintenance.',
    );
  }
  if (typeof identifier !== 'string' && !(identifier instanceof Uint8Array)) {
    throw new ArgumentError('the origin identifier is neither text nor octets', 'Give a short text.');
  }
  const orIdent = Buffer.from(identifier as string);
  if (orIdent.length > MAX_OR_IDENT) {
    throw new ArgumentError(
      `the origin identifier has ${orIdent.length} octets, the standard allows ${MAX_OR_IDENT}`,
      'Shorten it.',
    );
  }
  return { orCat: category, orIdent };
}

/**
 * Time of a time-activated operate in ms since 1970; undefined when the command is to be done at once.
 * @throws ArgumentError for what is no time, lies behind, or lies too far ahead
 */
export function checkOperateAt(at: ControlRequest['operateAt'], now = Date.now()): number | undefined {
  if (at === undefined) return undefined;
  const ms = at instanceof Date ? at.getTime() : typeof at === 'string' ? Date.parse(at) : at;
  if (typeof ms !== 'number' || !Number.isFinite(ms))
    throw new ArgumentError(`operateAt "${String(at)}" is no time`, 'Give ISO 8601 text, a Date or ms since 1970.');
  if (ms <= now)
    throw new ArgumentError(`operateAt ${new Date(ms).toISOString()} has passed`, 'Give a time that lies ahead.');
  if (ms - now > MAX_OPERATE_AHEAD_MS)
    throw new ArgumentError('operateAt lies more than a day ahead', 'Send the command nearer to its time.');
  return ms;
}

/** @throws ArgumentError for limits that are out of range */
export function checkTimes({ terminationTimeout, feedback }: ControlRequest): void {
  if (terminationTimeout !== undefined && !(terminationTimeout > 0 && terminationTimeout <= MAX_TERMINATION_TIMEOUT_MS))
    throw new ArgumentError('the time limit of the termination is out of range', 'Give 1 ms to one hour.');
  if (feedback && !(feedback.timeout > 0 && feedback.timeout <= MAX_FEEDBACK_MS))
    throw new ArgumentError('the time limit of the feedback is out of range', 'Give 1 ms to ten minutes.');
  if (feedback?.tolerance !== undefined && !(feedback.tolerance >= 0))
    throw new ArgumentError('the tolerance of the feedback is no number from 0', 'Correct it.');
}
