import type { Folder, FolderEntry } from '../../files/index.js';
import { MAX_SERVED_FILES } from '../../limits.js';
import { fileName } from '../../mms/file-name.js';
import { formatGeneralizedTime } from '../../mms/generalized-time.js';
import { encodeDirectoryEntry, fileDirectoryResponse } from '../../mms/services/file-directory.js';
import type { ClientSession } from '../client-session.js';

interface Listing {
  folder: string;
  entries: FolderEntry[];
}

/** Octets of an answer around its entries. */
const OVERHEAD = 24;

/** FileDirectory: whole paths of all files below a folder, page by page as the PDU size has it. */
export class DirectoryPages {
  /** What the pages of a client come from, until the last of them. */
  private readonly listings = new Map<ClientSession, Listing>();

  /**
   * One page.
   * @param continueAfter name after which it begins, one of the page before
   * @throws FileError
   */
  async page(
    session: ClientSession,
    store: Folder,
    folder: string,
    continueAfter: string | undefined,
    maxLength: number,
  ): Promise<Buffer> {
    const kept = this.listings.get(session);
    this.listings.delete(session);
    const entries =
      continueAfter !== undefined && kept?.folder === folder
        ? kept.entries
        : await store.list(folder, MAX_SERVED_FILES);
    const page: Buffer[] = [];
    let octets = OVERHEAD;
    let at = continueAfter === undefined ? 0 : firstAfter(entries, continueAfter);
    for (; at < entries.length; at++) {
      const entry = encodeEntry(entries[at] as FolderEntry);
      octets += entry.length;
      if (octets > maxLength && page.length > 0) break;
      page.push(entry);
    }
    const more = at < entries.length;
    if (more && session.open) this.listings.set(session, { folder, entries });
    return fileDirectoryResponse(page, more);
  }

  forget(session: ClientSession): void {
    this.listings.delete(session);
  }
}

function encodeEntry({ name, size, modifiedMs }: FolderEntry): Buffer {
  const lastModified = formatGeneralizedTime(modifiedMs);
  return encodeDirectoryEntry({
    name: fileName(name),
    // A larger file cannot be told, nor got by positions of 32 bits beyond this.
    attributes: { size: Math.min(size, 0xffffffff), ...(lastModified !== undefined && { lastModified }) },
  });
}

/** Index of the first entry after a name, which may have been deleted meanwhile. */
function firstAfter(entries: readonly FolderEntry[], name: string): number {
  const plain = name.replace(/\\/g, '/').replace(/^\/+/, '');
  const index = entries.findIndex((entry) => entry.name > plain);
  return index < 0 ? entries.length : index;
}
