import type { BerReader } from '../ber/reader.js';
import { berVisibleString, tlv } from '../ber/encode.js';
import { DecodeError } from '../errors.js';
import { MAX_IDENTIFIER_LENGTH } from '../limits.js';

/** ObjectName of ISO 9506-2 §7.5.1. */
export type ObjectName =
  | { scope: 'vmd'; item: string }
  | { scope: 'domain'; domain: string; item: string }
  | { scope: 'association'; item: string };

const TAG = { vmd: 0x80, domain: 0xa1, association: 0x82, identifier: 0x1a } as const;

/** Reads the reader's current element. @throws DecodeError */
export function decodeObjectName(reader: BerReader): ObjectName {
  switch (reader.tag) {
    case TAG.vmd:
      return { scope: 'vmd', item: reader.visibleString(MAX_IDENTIFIER_LENGTH) };
    case TAG.association:
      return { scope: 'association', item: reader.visibleString(MAX_IDENTIFIER_LENGTH) };
    case TAG.domain: {
      const inner = reader.enter();
      const domain = inner.expect(TAG.identifier, 'domain name').visibleString(MAX_IDENTIFIER_LENGTH);
      return {
        scope: 'domain',
        domain,
        item: inner.expect(TAG.identifier, 'item name').visibleString(MAX_IDENTIFIER_LENGTH),
      };
    }
    default:
      throw new DecodeError(`object name has unknown tag 0x${reader.tag.toString(16)}`);
  }
}

export function encodeObjectName(name: ObjectName): Buffer {
  switch (name.scope) {
    case 'vmd':
      return berVisibleString(TAG.vmd, name.item);
    case 'association':
      return berVisibleString(TAG.association, name.item);
    case 'domain':
      return tlv(
        TAG.domain,
        berVisibleString(TAG.identifier, name.domain),
        berVisibleString(TAG.identifier, name.item),
      );
  }
}

/** `domain/item`, `@item` for an association-specific and `/item` for a VMD-specific name, as IEC 61850-8-1 writes them. */
export function objectNameText(name: ObjectName): string {
  return name.scope === 'domain'
    ? `${name.domain}/${name.item}`
    : name.scope === 'association'
      ? `@${name.item}`
      : `/${name.item}`;
}
