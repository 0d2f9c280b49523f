/** Tells `iec61850:request` how requests end, while somebody listens. */
import { performance } from 'node:perf_hooks';
import { diagnosticError, diagnostics } from '../diagnostics.js';
import type { Iec61850Error } from '../errors.js';
import type { ResponseHandler } from '../mms/association.js';
import { serviceNameAt } from '../mms/service-name.js';

/**
 * The handler itself when nobody listens, so that requests cost nothing more then.
 * @param octets in which the service request stands at `at`, with its tag
 */
export function observed(handler: ResponseHandler, ied: string, octets: Buffer, at: number): ResponseHandler {
  return diagnostics.request.watched ? new ObservedRequest(handler, ied, serviceNameAt(octets, at)) : handler;
}

class ObservedRequest implements ResponseHandler {
  private readonly began = performance.now();

  constructor(
    private readonly handler: ResponseHandler,
    private readonly ied: string,
    private readonly service: string,
  ) {}

  response(octets: Buffer, start: number, end: number): void {
    // An answer that cannot be read throws, and comes back by `failed`.
    this.handler.response(octets, start, end);
    this.tell();
  }

  failed(error: Iec61850Error): void {
    this.tell(error);
    this.handler.failed(error);
  }

  private tell(error?: Iec61850Error): void {
    const { ied, service } = this;
    const duration = performance.now() - this.began;
    if (error) diagnostics.request.publish({ ied, service, duration, outcome: 'error', error: diagnosticError(error) });
    else diagnostics.request.publish({ ied, service, duration, outcome: 'ok' });
  }
}
