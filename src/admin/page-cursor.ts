import { AppError } from '../domain/errors.js';
import type { Digest } from '../domain/system.js';

/** Lists that are given page by page. */
type Paged = 'connections' | 'audit';

/** Letters of the check at a cursor's end: enough to detect what was made up or cut off. */
const CHECK = 8;

const checkOf = (digest: Digest, list: Paged, position: string): string =>
  digest.sha256(`${list} ${position}`).slice(0, CHECK);

/** Where the next page of a list starts, for the caller: opaque, and valid for that list alone. */
export const cursorOf = (digest: Digest, list: Paged, position: string): string =>
  `${position}.${checkOf(digest, list, position)}`;

/** The position that a cursor stands for. Throws `parameter_invalid` for one that no page of this list gave. */
export const positionIn = (digest: Digest, list: Paged, cursor: string): string => {
  const end = cursor.lastIndexOf('.');
  const position = cursor.slice(0, Math.max(end, 0));
  if (position === '' || cursor.slice(end + 1) !== checkOf(digest, list, position))
    throw new AppError(
      'parameter_invalid',
      'This cursor is not valid. Send `next` of the previous page unchanged, or none for the first page.',
    );
  return position;
};
