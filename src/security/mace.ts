/**
 * Authentication by certificate in ACSE (MACE, the A-security profile of IEC 62351-4 §11): who asks for an association, and
 * who answers, shows a certificate and signs the time. A value counts once, and ten minutes at the most.
 */
import { ArgumentError, SecurityError } from '../errors.js';
import { DEFAULT_MACE_WINDOW_MS, MAX_MACE_WINDOW_MS, MAX_REMEMBERED_TIMES } from '../limits.js';
import { checkChain } from './chain.js';
import type { MaceOptions } from './mace-options.js';
import { decodeMaceValue, encodeMaceValue, isMace, isSigned, MACE_MECHANISM } from './mace-value.js';
import { certificateProblem, identityOf, type CertificateIdentity } from './peer-certificate.js';
import { fingerprint } from './pem.js';
import { loadTlsSecurity, type OwnCertificate, type TlsSecurity } from './tls-security.js';

/** Mechanism and value as ACSE carries them. */
export interface Authentication {
  mechanism: string;
  value: Buffer;
}

/** How old certificates and lists may be before they are read anew, in ms. */
const FRESH_MS = 60_000;

export class Mace {
  /** Values that were taken, and until when they are remembered. */
  private readonly taken = new Map<string, number>();
  private readonly window: number;
  readonly required: boolean;

  private constructor(
    private readonly options: MaceOptions,
    private security: TlsSecurity,
    private loadedAt: number,
  ) {
    const { timeWindow = DEFAULT_MACE_WINDOW_MS, required = true } = options;
    if (!(timeWindow >= 1000 && timeWindow <= MAX_MACE_WINDOW_MS)) {
      throw new ArgumentError(`a time window of ${timeWindow} ms is none`, `Give 1000 to ${MAX_MACE_WINDOW_MS} ms.`);
    }
    this.window = timeWindow;
    this.required = required;
  }

  /** @param now ms since 1970. @throws SecurityError, ArgumentError, LimitError */
  static async load(options: MaceOptions, now: number): Promise<Mace> {
    const security = await loadTlsSecurity(options, 'peer');
    return new Mace(options, security, now);
  }

  /** The own authentication value for that time. */
  authenticate(now: number): Authentication {
    const { certificate, key } = this.security.own as OwnCertificate;
    return { mechanism: MACE_MECHANISM, value: encodeMaceValue(certificate, key, now) };
  }

  /**
   * Who has authenticated itself by a value.
   * @param now ms since 1970
   * @throws SecurityError, DecodeError when it is not to be trusted
   */
  async verify({ mechanism, value }: Authentication, now: number): Promise<CertificateIdentity> {
    if (!isMace(mechanism)) {
      throw new SecurityError(
        'MALFORMED',
        `the authentication mechanism ${mechanism} is unknown`,
        'Use that of IEC 62351-4.',
      );
    }
    const given = decodeMaceValue(value);
    const { certificate, time } = given;
    if (Math.abs(now - time) > this.window) {
      throw new SecurityError(
        'TIME',
        `the time of the authentication value is ${Math.round((now - time) / 1000)} s behind ours`,
        `It may differ by ${Math.round(this.window / 1000)} s: check the clocks of both ends.`,
      );
    }
    const security = await this.present(now);
    const problem = certificateProblem(certificate, undefined, security, now);
    if (problem) throw problem;
    if (security.chainValidation) await checkChain(certificate, security.cas, security.revocations, now);
    if (!isSigned(given)) {
      throw new SecurityError(
        'SIGNATURE',
        'the time is not signed with the key of the certificate',
        'Compare the profile of both ends.',
      );
    }
    this.remember(`${fingerprint(certificate)}/${time}`, time, now);
    return identityOf(certificate);
  }

  /** Only what is signed is remembered, so that nobody else can fill the memory. */
  private remember(key: string, time: number, now: number): void {
    for (const [old, until] of this.taken) if (until < now) this.taken.delete(old);
    if (this.taken.has(key)) {
      throw new SecurityError(
        'REPLAY',
        'the authentication value was used before',
        'A client makes a new one for each association.',
      );
    }
    if (this.taken.size >= MAX_REMEMBERED_TIMES) {
      throw new SecurityError(
        'REPLAY',
        'too many associations were asked for within the time window',
        'Try again later.',
      );
    }
    this.taken.set(key, time + this.window);
  }

  private async present(now: number): Promise<TlsSecurity> {
    if (Math.abs(now - this.loadedAt) < FRESH_MS) return this.security;
    this.loadedAt = now;
    try {
      this.security = await loadTlsSecurity(this.options, 'peer');
    } catch {
      // What was read before still counts (IEC 62351-4 §6.2.8).
    }
    return this.security;
  }
}
