/** The tag of one place in a model, for a row of the tree that somebody ticked. */
import { ArgumentError } from '../../errors.js';
import type { IedModel } from '../../model/ied-model.js';
import { formatReference, parseReference } from '../../model/reference.js';
import type { Tag } from '../../model/tag.js';
import { compileTagTemplate, DEFAULT_TAG_TEMPLATE } from './naming.js';
import { attributeTag, objectTag } from './recommend.js';
import { siteAt } from './walk.js';

/**
 * @param reference `LD/LN.DO` for a data object with its principal value, `LD/LN.DO[CF]` for all of its attributes of
 * that constraint, `LD/LN.DO.DA[FC]` for an attribute; without `[FC]` the first attribute of that name is meant.
 * @throws ArgumentError when the reference or the template cannot be read, or the model has no such place.
 */
export function pointAt(model: IedModel, reference: string, template = DEFAULT_TAG_TEMPLATE): Tag {
  const nameOf = compileTagTemplate(template);
  const parsed = parseReference(reference);
  const found = siteAt(model, parsed);
  const tag =
    found &&
    (found.rest.length === 0
      ? objectTag(found.site, nameOf, parsed.functionalConstraint)
      : attributeTag(found.site, found.rest, nameOf, parsed.functionalConstraint));
  if (!tag) {
    throw new ArgumentError(
      `${model.name || 'The IED'} has no ${formatReference(parsed)}`,
      'Browse the IED and compare the name.',
    );
  }
  return tag;
}
