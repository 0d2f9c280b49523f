import { DecodeError, LimitError } from '../../errors.js';
import { fileNameText, type FileName } from '../../mms/file-name.js';
import { MAX_DIRECTORY_ENTRIES, MAX_DIRECTORY_PAGES } from '../../limits.js';
import type { DirectoryEntry } from '../../mms/file-services.js';
import { parseGeneralizedTime } from '../../mms/generalized-time.js';
import { isoTime } from '../../model/timestamp.js';
import type { ClientAssociation } from '../client-association.js';
import { plainName, tryNames, wireNames } from './file-names.js';

/** A file of an IED (IEC 61850-7-2 §23.1, FILE class). */
export interface FileEntry {
  /** As the IED lists it. */
  name: string;
  /** The name by which it is got: `name`, with the folder before it where the IED leaves that out. */
  path: string;
  /** Octets as the IED tells; some tell 0 for files that are not empty. */
  size: number;
  /** ISO 8601 UTC; null where the IED tells none or what is no time. */
  lastModified: string | null;
  /** Whether the name ends with a separator, as that of a folder does. */
  folder: boolean;
}

/**
 * Lists a folder, or one file, page by page (FileDirectory, ISO 9506-2 Annex D.8; IEC 61850-8-1 §23).
 * @param folder empty for everything; `/` and `\` are tried where the IED does not know the one that was given
 */
export async function fileDirectory(
  association: ClientAssociation,
  folder: string,
  timeout?: number,
): Promise<FileEntry[]> {
  const root = /^[/\\]*$/.test(folder);
  // Some want a folder with a separator at its end.
  const names = root ? rootNames(folder) : [...wireNames(folder), ...wireNames(`${folder.replace(/[/\\]+$/, '')}/`)];
  // An IED that does not know a form of the name may also answer that there is nothing.
  const entries = await tryNames<FileName | undefined, DirectoryEntry[]>(names, async (name) => {
    const found = await pages(association, name, timeout);
    return found.length > 0 ? found : undefined;
  });
  return (entries ?? []).map((entry) => fileEntry(entry, root ? '' : folder));
}

/** The whole file store is an empty name, none, or a separator. */
function rootNames(given: string): (FileName | undefined)[] {
  const forms = [...new Set([given, '', '/', '\\'])].map((form): FileName | undefined => [form]);
  return [...forms.slice(0, 1), undefined, ...forms.slice(1)];
}

async function pages(
  association: ClientAssociation,
  specification: FileName | undefined,
  timeout: number | undefined,
): Promise<DirectoryEntry[]> {
  const all: DirectoryEntry[] = [];
  let continueAfter: FileName | undefined;
  for (let page = 0; page < MAX_DIRECTORY_PAGES; page++) {
    const { entries, moreFollows } = await association.request(
      {
        service: 'fileDirectory',
        ...(specification && { specification }),
        ...(continueAfter && { continueAfter }),
      },
      timeout,
    );
    if (all.length + entries.length > MAX_DIRECTORY_ENTRIES)
      throw new LimitError(`the file directory has more than ${MAX_DIRECTORY_ENTRIES} entries`);
    const last = entries.at(-1)?.name;
    // A page that is its predecessor again would go round for ever.
    if (last && continueAfter && last.join('/') === continueAfter.join('/')) return all;
    all.push(...entries);
    if (!moreFollows) return all;
    if (!last) throw new DecodeError('the IED promises more of its file directory after an empty page');
    continueAfter = last;
  }
  throw new LimitError(`the file directory has more than ${MAX_DIRECTORY_PAGES} pages`);
}

function fileEntry({ name: wireName, attributes }: DirectoryEntry, folder: string): FileEntry {
  const name = fileNameText(wireName);
  return {
    name,
    path: pathIn(folder, name),
    size: attributes.size,
    lastModified: fileTime(attributes.lastModified),
    folder: /[/\\]$/.test(name),
  };
}

/** A file's time as ISO 8601 UTC; null where there is none. */
export function fileTime(text: string | undefined): string | null {
  const ms = text === undefined ? undefined : parseGeneralizedTime(text);
  return ms === undefined ? null : isoTime(ms);
}

/** Some IEDs list whole paths, others the names within the folder. */
function pathIn(folder: string, name: string): string {
  const inside = plainName(folder).replace(/\/+$/, '');
  if (inside === '' || plainName(name) === inside || plainName(name).startsWith(`${inside}/`)) return name;
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  return `${folder.replace(/[/\\]+$/, '')}${separator}${name.replace(/^[/\\]+/, '')}`;
}
