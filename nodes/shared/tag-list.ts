/** Tags that a form, a file or a message brings, checked. */
import { ArgumentError } from '../../src/errors.js';
import { MAX_TAGS } from '../../src/limits.js';
import { isFunctionalConstraint } from '../../src/model/functional-constraint.js';
import { objectReference, parseReference } from '../../src/model/reference.js';
import type { TagType } from '../../src/model/tag-value.js';
import type { Tag } from '../../src/model/tag.js';

const TAG_TYPES: ReadonlySet<unknown> = new Set<TagType>([
  ...(['Boolean', 'Dbpos', 'Enum', 'Int8', 'Int16', 'Int32', 'Int64', 'UInt8', 'UInt16', 'UInt32'] as const),
  ...(['Float32', 'Float64', 'Quality', 'Timestamp', 'VisibleString', 'UnicodeString'] as const),
  ...(['OctetString', 'BitString', 'Structure', 'Array'] as const),
]);

function isTagType(value: unknown): value is TagType {
  return TAG_TYPES.has(value);
}

/**
 * Tags from an array of references (`BAY1CTRL/XCBR1.Pos[ST]`) or of objects with `reference`, `fc` and, as far as they
 * are known, the other fields of a tag. A tag without a name is named by its reference.
 * @throws ArgumentError that names the entry that cannot be used.
 */
export function parseTags(value: unknown): Tag[] {
  if (!Array.isArray(value)) {
    throw new ArgumentError('The tags are not an array', 'Give an array of references, or of objects with reference and fc.');
  }
  if (value.length > MAX_TAGS) throw new ArgumentError(`There are more than ${MAX_TAGS} tags`);
  return value.map(parseTag);
}

function parseTag(value: unknown, index: number): Tag {
  const entry: Partial<Record<keyof Tag, unknown>> =
    typeof value === 'string' ? { reference: value } : typeof value === 'object' && value !== null ? value : {};
  if (typeof entry.reference !== 'string') {
    throw new ArgumentError(`Entry ${index + 1} of the tags has no reference`, 'Write it as LD/LN.DO[FC].');
  }
  const parsed = parseReference(entry.reference);
  const fc = parsed.functionalConstraint ?? entry.fc;
  if (typeof fc !== 'string' || !isFunctionalConstraint(fc)) {
    throw new ArgumentError(
      `"${entry.reference}" has no functional constraint`,
      'Add it, as in BAY1CTRL/XCBR1.Pos[ST]: ST for status, MX for measured values.',
    );
  }
  const reference = objectReference(parsed);
  const { tag, type, cdc, unit, description, enumLiterals, interval, deadband } = entry;
  return {
    tag: typeof tag === 'string' && tag !== '' ? tag : reference,
    reference,
    fc,
    ...(isTagType(type) && { type }),
    ...optionalText('cdc', cdc),
    ...optionalText('unit', unit),
    ...optionalText('description', description),
    ...(isLiterals(enumLiterals) && { enumLiterals }),
    ...optionalNumber('interval', interval, reference),
    ...optionalNumber('deadband', deadband, reference),
  };
}

function optionalText(name: 'cdc' | 'unit' | 'description', value: unknown): Partial<Tag> {
  return typeof value === 'string' && value !== '' ? { [name]: value } : {};
}

/** A number that may be absent; the editor writes texts. */
function optionalNumber(name: 'interval' | 'deadband', value: unknown, reference: string): Partial<Tag> {
  if (value === undefined || value === null || value === '') return {};
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0) {
    throw new ArgumentError(`The ${name} "${String(value)}" of "${reference}" is not a number from 0`);
  }
  return { [name]: number };
}

function isLiterals(value: unknown): value is Record<number, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(([number, literal]) => /^-?\d+$/.test(number) && typeof literal === 'string')
  );
}
