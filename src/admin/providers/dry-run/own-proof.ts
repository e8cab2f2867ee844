import type { AccessOutcome } from '../../../connect/tokens/open-connection.js';
import { type Line, type LineCode, line } from './line.js';
import { type Attempts, momentOf } from './record-lines.js';

/** When the administrator connected by this very registration (`mark`) and record as it is now, in epoch ms; null where they did not. */
export const provedAt = (
  own: AccessOutcome | null,
  mark: string,
  { changedAt }: Pick<Attempts, 'changedAt'>,
): number | null => {
  if (own?.kind !== 'access') return null;
  const { connection, grantedBy } = own.access;
  // A file that was changed before a restart leaves no trace but this.
  const isOfRecord = grantedBy === mark && connection.flowStartedAt > (changedAt ?? 0);
  return isOfRecord ? connection.flowStartedAt : null;
};

const PROOFS: Partial<
  Readonly<Record<LineCode, readonly [code: LineCode, sentence: string, otherwise: string]>>
> = {
  authorization_signs_in: [
    'authorization_proved',
    'The server accepted the client id and our redirect URI when you connected.',
    'It asks people to sign in before it checks them.',
  ],
  token_does_not_tell: [
    'token_proved',
    'The server accepted our client id and secret when you connected.',
    'It responds in the same way to a wrong code and to a wrong secret.',
  ],
  token_refused: [
    'token_proved',
    'The server accepted our client id and secret when you connected.',
    'It rejects a made-up code before it checks them.',
  ],
};

/**
 * A line about what a made-up request cannot show, or what the administrator's own connection at that time showed instead; what is wrong
 * stays wrong.
 */
export const withProof = (found: Line, at: number | null): Line => {
  const proof = PROOFS[found.code];
  if (at === null || proof === undefined) return found;
  const [code, sentence, otherwise] = proof;
  const since = `You connected at ${momentOf(at)} UTC, and its record was not changed since.`;
  return line(code, found.about, sentence, { cause: `${otherwise} ${since}` });
};
