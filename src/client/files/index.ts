/** File transfer with an IED (IEC 61850-7-2 §23). */
export { SessionSource, fixedSource } from './association-source.js';
export type { FileEntry } from './directory.js';
export type { FileChunk, FileProgress, GetFileOptions } from './download.js';
export { baseName } from './file-names.js';
export { IedFiles, type GotFile, type SaveTarget } from './ied-files.js';
export type { FileContent } from './offer.js';
export type { ReceiveFilesOptions } from './receive.js';
export type { SavedFile } from './save.js';
export type { PutFileOptions } from './upload.js';
