/** Everything of a server but its sockets: the variables of a model, what clients may do with them, and updates. */
import type { IedModel } from '../model/ied-model.js';
import { ServerAccess } from './access/server-access.js';
import type { ClientSession } from './client-session.js';
import type { ControlHandler } from './control/control-handler.js';
import { DataSets } from './data-sets/data-sets.js';
import type { Tell } from './events.js';
import { GooseControlBlocks } from './goose/goose-control-blocks.js';
import { identityOf } from './identity.js';
import { buildNameSpace } from './model-builder.js';
import { checkOptions, type CheckedOptions, type IedServerOptions } from './options.js';
import { makeParts } from './parts.js';
import { makeStore } from './persistence/index.js';
import type { Store } from './persistence/store.js';
import { Points } from './points.js';
import { Problems } from './problems.js';
import { readPoint, type ServerValue } from './read-point.js';
import type { OwnerDecisions, ServerContext, ServerPart } from './server-part.js';
import { Services } from './services/index.js';
import { SettingGroups } from './setting-groups/setting-groups.js';
import { WriteService, type WriteDecision } from './services/write.js';
import { UpdateTransaction, type Update, type UpdateOptions, type UpdateResult } from './update.js';
import { ValueStore } from './value-store.js';
import { ValueWatches } from './value-watches.js';

export class ServerCore {
  readonly options: CheckedOptions;
  readonly services: Services;
  readonly problems = new Problems();
  readonly dataSets: DataSets;
  readonly access: ServerAccess;
  readonly goose: GooseControlBlocks;
  readonly watches: ValueWatches;
  private readonly points: Points;
  private readonly values = new ValueStore();
  private readonly parts: readonly ServerPart[];
  private readonly writes: WriteService;
  private readonly store: Store;
  private restored = false;
  private opening = new AbortController();
  private readonly owner: OwnerDecisions = {};

  /** @throws ArgumentError, LimitError */
  constructor(model: IedModel, options: IedServerOptions, tellOwner: Tell) {
    this.options = checkOptions(options);
    const now = (): number => Date.now();
    this.access = new ServerAccess(this.options.access, tellOwner, now);
    const { tell, audit } = this.access;
    const nameSpace = buildNameSpace(model, this.problems);
    const dataSets = new DataSets(nameSpace);
    this.dataSets = dataSets;
    this.points = new Points(nameSpace);
    this.watches = new ValueWatches(this.points, this.values);
    this.store = makeStore(model, this.options, this.problems, tell);
    const context: ServerContext = {
      model,
      nameSpace,
      dataSets,
      points: this.points,
      values: this.values,
      store: this.store,
      options: this.options,
      problems: this.problems,
      tell,
      audit,
      observe: (observer) => this.access.observe(observer),
      owner: this.owner,
      now,
    };
    this.parts = makeParts(context);
    this.goose = new GooseControlBlocks(context);
    this.writes = new WriteService(context);
    this.services = new Services(nameSpace, dataSets, identityOf(model, options), this.writes, this.parts, audit);
  }

  /** @param now ms since 1970, where a time is filled in */
  update(updates: readonly Update[], now: number, options?: UpdateOptions): UpdateResult {
    return new UpdateTransaction(this.points, this.values, this.options.timeQuality, now).run(updates, options);
  }

  read(reference: string): ServerValue {
    return readPoint(this.points, reference);
  }

  /** Asks `decision` for each write that the options allow; undefined asks nobody. */
  decideWrites(decision: WriteDecision | undefined): void {
    this.owner.write = decision;
  }

  get settingGroups(): SettingGroups {
    // Every server has this part, with nothing in it when its model has no setting groups.
    return this.parts.find((part) => part instanceof SettingGroups) as SettingGroups;
  }

  /** Asks `handler` for each command that passes the server's own checks; undefined asks nobody. */
  decideControls(handler: ControlHandler | undefined): void {
    this.owner.control = handler;
  }

  /** A client has associated. */
  opened(session: ClientSession): void {
    for (const part of this.parts) part.sessionOpened?.(session);
  }

  /** An association is over. */
  closed(session: ClientSession): void {
    for (const part of this.parts) part.sessionClosed?.(session);
  }

  /** Opens the store and puts back what it has. @throws StoreError */
  async prepare(): Promise<void> {
    await this.access.open();
    await this.store.open(this.opening.signal);
    if (this.restored) return;
    for (const part of this.parts) part.restore?.();
    this.restored = true;
    this.store.commit();
  }

  /** The server is closed before it was opened: what it still waits for ends. */
  cancel(): void {
    this.opening.abort();
  }

  /** The server begins to listen. */
  start(): void {
    for (const part of this.parts) part.start?.();
  }

  /** The server has closed. */
  async stop(): Promise<void> {
    this.opening = new AbortController();
    try {
      for (const part of this.parts) await part.stop?.();
    } finally {
      this.store.close();
      await this.access.close();
    }
  }
}
