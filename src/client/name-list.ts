import { LimitError } from '../errors.js';
import { MAX_BROWSE_NAMES, MAX_NAME_LIST_PAGES } from '../limits.js';
import type { NameListScope } from '../mms/services.js';
import type { ClientAssociation } from './client-association.js';

/**
 * All names of one class in one scope, page by page (GetNameList, ISO 9506-2 §9.4).
 * A page that repeats its predecessor or is empty while more is promised ends the walk instead of going round for ever.
 */
export async function nameList(
  association: ClientAssociation,
  objectClass: number,
  scope: NameListScope,
): Promise<string[]> {
  const names: string[] = [];
  let continueAfter: string | undefined;
  for (let page = 0; page < MAX_NAME_LIST_PAGES; page++) {
    const answer = await association.request({
      service: 'getNameList',
      objectClass,
      scope,
      ...(continueAfter !== undefined && { continueAfter }),
    });
    names.push(...answer.names);
    if (names.length > MAX_BROWSE_NAMES) throw new LimitError(`the IED has more than ${MAX_BROWSE_NAMES} names`);
    const last = answer.names.at(-1);
    if (!answer.moreFollows || last === undefined || last === continueAfter) return names;
    continueAfter = last;
  }
  throw new LimitError(`the IED's list of names has more than ${MAX_NAME_LIST_PAGES} pages`);
}
