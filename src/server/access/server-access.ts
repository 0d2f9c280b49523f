/** What a server does about who its clients are: lets them in, gives them their rights, and writes down what they do. */
import type { AssociationRequest } from '../../mms/wire.js';
import type { ClientIdentity } from '../client-identity.js';
import type { IedServerEvents, Observer, Tell } from '../events.js';
import type { MaybePromise } from '../maybe-promise.js';
import { admit, type Verdict } from './access-control.js';
import { Audit } from './audit.js';
import { AccessLogFile } from './log-file.js';
import type { CheckedAccess } from './options.js';

export class ServerAccess {
  readonly audit: Audit;
  /** Tells the owner of the server, and writes down what belongs into the access log. */
  readonly tell: Tell;
  private readonly log: AccessLogFile | undefined;
  private readonly observers: Observer[] = [];

  /** @throws ArgumentError */
  constructor(
    private readonly rules: CheckedAccess,
    tell: Tell,
    now: () => number,
  ) {
    const failed = (error: unknown): void => tell('error', error instanceof Error ? error : new Error(String(error)));
    this.log = rules.accessLog && new AccessLogFile(rules.accessLog, failed);
    this.tell = (event, ...values) => {
      tell(event, ...values);
      if (event === 'access') this.log?.append((values as IedServerEvents['access'])[0]);
      else this.audit.follow(event, values);
      for (const observer of this.observers) observer(event, values);
    };
    this.audit = new Audit(this.tell, now);
  }

  /** Tells a part of the server what its owner is told. */
  observe(observer: Observer): void {
    this.observers.push(observer);
  }

  /** Decides on a client that asks for its association; what is known of it is filled in. */
  admit(identity: ClientIdentity, request: AssociationRequest): MaybePromise<Verdict> {
    return admit(identity, request, this.rules);
  }

  /** Waits until the access log is written. */
  async close(): Promise<void> {
    await this.log?.flush();
  }
}
