import { type Folder, type IncomingFile } from '../../files/index.js';
import type { FileChunk } from './download.js';

/** A file that was got and stands on the disk. */
export interface SavedFile {
  /** Name at the IED. */
  path: string;
  /** Absolute path of the local file. */
  file: string;
  size: number;
  lastModified: string | null;
  resumed: number;
}

/** A file that was got whole and not put in its place yet. */
export interface ReadyFile {
  incoming: IncomingFile;
  saved: SavedFile;
}

/**
 * Gets a file into a folder, under a name of its own until {@link IncomingFile.commit}.
 * @param name below the folder
 * @throws what the stream throws; FileError OUTSIDE, NAME, NO_SPACE, …
 */
export async function fetchInto(
  stream: AsyncGenerator<FileChunk, void, undefined>,
  path: string,
  folder: Folder,
  name: string,
): Promise<ReadyFile> {
  const incoming = await folder.create(name);
  try {
    const saved: SavedFile = { path, file: incoming.place, size: 0, lastModified: null, resumed: 0 };
    for await (const chunk of stream) {
      await incoming.write(chunk.data);
      saved.lastModified = chunk.lastModified;
      saved.resumed = chunk.resumed;
    }
    await incoming.finish();
    saved.size = incoming.size;
    return { incoming, saved };
  } catch (error) {
    await incoming.discard();
    throw error;
  }
}
