import { ConnectionError, DecodeError, Iec61850Error, RejectError, ServiceError, TimeoutError } from '../../errors.js';

/** Runs something with a file of an IED; what it fails with names both. */
export async function aboutFile<T>(ied: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw namingFile(error, ied, path);
  }
}

/** The same failure, with the names of IED and file where it has none. */
export function namingFile(error: unknown, ied: string, path: string): unknown {
  if (!(error instanceof Iec61850Error) || error.tag !== undefined) return error;
  const message = path === '' || error.message.includes(path) ? error.message : `${path}: ${error.message}`;
  const context = { ied, ...(path !== '' && { tag: path }), cause: error };
  if (error instanceof ServiceError)
    return new ServiceError(error.errorClass, error.errorValue, error.errorName, message, error.hint, context);
  if (error instanceof RejectError) return new RejectError(error.rejectType, error.rejectReason, message, context);
  if (error instanceof TimeoutError) return new TimeoutError(message, context);
  if (error instanceof ConnectionError) return new ConnectionError(message, error.hint, context);
  if (error instanceof DecodeError) return new DecodeError(message, context, error.hint);
  return error;
}
