import type { TokenSet } from '../../domain/connection.js';
import { Secret } from '../../domain/secret.js';
import type { Place, Sealer } from './seal.js';

interface Written extends Omit<TokenSet, 'accessToken' | 'refreshToken'> {
  readonly accessToken: string;
  readonly refreshToken: string | null;
}

/** Seals a TokenSet as a whole, so that its parts cannot be taken from different sets. */
export class TokenSealer {
  readonly #seals: Sealer;

  constructor(seals: Sealer) {
    this.#seals = seals;
  }

  seal(tokens: TokenSet, place: Place): string {
    const written: Written = {
      ...tokens,
      accessToken: tokens.accessToken.reveal(),
      refreshToken: tokens.refreshToken?.reveal() ?? null,
    };
    return this.#seals.seal(JSON.stringify(written), place);
  }

  /** Null as of `Sealer.open`. */
  open(sealed: string, place: Place): TokenSet | null {
    const content = this.#seals.open(sealed, place);
    if (content === null) return null;
    // The tag proves that we wrote it.
    const written = JSON.parse(content) as Written;
    return {
      ...written,
      accessToken: new Secret(written.accessToken),
      refreshToken: written.refreshToken === null ? null : new Secret(written.refreshToken),
    };
  }
}
