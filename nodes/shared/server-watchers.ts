/** Nodes that hear of what clients of a server do, and are asked whether they may. */
import type { AccessEvent } from '../../src/server/access-log.js';
import type { ControlAnswer, ControlCommand, Controlled } from '../../src/server/control/control-handler.js';
import type { IedServer } from '../../src/server/ied-server.js';
import type { WriteRequest } from '../../src/server/services/write.js';

export interface ServerWatcher {
  /** What a client did, or was refused; commands come to {@link controlled} alone. */
  happened(event: AccessEvent): void;
  /** A command of a client, and what came of it. */
  controlled(event: Controlled): void;
  /** Undefined when the command is no matter of this watcher. */
  decideControl?(command: ControlCommand): Promise<ControlAnswer> | undefined;
  /** As {@link decideControl}; the decision is the number of a DataAccessError, or undefined to take the value. */
  decideWrite?(request: WriteRequest): Promise<number | undefined> | undefined;
}

/** A command that nobody is asked about is refused as if the server had no owner. */
const NOBODY_ASKED: ControlAnswer = { addCause: 'Not-supported' };

type Watched = Pick<IedServer, 'on' | 'onControl' | 'decideWrites'>;

export class ServerWatchers {
  private readonly watchers = new Set<ServerWatcher>();
  private server: Watched | undefined;

  /** @returns takes the watcher off again */
  add(watcher: ServerWatcher): () => void {
    this.watchers.add(watcher);
    this.refresh();
    return () => {
      this.watchers.delete(watcher);
      this.refresh();
    };
  }

  /** Watches another server from now on. */
  attach(server: Watched): void {
    this.server = server;
    server.on('access', (event) => {
      // A command is told with all that is known of it.
      if (event.action !== 'control') for (const watcher of this.watchers) watcher.happened(event);
    });
    server.on('controlled', (event) => {
      for (const watcher of this.watchers) watcher.controlled(event);
    });
    this.refresh();
  }

  /** The server asks only while there is somebody who answers. */
  private refresh(): void {
    const all = [...this.watchers];
    this.server?.onControl(
      all.some((watcher) => watcher.decideControl !== undefined) ? (command) => this.askControl(command) : undefined,
    );
    this.server?.decideWrites(
      all.some((watcher) => watcher.decideWrite !== undefined) ? (request) => this.askWrite(request) : undefined,
    );
  }

  /** The first answer of those who are asked counts. */
  private askControl(command: ControlCommand): Promise<ControlAnswer> {
    const asked = [...this.watchers].flatMap((watcher) => watcher.decideControl?.(command) ?? []);
    return asked.length > 0 ? Promise.race(asked) : Promise.resolve(NOBODY_ASKED);
  }

  private askWrite(request: WriteRequest): Promise<number | undefined> | undefined {
    const asked = [...this.watchers].flatMap((watcher) => watcher.decideWrite?.(request) ?? []);
    return asked.length > 0 ? Promise.race(asked) : undefined;
  }
}
