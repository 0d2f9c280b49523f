/** The tags of a data set: asked for at each connection, as the IED may have another one of that name by then. */
import type { IedSession } from '../../src/client/index.js';
import { ConnectionError, Iec61850Error } from '../../src/errors.js';
import type { Tag } from '../../src/model/tag.js';

/** ms after which an IED that refused is asked again. */
const RETRY_MS = 10_000;

export class DataSetTags {
  private known = '';
  private retry: NodeJS.Timeout | undefined;
  private release: (() => void) | undefined;

  /**
   * @param changed told of the tags, and of others when the data set has become another one
   * @param failed told why they are not known; they are asked for again
   */
  constructor(
    private readonly session: IedSession,
    private readonly reference: string,
    private readonly changed: (tags: Tag[]) => void,
    private readonly failed: (error: Iec61850Error) => void,
  ) {}

  start(): void {
    this.release ??= this.session.use({
      attached: () => void this.ask(),
      detached: () => clearTimeout(this.retry),
    });
  }

  close(): void {
    clearTimeout(this.retry);
    this.release?.();
    this.release = undefined;
  }

  private async ask(): Promise<void> {
    try {
      const tags = await this.session.dataSets.tags(this.reference);
      const text = JSON.stringify(tags);
      if (!this.release || text === this.known) return;
      this.known = text;
      this.changed(tags);
    } catch (error) {
      // A lost connection is followed by the next one.
      if (!this.release || error instanceof ConnectionError) return;
      this.failed(error instanceof Iec61850Error ? error : new Iec61850Error('IEC61850_ERROR', String(error)));
      clearTimeout(this.retry);
      this.retry = setTimeout(() => void this.ask(), RETRY_MS);
    }
  }
}
