import type { TokenSet } from '../../src/domain/connection.js';
import { Secret } from '../../src/domain/secret.js';
import type { Clock } from '../../src/domain/system.js';
import type { Authorizer } from '../../src/providers/authorizer.js';
import type { RevocationOutcome, TokenOutcome } from '../../src/providers/token-outcome.js';

const HOUR = 3_600_000;

/** An authorization server that rotates refresh tokens and ends a grant whose old one is used again. */
export class AuthorizationServer
  implements Pick<Authorizer, 'authorizationUrl' | 'redeem' | 'refresh' | 'revoke'>
{
  readonly requests: { kind: 'redeem' | 'refresh' | 'revoke'; client: string; detail: string }[] = [];
  /** Answers to return instead of the ordinary one, in turn. */
  readonly answers: (TokenOutcome | (() => Promise<TokenOutcome>))[] = [];
  readonly revoked: string[] = [];
  revocation: RevocationOutcome = 'revoked';
  /** Does the work of a refresh and then loses the answer, as a cut connection does. */
  loseAnswer = false;
  readonly #clock: Clock;
  readonly #live = new Set<string>();
  readonly accounts = new Map<string, string>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  asked(kind: 'redeem' | 'refresh' | 'revoke'): number {
    return this.requests.filter((request) => request.kind === kind).length;
  }

  authorizationUrl: Authorizer['authorizationUrl'] = (provider, client, request) => {
    const url = new URL(provider.authorizationEndpoint);
    url.searchParams.set('client_id', client.id);
    url.searchParams.set('state', request.state.reveal());
    url.searchParams.set('redirect_uri', request.redirectUri);
    if (request.selectAccount) url.searchParams.set('prompt', 'select_account');
    if (request.verifier) url.searchParams.set('code_challenge', 'of-the-verifier');
    return url.href;
  };

  /** A code names its account: `code-of-ada`. */
  redeem: Authorizer['redeem'] = async (_, client, { code }) => {
    this.requests.push({ kind: 'redeem', client: client.id, detail: code.reveal() });
    return (await this.#scripted()) ?? this.#issue(code.reveal().replace('code-of-', ''));
  };

  refresh: Authorizer['refresh'] = async (_, client, tokens) => {
    const old = tokens.refreshToken?.reveal() ?? '';
    this.requests.push({ kind: 'refresh', client: client.id, detail: old });
    const scripted = await this.#scripted();
    if (scripted) return scripted;
    if (!this.#live.delete(old)) return { kind: 'invalid-grant', code: 'invalid_grant' };
    const issued = this.#issue(this.accounts.get(tokens.accessToken.reveal()) ?? '?');
    return this.loseAnswer ? { kind: 'unreachable', code: 'timeout' } : issued;
  };

  revoke: Authorizer['revoke'] = async (_, client, tokens) => {
    const token = tokens.accessToken.reveal();
    this.requests.push({ kind: 'revoke', client: client.id, detail: token });
    if (this.revocation === 'revoked') this.revoked.push(token);
    return this.revocation;
  };

  /** The viewer takes all permissions back at the provider. */
  forgetAll(): void {
    this.#live.clear();
  }

  async #scripted(): Promise<TokenOutcome | undefined> {
    const next = this.answers.shift();
    return typeof next === 'function' ? next() : next;
  }

  #issue(account: string): { kind: 'tokens'; tokens: TokenSet } {
    this.#count += 1;
    const [access, refresh] = [`access-${account}-${this.#count}`, `refresh-${account}-${this.#count}`];
    this.#live.add(refresh);
    this.accounts.set(access, account);
    const issuedAt = this.#clock.now();
    return {
      kind: 'tokens',
      tokens: {
        accessToken: new Secret(access),
        refreshToken: new Secret(refresh),
        issuedAt,
        expiresAt: issuedAt + HOUR,
        scopes: null,
      },
    };
  }
}
