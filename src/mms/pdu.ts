import { BerReader } from '../ber/reader.js';
import { berInteger, berNull, integerContent, tlv } from '../ber/encode.js';
import { DecodeError } from '../errors.js';
import type { AccessResult } from './data.js';
import { decodeAccessResults, encodeAccessResult } from './data-codec.js';
import { decodeInitiate, encodeInitiate, type InitiateParameters } from './initiate.js';
import { decodeServiceError, encodeServiceError, type ServiceErrorFields } from './service-error.js';
import {
  decodeServiceRequest,
  decodeServiceResponse,
  encodeServiceRequest,
  encodeServiceResponse,
  type ServiceRequest,
  type ServiceResponse,
} from './services.js';
import { decodeVariableAccess, encodeVariableAccess, type VariableAccess } from './variable-access.js';

/** MMS PDUs (ISO 9506-2 §7). */
export type MmsPdu =
  | { pdu: 'confirmed-request'; invokeId: number; request: ServiceRequest }
  | { pdu: 'confirmed-response'; invokeId: number; response: ServiceResponse }
  | { pdu: 'confirmed-error'; invokeId: number; error: ServiceErrorFields; modifierPosition?: number }
  | { pdu: 'information-report'; access: VariableAccess; results: AccessResult[] }
  /** Unconfirmed services that IEC 61850 does not use. */
  | { pdu: 'unconfirmed-other'; octets: Buffer }
  | { pdu: 'reject'; invokeId?: number; rejectType: number; rejectReason: number }
  | { pdu: 'cancel-request' | 'cancel-response'; invokeId: number }
  | { pdu: 'cancel-error'; invokeId: number; error: ServiceErrorFields }
  | { pdu: 'initiate-request' | 'initiate-response'; parameters: InitiateParameters }
  | { pdu: 'initiate-error'; error: ServiceErrorFields }
  | { pdu: 'conclude-request' | 'conclude-response' }
  | { pdu: 'conclude-error'; error: ServiceErrorFields };

export const PduTag = {
  confirmedRequest: 0xa0,
  confirmedResponse: 0xa1,
  confirmedError: 0xa2,
  unconfirmed: 0xa3,
  reject: 0xa4,
  cancelRequest: 0x85,
  cancelResponse: 0x86,
  cancelError: 0xa7,
  initiateRequest: 0xa8,
  initiateResponse: 0xa9,
  initiateError: 0xaa,
  concludeRequest: 0x8b,
  concludeResponse: 0x8c,
  concludeError: 0xad,
} as const;

const MAX_INVOKE_ID = 0xffffffff;

/** Reads the invokeID, Unsigned32, of a confirmed request or response. @throws DecodeError for a negative one. */
export function readInvokeId(body: BerReader): number {
  return body.expect(0x02, 'invokeID').unsigned(MAX_INVOKE_ID);
}

/** @throws DecodeError, LimitError */
export function decodeMmsPdu(octets: Buffer, start = 0, end = octets.length): MmsPdu {
  const outer = new BerReader(octets, start, end);
  if (!outer.next()) throw new DecodeError('MMS PDU is empty');
  switch (outer.tag) {
    case PduTag.confirmedRequest: {
      const body = outer.enter();
      return { pdu: 'confirmed-request', invokeId: readInvokeId(body), request: decodeServiceRequest(serviceOf(body)) };
    }
    case PduTag.confirmedResponse: {
      const body = outer.enter();
      return {
        pdu: 'confirmed-response',
        invokeId: readInvokeId(body),
        response: decodeServiceResponse(serviceOf(body)),
      };
    }
    case PduTag.confirmedError:
      return decodeConfirmedError(outer.enter());
    case PduTag.unconfirmed:
      return decodeUnconfirmed(outer);
    case PduTag.reject:
      return decodeReject(outer.enter());
    case PduTag.cancelRequest:
      return { pdu: 'cancel-request', invokeId: outer.unsigned(MAX_INVOKE_ID) };
    case PduTag.cancelResponse:
      return { pdu: 'cancel-response', invokeId: outer.unsigned(MAX_INVOKE_ID) };
    case PduTag.cancelError: {
      const body = outer.enter();
      const invokeId = body.expect(0x80, 'invokeID').unsigned(MAX_INVOKE_ID);
      return { pdu: 'cancel-error', invokeId, error: decodeServiceError(body.expect(0xa1, 'service error').enter()) };
    }
    case PduTag.initiateRequest:
      return { pdu: 'initiate-request', parameters: decodeInitiate(outer.enter()) };
    case PduTag.initiateResponse:
      return { pdu: 'initiate-response', parameters: decodeInitiate(outer.enter()) };
    case PduTag.initiateError:
      return { pdu: 'initiate-error', error: decodeServiceError(outer.enter()) };
    case PduTag.concludeRequest:
      return { pdu: 'conclude-request' };
    case PduTag.concludeResponse:
      return { pdu: 'conclude-response' };
    case PduTag.concludeError:
      return { pdu: 'conclude-error', error: decodeServiceError(outer.enter()) };
    default:
      throw new DecodeError(`MMS PDU 0x${outer.tag.toString(16)} is unknown`);
  }
}

const LIST_OF_MODIFIERS = 0x30;

function serviceOf(body: BerReader): BerReader {
  if (!body.next()) throw new DecodeError('confirmed PDU has no service');
  // Modifiers (attach to semaphore) are legal and not used by IEC 61850.
  if (body.tag === LIST_OF_MODIFIERS && !body.next()) throw new DecodeError('confirmed PDU has no service');
  return body;
}

function decodeConfirmedError(body: BerReader): MmsPdu {
  const invokeId = body.expect(0x80, 'invokeID').unsigned(MAX_INVOKE_ID);
  let modifierPosition: number | undefined;
  while (body.next()) {
    if (body.tag === 0x81) modifierPosition = body.unsigned();
    else if (body.tag === 0xa2) {
      const error = decodeServiceError(body.enter());
      return { pdu: 'confirmed-error', invokeId, error, ...(modifierPosition !== undefined && { modifierPosition }) };
    }
  }
  throw new DecodeError('confirmed error has no service error');
}

function decodeUnconfirmed(outer: BerReader): MmsPdu {
  const body = outer.enter();
  if (!body.next()) throw new DecodeError('unconfirmed PDU is empty');
  if (body.tag !== 0xa0) return { pdu: 'unconfirmed-other', octets: Buffer.from(outer.content()) };
  const report = body.enter();
  if (!report.next()) throw new DecodeError('information report is empty');
  const access = decodeVariableAccess(report);
  return {
    pdu: 'information-report',
    access,
    results: decodeAccessResults(report.expect(0xa0, 'access results').enter()),
  };
}

function decodeReject(body: BerReader): MmsPdu {
  let invokeId: number | undefined;
  while (body.next()) {
    if (body.tag === 0x80) invokeId = body.unsigned(MAX_INVOKE_ID);
    else {
      return {
        pdu: 'reject',
        ...(invokeId !== undefined && { invokeId }),
        rejectType: body.tag & 0x1f,
        rejectReason: body.integer(),
      };
    }
  }
  throw new DecodeError('reject has no reason');
}

export function encodeMmsPdu(pdu: MmsPdu): Buffer {
  switch (pdu.pdu) {
    case 'confirmed-request':
      return tlv(PduTag.confirmedRequest, berInteger(0x02, pdu.invokeId), encodeServiceRequest(pdu.request));
    case 'confirmed-response':
      return tlv(PduTag.confirmedResponse, berInteger(0x02, pdu.invokeId), encodeServiceResponse(pdu.response));
    case 'confirmed-error':
      return tlv(
        PduTag.confirmedError,
        berInteger(0x80, pdu.invokeId),
        ...(pdu.modifierPosition === undefined ? [] : [berInteger(0x81, pdu.modifierPosition)]),
        tlv(0xa2, encodeServiceError(pdu.error)),
      );
    case 'information-report':
      return tlv(
        PduTag.unconfirmed,
        tlv(0xa0, encodeVariableAccess(pdu.access), tlv(0xa0, ...pdu.results.map(encodeAccessResult))),
      );
    case 'unconfirmed-other':
      return tlv(PduTag.unconfirmed, pdu.octets);
    case 'reject':
      return tlv(
        PduTag.reject,
        ...(pdu.invokeId === undefined ? [] : [berInteger(0x80, pdu.invokeId)]),
        tlv(0x80 | pdu.rejectType, integerContent(pdu.rejectReason)),
      );
    case 'cancel-request':
      return berInteger(PduTag.cancelRequest, pdu.invokeId);
    case 'cancel-response':
      return berInteger(PduTag.cancelResponse, pdu.invokeId);
    case 'cancel-error':
      return tlv(PduTag.cancelError, berInteger(0x80, pdu.invokeId), tlv(0xa1, encodeServiceError(pdu.error)));
    case 'initiate-request':
      return tlv(PduTag.initiateRequest, encodeInitiate(pdu.parameters));
    case 'initiate-response':
      return tlv(PduTag.initiateResponse, encodeInitiate(pdu.parameters));
    case 'initiate-error':
      return tlv(PduTag.initiateError, encodeServiceError(pdu.error));
    case 'conclude-request':
      return berNull(PduTag.concludeRequest);
    case 'conclude-response':
      return berNull(PduTag.concludeResponse);
    case 'conclude-error':
      return tlv(PduTag.concludeError, encodeServiceError(pdu.error));
  }
}
