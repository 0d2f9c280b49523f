/**
 * What an `iec61850-server` shows of subscriptions that a node has: LGOS for GOOSE, LSVS for sampled values; and whether its
 * LPHD.Sim lets simulated messages in (IEC 61850-7-4 §6.3). Which logical node supervises which control block is what
 * `GoCBRef.setSrcRef` or `SvCBRef.setSrcRef` of the model says.
 *
 *   const host = supervisingServer(red, this, config.server);     // undefined: no server was chosen
 *   const supervision = host && supervise(receiver, host, 'LSVS', { failed: (error) => …, log: (text) => node.log(text) });
 *   await supervision?.close();                                   // the values become invalid: nobody knows any more
 *
 * `tell` may be called with every change and as often as one likes: what matters at once is set at once, and counts that
 * run are set ten times a second at most. What is the same as before is not set again.
 */
import {
  simulationReferences,
  SupervisionNodes,
  type SubscriptionState,
  type SupervisionClass,
} from '../../src/gateway/process-bus/index.js';
import { SUPERVISION_INTERVAL_MS } from '../../src/limits.js';
import type { IedServer } from '../../src/server/ied-server.js';
import type { Node, RED } from './red.js';
import type { ServerHost, ServerLease } from './server-host.js';
import { serverNode } from './server-node.js';

export interface SupervisionHandler {
  /** Simulated messages are taken, or no longer. Told once the server is open, and at each change. */
  simulation(allowed: boolean): void;
  /** The server cannot show what it should; told once for each reference. */
  failed(error: Error): void;
  /** The server is open, and no logical node of it supervises these control blocks. */
  unsupervised?(controlBlocks: readonly string[]): void;
}

/** The server that a node has chosen to show its subscriptions; one that is missing is told of, and the node goes on without. */
export function supervisingServer(red: RED, node: Node, id: unknown): ServerHost | undefined {
  if (id === undefined || id === '') return undefined;
  const host = serverNode(red, id)?.host;
  if (!host) node.warn('The server that shows the subscriptions is missing or disabled: choose another one, or none.');
  return host;
}

interface Opened {
  server: IedServer;
  nodes: SupervisionNodes;
}

export class Supervision {
  private readonly lease: ServerLease;
  private opened: Opened | undefined;
  private readonly told = new Map<string, SubscriptionState>();
  private readonly waiting = new Set<string>();
  private readonly failures = new Set<string>();
  private watches: (() => void)[] = [];
  private allowed: boolean | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    host: ServerHost,
    lnClass: SupervisionClass,
    private readonly handler: SupervisionHandler,
  ) {
    this.lease = host.acquire(() => undefined);
    this.lease.server().then(
      (server) => this.begin(server, lnClass),
      // The server's own node tells why it cannot be opened.
      () => undefined,
    );
  }

  /** Logical nodes that show a subscription, `LD/LN`; none before the server is open. */
  shownBy(controlBlock: string): string[] {
    return this.opened?.nodes.of(controlBlock) ?? [];
  }

  tell(state: SubscriptionState): void {
    const before = this.told.get(state.controlBlock);
    if (before && sameState(before, state) && sameCounts(before, state)) return;
    this.told.set(state.controlBlock, state);
    this.waiting.add(state.controlBlock);
    if (!before || !sameState(before, state)) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), SUPERVISION_INTERVAL_MS);
  }

  /** Ends: the last values stay, and are invalid. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.timer);
    for (const end of this.watches) end();
    const { opened } = this;
    if (opened)
      this.set(
        opened.server,
        [...this.told.keys()].flatMap((block) => opened.nodes.endUpdates(block)),
      );
    this.lease.release();
  }

  private begin(server: IedServer, lnClass: SupervisionClass): void {
    if (this.closed) return;
    this.opened = { server, nodes: new SupervisionNodes(server, lnClass) };
    const references = simulationReferences(server.model);
    const look = (): void => this.simulation(references.some((reference) => server.read(reference).value === true));
    this.watches = references.map((reference) => server.watch(reference, look));
    if (references.length > 0) look();
    this.flush();
    const none = [...this.told.keys()].filter((controlBlock) => this.shownBy(controlBlock).length === 0);
    if (none.length > 0) this.handler.unsupervised?.(none);
  }

  private simulation(allowed: boolean): void {
    if (allowed === this.allowed) return;
    this.allowed = allowed;
    this.handler.simulation(allowed);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { opened } = this;
    if (!opened || this.closed) return;
    const states = [...this.waiting].flatMap((block) => this.told.get(block) ?? []);
    this.waiting.clear();
    this.set(
      opened.server,
      states.flatMap((state) => opened.nodes.updates(state)),
    );
  }

  private set(server: IedServer, updates: Parameters<IedServer['update']>[0]): void {
    if (updates.length === 0) return;
    for (const { reference, message } of server.update(updates).errors) {
      if (this.failures.has(reference)) continue;
      this.failures.add(reference);
      this.handler.failed(new Error(`supervision: ${reference} ${message}`));
    }
  }
}

function sameState(a: SubscriptionState, b: SubscriptionState): boolean {
  return (
    a.live === b.live &&
    a.simulated === b.simulated &&
    a.needsCommissioning === b.needsCommissioning &&
    a.confRev === b.confRev &&
    a.receivedConfRev === b.receivedConfRev &&
    a.smpSynch === b.smpSynch
  );
}

function sameCounts(a: SubscriptionState, b: SubscriptionState): boolean {
  return a.stNum === b.stNum && a.outOfOrder === b.outOfOrder && a.expiries === b.expiries && a.lost === b.lost;
}

/** What a receiver of the process bus is to its supervision. */
export interface SupervisedReceiver {
  readonly subscriptions: readonly SubscriptionState[];
  setSimulation(allowed: boolean): void;
  on(event: 'supervised', listener: (state: SubscriptionState) => void): unknown;
}

const REFERENCES: Readonly<Record<SupervisionClass, string>> = { LGOS: 'a GoCBRef', LSVS: 'an SvCBRef' };

/** Shows all subscriptions of a receiver in a server, now and at each change, and lets its LPHD.Sim rule. */
export function supervise(
  receiver: SupervisedReceiver,
  host: ServerHost,
  lnClass: SupervisionClass,
  out: { failed(error: Error): void; log(text: string): void },
): Supervision {
  const supervision = new Supervision(host, lnClass, {
    simulation: (allowed) => receiver.setSimulation(allowed),
    failed: (error) => out.failed(error),
    unsupervised: (blocks) =>
      out.log(`no ${lnClass} of the server has ${REFERENCES[lnClass]} that names ${blocks.join(', ')}`),
  });
  receiver.on('supervised', (state) => supervision.tell(state));
  for (const state of receiver.subscriptions) supervision.tell(state);
  return supervision;
}
