import type { MqttError, MqttFailure } from '../../errors.js';
import type { LinkState } from './mqtt-link.js';

/** What a publisher's status line is made of. */
export interface PublisherFigures {
  state: LinkState;
  error?: MqttError | undefined;
  /** Messages that the broker took in the last second. */
  rate: number;
  queued: number;
  dropped: number;
  clashes: number;
}

/** `bad` is red, `busy` and `warn` are yellow, `ok` is green. */
export interface PublisherStatus {
  kind: 'ok' | 'warn' | 'busy' | 'bad';
  text: string;
}

/** Reasons to be away that a person has to put right. */
const CAUSES: Partial<Record<MqttFailure, string>> = {
  CREDENTIALS: 'wrong password',
  NOT_AUTHORIZED: 'not authorized',
  PROTOCOL_VERSION: 'use MQTT 3.1.1',
  UNKNOWN_HOST: 'unknown host',
  TLS: 'TLS failed',
  CLIENT_ID: 'client id refused',
  SETTINGS: 'broker settings',
};

/** More messages than a moment's traffic; fewer are on their way and not worth a word. */
const BACKLOG = 250;

/** Status of a publisher in under 20 characters. */
export function publisherStatus({ state, error, rate, queued, dropped, clashes }: PublisherFigures): PublisherStatus {
  if (state === 'connecting') return { kind: 'busy', text: queued > 0 ? `queued ${short(queued)}` : 'connecting' };
  if (state === 'away') {
    const cause = error && CAUSES[error.failure];
    if (cause) return { kind: 'bad', text: cause };
    if (dropped > 0) return { kind: 'bad', text: `away · dropped ${short(dropped)}` };
    if (queued > 0) return { kind: 'busy', text: `away · queued ${short(queued)}` };
    return { kind: 'bad', text: 'broker away' };
  }
  if (clashes > 0) return { kind: 'warn', text: `topic clashes: ${short(clashes)}` };
  if (queued > BACKLOG) return { kind: 'warn', text: `queued ${short(queued)}` };
  if (dropped > 0) return { kind: 'warn', text: `dropped ${short(dropped)}` };
  return { kind: 'ok', text: rate > 0 ? `online · ${short(rate)}/s` : 'online' };
}

/** At most four characters: `9999`, `12k`, `3M`. */
function short(count: number): string {
  if (count < 10_000) return String(Math.round(count));
  return count < 1_000_000 ? `${Math.floor(count / 1000)}k` : `${Math.floor(count / 1_000_000)}M`;
}
