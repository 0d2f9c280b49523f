import type { DataAttribute } from '../model/ied-model.js';
import { given, unsignedAttribute } from './attributes.js';
import { isPlausibleValue } from './basic-types.js';
import type { SclContext } from './context.js';
import { childrenOf, optional, type XmlElement } from './xml-element.js';

/** The `Val` of a DA, BDA or DAI: one value, or one for each setting group (`sGroup`). */
export function readValues(
  element: XmlElement,
  attribute: DataAttribute,
  context: SclContext,
): Pick<DataAttribute, 'value' | 'groupValues'> {
  let value: string | undefined;
  let groupValues: Record<number, string> | undefined;
  for (const val of childrenOf(element, 'Val')) {
    if (attribute.type === 'Structure') {
      context.log.report('SCL_INVALID_VALUE', `"${attribute.name}" is a structure and can have no value itself.`, val);
      return {};
    }
    if (!isPlausibleValue(attribute, val.text)) {
      const kind = attribute.enumType ?? attribute.basicType;
      context.log.report(
        'SCL_INVALID_VALUE',
        `"${val.text.slice(0, 80)}" is no value of "${attribute.name}" (${kind}).`,
        val,
      );
    }
    const group = optional(val, 'sGroup') === undefined ? undefined : unsignedAttribute(val, 'sGroup', context);
    if (group === undefined) value ??= val.text;
    else (groupValues ??= {})[group] ??= val.text;
  }
  return { ...given('value', value), ...given('groupValues', groupValues) };
}
