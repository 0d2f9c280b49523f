/** Asking the owner of the server, with a time limit; what is no clear answer is a refusal. */
import { addCauseNumber } from '../../model/add-cause.js';
import type { MaybePromise } from '../maybe-promise.js';
import type { ServerContext } from '../server-part.js';
import type { ControlAnswer, ControlCommand, ControlCompletion } from './control-handler.js';
import { Cause, refusal, type Refusal } from './refusal.js';

/** What the owner decided: a refusal, or how to hear of the end, if the owner tells it. */
export type Decision =
  { taken: true; completion?: Promise<ControlCompletion | undefined | void> } | { taken: false; why: Refusal };

const MAX_ADD_CAUSE = 127;

/** Number of an AddCause that the owner gave by name or number. */
export function ownersCause(given: string | number): Refusal {
  if (typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= MAX_ADD_CAUSE) {
    return refusal(given);
  }
  const code = typeof given === 'string' ? addCauseNumber(given) : undefined;
  return code === undefined ? refusal(Cause.unknown, `no edition has an AddCause "${String(given)}"`) : refusal(code);
}

/** Asks the owner's handler. Never throws, and never takes longer than `controlTimeout`. */
export class OwnersDecisions {
  private readonly waiting = new Set<() => void>();

  constructor(private readonly context: ServerContext) {}

  ask(command: ControlCommand): MaybePromise<Decision> {
    const { owner } = this.context;
    if (!owner.control) return refused(refusal(Cause.notSupported, 'nobody is there who decides on commands'));
    let answer: MaybePromise<ControlAnswer>;
    try {
      answer = owner.control(command);
    } catch (error) {
      return this.failed(error);
    }
    return answer instanceof Promise ? this.inTime(answer) : decisionOf(answer);
  }

  /** The server closes: whoever waits for an answer gets a refusal. */
  stop(): void {
    for (const end of this.waiting) end();
  }

  private inTime(answer: Promise<ControlAnswer>): Promise<Decision> {
    const { controlTimeout } = this.context.options;
    return new Promise((resolve) => {
      const end = (decision: Decision): void => {
        clearTimeout(timer);
        this.waiting.delete(stopped);
        resolve(decision);
      };
      const stopped = (): void => end(refused(refusal(Cause.unknown, 'the server closes')));
      const timer = setTimeout(
        () => end(refused(refusal(Cause.timeLimitOver, `nobody decided within ${controlTimeout} ms`))),
        controlTimeout,
      );
      this.waiting.add(stopped);
      answer.then(
        (given) => end(decisionOf(given)),
        (error: unknown) => end(this.failed(error)),
      );
    });
  }

  private failed(error: unknown): Decision {
    this.context.tell('error', error instanceof Error ? error : new Error(String(error)));
    return refused(refusal(Cause.unknown, 'deciding on it failed'));
  }
}

function refused(why: Refusal): Decision {
  return { taken: false, why };
}

function decisionOf(answer: ControlAnswer | undefined): Decision {
  if (typeof answer === 'object' && answer !== null) {
    if ('addCause' in answer) return refused(ownersCause(answer.addCause));
    const { accept, completion } = answer;
    if (accept === true) {
      // Nobody may be left who looks at it.
      completion?.catch(() => undefined);
      return { taken: true, ...(completion && { completion }) };
    }
  }
  return refused(refusal(Cause.unknown, 'the answer is neither accept nor an AddCause'));
}
