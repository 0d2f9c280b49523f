/** What an `iec61850-read` node does with its session: polls, reads on demand, and says how it goes. */
import { Iec61850Error } from '../../src/errors.js';
import type { IedSession, SessionStateEvent } from '../../src/client/index.js';
import { TagPoller, type PollCycle } from '../../src/gateway/tags/index.js';
import type { Tag } from '../../src/model/tag.js';
import { isUsable, type TagValue } from '../../src/model/tag-value.js';
import { ErrorMemory, explain } from '../shared/explain.js';
import type { SessionLease } from '../shared/ied-connection.js';
import { memberName } from '../shared/member-name.js';
import type { PollTimes } from '../shared/monitor/registry.js';
import { LastValues, PollerRows, type TagRows } from '../shared/monitor/tag-rows.js';
import { tagMessages, type OutputForm } from '../shared/message.js';
import type { NodeMessage } from '../shared/red.js';
import type { StatusLine } from '../shared/status.js';
import { DataSetTags } from './data-set-tags.js';
import type { Wanted } from './message-tags.js';

export interface ReaderOptions {
  tags: readonly Tag[];
  /** `LD/LN.name` of the data set that is read in place of tags. */
  dataSet?: string;
  mode: 'poll' | 'demand';
  output: OutputForm;
  interval: number;
  onChange: boolean;
  initial: boolean;
  deadband: number;
}

export interface ReaderOutput {
  status: StatusLine;
  send(messages: NodeMessage[]): void;
  /** An error that no input message asked for. */
  error(error: Error, message: NodeMessage): void;
}

export class TagReader {
  /** What it polls, or has read on demand, for the sidebar. */
  readonly rows: TagRows;
  private readonly polled: PollerRows;
  private readonly asked = new LastValues();
  private readonly times = new Map<number, PollTimes>();
  private poller: TagPoller | undefined;
  private readonly dataSet: DataSetTags | undefined;
  private readonly errors = new ErrorMemory();
  private readonly session: IedSession;

  constructor(
    private readonly lease: SessionLease,
    private readonly options: ReaderOptions,
    private readonly out: ReaderOutput,
  ) {
    const { session } = lease;
    this.session = session;
    this.polled = new PollerRows(session.name);
    this.rows = options.mode === 'poll' ? this.polled : this.asked;
    if (options.mode === 'poll') {
      if (options.dataSet !== undefined) this.dataSet = this.followDataSet(options.dataSet);
      else if (options.tags.length > 0) this.poller = this.poll(options.tags);
    }
    session.on('state', this.showState);
    this.showState({ state: session.state, ...(session.lastError && { error: session.lastError }) });
  }

  /** How each interval was held so far. */
  get polls(): PollTimes[] {
    return [...this.times.values()];
  }

  start(): void {
    this.poller?.start();
    this.dataSet?.start();
  }

  close(): void {
    this.session.off('state', this.showState);
    this.dataSet?.close();
    this.poller?.close();
    this.lease.release();
  }

  /**
   * Reads once, for an input message.
   * @param wanted What the message named; what is configured when it named nothing.
   * @returns the messages to send, and the error of the tags that failed, if any did.
   */
  async readOnce(wanted: Wanted | undefined, base: NodeMessage): Promise<{ messages: NodeMessage[]; error?: Error }> {
    const started = performance.now();
    const values = await this.read(wanted);
    if (this.rows === this.asked) this.asked.note(values);
    const bad = values.filter((value) => !isUsable(value)).length;
    this.showCycle(values.length, performance.now() - started, bad, false, values[0]?.text);
    const failed = values.filter((value) => value.error !== undefined);
    const messages = tagMessages(this.options.output, values, base);
    return failed.length === 0 ? { messages } : { messages, error: failureOf(failed) };
  }

  private async read(wanted: Wanted | undefined): Promise<TagValue[]> {
    const { session, options } = this;
    const dataSet = wanted ? wanted.dataSet : options.dataSet;
    // As one, so that all its members are of one instant, also where they are polled one by one.
    if (dataSet !== undefined) return (await session.dataSets.read(dataSet)).map(this.named);
    // Without a connection the session's own read says why; the poller would repeat old values.
    const poller = wanted || session.state !== 'online' ? undefined : this.poller;
    return poller?.readNow() ?? session.read(wanted?.tags ?? options.tags);
  }

  private readonly named = <T extends { tag: string }>(one: T): T => ({
    ...one,
    tag: memberName(this.session.name, one.tag),
  });

  private followDataSet(reference: string): DataSetTags {
    const changed = (found: Tag[]): void => {
      const tags = found.map(this.named);
      this.errors.forget(reference);
      this.poller?.close();
      this.poller = this.poll(tags);
      this.poller.start();
    };
    return new DataSetTags(this.session, reference, changed, (error) => {
      this.out.status.warn('no data set');
      if (this.errors.isNew(reference, error.code)) this.report(error);
    });
  }

  private poll(tags: readonly Tag[]): TagPoller {
    const { interval, onChange, initial, deadband } = this.options;
    const poller = new TagPoller(this.session, { tags, interval, onChange, initial, deadband });
    this.polled.follow(poller);
    poller.on('values', (values) => this.emit(poller, values));
    poller.on('cycle', (cycle) => {
      const { ms, bad, late } = cycle;
      this.noteTimes(cycle);
      const only = tags.length === 1 ? poller.snapshot()[0]?.text : undefined;
      this.showCycle(tags.length, ms, bad, late, only);
    });
    poller.on('tagError', (error) => {
      const key = error.tag ?? '';
      if (this.errors.isNew(key, error.code)) this.report(error);
    });
    return poller;
  }

  private noteTimes({ interval, tags, ms, late }: PollCycle): void {
    const times = this.times.get(interval) ?? { interval, tags, ms, polls: 0, late: 0 };
    this.times.set(interval, times);
    times.tags = tags;
    times.ms = ms;
    times.polls++;
    if (late) times.late++;
  }

  private emit(poller: TagPoller, values: readonly TagValue[]): void {
    for (const { tag, status } of values) if (status === 'live') this.errors.forget(tag);
    const { output } = this.options;
    // All in one means all of them, also when a single one changed.
    this.out.send(tagMessages(output, output === 'single' ? values : poller.snapshot()));
  }

  private readonly showState = (change: Pick<SessionStateEvent, 'state' | 'error'>): void => {
    const { status } = this.out;
    switch (change.state) {
      case 'online':
        this.errors.forget('');
        status.ok('connected');
        break;
      case 'offline':
        status.bad('offline');
        if (change.error && this.poller) this.reportOutage(change.error);
        break;
      default:
        // Attempts after a lost connection are still the same outage.
        if (!this.session.lastError) status.busy('connecting');
    }
  };

  private report(error: Error): void {
    const { name } = this.session;
    const tag = error instanceof Iec61850Error ? error.tag : undefined;
    this.out.error(explain(error, name), { topic: tag === undefined ? name : `${name}/${tag}` });
  }

  /** Once for an outage, however often the session tries again. */
  private reportOutage(error: Error): void {
    if (this.errors.isNew('', 'offline')) this.report(error);
  }

  /** @param text Value of the first tag, shown when it is the only one. */
  private showCycle(tags: number, ms: number, bad: number, late: boolean, text = ''): void {
    const { status } = this.out;
    if (this.session.state !== 'online' || tags === 0) return;
    const took = `${Math.max(1, Math.round(ms))} ms`;
    if (bad > 0) status.warn(tags === 1 ? `bad · ${text || 'no value'}` : `${bad} of ${tags} bad`);
    else if (late) status.warn(`slow · ${took}`);
    else status.ok(tags === 1 && text !== '' ? text : `${tags} ${tags === 1 ? 'tag' : 'tags'} · ${took}`);
  }
}

/** One error for everything that an input message could not read. */
function failureOf(failed: readonly TagValue[]): Error {
  const { ied, tag, reference, fc, error } = failed[0] as TagValue;
  const why = error?.message ?? 'not read';
  const first = `${why.includes(tag) ? '' : `${ied} ${tag}: `}${why} (${reference}[${fc}])`;
  const text = failed.length > 1 ? `${failed.length} tags were not read, the first: ${first}` : first;
  return new Iec61850Error(error?.code ?? 'IEC61850_ERROR', text, '', { ied, tag });
}
