/** Reads tags of an IED: on an interval, on demand, on change. */
import { ArgumentError } from '../../src/errors.js';
import type { Tag } from '../../src/model/tag.js';
import { explain } from '../shared/explain.js';
import { text, wholeNumber } from '../shared/fields.js';
import { iedNode, type IedNode } from '../shared/ied-node.js';
import type { OutputForm } from '../shared/message.js';
import { migrate } from '../shared/migrate.js';
import type { Node, NodeMessageInFlow, RED, VersionedDef } from '../shared/red.js';
import { StatusLine } from '../shared/status.js';
import { parseTags } from '../shared/tag-list.js';
import { registerTagRoutes } from '../shared/tag-routes.js';
import { TagReader, type ReaderOptions } from './reader.js';
import { tagsOfMessage } from './message-tags.js';

interface ReadDef extends VersionedDef {
  ied?: string;
  tags?: unknown[];
  interval?: string | number;
  mode?: string;
  output?: string;
  onChange?: boolean;
  deadband?: string | number;
  initial?: boolean;
}

const MAX_INTERVAL_MS = 24 * 3_600_000;

export = function (red: RED): void {
  function Read(this: Node, saved: ReadDef): void {
    red.nodes.createNode(this, saved);
    const status = new StatusLine(this);
    const ied = iedNode(red, saved.ied);
    const reader = openReader(this, migrate(saved, []), ied, status);
    reader.catch((error: unknown) => {
      status.bad(error instanceof ArgumentError ? 'check settings' : 'no session');
      this.error(explain(error), {});
    });

    this.on('input', (msg: NodeMessageInFlow, send, done) => {
      readOnce(reader, msg, ied).then(
        ({ messages, error }) => {
          if (messages.length > 0) send([messages]);
          done(error);
        },
        (error: unknown) => done(explain(error)),
      );
    });

    this.on('close', () => {
      status.close();
      // A session that is still being prepared ends when it is ready; a deploy does not wait for it.
      reader.then(
        (opened) => opened.close(),
        () => undefined,
      );
    });
  }

  red.nodes.registerType('iec61850-read', Read);
  registerTagRoutes(red);
};

async function openReader(node: Node, config: ReadDef, ied: IedNode | undefined, status: StatusLine): Promise<TagReader> {
  if (!ied) throw new ArgumentError('The node has no IED', 'Open it, choose an IED and deploy.');
  status.busy('connecting');
  const options = readerOptions(config);
  const lease = await ied.connection.acquire();
  const reader = new TagReader(lease, options, {
    status,
    send: (messages) => node.send([messages]),
    error: (error, message) => node.error(error, message),
  });
  reader.start();
  return reader;
}

async function readOnce(
  opening: Promise<TagReader>,
  msg: NodeMessageInFlow,
  ied: IedNode | undefined,
): ReturnType<TagReader['readOnce']> {
  const reader = await opening;
  return reader.readOnce(tagsOfMessage(msg, ied?.settings().name), msg);
}

function readerOptions(config: ReadDef): ReaderOptions {
  const tags: Tag[] = parseTags(config.tags ?? []);
  return {
    tags,
    mode: config.mode === 'demand' ? 'demand' : 'poll',
    output: outputForm(config.output),
    interval: wholeNumber(config.interval, 'interval', 10, MAX_INTERVAL_MS, 1000),
    onChange: config.onChange === true,
    initial: config.initial !== false,
    deadband: Number(text(config.deadband) || 0),
  };
}

function outputForm(value: string | undefined): OutputForm {
  return value === 'all' || value === 'table' ? value : 'single';
}
