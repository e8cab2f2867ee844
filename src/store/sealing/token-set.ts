import type { TokenSet } from '../../domain/connection.js';
import { Secret } from '../../domain/secret.js';
import type { Place, Sealer } from './seal.js';

interface Written extends Omit<TokenSet, 'accessToken' | 'refreshToken'> {
  readonly accessToken: string;
  readonly refreshToken: string | null;
}

export interface TokenSealer {
  seal(tokens: TokenSet, place: Place): string;
  open(sealed: string, place: Place): TokenSet | null;
}

/** Seals a TokenSet as a whole, so that its parts cannot be taken from different sets. */
export const tokenSealer = (sealer: Sealer): TokenSealer => ({
  seal(tokens, place) {
    const written: Written = {
      ...tokens,
      accessToken: tokens.accessToken.reveal(),
      refreshToken: tokens.refreshToken?.reveal() ?? null,
    };
    return sealer.seal(JSON.stringify(written), place);
  },
  open(sealed, place) {
    const content = sealer.open(sealed, place);
    if (content === null) return null;
    // The tag proves that we wrote it.
    const written = JSON.parse(content) as Written;
    return {
      ...written,
      accessToken: new Secret(written.accessToken),
      refreshToken: written.refreshToken === null ? null : new Secret(written.refreshToken),
    };
  },
});
