import { compileTagTemplate, DEFAULT_TAG_TEMPLATE, uniqueTagNames } from '../../../src/gateway/points/naming.js';
import { attributeTags, objectTag } from '../../../src/gateway/points/recommend.js';
import { pointSites } from '../../../src/gateway/points/walk.js';
import type { IedModel } from '../../../src/model/ied-model.js';
import type { Tag } from '../../../src/model/tag.js';

/** Every data object and every attribute as a tag, in the order of the model, with unique names. */
export function allPoints(model: IedModel): Tag[] {
  const nameOf = compileTagTemplate(DEFAULT_TAG_TEMPLATE);
  const tags: Tag[] = [];
  for (const site of pointSites(model)) {
    const object = objectTag(site, nameOf);
    if (object) tags.push(object);
    tags.push(...attributeTags(site, nameOf));
  }
  return uniqueTagNames(tags);
}
