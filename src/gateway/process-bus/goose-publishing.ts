/** A server's GOOSE control blocks as frames on an interface. */
import { ArgumentError, Iec61850Error } from '../../errors.js';
import { fixedLengthData } from '../../goose/fixed-length.js';
import { EtherType } from '../../goose/frame.js';
import { GoosePublisher, type GoosePublisherOptions } from '../../goose/publisher.js';
import { GOOSE_SCAN_MS } from '../../limits.js';
import { memberNode, type MemberNode } from '../../model/member-node.js';
import { msToUtcTime } from '../../model/timestamp.js';
import type { GooseOutlet, IedServer, ServedGoose } from '../../server/index.js';
import { gooseBlock } from './goose-control-block.js';

/** What an interface is given to send. */
export interface OutgoingFrame {
  destination: string;
  vlan?: { id: number; priority: number };
  etherType: number;
  payload: Buffer;
}

export interface GoosePublishingOptions {
  /** References of the control blocks, `LD/LN.name`; by default all that the server has. */
  only?: readonly string[];
  simulation?: boolean;
  ndsCom?: boolean;
  /** Where frames go in place of the file's MAC address; R-GOOSE has none. */
  destination?: string;
  /** Name of the data set as frames say it, in place of the model's. */
  datSet?: string;
  /** timeAllowedtoLive of every frame in ms, in place of the one that follows from the repeats. */
  timeAllowedToLive?: number;
  /** How often values are looked at that change without a trigger condition, in ms; 0 never. */
  scan?: number;
  /** Time quality octet of the frames' own time (IEC 61850-8-1 §8.1.3.7). */
  timeQuality?: number;
}

export interface GoosePublishingHandler {
  /** @throws EthernetError when the interface does not take the frame */
  send(frame: OutgoingFrame): void;
  /** A control block cannot be published, or a frame could not be sent. The repeats go on. */
  failed(error: Error): void;
}

interface Published {
  publisher: GoosePublisher;
  destination: string;
  vlan: { id: number; priority: number } | undefined;
  timer: NodeJS.Timeout | undefined;
  /** Types of the members, when they are sent with a fixed length (FixedOffs). */
  fixedLength: readonly MemberNode[] | undefined;
}

/** Accuracy of the frames' time is not known when nobody tells it. */
const UNSPECIFIED_ACCURACY = 31;

export class GoosePublishing implements GooseOutlet {
  /** Frames that left. */
  sent = 0;
  private readonly published = new Map<string, Published>();
  private readonly scanning: NodeJS.Timeout | undefined;

  constructor(
    private readonly server: Pick<IedServer, 'goose' | 'model'>,
    private readonly options: GoosePublishingOptions,
    private readonly handler: GoosePublishingHandler,
    private readonly clock: () => number = () => performance.now(),
  ) {
    const { scan = GOOSE_SCAN_MS } = options;
    if (scan > 0) this.scanning = setInterval(() => server.goose.scan(), scan);
    this.start(options.only);
  }

  /** Begins anew with these control blocks, `LD/LN.name`; without a list with all. */
  start(only?: readonly string[]): void {
    this.server.goose.setOutlet(this, only);
  }

  /** References of the control blocks that publish. */
  get blocks(): string[] {
    return [...this.published.keys()];
  }

  publish(goose: ServedGoose, values: { octets: Buffer; entries: number }, now: number): void {
    this.guarded(() => {
      const entry = this.published.get(goose.reference) ?? this.begin(goose);
      const t = { ...msToUtcTime(now), quality: this.options.timeQuality ?? UNSPECIFIED_ACCURACY };
      const octets = entry.fixedLength ? fixedLengthData(values.octets, entry.fixedLength) : values.octets;
      const frame = entry.publisher.publishEncoded(octets, values.entries, t, this.clock());
      // Repeats are due also when the interface does not take this one.
      this.schedule(entry);
      this.send(entry, frame);
    });
  }

  retract({ reference }: ServedGoose): void {
    clearTimeout(this.published.get(reference)?.timer);
    this.published.delete(reference);
  }

  /** Bits of all frames from now on. */
  set(bits: { simulation?: boolean; ndsCom?: boolean }): void {
    for (const { publisher } of this.published.values()) publisher.set(bits);
  }

  /** Ends publishing. */
  close(): void {
    clearInterval(this.scanning);
    this.server.goose.setOutlet(undefined);
  }

  private begin(goose: ServedGoose): Published {
    const { block, reference, gocbRef, datSet } = goose;
    const { address } = block;
    const destination = this.options.destination ?? address?.mac;
    if (!destination || address?.appId === undefined) {
      throw new ArgumentError(
        `the GOOSE control block ${reference} has no address`,
        'Give it MAC-Address and APPID in the Communication section of the SCL file.',
      );
    }
    const { simulation, ndsCom, timeAllowedToLive } = this.options;
    const fixedLength = block.fixedOffsets === true;
    const options: GoosePublisherOptions = {
      appId: address.appId,
      gocbRef,
      datSet: this.options.datSet ?? datSet,
      goId: block.goId ?? gocbRef,
      confRev: block.confRev ?? 0,
      ...(address.minTime && { minTime: address.minTime }),
      ...(address.maxTime && { maxTime: address.maxTime }),
      ...(simulation !== undefined && { simulation }),
      ...(ndsCom !== undefined && { ndsCom }),
      ...(timeAllowedToLive !== undefined && { timeAllowedToLive }),
      ...(fixedLength && { fixedLength }),
    };
    const { vlanId, vlanPriority } = address;
    const tagged = vlanId !== undefined || vlanPriority !== undefined;
    const entry: Published = {
      publisher: new GoosePublisher(options),
      destination,
      vlan: tagged ? { id: vlanId ?? 0, priority: vlanPriority ?? 4 } : undefined,
      timer: undefined,
      fixedLength: fixedLength ? this.membersOf(reference) : undefined,
    };
    this.published.set(reference, entry);
    return entry;
  }

  private membersOf(reference: string): MemberNode[] {
    const { model } = this.server;
    const members = gooseBlock(model, reference).dataSet?.members ?? [];
    return members.map((member) => memberNode(model, member.reference, member.fc).node);
  }

  private schedule(entry: Published): void {
    clearTimeout(entry.timer);
    const due = entry.publisher.nextWakeup;
    if (due === undefined) return;
    entry.timer = setTimeout(
      () => {
        const frame = entry.publisher.tick(this.clock());
        if (frame) this.guarded(() => this.send(entry, frame));
        // A timer can come a little before its time.
        this.schedule(entry);
      },
      Math.max(1, due - this.clock()),
    );
  }

  /** What fails for a reason that people can do something about is told, and hurts nobody else. */
  private guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      this.handler.failed(error);
    }
  }

  private send({ destination, vlan }: Published, payload: Buffer): void {
    this.handler.send({ destination, etherType: EtherType.goose, payload, ...(vlan && { vlan }) });
    this.sent++;
  }
}
