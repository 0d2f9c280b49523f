import { DecodeError } from '../../errors.js';
import type { FileAttributes } from '../../mms/file-attributes.js';
import type { FileName } from '../../mms/file-name.js';
import type { FileOpenResponse } from '../../mms/services/file-open.js';
import type { FileReadResponse } from '../../mms/services/file-read.js';
import type { ClientAssociation } from '../client-association.js';
import { tryNames } from './file-names.js';

/** A file that one association has open (its file read state machine), from FileOpen to FileClose. */
export class OpenFile {
  private readonly pending: Promise<FileReadResponse>[] = [];
  private chunk = 0;
  private received = 0;
  private closed = false;
  /** Requests that were sent and answered, to see answers that come out of their order. */
  private asked = 0;
  private answered = 0;
  private disordered = false;

  private constructor(
    readonly association: ClientAssociation,
    /** The form of the name that the IED knows. */
    readonly name: FileName,
    private readonly frsmId: number,
    readonly attributes: FileAttributes,
    private readonly position: number,
    private readonly readAhead: number,
    private readonly timeout: number | undefined,
  ) {}

  /**
   * @param names forms of the name, of which the first that the IED knows is taken
   * @param readAhead FileRead requests that may be outstanding at a time
   */
  static async open(
    association: ClientAssociation,
    names: readonly FileName[],
    position: number,
    readAhead: number,
    timeout?: number,
  ): Promise<OpenFile> {
    const opened = await tryNames(names, async (name): Promise<[FileName, FileOpenResponse]> => [
      name,
      await association.request({ service: 'fileOpen', name, initialPosition: position }, timeout),
    ]);
    if (!opened) throw new DecodeError('there is no name to open a file by');
    const [name, { frsmId, attributes }] = opened;
    return new OpenFile(association, name, frsmId, attributes, position, readAhead, timeout);
  }

  /** The next octets. Calls do not overlap. */
  async read(): Promise<FileReadResponse> {
    if (this.pending.length === 0) this.request();
    // Ahead only of what the IED said there is: a read past the end is an error in some devices. Several requests leave in
    // one segment.
    if (this.pending.length <= this.readAhead >> 1)
      while (this.pending.length < this.readAhead && this.expected() < this.attributes.size) this.request();
    const answer = await (this.pending.shift() as Promise<FileReadResponse>);
    if (this.disordered)
      throw new DecodeError('the IED answers the requests of one association out of their order', undefined, '');
    this.chunk = answer.data.length;
    this.received += answer.data.length;
    return answer;
  }

  /** Position up to which the outstanding requests will bring the file, by the size of the last answer. */
  private expected(): number {
    if (this.chunk === 0) return Infinity;
    return this.position + this.received + this.pending.length * this.chunk;
  }

  private request(): void {
    const number = this.asked++;
    const answer = this.association
      .request({ service: 'fileRead', frsmId: this.frsmId }, this.timeout)
      .then((response) => {
        // Which octets an answer brings would then be a guess.
        if (number !== this.answered++) this.disordered = true;
        return response;
      });
    // Those that are not waited for any more, after a failure before them, fail in silence.
    answer.catch(() => undefined);
    this.pending.push(answer);
  }

  /** Gives the file back, whatever became of the transfer. Never throws. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    if (!this.association.open) return;
    const request = { service: 'fileClose', frsmId: this.frsmId } as const;
    // An IED that does not know the file any more has closed it.
    await this.association.request(request, this.timeout).catch(() => undefined);
  }
}
