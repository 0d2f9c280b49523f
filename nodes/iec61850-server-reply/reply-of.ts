/** The answer to a client's request that a message gives. */
import { ArgumentError } from '../../src/errors.js';
import { addCauseNumber } from '../../src/model/add-cause.js';
import { isMembers } from '../../src/model/members.js';
import { accessErrorNumber } from '../shared/access-error.js';
import type { Reply } from '../shared/pending-requests.js';
import type { NodeMessage } from '../shared/red.js';

/** What a node does with every message: go by its payload, or always the same. */
export interface ReplySettings {
  answer: 'message' | 'accept' | 'refuse';
  /** AddCause or DataAccessError of a refusal that names none itself; empty for that of the asking node. */
  cause: string;
}

const HINT = 'Give true to accept; false, or the name or number of an AddCause, to refuse.';
const ACCEPT = /^(accept(ed)?|ok|yes|done|true)$/i;
const MAX_ADD_CAUSE = 127;
const REFUSE = /^(refuse(d)?|no|failed|false)$/i;

/** Name of the request that a message belongs to. @throws ArgumentError when it belongs to none */
export function requestOf(message: NodeMessage): string {
  const about: unknown = message._iec61850;
  const id = isMembers(about) ? about.request : undefined;
  if (typeof id === 'string' && id !== '') return id;
  throw new ArgumentError(
    'The message belongs to no request of a client',
    'Send on the message of the second output of iec61850-server-in, with its msg._iec61850.',
  );
}

/** @throws ArgumentError for a message that is no answer */
export function replyOf(message: NodeMessage, { answer, cause }: ReplySettings): Reply {
  const refuse = (given: unknown): Reply => {
    const chosen = given === undefined ? cause : given;
    return { accept: false, ...(chosen !== '' && { cause: known(chosen) }) };
  };
  const accept: Reply = { accept: true, ...(message.pending === true && { pending: true }) };
  const { payload, addCause } = message;
  if (answer === 'accept') return accept;
  if (answer === 'refuse' || addCause !== undefined) return refuse(addCause ?? outcomeOf(message)?.cause);
  const outcome = outcomeOf(message);
  if (outcome) return outcome.done ? accept : refuse(outcome.cause);
  if (payload === true) return accept;
  if (payload === false) return refuse(undefined);
  const text = typeof payload === 'string' ? payload.trim() : '';
  if (ACCEPT.test(text)) return accept;
  if (REFUSE.test(text)) return refuse(undefined);
  return refuse(known(text === '' ? payload : text));
}

/** What an `iec61850-control` node tells of the command that it passed on. */
function outcomeOf({ outcome, control }: NodeMessage): { done: boolean; cause: unknown } | undefined {
  if (typeof outcome !== 'string') return undefined;
  const cause: unknown = isMembers(control) && isMembers(control.addCause) ? control.addCause.code : undefined;
  return { done: outcome === 'done', cause };
}

/** @throws ArgumentError for what is neither an AddCause nor a DataAccessError */
function known(cause: unknown): string | number {
  if (typeof cause === 'number' && Number.isInteger(cause) && cause >= 0 && cause <= MAX_ADD_CAUSE) return cause;
  if (typeof cause === 'string' && (addCauseNumber(cause) ?? accessErrorNumber(cause)) !== undefined) return cause;
  const shown =
    typeof cause === 'string' || typeof cause === 'number' ? `"${String(cause).slice(0, 60)}"` : 'msg.payload';
  throw new ArgumentError(`${shown} is no answer to a request`, HINT);
}
