/** A GOOSE subscription as LGOS shows it (IEC 61850-7-4 §6.3). */
import type { GoosePdu } from '../../goose/goose-pdu.js';
import type { GooseState, GooseSubscriber } from '../../goose/subscriber.js';
import type { SubscriptionState } from './supervision.js';

/** States in which what comes is not what is subscribed, or its publisher says so itself. */
const NEEDS_COMMISSIONING: ReadonlySet<GooseState> = new Set([
  'needsCommissioning',
  'confRevMismatch',
  'dataSetMismatch',
]);

/**
 * @param expectedConfRev undefined when any is taken
 * @param heard the last frame, good or not
 */
export function gooseSubscriptionState(
  controlBlock: string,
  expectedConfRev: number | undefined,
  { state, last, statistics }: GooseSubscriber,
  heard: GoosePdu | undefined,
): SubscriptionState {
  const live = state === 'live';
  return {
    controlBlock,
    live,
    simulated: live && last?.simulation === true,
    needsCommissioning: NEEDS_COMMISSIONING.has(state),
    ...(expectedConfRev !== undefined && { confRev: expectedConfRev }),
    ...(heard && { receivedConfRev: heard.confRev }),
    ...(last && { stNum: last.stNum }),
    outOfOrder: statistics.outOfOrder,
    expiries: statistics.expiries,
    lost: statistics.lost,
  };
}
