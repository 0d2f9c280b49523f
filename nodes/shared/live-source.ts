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

/** @param running The deployed node's connection, when the form says the same as what is deployed. */
export function liveSource(settings: ConnectionSettings, running: IedConnection | undefined): PointSource {
  const session = running?.current;
  return session?.state === 'online'
    ? new LiveSource('association', (work) => work(session))
    : new LiveSource('connection', (work) => withShortAssociation(settings, work));
}

class LiveSource implements PointSource {
  readonly canProbe = true;

  constructor(
    readonly via: 'association' | 'connection',
    private readonly use: <T>(work: (reader: Reader) => Promise<T>) => Promise<T>,
  ) {}

  browse(onProgress: (done: number, total: number) => void, signal: AbortSignal): Promise<IedModel> {
    return this.use((reader) => reader.browse({ onProgress, signal }));
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

/** IEDs have few client slots: the association lives as long as the work. Standby addresses are tried in turn. */
async function withShortAssociation<T>(settings: ConnectionSettings, work: (reader: Reader) => Promise<T>): Promise<T> {
  const { endpoints, name, timeout, password, selectors, maxPduSize, maxOutstanding } = settings;
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
      ...(password !== undefined && { password }),
    });
    try {
      await client.connect();
    } catch (error) {
      failure = error;
      await client.close();
      continue;
    }
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }
  throw failure;
}
