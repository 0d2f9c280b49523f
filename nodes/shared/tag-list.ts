/** Tags that a form, a file or a message brings: all of them, or an error that names the first that cannot be used. */
import { ArgumentError } from '../../src/errors.js';
import { checkTags, type CheckOptions, type TagCheck } from '../../src/gateway/points/validate.js';
import type { Tag } from '../../src/model/tag.js';

/**
 * @param value Array of references (`BAY1CTRL/XCBR1.Pos[ST]`) or of objects with `reference`, `fc` and what else is known.
 * @throws ArgumentError when it is no array, or one of its entries is no tag.
 */
export function parseTags(value: unknown, options?: CheckOptions): Tag[] {
  if (!Array.isArray(value)) {
    throw new ArgumentError(
      'The tags are not an array',
      'Give an array of references, or of objects with reference and fc.',
    );
  }
  return tagsOf(checkTags(value, options));
}

/** The tags of a check that found no error. */
export function tagsOf({ tags, problems, more }: TagCheck): Tag[] {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (!first) return tags;
  const where =
    first.line !== undefined ? `Line ${first.line}: ` : first.row !== undefined ? `Tag ${first.row + 1}: ` : '';
  const others = errors.length - 1 + more;
  throw new ArgumentError(
    `${where}${first.message}${others > 0 ? `, and ${others} more` : ''}`,
    'Write references as LD/LN.DO[FC], such as BAY1CTRL/XCBR1.Pos[ST], each with a name of its own.',
  );
}
