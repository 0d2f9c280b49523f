/** Who has selected a controllable object: one client, until sboTimeout, an operate, a Cancel or its end (IEC 61850-7-2 §20.3). */
import type { ClientSession } from '../client-session.js';
import type { Holder } from './control-checks.js';
import type { ControlCommand } from './control-handler.js';
import type { ControlHost } from './control-host.js';
import type { ControlObject } from './control-object.js';
import type { ControlParameters } from './control-parameters.js';
import type { ControlStatus } from './control-status.js';

/** One selection, from the moment at which a client asks for it. */
interface Selected extends Holder {
  readonly command: ControlCommand;
}

export class ControlSelection {
  private selected: Selected | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** @param released called when the object is free */
  constructor(
    private readonly object: ControlObject,
    private readonly status: ControlStatus,
    private readonly host: ControlHost,
    private readonly released: () => void,
  ) {}

  get holder(): Holder | undefined {
    return this.selected;
  }

  heldBy(session: ClientSession): boolean {
    return this.selected?.session === session;
  }

  /** Held while the owner decides, so that no other client comes between. */
  ask(session: ClientSession, parameters: ControlParameters | undefined, command: ControlCommand): Holder {
    this.selected = { session, parameters, command, deciding: true };
    return this.selected;
  }

  /** The owner has decided for it: it holds from now on. */
  confirm(): void {
    if (!this.selected) return;
    this.selected.deciding = false;
    this.hold();
    this.status.selected(true);
  }

  /** An operate is on its way: the time stands still. */
  pause(): void {
    clearTimeout(this.timer);
  }

  /** An operate has ended: an object that is good for one is free, one for many is held for the next. */
  operated(): void {
    const { selected } = this;
    if (!selected) return;
    if (!this.object.operateMany || !selected.session.open) {
      this.release();
      return;
    }
    // The selection stood for the first operate's parameters.
    selected.parameters = undefined;
    this.hold();
  }

  /** @param reason why it ended without an operate, when its client did not end it */
  release(reason?: string): void {
    const { selected } = this;
    if (!selected) return;
    clearTimeout(this.timer);
    this.selected = undefined;
    if (!selected.deciding) {
      this.status.selected(false);
      if (reason !== undefined) this.host.tell(selected.command, 'released', undefined, reason);
    }
    this.released();
  }

  /** It lasts for sboTimeout from now. */
  private hold(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.release('sboTimeout is over'), this.object.sboTimeout);
  }
}
