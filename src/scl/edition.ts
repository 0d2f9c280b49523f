import type { Edition } from '../model/ied-model.js';

/**
 * Edition of IEC 61850-6 by the attributes of `SCL`: none or 2003 is Edition 1; 2007A, and 2007B up to release 3, 2;
 * 2007B from release 4 on 2.1; 2007C 2.2. Undefined for anything else.
 */
export function editionOf(version?: string, revision?: string, release?: string): Edition | undefined {
  if (!version || version === '2003') return '1';
  if (version !== '2007') return undefined;
  switch (revision || 'A') {
    case 'A':
      return '2';
    case 'B':
      return Number(release || 1) >= 4 ? '2.1' : '2';
    case 'C':
      return '2.2';
    default:
      return undefined;
  }
}
