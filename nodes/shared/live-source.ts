/** Points of a live IED: through the association that runs, or else through a short one of its own. */
import { IedClient } from '../../src/client/index.js';
import { MAX_PROBE_POINTS } from '../../src/limits.js';
import type { IedModel } from '../../src/model/ied-model.js';
import type { Tag } from '../../src/model/tag.js';
import type { ConnectionSettings } from './connection-settings.js';
import type { IedConnection } from './ied-connection.js';
import type { PointSource, Probed } from './point-source.js';

/** What both kinds of association can do. */
type Reader = Pick<IedClient, 'browse' | 'probe'>;

/** Where an unsaved form leads, and the deployed connection when that is the same. */
export interface LiveTarget {
  settings: ConnectionSettings;
  running?: IedConnection;
}

export function liveSource({ settings, running }: LiveTarget): PointSource {
  const session = running?.current;
  return session?.state === 'online'
    ? new LiveSource('association', (work) => work(session))
    : new LiveSource('connection', (work, signal) => withShortAssociation(settings, work, signal));
}

class LiveSource implements PointSource {
  readonly canProbe = true;

  constructor(
    readonly via: 'association' | 'connection',
    private readonly use: <T>(work: (reader: Reader) => Promise<T>, signal?: AbortSignal) => Promise<T>,
  ) {}

  browse(onProgress: (done: number, total: number) => void, signal: AbortSignal): Promise<IedModel> {
    return this.use((reader) => reader.browse({ onProgress, signal }), signal);
  }

  probe(tags: readonly Tag[]): Promise<Probed[]> {
    return this.use(async (reader) => {
      const results: Probed[] = [];
      for (let start = 0; start < tags.length; start += MAX_PROBE_POINTS) {
        const part = tags.slice(start, start + MAX_PROBE_POINTS);
        const found = await reader.probe(part);
        part.forEach(({ reference, fc }, i) => {
          const { value, error } = found[i] ?? {};
          results.push({ reference, fc, ...(value && { value }), ...(error && { error }) });
        });
      }
      return results;
    });
  }
}

export interface ConnectionTest {
  via: PointSource['via'];
  /** What the IED says of itself; empty when it does not answer Identify. */
  identity: string;
  maxPduSize: number;
  maxOutstanding: number;
}

/** Whether the IED can be reached as the form says, and what was negotiated. */
export async function testConnection({ settings, running }: LiveTarget): Promise<ConnectionTest> {
  const negotiated = running?.current?.negotiated;
  if (negotiated) return { via: 'association', identity: '', ...offers(negotiated) };
  return withShortAssociation(settings, async (client) => {
    const { vendor, model, revision } = await client.identify().catch(() => ({ vendor: '', model: '', revision: '' }));
    const identity = [vendor, model, revision].filter((part) => part !== '').join(' ');
    return { via: 'connection', identity, ...offers(client.negotiated) };
  });
}

function offers({
  maxPduSize,
  maxOutstanding,
}: IedClient['negotiated']): Pick<ConnectionTest, 'maxPduSize' | 'maxOutstanding'> {
  return { maxPduSize, maxOutstanding };
}

/** IEDs have few client slots: the association lives as long as the work. Standby addresses are tried in turn. */
export async function withShortAssociation<T>(
  settings: ConnectionSettings,
  work: (client: IedClient) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { endpoints, name, timeout, password, selectors, maxPduSize, maxOutstanding, edition, tls, mace } = settings;
  let failure: unknown;
  for (const { host, port } of endpoints) {
    const client = new IedClient({
      host,
      port,
      name: name || `${host}:${port}`,
      timeout,
      selectors,
      maxPduSize,
      maxOutstanding,
      ...(edition && { edition }),
      ...(password !== undefined && { password }),
      ...(tls && { tls }),
      ...(mace && { mace }),
    });
    signal?.throwIfAborted();
    const stop = (): void => void client.close();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const connected = await client.connect().then(
        () => true,
        (error: unknown) => {
          failure = error;
          return false;
        },
      );
      if (connected) return await work(client);
    } finally {
      signal?.removeEventListener('abort', stop);
      await client.close();
    }
  }
  signal?.throwIfAborted();
  throw failure;
}
