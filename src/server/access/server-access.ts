/** What a server does about who its clients are: lets them in, gives them their rights, and writes down what they do. */
import { AcseDiagnostic, type AssociationRequest } from '../../mms/wire.js';
import type { ClientIdentity } from '../client-identity.js';
import type { IedServerEvents, Observer, Tell } from '../events.js';
import type { MaybePromise } from '../maybe-promise.js';
import { DecodeError, SecurityError } from '../../errors.js';
import { Mace, type Authentication } from '../../security/mace.js';
import { admit, type Verdict } from './access-control.js';
import { Audit } from './audit.js';
import { AccessLogFile } from './log-file.js';
import type { CheckedAccess } from './options.js';

/** A verdict, and what the server proves itself by when it lets the client in. */
export type Answered = Verdict & { authentication?: Authentication };

export class ServerAccess {
  readonly audit: Audit;
  /** Tells the owner of the server, and writes down what belongs into the access log. */
  readonly tell: Tell;
  private readonly log: AccessLogFile | undefined;
  private mace: Mace | undefined;
  private readonly observers: Observer[] = [];

  /** @throws ArgumentError */
  constructor(
    private readonly rules: CheckedAccess,
    tell: Tell,
    private readonly now: () => number,
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
  admit(identity: ClientIdentity, request: AssociationRequest): MaybePromise<Answered> {
    const { mace } = this;
    return mace ? this.admitCertified(mace, identity, request) : admit(identity, request, this.rules);
  }

  /** Reads certificates before the server listens. @throws SecurityError, ArgumentError, LimitError */
  async open(): Promise<void> {
    if (this.rules.mace) this.mace = await Mace.load(this.rules.mace, this.now());
  }

  private async admitCertified(mace: Mace, identity: ClientIdentity, request: AssociationRequest): Promise<Answered> {
    const { mechanism = '', authentication: value } = request;
    if (!value) {
      if (!mace.required) return admit(identity, request, this.rules);
      const why = `${identity.address} gave no certificate in its association request`;
      return { diagnostic: AcseDiagnostic.authenticationRequired, why };
    }
    try {
      const { subject, fingerprint } = await mace.verify({ mechanism, value }, this.now());
      identity.certificate = { subject, fingerprint };
      identity.identifiedBy = 'mace';
    } catch (error) {
      if (!(error instanceof SecurityError || error instanceof DecodeError)) throw error;
      return { diagnostic: AcseDiagnostic.authenticationFailure, why: `${identity.address}: ${error.message}` };
    }
    const verdict = admit(identity, request, this.rules);
    return 'rights' in verdict ? { ...verdict, authentication: mace.authenticate(this.now()) } : verdict;
  }

  /** Waits until the access log is written. */
  async close(): Promise<void> {
    await this.log?.flush();
  }
}
