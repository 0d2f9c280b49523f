/** Asks the flow whether a client may, and waits for the answer within its time. */
import { LimitError } from '../../src/errors.js';
import { addCauseNumber } from '../../src/model/add-cause.js';
import type { ControlAnswer, ControlCommand, ControlCompletion } from '../../src/server/control/control-handler.js';
import type { WriteRequest } from '../../src/server/services/write.js';
import { dropRequest, openRequest, type Reply } from '../shared/pending-requests.js';
import type { NodeMessage } from '../shared/red.js';
import { commandMessage, writeMessage } from './event-messages.js';
import type { InSettings } from './in-settings.js';
import { accessErrorNumber, OBJECT_ACCESS_DENIED } from '../shared/access-error.js';

/** How long a command may run that was taken with the promise to tell its end, in ms. */
const COMPLETION_MS = 600_000;

export class Asker {
  private readonly open = new Map<string, () => void>();

  /**
   * @param send gives the flow a request
   * @param changed is called when another number of requests waits
   * @param late is told of requests that nobody answered
   */
  constructor(
    private readonly settings: InSettings,
    private readonly send: (message: NodeMessage) => void,
    private readonly changed: () => void,
    private readonly late: (text: string) => void,
  ) {}

  /** Requests that wait for their answer. */
  get waiting(): number {
    return this.open.size;
  }

  control(command: ControlCommand): Promise<ControlAnswer> | undefined {
    const { askSelects, concerns, addCause } = this.settings;
    if (!concerns(command.reference)) return undefined;
    if (command.kind !== 'operate' && !askSelects) return Promise.resolve({ accept: true });
    const refuse = (cause: string | number = addCause): ControlAnswer => ({
      addCause: typeof cause === 'string' && addCauseNumber(cause) === undefined ? addCause : cause,
    });
    return new Promise((resolve) => {
      let complete: ((end: ControlCompletion | undefined) => void) | undefined;
      const take = ({ accept, cause, pending }: Reply): number => {
        if (complete) complete(accept ? {} : { addCause: cause ?? addCause });
        else if (!accept) resolve(refuse(cause));
        else if (pending !== true) resolve({ accept: true });
        else {
          const completion = new Promise<ControlCompletion | undefined>((end) => (complete = end));
          resolve({ accept: true, completion });
          return COMPLETION_MS;
        }
        return 0;
      };
      this.ask(commandMessage(command, Date.now()), `${command.kind} of ${command.reference}`, take, (accept) => {
        if (complete) complete({ addCause: 'Time-limit-over' });
        else resolve(accept ? { accept: true } : refuse());
      });
    });
  }

  write(request: WriteRequest): Promise<number | undefined> | undefined {
    if (!this.settings.concerns(request.reference)) return undefined;
    return new Promise((resolve) => {
      const take = ({ accept, cause }: Reply): number => {
        resolve(accept ? undefined : (cause !== undefined && accessErrorNumber(cause)) || OBJECT_ACCESS_DENIED);
        return 0;
      };
      this.ask(writeMessage(request, Date.now()), `write of ${request.reference}`, take, (accept) =>
        resolve(accept ? undefined : OBJECT_ACCESS_DENIED),
      );
    });
  }

  /** Nobody answers any more: what waits is refused, whatever no answer means otherwise. */
  close(): void {
    for (const [id, expired] of [...this.open]) {
      dropRequest(id);
      expired();
    }
    this.open.clear();
  }

  /** @param otherwise decides without an answer: accept, or refuse */
  private ask(
    message: NodeMessage,
    what: string,
    take: (reply: Reply) => number,
    otherwise: (accept: boolean) => void,
  ): void {
    const { timeout, accept } = this.settings;
    let answered = false;
    let id = '';
    const done = (): void => {
      if (this.open.delete(id)) this.changed();
    };
    try {
      id = openRequest(
        timeout,
        (reply) => {
          answered = true;
          const more = take(reply);
          if (more === 0) done();
          return more;
        },
        () => {
          if (!answered) this.late(`no answer to the ${what} within ${timeout} ms: ${accept ? 'accepted' : 'refused'}`);
          otherwise(accept);
          done();
        },
      );
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      // Nobody could look at it, so nobody may accept it.
      this.late(`the ${what} was refused: ${error.message}`);
      otherwise(false);
      return;
    }
    this.open.set(id, () => otherwise(false));
    this.changed();
    this.send(Object.assign(message, { _iec61850: { request: id } }));
  }
}
