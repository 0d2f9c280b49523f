import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { ArgumentError, FileError } from '../../errors.js';
import { Folder } from '../../files/index.js';
import { MAX_FILE_SIZE, MAX_OFFER_OPENINGS } from '../../limits.js';
import { fileNameText } from '../../mms/file-name.js';
import { encodeServiceResponse, type ServiceRequest } from '../../mms/services.js';
import { formatGeneralizedTime } from '../../mms/generalized-time.js';
import { serviceErrorByName } from '../../mms/service-error.js';
import { FILE_READ_OVERHEAD, fileReadResponseParts } from '../../mms/services/file-read.js';
import type { PeerAnswer } from '../peer-requests.js';
import { baseName } from './file-names.js';

/** Content of a file that an IED is to get: octets, or a local file by its path, which may be one below a folder. */
export type FileContent = Buffer | { file: string; folder?: string };

const NON_EXISTENT = serviceErrorByName('file', 'file-non-existent');
const POSITION_INVALID = serviceErrorByName('file', 'position-invalid');
const UNKNOWN_FRSM = serviceErrorByName('definition', 'object-undefined');
const BUSY = serviceErrorByName('resource', 'capability-unavailable');
const OTHER = serviceErrorByName('file', 'other');

/** One file that the IED may read from us while it obtains it, and that nobody sees otherwise. */
export class FileOffer {
  private readonly openings = new Map<number, number>();
  private nextFrsmId = 1;
  private sent = 0;

  private constructor(
    readonly name: string,
    readonly size: number,
    private readonly modifiedMs: number,
    private readonly content: Buffer | FileHandle,
    private readonly onSent: (octets: number) => void,
  ) {}

  /** @throws FileError, ArgumentError when the content cannot be read */
  static async of(name: string, content: FileContent, onSent: (octets: number) => void): Promise<FileOffer> {
    if (Buffer.isBuffer(content)) return new FileOffer(name, content.length, Date.now(), content, onSent);
    if (typeof content?.file !== 'string')
      throw new ArgumentError('there is no content to put', 'Give a Buffer or a file.');
    const { file, folder = path.dirname(path.resolve(file)) } = content;
    const below = content.folder === undefined ? path.basename(file) : file;
    const { handle, size, modifiedMs } = await (await Folder.at(folder)).openForReading(below);
    if (size <= MAX_FILE_SIZE) return new FileOffer(name, size, modifiedMs, handle, onSent);
    await handle.close();
    throw new FileError('TOO_LARGE', `${file} has ${size} octets, more than positions of 32 bits reach`);
  }

  /** Withdraws the offer. */
  async close(): Promise<void> {
    this.openings.clear();
    if (!Buffer.isBuffer(this.content)) await this.content.close().catch(() => undefined);
  }

  /** Answers what is about this file; undefined for all other requests. */
  answer(request: ServiceRequest, maxLength: number): Promise<PeerAnswer> | undefined {
    switch (request.service) {
      case 'fileOpen':
        return this.open(fileNameText(request.name), request.initialPosition);
      case 'fileRead':
        return this.read(request.frsmId, maxLength);
      case 'fileClose':
        return this.closeOne(request.frsmId);
      default:
        return undefined;
    }
  }

  private async open(name: string, position: number): Promise<PeerAnswer> {
    // The name is the one that was told; some servers look for the last part alone.
    if (name !== this.name && name !== baseName(this.name) && `/${this.name}` !== name) return { error: NON_EXISTENT };
    if (position > this.size) return { error: POSITION_INVALID };
    if (this.openings.size >= MAX_OFFER_OPENINGS) return { error: BUSY };
    const frsmId = this.nextFrsmId++;
    this.openings.set(frsmId, position);
    const lastModified = formatGeneralizedTime(this.modifiedMs);
    return {
      response: [
        encodeServiceResponse({
          service: 'fileOpen',
          frsmId,
          attributes: { size: this.size, ...(lastModified !== undefined && { lastModified }) },
        }),
      ],
    };
  }

  private async read(frsmId: number, maxLength: number): Promise<PeerAnswer> {
    const position = this.openings.get(frsmId);
    if (position === undefined) return { error: UNKNOWN_FRSM };
    const length = Math.min(maxLength - FILE_READ_OVERHEAD, this.size - position);
    // Requests that come before this one is answered go on behind it.
    this.openings.set(frsmId, position + length);
    const data = await this.octets(position, length);
    if (data.length < length) return { error: OTHER };
    this.sent = Math.max(this.sent, position + length);
    this.onSent(this.sent);
    return { response: fileReadResponseParts({ data, moreFollows: position + length < this.size }) };
  }

  private async octets(position: number, length: number): Promise<Buffer> {
    if (Buffer.isBuffer(this.content)) return this.content.subarray(position, position + length);
    const data = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.content.read(data, 0, length, position);
    return data.subarray(0, bytesRead);
  }

  private async closeOne(frsmId: number): Promise<PeerAnswer> {
    if (!this.openings.delete(frsmId)) return { error: UNKNOWN_FRSM };
    return { response: [encodeServiceResponse({ service: 'fileClose' })] };
  }
}
