import { BerReader } from '../ber/reader.js';
import { berBitString, berInteger, tlv } from '../ber/encode.js';
import { decodeOid, encodeOid } from '../ber/object-identifier.js';
import { DecodeError } from '../errors.js';
import { MAX_AUTHENTICATION_VALUE, MAX_PASSWORD_LENGTH } from '../limits.js';

/** ACSE (ISO 8650-1 §9) as IEC 61850-8-1 §25 uses it. */

export interface AcseNames {
  /** Dotted object identifier (AP-title form 2). */
  apTitle?: string;
  aeQualifier?: number;
}

/** How an end proves who it is, other than by a password: carried as it is (ISO 8650-1 §7.1.5). */
export interface AcseAuthentication {
  /** Mechanism name, dotted. */
  mechanism: string;
  /** The chosen form of the authentication value with its tag. */
  value: Buffer;
}

export interface Aarq {
  called: AcseNames;
  calling: AcseNames;
  /** Authentication value of the password mechanism (IEC 61850-8-1 §25.2); absent when none was sent. */
  password?: Buffer;
  /** Mechanism name, dotted; `2.2.3.1` is the password mechanism. */
  mechanism?: string;
  /** Authentication value of another form than a text, with its tag. */
  authentication?: Buffer;
  userData: Buffer;
}

export interface Aare {
  /** 0 accepted, 1 rejected permanently, 2 rejected transiently. */
  result: number;
  /** `user` or `provider` diagnostic and its number. */
  diagnostic?: { source: 'user' | 'provider'; value: number };
  responding: AcseNames;
  mechanism?: string;
  /** Authentication value with its tag. */
  authentication?: Buffer;
  userData?: Buffer;
}

export type AcseApdu =
  | ({ type: 'aarq' } & Aarq)
  | ({ type: 'aare' } & Aare)
  | { type: 'rlrq' | 'rlre'; reason?: number }
  | { type: 'abrt'; source: number };

const TAG = {
  aarq: 0x60,
  aare: 0x61,
  rlrq: 0x62,
  rlre: 0x63,
  abrt: 0x64,
  external: 0x28,
  userInformation: 0xbe,
} as const;
const MMS_APPLICATION_CONTEXT = '1.0.9506.2.3';
const PASSWORD_MECHANISM = '2.2.3.1';

export const AcseDiagnostic = {
  null: 0,
  noReason: 1,
  callingApTitle: 3,
  calledApTitle: 7,
  calledAeQualifier: 10,
  mechanismNotRecognised: 11,
  mechanismRequired: 12,
  authenticationFailure: 13,
  authenticationRequired: 14,
} as const;

/** @throws DecodeError, also for names of length 0 (CVE-2026-56758) and user information without end (CVE-2026-68906). */
export function decodeAcse(octets: Buffer, start: number, end: number): AcseApdu {
  const outer = new BerReader(octets, start, end);
  if (!outer.next()) throw new DecodeError('ACSE APDU is empty');
  const body = outer.enter();
  switch (outer.tag) {
    case TAG.aarq:
      return decodeAarq(body);
    case TAG.aare:
      return decodeAare(body);
    case TAG.rlrq:
    case TAG.rlre: {
      const type = outer.tag === TAG.rlrq ? 'rlrq' : 'rlre';
      return body.next() && body.tag === 0x80 ? { type, reason: body.integer() } : { type };
    }
    case TAG.abrt:
      return { type: 'abrt', source: body.next() && body.tag === 0x80 ? body.integer() : 0 };
    default:
      throw new DecodeError(`ACSE APDU 0x${outer.tag.toString(16)} is unknown`);
  }
}

function apTitle(reader: BerReader): string | undefined {
  const inner = reader.enter();
  if (!inner.next()) throw new DecodeError('AP-title is empty');
  // Form 1 (a directory name) is legal; it names nothing that we compare.
  return inner.tag === 0x06 ? decodeOid(inner.content()) : undefined;
}

function aeQualifier(reader: BerReader): number | undefined {
  const inner = reader.enter();
  if (!inner.next()) throw new DecodeError('AE-qualifier is empty');
  return inner.tag === 0x02 ? inner.integer() : undefined;
}

function put<K extends string, V>(target: { [key in K]?: V }, key: K, value: V | undefined): void {
  if (value !== undefined) target[key] = value;
}

function decodeAarq(body: BerReader): AcseApdu {
  const result: Aarq = { called: {}, calling: {}, userData: Buffer.alloc(0) };
  let hasUserData = false;
  while (body.next()) {
    switch (body.tag) {
      case 0xa2:
        put(result.called, 'apTitle', apTitle(body));
        break;
      case 0xa3:
        put(result.called, 'aeQualifier', aeQualifier(body));
        break;
      case 0xa6:
        put(result.calling, 'apTitle', apTitle(body));
        break;
      case 0xa7:
        put(result.calling, 'aeQualifier', aeQualifier(body));
        break;
      case 0x8b:
        result.mechanism = decodeOid(body.content());
        break;
      case 0xac:
        Object.assign(result, authenticationValue(body.enter()));
        break;
      case TAG.userInformation:
        result.userData = userInformation(body.enter());
        hasUserData = true;
        break;
      default:
        break;
    }
  }
  if (!hasUserData) throw new DecodeError('association request has no user information');
  return { type: 'aarq', ...result };
}

function authenticationValue(value: BerReader): { password: Buffer } | { authentication: Buffer } {
  if (!value.next()) throw new DecodeError('authentication value is empty');
  // charstring [0]; other forms (bitstring, external) belong to mechanisms that are known by their name.
  if (value.tag !== 0x80) {
    const octets = value.element();
    if (octets.length > MAX_AUTHENTICATION_VALUE) throw new DecodeError('authentication value is too long');
    return { authentication: Buffer.from(octets) };
  }
  if (value.end - value.start > MAX_PASSWORD_LENGTH) throw new DecodeError('password is too long');
  return { password: Buffer.from(value.content()) };
}

function decodeAare(body: BerReader): AcseApdu {
  const result: Aare = { result: -1, responding: {} };
  while (body.next()) {
    switch (body.tag) {
      case 0xa2:
        result.result = body.enter().expect(0x02, 'association result').integer();
        break;
      case 0xa3: {
        const choice = body.enter();
        if (choice.next()) {
          const value = choice.enter().expect(0x02, 'association diagnostic').integer();
          result.diagnostic = { source: choice.tag === 0xa1 ? 'user' : 'provider', value };
        }
        break;
      }
      case 0xa4:
        put(result.responding, 'apTitle', apTitle(body));
        break;
      case 0xa5:
        put(result.responding, 'aeQualifier', aeQualifier(body));
        break;
      case 0x89:
        result.mechanism = decodeOid(body.content());
        break;
      case 0xaa:
        Object.assign(result, authenticationValue(body.enter()));
        break;
      case TAG.userInformation:
        result.userData = userInformation(body.enter());
        break;
      default:
        break;
    }
  }
  if (result.result < 0) throw new DecodeError('association response has no result');
  return { type: 'aare', ...result };
}

/** The single-ASN.1-type of the EXTERNAL in the user information. */
function userInformation(list: BerReader): Buffer {
  const external = list.expect(TAG.external, 'user information').enter();
  while (external.next()) if (external.tag === 0xa0 || external.tag === 0x81) return external.content();
  throw new DecodeError('user information has no value');
}

function encodeUserInformation(contextId: number, userData: Uint8Array): Buffer {
  return tlv(TAG.userInformation, tlv(TAG.external, berInteger(0x02, contextId), tlv(0xa0, userData)));
}

function encodeNames(names: AcseNames, titleTag: number, qualifierTag: number): Buffer[] {
  return [
    ...(names.apTitle !== undefined ? [tlv(titleTag, tlv(0x06, encodeOid(names.apTitle)))] : []),
    ...(names.aeQualifier !== undefined ? [tlv(qualifierTag, berInteger(0x02, names.aeQualifier))] : []),
  ];
}

const APPLICATION_CONTEXT = tlv(0xa1, tlv(0x06, encodeOid(MMS_APPLICATION_CONTEXT)));
/** Functional unit `authentication` is the first and only bit. */
const AUTHENTICATION_UNIT = '1';

function passwordAuthentication(password: string): AcseAuthentication {
  return { mechanism: PASSWORD_MECHANISM, value: tlv(0x80, Buffer.from(password, 'utf8')) };
}

function encodeAuthentication(
  authentication: AcseAuthentication | undefined,
  requirements: number,
  mechanism: number,
  value: number,
): Buffer[] {
  if (!authentication) return [];
  return [
    berBitString(requirements, AUTHENTICATION_UNIT),
    tlv(mechanism, encodeOid(authentication.mechanism)),
    tlv(value, authentication.value),
  ];
}

export function encodeAarq(
  aarq: { called: AcseNames; calling: AcseNames; password?: string; authentication?: AcseAuthentication },
  contextId: number,
  userData: Uint8Array,
): Buffer {
  const password = aarq.password === undefined ? undefined : passwordAuthentication(aarq.password);
  return tlv(
    TAG.aarq,
    APPLICATION_CONTEXT,
    ...encodeNames(aarq.called, 0xa2, 0xa3),
    ...encodeNames(aarq.calling, 0xa6, 0xa7),
    ...encodeAuthentication(aarq.authentication ?? password, 0x8a, 0x8b, 0xac),
    encodeUserInformation(contextId, userData),
  );
}

export function encodeAare(
  aare: { result: number; diagnostic: number; responding: AcseNames; authentication?: AcseAuthentication },
  contextId: number,
  userData?: Uint8Array,
): Buffer {
  return tlv(
    TAG.aare,
    APPLICATION_CONTEXT,
    tlv(0xa2, berInteger(0x02, aare.result)),
    tlv(0xa3, tlv(0xa1, berInteger(0x02, aare.diagnostic))),
    ...encodeNames(aare.responding, 0xa4, 0xa5),
    ...encodeAuthentication(aare.authentication, 0x88, 0x89, 0xaa),
    ...(userData ? [encodeUserInformation(contextId, userData)] : []),
  );
}

/** RLRQ or RLRE with reason normal. */
export function encodeRelease(type: 'rlrq' | 'rlre'): Buffer {
  return tlv(type === 'rlrq' ? TAG.rlrq : TAG.rlre, berInteger(0x80, 0));
}

/** ABRT by the service user (0) or provider (1). */
export function encodeAbrt(source: 0 | 1): Buffer {
  return tlv(TAG.abrt, berInteger(0x80, source));
}

const DIAGNOSTICS: Readonly<Record<number, string>> = {
  0: 'no diagnostic',
  1: 'no reason given',
  2: 'application context not supported',
  3: 'calling AP-title not recognised',
  4: 'calling AP invocation identifier not recognised',
  5: 'calling AE-qualifier not recognised',
  7: 'called AP-title not recognised',
  9: 'called AP invocation identifier not recognised',
  10: 'called AE-qualifier not recognised',
  11: 'authentication mechanism not recognised',
  12: 'authentication mechanism required',
  13: 'authentication failed (wrong password)',
  14: 'authentication required (a password is expected)',
};

/** Whether the peer does not take what the caller proves itself by. */
export function isAboutAuthentication(diagnostic: Aare['diagnostic']): boolean {
  return diagnostic?.source === 'user' && diagnostic.value >= 11 && diagnostic.value <= 14;
}

/** Associate-source-diagnostic of the service user in words. */
export function diagnosticText(diagnostic: Aare['diagnostic']): string {
  if (!diagnostic) return 'no diagnostic';
  if (diagnostic.source === 'provider')
    return diagnostic.value === 2 ? 'no common ACSE version' : `ACSE provider diagnostic ${diagnostic.value}`;
  return DIAGNOSTICS[diagnostic.value] ?? `diagnostic ${diagnostic.value}`;
}
