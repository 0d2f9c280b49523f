import { DecodeError, type Iec61850Error } from '../../errors.js';
import { fileName } from '../../mms/file-name.js';
import { decodeServiceResponseAt, encodeServiceRequest } from '../../mms/services.js';
import type { ClientAssociation } from '../client-association.js';
import { throwIfStopped } from './association-source.js';
import type { FileProgress } from './download.js';
import { baseName } from './file-names.js';
import { FileOffer, type FileContent } from './offer.js';

export interface PutFileOptions {
  /** Time limit in ms from one step of the IED to the next; that of the connection by default. */
  timeout?: number;
  /** Name by which the IED asks for the file while it fetches it; the last part of the destination by default. */
  source?: string;
  signal?: AbortSignal;
  onProgress?: (progress: FileProgress) => void;
}

/**
 * Gives a file to an IED (IEC 61850-8-1 §23, SetFile): ObtainFile makes the IED open, read and close the file on the same
 * association, and it answers when it has it. Whether the file stands there after a failure is not known.
 * @throws ServiceError, RejectError when the IED refuses; TimeoutError, ConnectionError, FileError, ArgumentError
 */
export async function upload(
  association: ClientAssociation,
  ied: string,
  destination: string,
  content: FileContent,
  { timeout, source = baseName(destination), signal, onProgress }: PutFileOptions = {},
): Promise<{ size: number }> {
  throwIfStopped(signal, ied);
  let prolong = (): void => undefined;
  const offer = await FileOffer.of(source, content, (received) => {
    onProgress?.({ path: destination, received, size: offer.size });
  });
  const withdraw = association.peer.answerBy((request, maxLength) => {
    const answer = signal?.aborted ? undefined : offer.answer(request, maxLength);
    if (answer) prolong();
    return answer;
  });
  try {
    const request = encodeServiceRequest({
      service: 'obtainFile',
      source: fileName(source),
      destination: fileName(destination),
    });
    const { service } = await association.exchange(request, decodeServiceResponseAt, timeout, (again) => {
      prolong = again;
    });
    if (service !== 'obtainFile') throw new DecodeError(`the IED answered obtainFile with ${service}`, { ied });
    return { size: offer.size };
  } catch (error) {
    throwIfStopped(signal, ied);
    throw error as Iec61850Error;
  } finally {
    withdraw();
    await offer.close();
  }
}
