import { BerReader } from '../ber/reader.js';
import { berInteger, headerLength, integerContent, tlv, writeHeader } from '../ber/encode.js';
import { decodeOid, encodeOid } from '../ber/object-identifier.js';
import { DecodeError } from '../errors.js';
import { MAX_SELECTOR_LENGTH } from '../limits.js';

/** Presentation protocol (ISO 8823-1 §8), normal mode, kernel. */

/** The third is that of authentication by certificate (IEC 62351-4 §11.1.3), whose object identifier is what the standard says. */
export const ABSTRACT_SYNTAX = { acse: '2.2.1.0.1', mms: '1.0.9506.2.1', authentication: '1.0.840.0.1.1.4.1' } as const;
const BER_TRANSFER_SYNTAX = '2.1.1';

/** Contexts as every known MMS peer numbers them. */
export const DEFAULT_CONTEXT_ID = { acse: 1, mms: 3, authentication: 5 } as const;

export interface PresentationContext {
  id: number;
  abstractSyntax: string;
  /** Whether Basic Encoding Rules are among the transfer syntaxes offered. */
  ber: boolean;
}

/** One value of the user data: which context it belongs to and its octets. */
export interface PresentationData {
  contextId: number;
  start: number;
  end: number;
}

export interface ConnectPpdu {
  callingSelector?: Buffer;
  calledSelector?: Buffer;
  contexts: PresentationContext[];
  userData?: PresentationData;
}

export interface AcceptPpdu {
  respondingSelector?: Buffer;
  /** 0 acceptance, 1 user rejection, 2 provider rejection, in the order of the contexts proposed. */
  results: number[];
  userData?: PresentationData;
}

const TAG = {
  set: 0x31,
  sequence: 0x30,
  modeSelector: 0xa0,
  normalMode: 0xa2,
  callingSelector: 0x81,
  calledSelector: 0x82,
  respondingSelector: 0x83,
  contextDefinitionList: 0xa4,
  contextResultList: 0xa5,
  simpleUserData: 0x60,
  fullUserData: 0x61,
  integer: 0x02,
  oid: 0x06,
  singleAsn1: 0xa0,
  octetAligned: 0x81,
} as const;

function selector(reader: BerReader): Buffer {
  const content = reader.content();
  if (content.length > MAX_SELECTOR_LENGTH) throw new DecodeError(`P-selector of ${content.length} octets is too long`);
  return Buffer.from(content);
}

/** The normal-mode parameters of a CP or CPA PPDU; both are a SET, so their order is free. */
function normalMode(octets: Buffer, start: number, end: number, what: string): BerReader {
  const outer = new BerReader(octets, start, end).expect(TAG.set, what).enter();
  let parameters: BerReader | undefined;
  while (outer.next()) {
    if (outer.tag === TAG.modeSelector) {
      const mode = outer.enter().expect(0x80, 'presentation mode').integer();
      if (mode !== 1) throw new DecodeError(`presentation mode ${mode} is not the normal mode`);
    } else if (outer.tag === TAG.normalMode) parameters = outer.enter();
  }
  if (!parameters || parameters.done) throw new DecodeError(`${what} has no normal-mode parameters`);
  return parameters;
}

/** @throws DecodeError, also for normal-mode parameters of length 0 (CVE-2022-21159, CVE-2026-66360). */
export function decodeConnectPpdu(octets: Buffer, start: number, end: number): ConnectPpdu {
  const parameters = normalMode(octets, start, end, 'presentation connect');
  const result: ConnectPpdu = { contexts: [] };
  while (parameters.next()) {
    switch (parameters.tag) {
      case TAG.callingSelector:
        result.callingSelector = selector(parameters);
        break;
      case TAG.calledSelector:
        result.calledSelector = selector(parameters);
        break;
      case TAG.contextDefinitionList:
        result.contexts = decodeContexts(parameters.enter());
        break;
      case TAG.fullUserData:
        result.userData = firstPdv(parameters.enter());
        break;
      default:
        break;
    }
  }
  return result;
}

function decodeContexts(list: BerReader): PresentationContext[] {
  const contexts: PresentationContext[] = [];
  while (list.next()) {
    if (contexts.length >= 16) throw new DecodeError('presentation connect proposes too many contexts');
    const item = list.enter();
    const id = item.expect(TAG.integer, 'presentation context id').integer();
    const abstractSyntax = decodeOid(item.expect(TAG.oid, 'abstract syntax').content());
    const transfer = item.expect(TAG.sequence, 'transfer syntaxes').enter();
    let ber = false;
    while (transfer.next())
      if (transfer.tag === TAG.oid && decodeOid(transfer.content()) === BER_TRANSFER_SYNTAX) ber = true;
    contexts.push({ id, abstractSyntax, ber });
  }
  return contexts;
}

export function decodeAcceptPpdu(octets: Buffer, start: number, end: number): AcceptPpdu {
  const parameters = normalMode(octets, start, end, 'presentation accept');
  const result: AcceptPpdu = { results: [] };
  while (parameters.next()) {
    switch (parameters.tag) {
      case TAG.respondingSelector:
        result.respondingSelector = selector(parameters);
        break;
      case TAG.contextResultList: {
        const list = parameters.enter();
        while (list.next() && result.results.length < 16)
          result.results.push(list.enter().expect(0x80, 'context result').integer());
        break;
      }
      case TAG.fullUserData:
        result.userData = firstPdv(parameters.enter());
        break;
      default:
        break;
    }
  }
  return result;
}

/** The user data (ACSE) of a CPR, ARU or other PPDU, wherever fully-encoded-data stands in it; undefined without any. */
export function findUserData(octets: Buffer): PresentationData | undefined {
  const walk = (reader: BerReader, depth: number): PresentationData | undefined => {
    while (reader.next()) {
      if (reader.tag === TAG.fullUserData) return firstPdv(reader.enter());
      if (depth < 3 && (reader.tag & 0x20) !== 0) {
        const found = walk(reader.enter(), depth + 1);
        if (found) return found;
      }
    }
    return undefined;
  };
  return walk(new BerReader(octets), 0);
}

function firstPdv(list: BerReader): PresentationData {
  const pdv = list.expect(TAG.sequence, 'presentation data value').enter();
  while (pdv.next()) {
    if (pdv.tag !== TAG.integer) continue;
    const contextId = pdv.integer();
    return { contextId, ...asn1Value(pdv) };
  }
  throw new DecodeError('presentation data value has no context id');
}

function asn1Value(pdv: BerReader): { start: number; end: number } {
  if (!pdv.next() || (pdv.tag !== TAG.singleAsn1 && pdv.tag !== TAG.octetAligned)) {
    throw new DecodeError('presentation data value has no ASN.1 value');
  }
  return { start: pdv.start, end: pdv.end };
}

/**
 * User data of a data transfer PPDU (TD): only the first value is taken, as MMS sends no more.
 * @throws DecodeError when it is not fully encoded.
 */
export function decodeDataPpdu(octets: Buffer, start: number, end: number): PresentationData {
  return firstPdv(new BerReader(octets, start, end).expect(TAG.fullUserData, 'presentation data').enter());
}

/** Fully-encoded-data around one value. */
export function encodeUserData(contextId: number, value: Uint8Array): Buffer {
  return tlv(TAG.fullUserData, tlv(TAG.sequence, berInteger(TAG.integer, contextId), tlv(TAG.singleAsn1, value)));
}

/** Octets that stand before a value of `length` octets in {@link encodeUserData}; contexts are below 128. */
export function writeUserDataHeader(target: Buffer, at: number, contextId: number, length: number): number {
  const inner = headerLength(TAG.singleAsn1, length) + length + 3;
  at = writeHeader(target, at, TAG.fullUserData, headerLength(TAG.sequence, inner) + inner);
  at = writeHeader(target, at, TAG.sequence, inner);
  target[at++] = TAG.integer;
  target[at++] = 1;
  target[at++] = contextId;
  return writeHeader(target, at, TAG.singleAsn1, length);
}

/** Length of the header that {@link writeUserDataHeader} writes. */
export function userDataHeaderLength(length: number): number {
  const inner = headerLength(TAG.singleAsn1, length) + length + 3;
  const outer = headerLength(TAG.sequence, inner) + inner;
  return headerLength(TAG.fullUserData, outer) + outer - length;
}

const MODE_NORMAL = tlv(TAG.modeSelector, berInteger(0x80, 1));
const BER = tlv(TAG.sequence, tlv(TAG.oid, encodeOid(BER_TRANSFER_SYNTAX)));

function optional(tag: number, value: Uint8Array | undefined): Buffer[] {
  return value ? [tlv(tag, value)] : [];
}

/** Connect Presentation with the ACSE and MMS contexts, and that of authentication where one is carried. */
export function encodeConnectPpdu(
  connect: { callingSelector?: Buffer; calledSelector?: Buffer; authentication?: boolean },
  acse: Buffer,
): Buffer {
  const context = (id: number, syntax: string): Buffer =>
    tlv(TAG.sequence, berInteger(TAG.integer, id), tlv(TAG.oid, encodeOid(syntax)), BER);
  return tlv(
    TAG.set,
    MODE_NORMAL,
    tlv(
      TAG.normalMode,
      ...optional(TAG.callingSelector, connect.callingSelector),
      ...optional(TAG.calledSelector, connect.calledSelector),
      tlv(
        TAG.contextDefinitionList,
        context(DEFAULT_CONTEXT_ID.acse, ABSTRACT_SYNTAX.acse),
        context(DEFAULT_CONTEXT_ID.mms, ABSTRACT_SYNTAX.mms),
        ...(connect.authentication ? [context(DEFAULT_CONTEXT_ID.authentication, ABSTRACT_SYNTAX.authentication)] : []),
      ),
      encodeUserData(DEFAULT_CONTEXT_ID.acse, acse),
    ),
  );
}

/** Connect Presentation Accept; one result for each context proposed, accepted when we know it. */
export function encodeAcceptPpdu(
  accept: { respondingSelector?: Buffer; contexts: readonly PresentationContext[]; acseContextId: number },
  acse: Buffer,
): Buffer {
  const known: readonly string[] = Object.values(ABSTRACT_SYNTAX);
  const results = accept.contexts.map((context) =>
    context.ber && known.includes(context.abstractSyntax)
      ? tlv(TAG.sequence, berInteger(0x80, 0), tlv(0x81, encodeOid(BER_TRANSFER_SYNTAX)))
      : // Provider rejection; reason 1: abstract syntax not supported, 2: transfer syntaxes not supported.
        tlv(TAG.sequence, berInteger(0x80, 2), tlv(0x82, integerContent(context.ber ? 1 : 2))),
  );
  return tlv(
    TAG.set,
    MODE_NORMAL,
    tlv(
      TAG.normalMode,
      ...optional(TAG.respondingSelector, accept.respondingSelector),
      tlv(TAG.contextResultList, ...results),
      encodeUserData(accept.acseContextId, acse),
    ),
  );
}

/** Connect Presentation Reject that carries an AARE (ISO 8823-1 §8.2.3). */
export function encodeRejectPpdu(acseContextId: number, acse: Buffer): Buffer {
  return tlv(TAG.sequence, encodeUserData(acseContextId, acse));
}

/** Abnormal Release User (ARU) with an ABRT. */
export function encodeAbortPpdu(contextId: number, acse: Buffer): Buffer {
  return tlv(0xa0, encodeUserData(contextId, acse));
}
