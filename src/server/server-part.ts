/** A part of the server that adds services or behaviours: reports, control, setting groups, files, logs. */
import type { IedModel } from '../model/ied-model.js';
import type { ServiceRequest } from '../mms/services.js';
import type { ClientSession } from './client-session.js';
import type { Audit } from './access/audit.js';
import type { ControlHandler } from './control/control-handler.js';
import type { DataSets } from './data-sets/data-sets.js';
import type { Observer, Tell } from './events.js';
import type { MaybePromise } from './maybe-promise.js';
import type { NameSpace } from './name-space.js';
import type { CheckedOptions } from './options.js';
import type { Store } from './persistence/store.js';
import type { Points } from './points.js';
import type { Problems } from './problems.js';
import type { Answer } from './services/answer.js';
import type { WriteDecision } from './services/write.js';
import type { ValueStore } from './value-store.js';

/** What the owner of the server decides; set and changed while it runs. */
export interface OwnerDecisions {
  /** Asked for each command of a client; without it commands are refused, or simulated by option. */
  control?: ControlHandler | undefined;
  /** Asked for each write of a client that is allowed, and for the choice of another active setting group. */
  write?: WriteDecision | undefined;
}

/** What every part gets. */
export interface ServerContext {
  readonly model: IedModel;
  readonly nameSpace: NameSpace;
  /** Data sets by their names, and who uses them. */
  readonly dataSets: DataSets;
  readonly points: Points;
  readonly values: ValueStore;
  readonly options: CheckedOptions;
  /** What survives a restart, where the owner gave a folder for it. */
  readonly store: Store;
  /** What of the file could not be served. */
  readonly problems: Problems;
  /** Tells the owner of the server. */
  readonly tell: Tell;
  /** Lets a part hear of what the owner is told. */
  readonly observe: (observer: Observer) => void;
  /** Where what clients do is written down, refusals above all. */
  readonly audit: Audit;
  readonly owner: OwnerDecisions;
  /** ms since 1970. */
  now(): number;
}

export type ServiceName = Exclude<ServiceRequest['service'], 'other'>;
type RequestOf<S extends ServiceName> = Extract<ServiceRequest, { service: S }>;

/**
 * Answers one confirmed service.
 * @param maxLength octets that the response may have
 */
export type ServiceHandler<S extends ServiceName> = (
  session: ClientSession,
  request: RequestOf<S>,
  maxLength: number,
) => MaybePromise<Answer>;

export type ServiceHandlers = { readonly [S in ServiceName]?: ServiceHandler<S> };

export interface ServerPart {
  /** Services that it answers; Initiate announces them. */
  readonly services?: ServiceHandlers;
  sessionOpened?(session: ClientSession): void;
  /** The association is over, however it ended. */
  sessionClosed?(session: ClientSession): void;
  /** Puts back what was kept in the store, before the server listens for the first time. */
  restore?(): void;
  /** The server begins to listen. */
  start?(): void;
  /** The server has closed: timers are cleared, files closed. It may start again. */
  stop?(): MaybePromise<void>;
}
