/** Confirmed requests of clients and their answers (ISO 9506-2 §7–§14), one service a file. */
import { decodeServiceRequest, encodeServiceResponse, ServiceTag } from '../../mms/services.js';
import { BerReader } from '../../mms/wire.js';
import type { Audit } from '../access/audit.js';
import { changeByService, serviceObject } from '../access/right-of.js';
import type { ClientSession } from '../client-session.js';
import type { DataSets } from '../data-sets/data-sets.js';
import type { Identity } from '../identity.js';
import { whenThere, type MaybePromise } from '../maybe-promise.js';
import type { NameSpace } from '../name-space.js';
import type { ServerPart, ServiceHandler, ServiceHandlers, ServiceName } from '../server-part.js';
import { OBJECT_ACCESS_DENIED, OBJECT_ACCESS_UNSUPPORTED, outcomeOf, RejectReason, type Answer } from './answer.js';
import { getNamedVariableListAttributes, getVariableAccessAttributes } from './attributes.js';
import { getNameList } from './get-name-list.js';
import { ReadService } from './read.js';
import type { WriteService } from './write.js';

export type { Answer } from './answer.js';

/** GetVariableAccessAttributes by address, which the codec keeps as it came. */
const BY_ADDRESS = 0xa6;

export class Services {
  private readonly read: ReadService;
  private readonly handlers: ServiceHandlers;

  constructor(
    nameSpace: NameSpace,
    dataSets: DataSets,
    identity: Identity,
    writes: WriteService,
    parts: readonly ServerPart[],
    private readonly audit: Audit,
  ) {
    this.read = new ReadService(nameSpace, dataSets);
    dataSets.onChange(() => this.read.forget());
    const own: ServiceHandlers = {
      getNameList: (session, request, maxLength) =>
        getNameList(nameSpace, dataSets.ownNames(session), request, maxLength),
      getVariableAccessAttributes: (_session, { name }, maxLength) =>
        getVariableAccessAttributes(nameSpace, name, maxLength),
      getNamedVariableListAttributes: (session, { name }, maxLength) =>
        getNamedVariableListAttributes(dataSets.find(name, session), maxLength),
      write: (session, request) => writes.answer(session, request),
      identify: () => ({ response: encodeServiceResponse({ service: 'identify', ...identity }) }),
      // State changes allowed, operational (ISO 9506-2 §9.1).
      status: () => ({ response: encodeServiceResponse({ service: 'status', logical: 0, physical: 0 }) }),
    };
    this.handlers = parts.reduce((all, { services }) => ({ ...all, ...services }), own);
  }

  /** Services that Initiate announces, by their names in `SERVICE_BITS`. */
  get names(): string[] {
    return [...Object.keys(this.handlers), 'read', 'informationReport', 'conclude', 'cancel'];
  }

  /**
   * Answers one request.
   * @param octets `octets[start … end)` is the service request with its tag; valid until the method returns
   * @param maxLength octets that the response may have
   * @throws DecodeError, LimitError for requests that cannot be followed
   */
  answer(session: ClientSession, octets: Buffer, start: number, end: number, maxLength: number): MaybePromise<Answer> {
    // The common request is not decoded when it was seen before.
    if (octets[start] === ServiceTag.readRequest) return this.read.answer(session, octets, start, end, maxLength);
    const reader = new BerReader(octets, start, end);
    reader.next();
    const request = decodeServiceRequest(reader);
    if (request.service === 'other') {
      return request.tag === BY_ADDRESS ? OBJECT_ACCESS_UNSUPPORTED : { reject: RejectReason.unrecognizedService };
    }
    // The handler of a service takes the requests of that service, which the type of a map cannot say.
    const handler = this.handlers[request.service] as ServiceHandler<ServiceName> | undefined;
    if (!handler) return { reject: RejectReason.unrecognizedService };
    const change = changeByService(request.service);
    if (!change) return handler(session, request as never, maxLength);
    const { right, ...what } = change;
    const note = { ...what, object: serviceObject(request) };
    if (right !== undefined && !session.rights.allows(right)) {
      const reason = `the role ${session.rights.role} does not allow it`;
      this.audit.record(session.identity, { ...note, result: 'refused', reason });
      return OBJECT_ACCESS_DENIED;
    }
    return whenThere(handler(session, request as never, maxLength), (answer) => {
      this.audit.record(session.identity, { ...note, ...outcomeOf(answer) });
      return answer;
    });
  }
}
