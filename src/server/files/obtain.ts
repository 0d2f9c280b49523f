import { performance } from 'node:perf_hooks';
import { DecodeError, FileError, TimeoutError } from '../../errors.js';
import type { Folder } from '../../files/index.js';
import { DEFAULT_TIMEOUT_MS, MAX_EMPTY_FILE_READS } from '../../limits.js';
import type { FileName } from '../../mms/file-name.js';
import {
  decodeServiceResponseAt,
  encodeServiceRequest,
  type ServiceRequest,
  type ServiceResponse,
} from '../../mms/services.js';
import type { ClientSession } from '../client-session.js';

type Asked = Extract<ServiceRequest, { service: 'fileOpen' | 'fileRead' | 'fileClose' }>;

/**
 * Fetches a file from a client that gives it (ObtainFile, ISO 9506-2 Annex D.2): on the client's own association, into
 * the folder, where it appears when it is complete.
 * @throws FileError, TimeoutError, ConnectionError, and what the client answers
 */
export async function obtainFile(
  session: ClientSession,
  source: FileName,
  store: Folder,
  destination: string,
  maxSize: number,
): Promise<void> {
  const incoming = await store.create(destination);
  try {
    const { frsmId, attributes } = await ask(session, { service: 'fileOpen', name: source, initialPosition: 0 });
    try {
      if (attributes.size > maxSize) throw tooLarge(destination, maxSize);
      let empty = 0;
      for (let more = true; more;) {
        const { data, moreFollows } = await ask(session, { service: 'fileRead', frsmId });
        more = moreFollows;
        if (incoming.size + data.length > maxSize) throw tooLarge(destination, maxSize);
        empty = data.length === 0 ? empty + 1 : 0;
        if (empty > MAX_EMPTY_FILE_READS)
          throw new DecodeError(`${destination}: the client promises more and sends nothing`);
        await incoming.write(data);
      }
      if (incoming.size < attributes.size)
        throw new FileError('SHORT', `${destination} ended after ${incoming.size} of ${attributes.size} octets`);
    } finally {
      if (session.open) await ask(session, { service: 'fileClose', frsmId }).catch(() => undefined);
    }
    await incoming.commit();
  } catch (error) {
    await incoming.discard();
    throw error;
  }
}

function tooLarge(destination: string, maxSize: number): FileError {
  return new FileError('TOO_LARGE', `${destination} has more than the ${maxSize} octets that are allowed`);
}

/** Asks the client for something. */
function ask<R extends Asked>(
  session: ClientSession,
  request: R,
): Promise<Extract<ServiceResponse, { service: R['service'] }>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      session.tick(performance.now());
      reject(new TimeoutError('the client did not answer in time'));
    }, DEFAULT_TIMEOUT_MS + 1);
    session.request(
      encodeServiceRequest(request),
      {
        response: (octets, start, end) => {
          clearTimeout(timer);
          const response = decodeServiceResponseAt(octets, start, end);
          if (response.service === request.service)
            resolve(response as Extract<ServiceResponse, { service: R['service'] }>);
          else reject(new DecodeError(`the client answered ${request.service} with ${response.service}`));
        },
        failed: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      },
      performance.now(),
      DEFAULT_TIMEOUT_MS,
    );
  });
}
