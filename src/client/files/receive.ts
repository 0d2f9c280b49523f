import type { Iec61850Error } from '../../errors.js';
import type { Folder } from '../../files/index.js';
import { MAX_INCOMING_FILES } from '../../limits.js';
import { fileNameText } from '../../mms/file-name.js';
import { fileServiceError } from '../../mms/file-error.js';
import { serviceErrorByName } from '../../mms/service-error.js';
import type { ObtainFileRequest } from '../../mms/services/obtain-file.js';
import { encodeServiceResponse } from '../../mms/services.js';
import type { ClientAssociation } from '../client-association.js';
import type { PeerAnswer } from '../peer-requests.js';
import { fixedSource } from './association-source.js';
import { download, type GetFileOptions } from './download.js';
import { fetchInto, type SavedFile } from './save.js';

export interface ReceiveFilesOptions extends Pick<GetFileOptions, 'timeout' | 'maxSize' | 'readAhead'> {
  onReceived?: (file: SavedFile) => void;
  onFailed?: (error: Iec61850Error, destination: string) => void;
}

const BUSY = serviceErrorByName('resource', 'capability-unavailable');
const UNSUPPORTED = serviceErrorByName('access', 'object-access-unsupported');
const OTHER = serviceErrorByName('file', 'other');

/** Takes the files that an IED gives by ObtainFile, into one folder; the function returned ends that. */
export function receiveFiles(
  association: ClientAssociation,
  ied: string,
  folder: Folder,
  options: ReceiveFilesOptions,
): () => void {
  let coming = 0;
  const obtain = async (request: ObtainFileRequest): Promise<PeerAnswer> => {
    if (request.thirdParty) return { error: UNSUPPORTED };
    if (coming >= MAX_INCOMING_FILES) return { error: BUSY };
    coming++;
    const destination = fileNameText(request.destination);
    try {
      const source = fixedSource(ied, () => association);
      const name = fileNameText(request.source);
      const { incoming, saved } = await fetchInto(download(source, name, options), name, folder, destination);
      await incoming.commit();
      options.onReceived?.(saved);
      return { response: [encodeServiceResponse({ service: 'obtainFile' })] };
    } catch (error) {
      const failure = error as Iec61850Error;
      options.onFailed?.(failure, destination);
      return { error: fileServiceError(error) ?? OTHER };
    } finally {
      coming--;
    }
  };
  return association.peer.answerBy((request) => (request.service === 'obtainFile' ? obtain(request) : undefined));
}
