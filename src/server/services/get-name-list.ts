/** GetNameList (ISO 9506-2 §7.5.2, IEC 61850-8-1 §9.2 and §10.2). */
import { MAX_NAMES_PER_PAGE } from '../../limits.js';
import { encodeServiceResponse, ObjectClass, type ServiceRequest } from '../../mms/services.js';
import type { NameSpace } from '../name-space.js';
import { OBJECT_ACCESS_UNSUPPORTED, OBJECT_NON_EXISTENT, type Answer } from './answer.js';

type Request = Extract<ServiceRequest, { service: 'getNameList' }>;

/** Tag and length of one name, and all that is around the names, at most. */
const NAME_OVERHEAD = 3;
const RESPONSE_OVERHEAD = 24;

/**
 * A page of names in the order of their characters, with moreFollows when one of the bounds ends it.
 * @param ownDataSets names of the data sets of the association that asks
 */
export function getNameList(
  nameSpace: NameSpace,
  ownDataSets: Iterable<string>,
  request: Request,
  maxLength: number,
): Answer {
  const names = namesOf(nameSpace, ownDataSets, request);
  return 'next' in names ? page(names, maxLength) : names;
}

function namesOf(
  nameSpace: NameSpace,
  ownDataSets: Iterable<string>,
  { objectClass, scope, continueAfter }: Request,
): Iterator<string> | Answer {
  const { namedVariable, namedVariableList, journal, domain: domainClass } = ObjectClass;
  switch (scope.scope) {
    case 'vmd':
      if (objectClass === domainClass) return sorted(nameSpace.domains.keys(), continueAfter);
      // Nothing stands outside the logical devices.
      break;
    case 'association':
      if (objectClass === namedVariableList) return sorted(ownDataSets, continueAfter);
      break;
    case 'domain': {
      const domain = nameSpace.domains.get(scope.domain);
      if (!domain) return OBJECT_NON_EXISTENT;
      if (objectClass === namedVariable) return domain.names(continueAfter);
      if (objectClass === namedVariableList) return sorted(domain.variableLists.keys(), continueAfter);
      if (objectClass === journal) return sorted(domain.journals, continueAfter);
      return OBJECT_ACCESS_UNSUPPORTED;
    }
  }
  const known = [namedVariable, namedVariableList, journal].some((one) => one === objectClass);
  return known ? sorted([], undefined) : OBJECT_ACCESS_UNSUPPORTED;
}

function sorted(names: Iterable<string>, after: string | undefined): Iterator<string> {
  const list = [...names].sort();
  return (after === undefined ? list : list.filter((name) => name > after)).values();
}

function page(names: Iterator<string>, maxLength: number): Answer {
  const taken: string[] = [];
  let length = RESPONSE_OVERHEAD;
  let moreFollows = false;
  for (;;) {
    const next = names.next();
    if (next.done) break;
    length += next.value.length + NAME_OVERHEAD;
    if (length > maxLength || taken.length >= MAX_NAMES_PER_PAGE) {
      moreFollows = true;
      break;
    }
    taken.push(next.value);
  }
  return { response: encodeServiceResponse({ service: 'getNameList', names: taken, moreFollows }) };
}
