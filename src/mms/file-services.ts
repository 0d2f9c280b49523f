/** The file services of ISO 9506-2 Annex D, each in a file of its own below `services/`; here they come together. */
import type { BerReader } from '../ber/reader.js';
import * as fileClose from './services/file-close.js';
import * as fileDelete from './services/file-delete.js';
import * as fileDirectory from './services/file-directory.js';
import * as fileOpen from './services/file-open.js';
import * as fileRead from './services/file-read.js';
import * as fileRename from './services/file-rename.js';
import * as obtainFile from './services/obtain-file.js';

export type { DirectoryEntry } from './services/file-directory.js';

export type FileServiceRequest =
  | obtainFile.ObtainFileRequest
  | fileOpen.FileOpenRequest
  | fileRead.FileReadRequest
  | fileClose.FileCloseRequest
  | fileRename.FileRenameRequest
  | fileDelete.FileDeleteRequest
  | fileDirectory.FileDirectoryRequest;

export type FileServiceResponse =
  | obtainFile.ObtainFileResponse
  | fileOpen.FileOpenResponse
  | fileRead.FileReadResponse
  | fileClose.FileCloseResponse
  | fileRename.FileRenameResponse
  | fileDelete.FileDeleteResponse
  | fileDirectory.FileDirectoryResponse;

/** Reads the reader's current element; undefined when it is no file service. @throws DecodeError, LimitError */
export function decodeFileServiceRequest(reader: BerReader): FileServiceRequest | undefined {
  switch (reader.tag) {
    case obtainFile.OBTAIN_FILE_TAG.request:
      return obtainFile.decodeObtainFileRequest(reader);
    case fileOpen.FILE_OPEN_TAG.request:
      return fileOpen.decodeFileOpenRequest(reader);
    case fileRead.FILE_READ_TAG.request:
      return fileRead.decodeFileReadRequest(reader);
    case fileClose.FILE_CLOSE_TAG.request:
      return fileClose.decodeFileCloseRequest(reader);
    case fileRename.FILE_RENAME_TAG.request:
      return fileRename.decodeFileRenameRequest(reader);
    case fileDelete.FILE_DELETE_TAG.request:
      return fileDelete.decodeFileDeleteRequest(reader);
    case fileDirectory.FILE_DIRECTORY_TAG.request:
      return fileDirectory.decodeFileDirectoryRequest(reader);
    default:
      return undefined;
  }
}

export function encodeFileServiceRequest(request: FileServiceRequest): Buffer {
  switch (request.service) {
    case 'obtainFile':
      return obtainFile.encodeObtainFileRequest(request);
    case 'fileOpen':
      return fileOpen.encodeFileOpenRequest(request);
    case 'fileRead':
      return fileRead.encodeFileReadRequest(request);
    case 'fileClose':
      return fileClose.encodeFileCloseRequest(request);
    case 'fileRename':
      return fileRename.encodeFileRenameRequest(request);
    case 'fileDelete':
      return fileDelete.encodeFileDeleteRequest(request);
    case 'fileDirectory':
      return fileDirectory.encodeFileDirectoryRequest(request);
  }
}

/** Reads the reader's current element; undefined when it is no file service. @throws DecodeError, LimitError */
export function decodeFileServiceResponse(reader: BerReader): FileServiceResponse | undefined {
  switch (reader.tag) {
    case obtainFile.OBTAIN_FILE_TAG.response:
      return { service: 'obtainFile' };
    case fileOpen.FILE_OPEN_TAG.response:
      return fileOpen.decodeFileOpenResponse(reader);
    case fileRead.FILE_READ_TAG.response:
      return fileRead.decodeFileReadResponse(reader);
    case fileClose.FILE_CLOSE_TAG.response:
      return { service: 'fileClose' };
    case fileRename.FILE_RENAME_TAG.response:
      return { service: 'fileRename' };
    case fileDelete.FILE_DELETE_TAG.response:
      return { service: 'fileDelete' };
    case fileDirectory.FILE_DIRECTORY_TAG.response:
      return fileDirectory.decodeFileDirectoryResponse(reader);
    default:
      return undefined;
  }
}

export function encodeFileServiceResponse(response: FileServiceResponse): Buffer {
  switch (response.service) {
    case 'obtainFile':
      return obtainFile.encodeObtainFileResponse();
    case 'fileOpen':
      return fileOpen.encodeFileOpenResponse(response);
    case 'fileRead':
      return fileRead.encodeFileReadResponse(response);
    case 'fileClose':
      return fileClose.encodeFileCloseResponse();
    case 'fileRename':
      return fileRename.encodeFileRenameResponse();
    case 'fileDelete':
      return fileDelete.encodeFileDeleteResponse();
    case 'fileDirectory':
      return fileDirectory.encodeFileDirectoryResponse(response);
  }
}
