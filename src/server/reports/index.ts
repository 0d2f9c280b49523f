/** Reports of a server (IEC 61850-7-2 §17.2): its report control blocks, and the events that reach them. */
import { MAX_REPORT_BUFFERS } from '../../limits.js';
import type { IedModel } from '../../model/ied-model.js';
import type { ClientSession } from '../client-session.js';
import type { ServerContext, ServerPart } from '../server-part.js';
import type { Variable } from '../variable.js';
import { BlockArchive, type Unwritten } from './block-archive.js';
import { BufferedBlock } from './buffered-block.js';
import { DataSetRegistry } from './data-set-registry.js';
import { EntryIds } from './entry-ids.js';
import type { BlockHost, BlockPlace } from './block-host.js';
import type { ReportBlock } from './report-block.js';
import { Sender } from './sender.js';
import { UnbufferedBlock } from './unbuffered-block.js';

/** Name in the store. */
const IDS = 'report ids';
/** Bits of a reason for inclusion: Edition 2 added the application trigger. */
const REASON_BITS = { first: 6, later: 7 };

export class Reports implements ServerPart {
  private readonly blocks: ReportBlock[] = [];
  private readonly sender: Sender;
  private readonly ids: EntryIds;
  private readonly unwritten: Unwritten = new Set();
  private running = false;
  private failing = false;

  constructor(private readonly context: ServerContext) {
    const { nameSpace, values, options, model, store } = context;
    const keeps = options.keepReportBuffers && store.persistent;
    const commit = (): void => this.commit();
    const registry = new DataSetRegistry(nameSpace);
    this.sender = new Sender(
      options.access.budget,
      () => performance.now(),
      (error) => context.tell('error', error),
      keeps ? commit : undefined,
    );
    const isRunning = (): boolean => this.running;
    const host: BlockHost = {
      registry,
      sender: this.sender,
      tell: context.tell,
      reasonBits: model.edition === '1' ? REASON_BITS.first : REASON_BITS.later,
      get running() {
        return isRunning();
      },
      now: () => context.now(),
      commit,
      dataSets: context.dataSets,
    };
    const places = [...blocksOf(context)];
    const buffers = places.filter(({ buffered }) => buffered).length;
    const limit = Math.min(options.reportBufferSize, Math.floor(MAX_REPORT_BUFFERS / Math.max(1, buffers)));
    this.ids = EntryIds.from(context.now());
    for (const place of places) {
      const block = place.buffered
        ? new BufferedBlock(
            host,
            place,
            this.ids,
            limit,
            keeps ? (name) => new BlockArchive(store, name, this.unwritten) : undefined,
          )
        : new UnbufferedBlock(host, place);
      place.variable.behaviour = block;
      this.blocks.push(block);
    }
    values.subscribe((changes, now) => registry.changed(changes, now));
    context.dataSets.onChange(() => {
      for (const block of this.blocks) block.dataSetsChanged();
    });
  }

  sessionClosed(session: ClientSession): void {
    for (const block of this.blocks) block.sessionClosed(session);
    this.sender.forget(session);
  }

  restore(): void {
    const { store, options } = this.context;
    if (!options.keepReportBuffers) return;
    this.ids.keepIn(store.map(IDS));
    for (const block of this.blocks) if (block instanceof BufferedBlock) block.restore();
  }

  start(): void {
    this.running = true;
    for (const block of this.blocks) block.start();
  }

  stop(): void {
    this.running = false;
    for (const block of this.blocks) block.stop();
    this.commit();
    this.sender.stop();
  }

  /** What clients are shown from now on is on disk. A disk that does not work is told once, and stops no report. */
  commit(): void {
    for (const archive of this.unwritten) archive.flush();
    this.unwritten.clear();
    try {
      this.context.store.commit();
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.context.tell('error', error as Error);
      this.failing = true;
    }
  }
}

/** Report control blocks of the model, by the variables that stand for them. */
function* blocksOf({ nameSpace, model }: ServerContext): Generator<BlockPlace & { buffered: boolean }> {
  const clients = clientsOf(model);
  for (const domain of nameSpace.domains.values()) {
    for (const logicalNode of domain.logicalNodes.values()) {
      for (const fc of ['RP', 'BR'] as const) {
        for (const variable of controlBlocks(logicalNode.child(fc))) {
          const client = clients.get(`${domain.name}/${logicalNode.name}$${fc}$${variable.name}`);
          yield { domain: domain.name, variable, buffered: fc === 'BR', ...client };
        }
      }
    }
  }
}

/** Addresses of the clients that the file gives control blocks to. Without an address nobody could be told apart. */
function clientsOf({ logicalDevices }: IedModel): Map<string, { preassigned: string }> {
  const found = new Map<string, { preassigned: string }>();
  for (const { name: domain, logicalNodes } of logicalDevices) {
    for (const { name: node, reportControlBlocks } of logicalNodes) {
      for (const { name, buffered, client } of reportControlBlocks) {
        if (client?.address === undefined) continue;
        found.set(`${domain}/${node}$${buffered ? 'BR' : 'RP'}$${name}`, { preassigned: client.address });
      }
    }
  }
  return found;
}

function controlBlocks(group: Variable | undefined): readonly Variable[] {
  return (group?.children ?? []).filter(({ controlBlock }) => controlBlock);
}
