import { createHmac, randomBytes } from 'node:crypto';
import type { Viewer } from '../../domain/viewer.js';
import type { Run } from '../engine/database.js';
import { first, text } from '../engine/rows.js';
import { sql } from '../engine/sql.js';
import type { Sealer } from '../sealing/seal.js';

const KEY_BYTES = 32;

const placeOf = (viewer: Viewer) => ({ kind: 'audit-person', viewer }) as const;

const pseudonym = (key: string, viewer: Viewer): string =>
  createHmac('sha256', Buffer.from(key, 'base64url')).update(viewer.id).digest('base64url');

/** What the log calls this viewer, if it does: HMAC-SHA-256 of the ViewerId under a key of their own. */
export const pseudonymOf = async (run: Run, seals: Sealer, viewer: Viewer): Promise<string | null> => {
  const sealed = first(await run(sql`select key from audit_person where viewer = ${viewer.id}`), (row) =>
    text(row, 'key'),
  );
  const key = sealed === null ? null : seals.open(sealed, placeOf(viewer));
  return key === null ? null : pseudonym(key, viewer);
};

/**
 * The same, making the key of a viewer who has none. A key that the ring does not open no longer works: the viewer gets
 * another. Only within an exclusive transaction.
 */
export const knownPseudonym = async (run: Run, seals: Sealer, viewer: Viewer): Promise<string> => {
  const known = await pseudonymOf(run, seals, viewer);
  if (known !== null) return known;
  const key = randomBytes(KEY_BYTES).toString('base64url');
  await run(sql`
    insert into audit_person (viewer, key) values (${viewer.id}, ${seals.seal(key, placeOf(viewer))})
    on conflict (viewer) do update set key = excluded.key`);
  return pseudonym(key, viewer);
};
