import { FileError, type FileFailure } from '../errors.js';
import { serviceErrorByName, type ServiceErrorFields } from './service-error.js';

/** Values of the error class `file` (ISO 9506-2 §7.4.1) by what went wrong with a local file. */
const VALUES: Readonly<Partial<Record<FileFailure, string>>> = {
  NAME: 'filename-syntax-error',
  // Whether there is something outside is nobody's business.
  OUTSIDE: 'file-non-existent',
  NOT_FOUND: 'file-non-existent',
  DENIED: 'file-access-denied',
  NOT_ALLOWED: 'file-access-denied',
  EXISTS: 'duplicate-filename',
  NO_SPACE: 'insufficient-space-in-filestore',
  TOO_LARGE: 'insufficient-space-in-filestore',
};

/** What a peer is told of a failure with a file; undefined when it is no failure of a file. */
export function fileServiceError(error: unknown): ServiceErrorFields | undefined {
  return error instanceof FileError ? serviceErrorByName('file', VALUES[error.failure] ?? 'other') : undefined;
}
