/** Clients that were sent away, told so that a client which knocks all day does not fill the log. */
import type { Refusal } from './modbus-tcp-server.js';

/** The same reason is told again after so many ms, with how often it came. */
const QUIET_MS = 60_000;

const REASONS: Readonly<Record<Refusal, string | undefined>> = {
  limit: 'there are too many clients; raise "Clients" in the node, or close some',
  'not-allowed': 'its address is not among the allowed clients',
  malformed: 'it does not speak Modbus TCP',
  backlog: 'it does not read its answers',
  // Clients come and go: an idle one that is closed is nothing to worry about.
  idle: undefined,
};

export class RefusalLog {
  private readonly told = new Map<Refusal, { at: number; since: number }>();

  /** @returns what to tell, or undefined when there is nothing new */
  note(why: Refusal, client: string, now: number): string | undefined {
    const reason = REASONS[why];
    if (reason === undefined) return undefined;
    const last = this.told.get(why);
    if (last && now - last.at < QUIET_MS) {
      last.since++;
      return undefined;
    }
    this.told.set(why, { at: now, since: 0 });
    const others = last && last.since > 0 ? ` (and ${last.since} more before it)` : '';
    return `Modbus client ${client} was disconnected: ${reason}${others}.`;
  }
}
