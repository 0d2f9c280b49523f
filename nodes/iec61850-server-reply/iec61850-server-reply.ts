/** Node: answers a client's request that an iec61850-server-in node asked its flow about. */
import { createNode } from '../shared/create-node.js';
import { ArgumentError } from '../../src/errors.js';
import { explain } from '../shared/explain.js';
import { text } from '../shared/fields.js';
import { migrate } from '../shared/migrate.js';
import { answerRequest } from '../shared/pending-requests.js';
import type { Done, Node, NodeMessageInFlow, RED, VersionedDef } from '../shared/red.js';
import { StatusLine } from '../shared/status.js';
import { replyOf, requestOf, type ReplySettings } from './reply-of.js';

interface ServerReplyDef extends VersionedDef {
  answer?: string;
  cause?: string;
}

export = function (red: RED): void {
  function ServerReply(this: Node, saved: ServerReplyDef): void {
    createNode(red, this, saved);
    const status = new StatusLine(this);
    const { answer, cause } = migrate(saved, []);
    const settings: ReplySettings = {
      answer: answer === 'accept' || answer === 'refuse' ? answer : 'message',
      cause: text(cause),
    };
    this.on('input', (message: NodeMessageInFlow, _send, done: Done) => {
      try {
        reply(message, settings, status);
        done();
      } catch (error) {
        status.bad('no answer');
        done(explain(error));
      }
    });
    this.on('close', () => status.close());
  }

  red.nodes.registerType('iec61850-server-reply', ServerReply);
};

function reply(message: NodeMessageInFlow, settings: ReplySettings, status: StatusLine): void {
  const id = requestOf(message);
  const given = replyOf(message, settings);
  if (answerRequest(id, given) === 'late') {
    throw new ArgumentError(
      'The answer comes too late, or is the second one',
      'The request was answered or its time had run out; answer sooner, or raise the time limit of iec61850-server-in.',
    );
  }
  if (given.accept) status.ok(given.pending ? 'accepted, running' : 'accepted');
  else status.warn('refused');
}
