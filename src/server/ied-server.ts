/** An IEC 61850 server: one access point of an IED, served to any number of clients. */
import { EventEmitter } from 'node:events';
import { ConnectionError } from '../errors.js';
import type { IedModel } from '../model/ied-model.js';
import { loadScl } from '../scl/index.js';
import type { SclDocument } from '../scl/document.js';
import type { ControlHandler } from './control/control-handler.js';
import type { IedServerEvents } from './events.js';
import type { GooseControlBlocks } from './goose/goose-control-blocks.js';
import { Listener } from './listener.js';
import type { IedServerOptions } from './options.js';
import type { ServerProblem } from './problems.js';
import type { ServerValue } from './read-point.js';
import { servedModel } from './served-model.js';
import { ServerCore } from './server-core.js';
import { tellDiagnostics } from './server-diagnostics.js';
import type { WriteDecision } from './services/write.js';
import type { SettingGroups } from './setting-groups/setting-groups.js';
import type { Update, UpdateOptions, UpdateResult } from './update.js';

export interface IedServerFromSclOptions extends IedServerOptions {
  /** IED of the file; by default its first one with a server. */
  ied?: string;
  /** Access point of the IED; by default its first one with a server. */
  accessPoint?: string;
}

export class IedServer extends EventEmitter<IedServerEvents> {
  private readonly core: ServerCore;
  private listener: Listener | undefined;

  private constructor(
    readonly model: IedModel,
    options: IedServerOptions,
  ) {
    super();
    this.core = new ServerCore(model, options, (event, ...values) => this.tell(event, ...values));
  }

  /**
   * A server of one IED of an SCL file.
   * @param scl a document, a path, or the content of a file
   * @throws SclError, ArgumentError, LimitError
   */
  static async fromScl(scl: SclDocument | string | Buffer, options: IedServerFromSclOptions = {}): Promise<IedServer> {
    const document = typeof scl === 'string' || Buffer.isBuffer(scl) ? await loadScl(scl) : scl;
    const { ied, accessPoint, ...rest } = options;
    return new IedServer(servedModel(document, ied, accessPoint), rest);
  }

  /** @throws ArgumentError, LimitError */
  static fromModel(model: IedModel, options: IedServerOptions = {}): IedServer {
    return new IedServer(model, options);
  }

  /** What the file says and this server leaves out or cannot use. */
  get problems(): readonly ServerProblem[] {
    return this.core.problems.list;
  }

  /** Setting groups as their owner sees them: `list()`, and `activate(group)` as a client does by SelectActiveSG. */
  get settingGroups(): Pick<SettingGroups, 'list' | 'activate'> {
    return this.core.settingGroups;
  }

  /** GOOSE control blocks: who publishes them, and which are enabled. Nothing is published by itself. */
  get goose(): Pick<GooseControlBlocks, 'setOutlet' | 'scan' | 'enabled'> {
    return this.core.goose;
  }

  /** TCP connections of clients. */
  get connections(): number {
    return this.listener?.connections ?? 0;
  }

  /** Starts to listen. @throws ListenError, ConnectionError when it listens already, StoreError for a bad `dataDir` */
  async listen(): Promise<{ host: string; port: number }> {
    if (this.listener) throw new ConnectionError('the server listens already', 'Close it first.');
    const listener = new Listener(this.core, {
      associated: (client) => this.core.access.tell('clientConnected', client),
      closed: (client, wasAssociated, error) => {
        if (wasAssociated) this.core.access.tell('clientDisconnected', client, error);
        else this.core.access.tell('clientRefused', client, error?.message ?? 'it did not associate');
      },
      refused: (client, why) => this.core.access.tell('clientRefused', client, why),
      warning: (text) => this.tell('warning', text),
      failed: (error) => this.failed(error),
    });
    this.listener = listener;
    try {
      const address = await listener.listen();
      this.core.start();
      return address;
    } catch (error) {
      this.listener = undefined;
      await this.core.stop();
      throw error;
    }
  }

  /** Ends all associations and stops to listen, within two seconds. May listen again afterwards. */
  async close(): Promise<void> {
    const { listener } = this;
    if (!listener) return;
    await listener.close();
    if (this.listener !== listener) return;
    this.listener = undefined;
    await this.core.stop();
  }

  /**
   * Sets values in one transaction: a client's read sees all of them or none. What is wrong is listed, and leaves the
   * others alone, unless `allOrNothing` is set. Quality and time that are not given are filled in: good, now.
   */
  update(updates: readonly Update[], options?: UpdateOptions): UpdateResult {
    return this.core.update(updates, Date.now(), options);
  }

  /**
   * The server's own value of `LD/LN.DO.DA[FC]`, or of a data object with quality and time.
   * @throws ArgumentError, DataAccessError when there is no such object
   */
  read(reference: string): ServerValue {
    return this.core.read(reference);
  }

  /**
   * Tells of a value whenever it is set, by its owner, a client or the server itself, to another value or the same; the new
   * value is in place then.
   * @param reference of one attribute, or of a data object for its principal value
   * @returns ends it
   * @throws ArgumentError, DataAccessError when there is no such object
   */
  watch(reference: string, listener: (value: ServerValue) => void): () => void {
    return this.core.watches.add(reference, (value) => {
      try {
        listener(value);
      } catch (error) {
        this.failed(error);
      }
    });
  }

  /**
   * Asks for each write that `writable` allows, the choice of an active setting group among them (`LLN0.SGCB.ActSG[SP]`),
   * before it is taken: the decision gives undefined, or the number of a DataAccessError (3 access denied, 11 value
   * invalid, 2 temporarily unavailable), at once or by a promise.
   */
  decideWrites(decision: WriteDecision | undefined): void {
    this.core.decideWrites(decision);
  }

  /**
   * Asks for each command of a client that passes the server's own checks: selection, mode, switching authority, parameters
   * (IEC 61850-7-2 §20). Without a handler commands are refused, unless the option `operate` is `simulate`.
   */
  onControl(handler: ControlHandler | undefined): void {
    this.core.decideControls(handler);
  }

  /** Tells listeners; one that throws does not hurt the client whose request it was. */
  private tell<E extends keyof IedServerEvents>(event: E, ...values: IedServerEvents[E]): void {
    if (event === 'access') tellDiagnostics(this.model.name, values[0] as IedServerEvents['access'][0]);
    try {
      (this.emit as (event: E, ...values: IedServerEvents[E]) => boolean).call(this, event, ...values);
    } catch (error) {
      if (event !== 'error') this.failed(error);
    }
  }

  private failed(error: unknown): void {
    // Without a listener this event would end the process.
    if (this.listenerCount('error') > 0) this.tell('error', error instanceof Error ? error : new Error(String(error)));
  }
}
