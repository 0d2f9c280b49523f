import type { Iec61850Error } from '../../errors.js';
import { ADD_CAUSE_NONE } from '../../model/add-cause.js';
import type { ControlAction } from './control-request.js';
import type { ControlReport, LastApplError } from './last-appl-error.js';

/** How the IED, or the lack of one, ended a command. */
export type CommandEnding =
  | { ending: 'positive' }
  | { ending: 'negative'; lastApplError: LastApplError }
  | { ending: 'lost'; error: Iec61850Error }
  | { ending: 'cancelled' };

/** Waits for what the IED says about one command that was sent: LastApplError and CommandTermination. */
export class CommandWatch {
  /** What came so far; a CommandTermination may overtake the answer to Operate. */
  ending: CommandEnding | undefined;
  lastApplError: LastApplError | undefined;
  private answered = false;
  private wake: (() => void) | undefined;

  /** @param ctlNum of the command; undefined when the IED's structures have none */
  constructor(
    private readonly key: string,
    private readonly service: ControlAction,
    private readonly ctlNum: number | undefined,
  ) {}

  /** Whether the IED itself told the end. */
  get terminated(): boolean {
    return this.ending?.ending === 'positive' || this.ending?.ending === 'negative';
  }

  /** The answer was positive: from now on a lone LastApplError is a negative termination. */
  accepted(): void {
    this.answered = true;
  }

  /**
   * Takes a report if it is about this command.
   * @param only whether this is the one command that waits, so that a LastApplError without object can only mean it
   */
  take(report: ControlReport, only: boolean): boolean {
    const { lastApplError, termination } = report;
    if (termination) {
      if (this.service !== 'operate' || termination.object !== this.key) return false;
      if (!this.numbered(termination.ctlNum)) return false;
      // A LastApplError without error and cause comes with the positive terminations of some IEDs.
      const fine = !lastApplError || (lastApplError.error === 0 && lastApplError.addCause === ADD_CAUSE_NONE);
      // Some IEDs send a negative termination behind a negative answer: then it is the answer's explanation.
      if (!fine) this.lastApplError = lastApplError;
      this.end(fine ? { ending: 'positive' } : { ending: 'negative', lastApplError });
      return true;
    }
    if (!lastApplError) return false;
    if (lastApplError.object === undefined ? !only : lastApplError.object !== this.key) return false;
    const { service } = lastApplError;
    // Reading SBO brings no number that its refusal could repeat.
    if (service !== 'SBO' && !this.numbered(lastApplError.ctlNum)) return false;
    // A refused Cancel says nothing about the Operate that goes on, which has the same number.
    if (service !== undefined && (service === 'Cancel') !== (this.service === 'cancel')) return false;
    this.lastApplError = lastApplError;
    if (this.answered) this.end({ ending: 'negative', lastApplError });
    else this.wake?.();
    return true;
  }

  end(ending: CommandEnding): void {
    // The first word counts: what comes twice, or after the link was lost, changes nothing.
    this.ending ??= ending;
    this.wake?.();
  }

  /** The ending, within so many ms; undefined when there is none until then. */
  async ended(ms: number): Promise<CommandEnding | undefined> {
    await this.until(ms, () => this.ending !== undefined);
    return this.ending;
  }

  /** The LastApplError that explains a negative answer; some IEDs send it behind the answer. */
  async explanation(ms: number): Promise<LastApplError | undefined> {
    await this.until(ms, () => this.lastApplError !== undefined || this.ending !== undefined);
    return this.lastApplError;
  }

  private numbered(ctlNum: number | undefined): boolean {
    return ctlNum === undefined || this.ctlNum === undefined || ctlNum === this.ctlNum;
  }

  private until(ms: number, met: () => boolean): Promise<void> {
    if (met()) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.wake = () => {
        if (met()) done();
      };
    });
  }
}
