import type { GatewayState } from './modbus-gateway.js';

/** `bad` is red, `busy` and `warn` are yellow, `ok` is green. */
export interface GatewayStatus {
  kind: 'ok' | 'warn' | 'busy' | 'bad';
  text: string;
}

const MAX_TEXT = 19;

/** The state of a gateway in under 20 characters: what a person has to do something about comes first. */
export function gatewayStatus(state: GatewayState, port: number): GatewayStatus {
  if (state.problem) return { kind: 'bad', text: problemText(state.problem.cause, port) };
  if (!state.listening) return { kind: 'busy', text: 'opening port' };
  if (state.badRows > 0) return { kind: 'bad', text: `${short(state.badRows)} map errors` };
  if (state.waiting > 0 && state.waiting === state.bad) {
    // Unknown names and rows that wait are most likely the same tags, spelt differently.
    if (state.unknown > 0) return { kind: 'warn', text: unknownTags(state) };
    return { kind: 'busy', text: `${short(state.waiting)} without value` };
  }
  if (state.bad > 0) return { kind: 'warn', text: `${clients(state)}${short(state.bad)} bad` };
  if (state.clamped > 0) return { kind: 'warn', text: `${clients(state)}${short(state.clamped)} clamped` };
  if (state.unknown > 0) return { kind: 'warn', text: unknownTags(state) };
  const text = `${state.clients} client${state.clients === 1 ? '' : 's'} · ${short(state.tags)} tag${state.tags === 1 ? '' : 's'}`;
  return { kind: 'ok', text: text.length <= MAX_TEXT ? text : `${clients(state)}${short(state.tags)} tags` };
}

const unknownTags = (state: GatewayState): string =>
  `${short(state.unknown)} unknown tag${state.unknown === 1 ? '' : 's'}`;
const clients = (state: GatewayState): string => `${short(state.clients)} cl · `;

function problemText(cause: unknown, port: number): string {
  switch ((cause as NodeJS.ErrnoException | undefined)?.code) {
    case 'EADDRINUSE':
      return `port ${port} in use`;
    case 'EACCES':
      return `port ${port} denied`;
    case 'EADDRNOTAVAIL':
      return 'no such address';
    default:
      return 'cannot listen';
  }
}

/** At most four characters: `9999`, `12k`. */
function short(count: number): string {
  return count < 10_000 ? String(count) : `${Math.floor(count / 1000)}k`;
}
