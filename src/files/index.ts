/** Files below a chosen folder, for client, server and nodes. */
export { Folder, type FolderEntry, type OpenedFile } from './folder.js';
export { IncomingFile } from './incoming-file.js';
export { filePathParts, pathParts, type LeadingSeparator } from './file-path.js';
export { fileError } from './system-error.js';
