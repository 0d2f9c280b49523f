/** What a `goose-out` node does: the values of a model, one control block of it, and the link that it is sent on. */
import { SecuredLink } from '../../src/bus-link/secured-link.js';
import { UdpLink } from '../../src/bus-link/udp-link.js';
import { ArgumentError } from '../../src/errors.js';
import type { FrameLink, LinkHandler } from '../../src/ethernet/frame-link.js';
import { openLink } from '../../src/ethernet/open-link.js';
import { gooseBlock, type GooseBlock } from '../../src/gateway/process-bus/index.js';
import { IedServer } from '../../src/server/ied-server.js';
import type { Update, UpdateError, UpdateResult } from '../../src/server/update.js';
import { explain } from '../shared/explain.js';
import type { NodeMessage } from '../shared/red.js';
import type { SclLibrary } from '../shared/scl-library.js';
import { openGoose, type GooseOnLink } from '../shared/server-goose.js';
import type { StatusLine } from '../shared/status.js';
import { messageUpdates, updateError, type OutMessage } from '../shared/message-updates.js';
import { withReferences } from './named-values.js';
import type { GooseOutSettings } from './goose-out-settings.js';

export interface GooseSenderOutput {
  status: StatusLine;
  error(error: Error, message: NodeMessage): void;
}

/** The values, and where they are published. */
interface Opened {
  server: IedServer;
  /** The control block that is published. */
  published: GooseBlock;
  goose: GooseOnLink;
}

export class GooseSender {
  private readonly opened: Promise<Opened>;
  private up = true;
  /** References of values that have to be given before anything can be published. */
  private readonly missing: Set<string>;

  constructor(
    private readonly settings: GooseOutSettings,
    library: SclLibrary,
    private readonly out: GooseSenderOutput,
  ) {
    const { choice } = settings;
    this.missing = new Set(choice.mode === 'typed' ? choice.publisher.missing : []);
    this.opened = this.open(library);
    this.opened.then(
      ({ goose }) => this.show(goose),
      (error: unknown) => this.failed('not publishing', error),
    );
  }

  /**
   * Takes the values of a message, and the bits of `msg.goose`.
   * @returns what is wrong with parts of it
   * @throws ArgumentError when it has no value at all
   */
  async take(message: OutMessage & { goose?: unknown }): Promise<unknown[]> {
    const { server, goose, published } = await this.opened;
    const bits = bitsOf(message.goose);
    if (bits) goose.publishing.set(bits);
    if (bits && message.payload === undefined) return [];
    const { updates, errors } = messageUpdates(...this.named(message));
    const result = server.update(updates);
    this.given(updates, result, () => goose.publishing.start([published.reference]));
    this.show(goose);
    return [...errors, ...result.errors.map((error) => updateError(this.unnamed(error)))];
  }

  async close(): Promise<void> {
    const opened = await this.opened.catch(() => undefined);
    await opened?.goose.close();
  }

  /** Message and reference of the node, with references in place of the names of members that were typed in. */
  private named(message: OutMessage): [OutMessage, string] {
    const { choice, reference } = this.settings;
    if (choice.mode !== 'typed') return [message, reference];
    const { references } = choice.publisher;
    return [withReferences(message, references), references.get(reference) ?? reference];
  }

  private unnamed(error: UpdateError): UpdateError {
    const { choice } = this.settings;
    const known = choice.mode === 'typed' ? [...choice.publisher.references] : [];
    const name = known.find(([, reference]) => reference === error.reference)?.[0];
    return name === undefined ? error : { ...error, reference: name };
  }

  /** Publishing begins when the last value that was missing is there. */
  private given(updates: readonly Update[], { errors }: UpdateResult, begin: () => void): void {
    if (this.missing.size === 0) return;
    const failed = new Set(errors.map(({ index }) => index));
    for (const [index, { reference, value }] of updates.entries()) {
      if (!failed.has(index) && value !== null && value !== undefined) this.missing.delete(reference);
    }
    if (this.missing.size === 0) begin();
  }

  /** A model, and the control block of it that is published. */
  private async model(library: SclLibrary): Promise<{ server: IedServer; block: string }> {
    const { choice } = this.settings;
    if (choice.mode === 'scl') {
      const { file, ied, block } = choice;
      return { server: await IedServer.fromScl(await library.open(file), ied === '' ? {} : { ied }), block };
    }
    const { model, reference } = choice.publisher;
    const server = IedServer.fromModel(model);
    const [problem] = server.problems;
    if (problem) throw new ArgumentError(`What was typed in cannot be published: ${problem.message}`);
    return { server, block: reference };
  }

  private async open(library: SclLibrary): Promise<Opened> {
    const { choice, simulation, over } = this.settings;
    const { server, block } = await this.model(library);
    const published = gooseBlock(server.model, block);
    const typed = choice.mode === 'typed' ? choice.publisher : undefined;
    const goose = await openGoose(
      server,
      (handler) => this.openLink(published, handler),
      {
        only: this.missing.size > 0 ? [] : [published.reference],
        simulation,
        ...(over.kind === 'udp' && { destination: 'UDP' }),
        ...(typed && { datSet: typed.datSet }),
        ...(typed?.timeAllowedToLive !== undefined && { timeAllowedToLive: typed.timeAllowedToLive }),
      },
      {
        state: (up) => {
          this.up = up;
          this.show(goose);
        },
        failed: (error) => this.failed('not sent', error),
      },
    );
    return { server, published, goose };
  }

  private openLink({ reference, block }: GooseBlock, handler: LinkHandler): Promise<FrameLink> {
    const { over, security } = this.settings;
    if (over.kind === 'ethernet') {
      return SecuredLink.open(security, handler, (inner) => openLink(over.interface, inner));
    }
    // A file of IEC 61850-8-1 Amendment 1 has the group in the control block's address.
    const address = over.to.address || (block.address?.parameters?.IP ?? '');
    if (address === '') {
      throw new ArgumentError(
        `no multicast group or address is given for ${reference}, and its file has none`,
        'Open the node and give it.',
      );
    }
    const { version, coverage, to } = over;
    return UdpLink.open({ ...to, address, version, coverage, ...security, direction: 'send' }, handler);
  }

  private failed(status: string, error: unknown): void {
    this.out.status.bad(status);
    this.out.error(explain(error), { topic: 'goose' });
  }

  private show({ failing }: GooseOnLink): void {
    if (failing) return;
    const { size } = this.missing;
    if (size > 0) this.out.status.idle(size === 1 ? '1 value missing' : `${size} values missing`);
    else if (this.up) this.out.status.ok(this.settings.simulation ? 'simulating' : 'publishing');
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
