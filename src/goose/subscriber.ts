/** What the frames of one GOOSE control block mean, one after the other (IEC 61850-8-1 §18.1, IEC 61850-7-2 §18.2). */
import { MAX_GOOSE_TTL_MS } from '../limits.js';
import type { GoosePdu } from './goose-pdu.js';
import { distance } from './sequence.js';

/** What a subscription looks for. What is not given is not checked. */
export interface GooseExpectation {
  /** Name of the control block, `LD/LN$GO$name`. */
  gocbRef?: string;
  goId?: string;
  datSet?: string;
  confRev?: number;
  /** Members that the data set has. */
  entries?: number;
}

/**
 * - `waiting`: no frame yet
 * - `live`: the last frame is good, and the next one is not overdue
 * - `expired`: timeAllowedtoLive has passed without a frame
 * - `needsCommissioning`: the publisher says ndsCom
 * - `confRevMismatch`, `dataSetMismatch`: it publishes something else than what is expected
 * - `simulated`: frames come from a simulation, and simulation is not allowed
 */
export type GooseState =
  'waiting' | 'live' | 'expired' | 'needsCommissioning' | 'confRevMismatch' | 'dataSetMismatch' | 'simulated';

/** Counts since the subscription began. */
export interface GooseStatistics {
  /** Frames of the control block, good or not. */
  frames: number;
  stateChanges: number;
  retransmissions: number;
  /** Frames that came twice. */
  duplicates: number;
  /** Frames of the present or of an earlier state that came too late, or were replayed. */
  outOfOrder: number;
  /** Frames that the sequence numbers say are missing. */
  lost: number;
  /** States that the state numbers say are missing. */
  lostStates: number;
  /** Times that timeAllowedtoLive passed. */
  expiries: number;
  /** Times that the publisher began anew. */
  restarts: number;
  simulated: number;
  needsCommissioning: number;
  confRevMismatches: number;
  dataSetMismatches: number;
  /** Frames with other values than the one before under the same state number. */
  silentChanges: number;
  /** Times that another device took over sending; two publishers at a time make this grow with every frame. */
  sourceChanges: number;
}

/** What a frame did. */
export type GooseOutcome =
  /** A new state: its values are news. */
  | 'stateChange'
  /** The state that is known, again. */
  | 'retransmission'
  /** It is not to be used; the statistics tell why. */
  | 'ignored';

export interface GooseSubscriberOptions {
  expected?: GooseExpectation;
  /** Takes simulated frames, and no others once the first one came (LPHD.Sim true, IEC 61850-7-4). */
  simulation?: boolean;
}

/** No clock and no timer: the caller gives the time in ms, of any clock that only goes forward. */
export class GooseSubscriber {
  readonly statistics: GooseStatistics = {
    frames: 0,
    stateChanges: 0,
    retransmissions: 0,
    duplicates: 0,
    outOfOrder: 0,
    lost: 0,
    lostStates: 0,
    expiries: 0,
    restarts: 0,
    simulated: 0,
    needsCommissioning: 0,
    confRevMismatches: 0,
    dataSetMismatches: 0,
    silentChanges: 0,
    sourceChanges: 0,
  };
  /** The last frame that was taken. */
  last: GoosePdu | undefined;
  private current: GooseState = 'waiting';
  private deadline: number | undefined;
  private source: string | undefined;
  private simulation: boolean;
  private simulatedSeen = false;

  constructor(private readonly options: GooseSubscriberOptions = {}) {
    this.simulation = options.simulation ?? false;
  }

  get state(): GooseState {
    return this.current;
  }

  /** When {@link tick} must be called at the latest; undefined when nothing runs out. */
  get nextWakeup(): number | undefined {
    return this.deadline;
  }

  /** Whether this frame belongs to the subscription. */
  matches(pdu: Pick<GoosePdu, 'gocbRef' | 'goId'>): boolean {
    const { expected } = this.options;
    if (expected?.gocbRef !== undefined && expected.gocbRef !== pdu.gocbRef) return false;
    // Without a goID the control block's reference stands for it.
    return expected?.goId === undefined || expected.goId === (pdu.goId ?? pdu.gocbRef);
  }

  /** Allows or ends simulation, as LPHD.Sim does. */
  setSimulation(simulation: boolean): void {
    this.simulation = simulation;
    this.simulatedSeen = false;
  }

  /**
   * Takes a frame that {@link matches}.
   * @param source address of the device that sent it
   */
  receive(pdu: GoosePdu, source: string, now: number): GooseOutcome {
    const { statistics } = this;
    statistics.frames++;
    this.tick(now);
    if (pdu.simulation) {
      statistics.simulated++;
      if (!this.simulation) {
        if (this.current === 'waiting') this.current = 'simulated';
        return 'ignored';
      }
      this.simulatedSeen = true;
    } else if (this.simulation && this.simulatedSeen) return 'ignored';
    const refusal = this.refusal(pdu);
    if (refusal) {
      this.current = refusal;
      this.expireAfter(pdu.timeAllowedToLive, now);
      return 'ignored';
    }
    const outcome = this.sequence(pdu, source);
    if (outcome === 'ignored') return outcome;
    this.source = source;
    this.last = pdu;
    this.current = 'live';
    this.expireAfter(pdu.timeAllowedToLive, now);
    return outcome;
  }

  /** Time passes. Returns true when the subscription has just expired. */
  tick(now: number): boolean {
    if (this.deadline === undefined || now < this.deadline) return false;
    this.deadline = undefined;
    if (this.current === 'expired') return false;
    this.current = 'expired';
    this.statistics.expiries++;
    return true;
  }

  private expireAfter(ms: number, now: number): void {
    this.deadline = now + Math.min(ms, MAX_GOOSE_TTL_MS);
  }

  private refusal(pdu: GoosePdu): GooseState | undefined {
    const { statistics, options } = this;
    const { expected = {} } = options;
    if (pdu.ndsCom) {
      statistics.needsCommissioning++;
      return 'needsCommissioning';
    }
    if (expected.confRev !== undefined && expected.confRev !== pdu.confRev) {
      statistics.confRevMismatches++;
      return 'confRevMismatch';
    }
    if (
      (expected.datSet !== undefined && expected.datSet !== pdu.datSet) ||
      (expected.entries !== undefined && expected.entries !== pdu.allData.length)
    ) {
      statistics.dataSetMismatches++;
      return 'dataSetMismatch';
    }
    return undefined;
  }

  private sequence(pdu: GoosePdu, source: string): GooseOutcome {
    const { statistics, last } = this;
    if (!last) return this.changed();
    if (source !== this.source) statistics.sourceChanges++;
    const states = distance(last.stNum, pdu.stNum);
    if (states === 0) return this.sameState(pdu, last);
    if (states < 0) {
      // A publisher that was switched on again counts from 1, and its time goes on; a replayed frame has an old one.
      if (this.current !== 'expired' && !(pdu.stNum === 1 && isLater(pdu, last))) {
        statistics.outOfOrder++;
        return 'ignored';
      }
      statistics.restarts++;
      return this.changed();
    }
    statistics.lostStates += states - 1;
    return this.changed();
  }

  private changed(): GooseOutcome {
    this.statistics.stateChanges++;
    return 'stateChange';
  }

  private sameState(pdu: GoosePdu, last: GoosePdu): GooseOutcome {
    const { statistics } = this;
    const steps = distance(last.sqNum, pdu.sqNum);
    if (steps <= 0) {
      // A restart within the first state looks like a repeat but for its time.
      if (steps < 0 && pdu.stNum === 1 && pdu.sqNum <= 1 && isLater(pdu, last)) {
        statistics.restarts++;
        return this.changed();
      }
      if (steps === 0) statistics.duplicates++;
      else statistics.outOfOrder++;
      return 'ignored';
    }
    if (pdu.allData !== last.allData && !sameValues(pdu, last)) {
      statistics.silentChanges++;
      return 'ignored';
    }
    statistics.lost += steps - 1;
    statistics.retransmissions++;
    return 'retransmission';
  }
}

function isLater(a: GoosePdu, b: GoosePdu): boolean {
  return a.t.seconds > b.t.seconds || (a.t.seconds === b.t.seconds && a.t.fraction > b.t.fraction);
}

function sameValues(a: GoosePdu, b: GoosePdu): boolean {
  return JSON.stringify(a.allData, bigintAsText) === JSON.stringify(b.allData, bigintAsText);
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
