/** Reads an SCL file, and gives out points, connection settings or the whole model of one of its IEDs. */
import { loadScl, type SclDocument } from '../../src/scl/index.js';
import { ArgumentError } from '../../src/errors.js';
import { registerBrowseRoutes } from '../shared/browse-routes.js';
import { createNode } from '../shared/create-node.js';
import { expandEnvironment, nodeEnvironment } from '../shared/environment.js';
import { explain } from '../shared/explain.js';
import { text } from '../shared/fields.js';
import { migrate } from '../shared/migrate.js';
import type { Node, NodeMessage, NodeMessageInFlow, RED, VersionedDef } from '../shared/red.js';
import { sclLibrary } from '../shared/scl-library.js';
import { registerSclRoutes } from '../shared/scl-routes.js';
import { parseSclSource } from '../shared/scl-source.js';
import { StatusLine } from '../shared/status.js';
import { parseTags } from '../shared/tag-list.js';
import { registerTagRoutes } from '../shared/tag-routes.js';
import { importScl, type ImportOutput, type ImportRequest, type PointSelection } from './import-scl.js';

interface SclImportDef extends VersionedDef {
  sclFile?: unknown;
  sclIed?: string;
  sclAccessPoint?: string;
  output?: string;
  points?: string;
  tags?: unknown[];
}

const OUTPUTS: readonly ImportOutput[] = ['points', 'connection', 'model'];
const SELECTIONS: readonly PointSelection[] = ['chosen', 'recommended', 'objects', 'attributes'];

export = function (red: RED): void {
  function SclImport(this: Node, saved: SclImportDef): void {
    createNode(red, this, saved);
    const config = migrate(saved, []);
    const status = new StatusLine(this);
    const field = (value: unknown): string => expandEnvironment(text(value), nodeEnvironment(red, this));

    this.on('input', (msg: NodeMessageInFlow, send, done) => {
      status.busy('reading');
      const work = async (): Promise<NodeMessage> => {
        const document = await openDocument(red, msg, () =>
          typeof config.sclFile === 'string' ? field(config.sclFile) : config.sclFile,
        );
        const result = importScl(document, requestOf(config, msg, field));
        status.ok(result.status);
        return { ...msg, ...result.properties };
      };
      work().then(
        (message) => {
          send(message);
          done();
        },
        (error: unknown) => {
          status.bad('no result');
          done(explain(error));
        },
      );
    });
    this.on('close', () => status.close());
  }

  red.nodes.registerType('scl-import', SclImport);
  registerSclRoutes(red);
  registerBrowseRoutes(red);
  registerTagRoutes(red);
};

/**
 * The file that a message brings, as octets, as text or by its path, or else the one of the node. Paths of messages
 * obey the same rules as those of the node.
 */
async function openDocument(red: RED, msg: NodeMessageInFlow, configured: () => unknown): Promise<SclDocument> {
  const { payload, filename } = msg;
  if (Buffer.isBuffer(payload)) return loadScl(payload);
  if (typeof payload === 'string' && /^[\ufeff\s]*</.test(payload)) return loadScl(payload, { path: false });
  // The payload is a path only when it looks like one: a flow may start the node with anything.
  const path = [text(filename), typeof payload === 'string' && /\.\w+\s*$/.test(payload) ? payload : ''].find(Boolean);
  const source = parseSclSource(path ?? configured());
  if (!source)
    throw new ArgumentError('There is no SCL file', 'Choose one in the node, or send its path, text or Buffer.');
  return sclLibrary(red).open(source);
}

function requestOf(config: SclImportDef, msg: NodeMessageInFlow, field: (value: unknown) => string): ImportRequest {
  const output = OUTPUTS.find((known) => known === config.output) ?? 'points';
  const chosen = parseTags(config.tags ?? []);
  const wanted = SELECTIONS.find((known) => known === config.points) ?? 'chosen';
  return {
    output,
    // A node in which nothing was ticked is used for what is recommended.
    points: wanted === 'chosen' && chosen.length === 0 ? 'recommended' : wanted,
    ied: typeof msg.ied === 'string' ? msg.ied : field(config.sclIed),
    accessPoint: typeof msg.accessPoint === 'string' ? msg.accessPoint : field(config.sclAccessPoint),
    chosen,
  };
}
