/** The X.509 library, which is loaded when it is needed for the first time: plain connections do without. */
import type * as Pkijs from 'pkijs' with { 'resolution-mode': 'import' };

export type { CertificateRevocationList } from 'pkijs' with { 'resolution-mode': 'import' };
export type PkijsLibrary = typeof Pkijs;

export function loadPkijs(): Promise<PkijsLibrary> {
  return import('pkijs');
}
