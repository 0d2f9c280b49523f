/** Reads tags of an IED: on an interval, on demand, on change. */
import { createNode } from '../shared/create-node.js';
import { dataSetName } from '../../src/client/data-sets/name.js';
import { ArgumentError } from '../../src/errors.js';
import type { Tag } from '../../src/model/tag.js';
import { expandEnvironment, nodeEnvironment, type EnvironmentLookup } from '../shared/environment.js';
import { explain } from '../shared/explain.js';
import { text, wholeNumber } from '../shared/fields.js';
import { iedNode, type IedNode } from '../shared/ied-node.js';
import type { OutputForm } from '../shared/message.js';
import { migrate } from '../shared/migrate.js';
import { monitor, watched } from '../shared/monitor/registry.js';
import type { Node, NodeMessageInFlow, RED, VersionedDef } from '../shared/red.js';
import { StatusLine } from '../shared/status.js';
import { parseTags } from '../shared/tag-list.js';
import { registerTagRoutes } from '../shared/tag-routes.js';
import { TagReader, type ReaderOptions } from './reader.js';
import { wantedBy } from './message-tags.js';

interface ReadDef extends VersionedDef {
  ied?: string;
  /** `tags`, or `dataSet`. */
  source?: string;
  dataSet?: string;
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
    createNode(red, this, saved);
    const status = new StatusLine(this);
    const ied = iedNode(red, saved.ied);
    let reader: TagReader | undefined;
    let problem: unknown;
    try {
      reader = openReader(red, this, migrate(saved, []), ied, status);
    } catch (error) {
      problem = error;
      status.bad('check settings');
      this.error(explain(error), {});
    }

    this.on('input', (msg: NodeMessageInFlow, send, done) => {
      if (!reader) {
        done(explain(problem));
        return;
      }
      readOnce(reader, msg, ied).then(
        ({ messages, error }) => {
          if (messages.length > 0) send([messages]);
          done(error);
        },
        (error: unknown) => done(explain(error)),
      );
    });

    const leave = reader && watch(this, ied, reader);
    this.on('close', () => {
      leave?.();
      status.close();
      reader?.close();
    });
  }

  red.nodes.registerType('iec61850-read', Read);
  registerTagRoutes(red);
};

function watch(node: Node, ied: IedNode | undefined, reader: TagReader): () => void {
  const { rows } = reader;
  const iedId = ied?.id ?? '';
  return monitor.add('tags', { ...watched(node), kind: 'read', iedId, rows, polls: () => reader.polls });
}

function openReader(red: RED, node: Node, config: ReadDef, ied: IedNode | undefined, status: StatusLine): TagReader {
  if (!ied) throw new ArgumentError('The node has no IED', 'Open it, choose an IED and deploy.');
  const options = readerOptions(config, nodeEnvironment(red, node));
  const reader = new TagReader(ied.connection.acquire(), options, {
    status,
    // One by one: in an array, Node-RED copies every message but the first, and these are nobody else's.
    send: (messages) => messages.forEach((message) => node.send(message)),
    error: (error, message) => node.error(error, message),
  });
  reader.start();
  return reader;
}

async function readOnce(
  reader: TagReader,
  msg: NodeMessageInFlow,
  ied: IedNode | undefined,
): ReturnType<TagReader['readOnce']> {
  return reader.readOnce(wantedBy(msg, ied?.settings().name), msg);
}

function readerOptions(config: ReadDef, lookup: EnvironmentLookup): ReaderOptions {
  const field = (name: 'interval' | 'deadband'): string => expandEnvironment(text(config[name]), lookup, name);
  const dataSet = config.source === 'dataSet' ? dataSetOf(config, lookup) : undefined;
  const tags: Tag[] = dataSet === undefined ? parseTags(config.tags ?? []) : [];
  return {
    tags,
    ...(dataSet !== undefined && { dataSet }),
    mode: config.mode === 'demand' ? 'demand' : 'poll',
    output: outputForm(config.output),
    interval: wholeNumber(field('interval'), 'interval', 10, MAX_INTERVAL_MS, 1000),
    onChange: config.onChange === true,
    initial: config.initial !== false,
    deadband: deadbandOf(field('deadband')),
  };
}

function dataSetOf(config: ReadDef, lookup: EnvironmentLookup): string {
  const reference = expandEnvironment(text(config.dataSet), lookup, 'dataSet');
  if (reference === '') throw new ArgumentError('No data set is named', 'Open the node and write LD/LN.name.');
  dataSetName(reference);
  return reference;
}

function deadbandOf(written: string): number {
  const deadband = Number(written === '' ? 0 : written);
  if (!(deadband >= 0))
    throw new ArgumentError(`The deadband "${written}" is not a number from 0`, 'Correct it in the node.');
  return deadband;
}

function outputForm(value: string | undefined): OutputForm {
  return value === 'all' || value === 'table' ? value : 'single';
}
