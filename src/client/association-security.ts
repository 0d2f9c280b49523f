/** Certificates of one association: those of TLS below it, and those in ACSE. */
import type { AcseAuthentication } from '../mms/wire.js';
import { SecurityError } from '../errors.js';
import { Mace } from '../security/mace.js';
import { loadClientTls, type ClientTls } from '../security/tls-client.js';
import type { IedConnectionOptions } from './options.js';

export class AssociationSecurity {
  private constructor(
    readonly tls: ClientTls | undefined,
    private readonly mace: Mace | undefined,
  ) {}

  /** Whether there is anything to load. */
  static wanted({ tls, mace }: IedConnectionOptions): boolean {
    return tls !== undefined || mace !== undefined;
  }

  /** @throws SecurityError, ArgumentError, LimitError */
  static async load({ tls, mace }: IedConnectionOptions): Promise<AssociationSecurity> {
    return new AssociationSecurity(tls && (await loadClientTls(tls)), mace && (await Mace.load(mace, Date.now())));
  }

  /** What the client proves itself by now. */
  authenticate(): AcseAuthentication | undefined {
    return this.mace?.authenticate(Date.now());
  }

  /** Whether the server has proved itself; undefined when nobody asks. @throws SecurityError, DecodeError */
  async check(authentication: AcseAuthentication | undefined): Promise<void> {
    const { mace } = this;
    if (!mace) return;
    if (authentication) await mace.verify(authentication, Date.now());
    else if (mace.required) {
      throw new SecurityError(
        'MISSING',
        'the IED gave no certificate in its association response',
        'Set it up for certificates in ACSE, or do without there.',
      );
    }
  }
}
