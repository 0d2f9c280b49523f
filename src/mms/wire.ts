/**
 * What client and server need of the layers below MMS: they build and read MMS octets themselves where it must be
 * quick, and know no other layer than this one.
 */
export { BerReader } from '../ber/reader.js';
export { berBoolean, berInteger, berVisibleString, headerLength, tlv, writeHeader } from '../ber/encode.js';
export { AcseDiagnostic } from '../osi/acse.js';
export type { AcseAuthentication, AssociationRequest, OsiParameters, PacketTap } from '../osi/connection.js';
