/** Confirmed requests of clients and their answers (ISO 9506-2 §7–§14), one service a file. */
import { decodeServiceRequest, encodeServiceResponse, ServiceTag } from '../../mms/services.js';
import { BerReader } from '../../mms/wire.js';
import type { Identity } from '../identity.js';
import type { NameSpace } from '../name-space.js';
import { OBJECT_ACCESS_UNSUPPORTED, RejectReason, type Answer } from './answer.js';
import { getNamedVariableListAttributes, getVariableAccessAttributes } from './attributes.js';
import { getNameList } from './get-name-list.js';
import { ReadService } from './read.js';
import { type WriteService, type Writer } from './write.js';

export type { Answer } from './answer.js';

/** Services that Initiate announces, by their names in `SERVICE_BITS`. */
export const SERVED: readonly string[] = [
  'status',
  'getNameList',
  'identify',
  'read',
  'write',
  'getVariableAccessAttributes',
  'getNamedVariableListAttributes',
  'conclude',
  'cancel',
];

/** GetVariableAccessAttributes by address, which the codec keeps as it came. */
const BY_ADDRESS = 0xa6;

export class Services {
  private readonly read: ReadService;

  constructor(
    private readonly nameSpace: NameSpace,
    private readonly identity: Identity,
    private readonly writes: WriteService,
  ) {
    this.read = new ReadService(nameSpace);
  }

  /**
   * Answers one request.
   * @param octets `octets[start … end)` is the service request with its tag
   * @param maxLength octets that the response may have
   * @throws DecodeError, LimitError for requests that cannot be followed
   */
  answer(writer: Writer, octets: Buffer, start: number, end: number, maxLength: number): Answer {
    // The common request is not decoded when it was seen before.
    if (octets[start] === ServiceTag.readRequest) return this.read.answer(octets, start, end, maxLength);
    const reader = new BerReader(octets, start, end);
    reader.next();
    const request = decodeServiceRequest(reader);
    switch (request.service) {
      case 'getNameList':
        return getNameList(this.nameSpace, request, maxLength);
      case 'getVariableAccessAttributes':
        return getVariableAccessAttributes(this.nameSpace, request.name, maxLength);
      case 'getNamedVariableListAttributes':
        return getNamedVariableListAttributes(this.nameSpace, request.name, maxLength);
      case 'write':
        return this.writes.answer(writer, request);
      case 'identify':
        return { response: encodeServiceResponse({ service: 'identify', ...this.identity }) };
      case 'status':
        // State changes allowed, operational (ISO 9506-2 §9.1).
        return { response: encodeServiceResponse({ service: 'status', logical: 0, physical: 0 }) };
      case 'read':
        return { reject: RejectReason.invalidArgument };
      case 'defineNamedVariableList':
      case 'deleteNamedVariableList':
        return { reject: RejectReason.unrecognizedService };
      case 'other':
        return request.tag === BY_ADDRESS ? OBJECT_ACCESS_UNSUPPORTED : { reject: RejectReason.unrecognizedService };
    }
  }
}
