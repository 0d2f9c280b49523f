/** What a `goose-out` node does: the values of a model, one control block of it, and the link that it is sent on. */
import type { FrameLink } from '../../src/ethernet/frame-link.js';
import { openLink } from '../../src/ethernet/open-link.js';
import { gooseBlock, GoosePublishing } from '../../src/gateway/process-bus/index.js';
import { IedServer } from '../../src/server/ied-server.js';
import { Iec61850Error } from '../../src/errors.js';
import { explain } from '../shared/explain.js';
import type { NodeMessage } from '../shared/red.js';
import type { SclLibrary } from '../shared/scl-library.js';
import type { StatusLine } from '../shared/status.js';
import { messageUpdates, type OutMessage } from '../shared/message-updates.js';
import type { GooseOutSettings } from './goose-out-settings.js';

export interface GooseSenderOutput {
  status: StatusLine;
  error(error: Error, message: NodeMessage): void;
}

export class GooseSender {
  private readonly opened: Promise<{ server: IedServer; publishing: GoosePublishing; link: FrameLink }>;
  private up = true;
  /** The same failure is told once, until a frame leaves again. */
  private failed = '';

  constructor(
    private readonly settings: GooseOutSettings,
    library: SclLibrary,
    private readonly out: GooseSenderOutput,
  ) {
    this.opened = this.open(library);
    this.opened.then(
      () => this.show(),
      (error: unknown) => {
        out.status.bad('not publishing');
        out.error(explain(error), { topic: 'goose' });
      },
    );
  }

  /**
   * Takes the values of a message, and the bits of `msg.goose`.
   * @returns what is wrong with parts of it
   * @throws ArgumentError when it has no value at all
   */
  async take(message: OutMessage & { goose?: unknown }): Promise<unknown[]> {
    const { server, publishing } = await this.opened;
    const bits = bitsOf(message.goose);
    if (bits) publishing.set(bits);
    if (bits && message.payload === undefined) return [];
    const { updates, errors } = messageUpdates(message, this.settings.reference);
    const result = server.update(updates);
    this.show();
    return [
      ...errors,
      ...result.errors.map(
        ({ code, message: text, hint, reference }) => new Iec61850Error(code, text, hint, { tag: reference }),
      ),
    ];
  }

  async close(): Promise<void> {
    const opened = await this.opened.catch(() => undefined);
    opened?.publishing.close();
    await opened?.link.close();
  }

  private async open(
    library: SclLibrary,
  ): Promise<{ server: IedServer; publishing: GoosePublishing; link: FrameLink }> {
    const { file, ied, block, simulation, interface: name } = this.settings;
    const document = await library.open(file);
    const server = await IedServer.fromScl(document, ied === '' ? {} : { ied });
    const { reference } = gooseBlock(server.model, block);
    const link = await openLink(name, {
      frame: () => undefined,
      state: (up) => {
        this.up = up;
        this.show();
      },
      failed: (error) => this.out.error(explain(error), { topic: 'goose' }),
    });
    const publishing = new GoosePublishing(
      server,
      { only: [reference], simulation },
      {
        send: (frame) => {
          link.send(frame);
          this.failed = '';
        },
        failed: (error) => this.report(error),
      },
    );
    return { server, publishing, link };
  }

  private report(error: Error): void {
    if (error.message === this.failed) return;
    this.failed = error.message;
    this.out.status.bad('not sent');
    this.out.error(explain(error), { topic: 'goose' });
  }

  private show(): void {
    if (this.failed !== '') return;
    if (this.up) this.out.status.ok(this.settings.simulation ? 'simulating' : 'publishing');
    else this.out.status.bad('interface down');
  }
}

function bitsOf(value: unknown): { simulation?: boolean; ndsCom?: boolean } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { simulation, ndsCom } = value as Record<string, unknown>;
  const bits = {
    ...(typeof simulation === 'boolean' && { simulation }),
    ...(typeof ndsCom === 'boolean' && { ndsCom }),
  };
  return Object.keys(bits).length > 0 ? bits : undefined;
}
