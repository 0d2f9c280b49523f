import type { BerReader } from '../../ber/reader.js';
import { berNull, berVisibleString, tlv } from '../../ber/encode.js';
import { decodeOid, encodeOid } from '../../ber/object-identifier.js';
import { MAX_IDENTIFY_TEXT } from '../../limits.js';

/** Identify (ISO 9506-2 §9.3): vendor, model and revision of the VMD. */
export interface IdentifyRequest {
  service: 'identify';
}

export interface IdentifyResponse {
  service: 'identify';
  vendor: string;
  model: string;
  revision: string;
  /** Dotted object identifiers. */
  abstractSyntaxes?: string[];
}

export const IDENTIFY_TAG = { request: 0x82, response: 0xa2 } as const;
const MAX_ABSTRACT_SYNTAXES = 64;

export function encodeIdentifyRequest(): Buffer {
  return berNull(IDENTIFY_TAG.request);
}

export function decodeIdentifyResponse(reader: BerReader): IdentifyResponse {
  const body = reader.enter();
  const result: IdentifyResponse = { service: 'identify', vendor: '', model: '', revision: '' };
  while (body.next()) {
    if (body.tag === 0x80) result.vendor = body.visibleString(MAX_IDENTIFY_TEXT);
    else if (body.tag === 0x81) result.model = body.visibleString(MAX_IDENTIFY_TEXT);
    else if (body.tag === 0x82) result.revision = body.visibleString(MAX_IDENTIFY_TEXT);
    else if (body.tag === 0xa3) {
      const list = body.enter();
      const syntaxes: string[] = [];
      while (list.next() && syntaxes.length < MAX_ABSTRACT_SYNTAXES) syntaxes.push(decodeOid(list.content()));
      result.abstractSyntaxes = syntaxes;
    }
  }
  return result;
}

export function encodeIdentifyResponse(response: IdentifyResponse): Buffer {
  return tlv(
    IDENTIFY_TAG.response,
    berVisibleString(0x80, response.vendor),
    berVisibleString(0x81, response.model),
    berVisibleString(0x82, response.revision),
    ...(response.abstractSyntaxes
      ? [tlv(0xa3, ...response.abstractSyntaxes.map((oid) => tlv(0x06, encodeOid(oid))))]
      : []),
  );
}
