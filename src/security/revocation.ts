/** Certificate revocation lists (RFC 5280 §5). */
import type { X509Certificate } from 'node:crypto';
import { LimitError, SecurityError } from '../errors.js';
import { MAX_LISTED_CERTIFICATES } from '../limits.js';
import { blocks, toPem } from './pem.js';
import { loadPkijs, type CertificateRevocationList, type PkijsLibrary } from './pkijs.js';

export class RevocationLists {
  private constructor(
    /** As PEM, one text a list. */
    readonly pem: readonly string[],
    readonly lists: readonly CertificateRevocationList[],
    private readonly revoked: ReadonlySet<string>,
    private readonly library: PkijsLibrary | undefined,
  ) {}

  static readonly NONE = new RevocationLists([], [], new Set(), undefined);

  /** @throws SecurityError, LimitError */
  static async read(sources: readonly { octets: Buffer; what: string }[]): Promise<RevocationLists> {
    if (sources.length === 0) return RevocationLists.NONE;
    const library = await loadPkijs();
    const pem: string[] = [];
    const lists: CertificateRevocationList[] = [];
    const revoked = new Set<string>();
    for (const { octets, what } of sources) {
      const found = blocks(octets, 'X509 CRL');
      if (found.length === 0) throw unreadable(what);
      if (lists.length + found.length > MAX_LISTED_CERTIFICATES) throw new LimitError(`${what} holds too many lists`);
      for (const der of found) {
        let list: CertificateRevocationList;
        try {
          list = library.CertificateRevocationList.fromBER(new Uint8Array(der));
        } catch (cause) {
          throw unreadable(what, cause);
        }
        pem.push(toPem(der, 'X509 CRL'));
        lists.push(list);
        const issuer = hex(list.issuer.valueBeforeDecode);
        for (const { userCertificate } of list.revokedCertificates ?? []) {
          revoked.add(`${issuer}/${hexNumber(userCertificate.valueBlock.valueHexView)}`);
        }
      }
    }
    return new RevocationLists(pem, lists, revoked, library);
  }

  get present(): boolean {
    return this.lists.length > 0;
  }

  /** Lists that are no longer, or not yet, valid, in words. */
  problems(now: number): string[] {
    return this.lists.flatMap((list) => {
      const next = list.nextUpdate?.value;
      if (next && next.getTime() < now) return [`a revocation list has expired on ${next.toISOString()}`];
      const since = list.thisUpdate.value;
      return since.getTime() > now ? [`a revocation list is not valid before ${since.toISOString()}`] : [];
    });
  }

  /** Whether a list of its issuer names the certificate. */
  has(certificate: X509Certificate): boolean {
    if (!this.library || this.revoked.size === 0) return false;
    const { issuer, serialNumber } = this.library.Certificate.fromBER(new Uint8Array(certificate.raw));
    return this.revoked.has(`${hex(issuer.valueBeforeDecode)}/${hexNumber(serialNumber.valueBlock.valueHexView)}`);
  }
}

function unreadable(what: string, cause?: unknown): SecurityError {
  return new SecurityError('CRL', `${what} holds no readable revocation list`, 'Give a PEM or DER file of the CA.', {
    ...(cause !== undefined && { cause }),
  });
}

function hex(octets: ArrayBuffer | Uint8Array): string {
  return Buffer.from(octets instanceof Uint8Array ? octets : new Uint8Array(octets)).toString('hex');
}

function hexNumber(octets: Uint8Array): string {
  return hex(octets).replace(/^0+/, '');
}
