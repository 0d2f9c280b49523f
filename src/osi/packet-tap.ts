/** Packets of one association for whoever looks on: in the clear below TLS, and without what proves who an end is. */
import { BerReader } from '../ber/reader.js';
import { Iec61850Error } from '../errors.js';
import { findUserData } from './presentation.js';
import { decodeSpdu } from './session.js';

/**
 * Sees whole TPKTs as they go and come. Those of the association phase are rebuilt from their TSDU, with the
 * authentication value of ACSE masked; all others are as on the wire.
 * @param octets valid until the function returns
 */
export type PacketTap = (direction: 'sent' | 'received', octets: Buffer) => void;

/** What stands in place of a password that this end sends: as long whatever the password is. */
export const MASKED_PASSWORD = '********';

const CHARSTRING = 0x80;
const MASK = 0x2a;
/** Authentication values of AARQ [12] and AARE [10] (ISO 8650-1 §9). */
const AUTHENTICATION_VALUE: Readonly<Record<number, number>> = { 0x60: 0xac, 0x61: 0xaa };
const SPDUS_WITH_ACSE: ReadonlySet<string> = new Set(['connect', 'accept', 'refuse']);

/**
 * A copy of a TSDU in which the authentication value is a text of stars, as long as the value was.
 * @returns undefined for one that cannot be followed, and so cannot be shown
 */
export function withoutSecrets(tsdu: Buffer): Buffer | undefined {
  const copy = Buffer.from(tsdu);
  try {
    const spdu = decodeSpdu(copy, 0, copy.length);
    if (!SPDUS_WITH_ACSE.has(spdu.type) || !('userData' in spdu) || spdu.userData.length === 0) return copy;
    const { userData } = spdu;
    const acse = findUserData(userData);
    if (acse) mask(new BerReader(userData, acse.start, acse.end));
    return copy;
  } catch (error) {
    if (error instanceof Iec61850Error) return undefined;
    throw error;
  }
}

function mask(apdu: BerReader): void {
  if (!apdu.next()) return;
  const wanted = AUTHENTICATION_VALUE[apdu.tag];
  const body = apdu.enter();
  while (body.next()) {
    if (body.tag !== wanted) continue;
    const value = body.enter();
    while (value.next()) {
      // Its length octets stay; only the form of the value and its content are others.
      if (value.tag <= 0xff) value.octets[value.header] = CHARSTRING;
      value.octets.fill(MASK, value.start, value.end);
    }
  }
}
