/** Read (ISO 9506-2 §14.6). */
import { LimitError } from '../../errors.js';
import { MAX_REQUEST_OBJECTS } from '../../limits.js';
import { encodeAccessResult } from '../../mms/data-codec.js';
import { decodeServiceRequest, ServiceTag } from '../../mms/services.js';
import { encodeVariableAccess, type VariableAccess } from '../../mms/variable-access.js';
import { BerReader, headerLength, tlv, writeHeader } from '../../mms/wire.js';
import { behaviourOf, type Behaviour } from '../behaviour.js';
import type { ClientSession } from '../client-session.js';
import type { DataSets } from '../data-sets/data-sets.js';
import { whenThere, type MaybePromise } from '../maybe-promise.js';
import type { NameSpace } from '../name-space.js';
import { RequestCache } from '../request-cache.js';
import { select, selectionLength, writeSelection, type Selection } from '../selection.js';
import type { Variable } from '../variable.js';
import { OBJECT_NON_EXISTENT, PDU_SIZE, RejectReason, type Answer } from './answer.js';

const VARIABLE_ACCESS = 0xa0;
const ACCESS_RESULTS = 0xa1;
/** What one object of a plan takes in memory, about. */
const OBJECT_OCTETS = 100;

/** A read request in resolved form. */
interface ReadPlan {
  /** Whether the same octets mean the same for every client; a data set of an association does not. */
  readonly forAll: boolean;
  /** Encoded specification, when the client wants it back. */
  readonly specification: Buffer | undefined;
  /** In the order of the request; octets are the encoded DataAccessError of one that cannot be read. */
  readonly objects: readonly (Selection | Buffer)[];
  /** Positions of objects that a behaviour has to be asked for. */
  readonly asked: readonly number[];
}

/**
 * Answers read requests. Pollers ask for the same over and over, so that a request is resolved to its variables once and
 * found again by its octets.
 */
export class ReadService {
  private readonly plans = new RequestCache<ReadPlan>();

  constructor(
    private readonly nameSpace: NameSpace,
    private readonly dataSets: DataSets,
  ) {}

  /** Forgets what names meant: a variable list was made or deleted. */
  forget(): void {
    this.plans.clear();
  }

  /** @param octets `octets[start … end)` is the service request with its tag */
  answer(session: ClientSession, octets: Buffer, start: number, end: number, maxLength: number): MaybePromise<Answer> {
    const key = octets.toString('latin1', start, end);
    let plan = this.plans.get(key);
    if (!plan) {
      const made = this.plan(session, octets, start, end);
      if (!('objects' in made)) return made;
      plan = made;
      if (plan.forAll) this.plans.set(key, plan, plan.objects.length * OBJECT_OCTETS);
    }
    if (plan.asked.length === 0) return write(plan, maxLength);
    const { specification, objects, asked } = plan;
    return whenThere(ask(session, [...objects], asked, 0), (allowed) =>
      write({ specification, objects: allowed }, maxLength),
    );
  }

  private plan(session: ClientSession, octets: Buffer, start: number, end: number): ReadPlan | Answer {
    const reader = new BerReader(octets, start, end);
    reader.next();
    const request = decodeServiceRequest(reader);
    if (request.service !== 'read') return { reject: RejectReason.invalidArgument };
    const { access } = request;
    const specifications = 'list' in access ? access.list : this.dataSets.find(access.listName, session)?.members;
    if (!specifications) return OBJECT_NON_EXISTENT;
    if (specifications.length > MAX_REQUEST_OBJECTS) throw new LimitError('a read request names too many objects');
    const objects = specifications.map((specification) => {
      const selection = select(this.nameSpace, specification);
      return typeof selection === 'number' ? refusal(selection) : selection;
    });
    return {
      forAll: 'list' in access || access.listName.scope !== 'association',
      specification: request.specificationWithResult ? specificationOf(access) : undefined,
      objects,
      asked: [...objects.keys()].filter((i) => readable(objects[i] as Selection | Buffer)),
    };
  }
}

function refusal(error: number): Buffer {
  return encodeAccessResult({ success: false, error });
}

/** The behaviour that has a say in reading this, and the variable that is read. */
function readable(object: Selection | Buffer): { behaviour: Behaviour; variable: Variable } | undefined {
  if (Buffer.isBuffer(object)) return undefined;
  const variable = object.variables[0] as Variable;
  const behaviour = behaviourOf(variable);
  return behaviour?.read ? { behaviour, variable } : undefined;
}

/** Puts refusals, and values for this client alone, in the place of objects; asks one after the other, from the `next` on. */
function ask(
  session: ClientSession,
  objects: (Selection | Buffer)[],
  asked: readonly number[],
  next: number,
): MaybePromise<(Selection | Buffer)[]> {
  const at = asked[next];
  if (at === undefined) return objects;
  const found = readable(objects[at] as Selection);
  return whenThere(found?.behaviour.read?.(session, found.variable), (instead) => {
    if (instead !== undefined) objects[at] = Buffer.isBuffer(instead) ? instead : refusal(instead);
    return ask(session, objects, asked, next + 1);
  });
}

function specificationOf(access: VariableAccess): Buffer {
  return tlv(VARIABLE_ACCESS, encodeVariableAccess(access));
}

function write({ specification, objects }: Pick<ReadPlan, 'specification' | 'objects'>, maxLength: number): Answer {
  let results = 0;
  for (const object of objects) {
    results += Buffer.isBuffer(object) ? object.length : selectionLength(object);
    // A short request can name more than anybody should have to add up.
    if (results > maxLength) return PDU_SIZE;
  }
  const content = (specification?.length ?? 0) + headerLength(ACCESS_RESULTS, results) + results;
  const length = headerLength(ServiceTag.readResponse, content) + content;
  if (length > maxLength) return PDU_SIZE;
  const target = Buffer.allocUnsafe(length);
  let at = writeHeader(target, 0, ServiceTag.readResponse, content);
  if (specification) at += specification.copy(target, at);
  at = writeHeader(target, at, ACCESS_RESULTS, results);
  for (const object of objects) {
    if (Buffer.isBuffer(object)) at += object.copy(target, at);
    else at = writeSelection(object, target, at);
  }
  return { response: target };
}
