import type { Certificate } from '../../../net/certificates.js';

/** Green: it works. Yellow: it may not, or that cannot be found out from here. Red: people would run into it. */
export type Light = 'green' | 'yellow' | 'red';

/** Everything a dry run can say, by stable codes, each with its light. */
export const LIGHTS = {
  name_resolves: 'green',
  name_by_proxy: 'green',
  name_unknown: 'red',
  name_unanswered: 'red',
  address_private: 'red',
  address_never: 'red',
  channel_secure: 'green',
  channel_plain: 'green',
  channel_insecure: 'red',
  connection_refused: 'red',
  connection_timeout: 'red',
  connection_cut: 'red',
  connection_impossible: 'red',
  proxy_failed: 'red',
  tls_missing: 'red',
  certificate_untrusted: 'red',
  certificate_expired: 'red',
  certificate_early: 'red',
  certificate_name: 'red',
  certificate_unusable: 'red',
  certificate_ends_soon: 'yellow',
  metadata_agrees: 'green',
  metadata_unreadable: 'red',
  metadata_absent: 'yellow',
  metadata_unneeded: 'green',
  metadata_incomplete: 'red',
  endpoint_differs: 'yellow',
  scopes_listed: 'green',
  scope_unlisted: 'yellow',
  grant_unsupported: 'red',
  refresh_unsupported: 'yellow',
  offline_access_unasked: 'yellow',
  pkce_unlisted: 'yellow',
  pkce_unused: 'yellow',
  authentication_unlisted: 'yellow',
  iss_unrequired: 'yellow',
  issuer_observed: 'yellow',
  client_missing: 'red',
  client_stopped: 'red',
  authorization_accepted: 'green',
  authorization_signs_in: 'yellow',
  authorization_proved: 'green',
  authorization_redirect_uri: 'red',
  authorization_client: 'red',
  authorization_scope: 'red',
  authorization_refused: 'red',
  authorization_not_found: 'red',
  authorization_loops: 'red',
  authorization_failed: 'red',
  authorization_limited: 'yellow',
  token_accepted: 'green',
  token_does_not_tell: 'yellow',
  token_proved: 'green',
  token_words: 'yellow',
  token_client: 'red',
  token_grant_type: 'red',
  token_refused: 'yellow',
  token_careless: 'red',
  token_not_json: 'red',
  token_not_found: 'red',
  token_redirected: 'red',
  token_failed: 'red',
  token_limited: 'yellow',
  redirect_uri_registered: 'green',
  redirect_uri_mismatch: 'red',
  revocation_works: 'green',
  revocation_none: 'green',
  revocation_nowhere: 'yellow',
  revocation_unused: 'yellow',
  revocation_refused: 'yellow',
  revocation_client: 'red',
  revocation_not_found: 'red',
  revocation_redirected: 'red',
  revocation_failed: 'red',
  revocation_limited: 'yellow',
  api_asks_token: 'green',
  api_open: 'yellow',
  api_answers: 'green',
  api_account_unreadable: 'red',
  api_token_refused: 'red',
  api_forbidden: 'yellow',
  api_not_found: 'yellow',
  api_unusable: 'red',
  api_does_not_tell: 'yellow',
  api_down: 'red',
  api_limited: 'yellow',
  api_untried: 'yellow',
  connecting_failed: 'red',
} as const satisfies Record<string, Light>;

export type LineCode = keyof typeof LIGHTS;

/** What one check found. Texts are plain sentences and may hold a server's own words: they are to be escaped. Never a secret. */
export interface Line {
  readonly light: Light;
  readonly code: LineCode;
  /** What was looked at: an origin, an endpoint, and for whose client. */
  readonly about: string;
  readonly sentence: string;
  /** Why that is so, as far as it is known. */
  readonly cause: string | null;
  /** What to do. */
  readonly fix: string | null;
  /** The chain a server showed, its own certificate first; only where there is something to see. */
  readonly chain: readonly Certificate[];
  /** The certificates whose trust would fix it, best first; empty where trust alone would not. */
  readonly trustable: readonly Certificate[];
}

interface More {
  readonly cause?: string | null;
  readonly fix?: string;
  readonly chain?: readonly Certificate[];
  readonly trustable?: readonly Certificate[];
}

export const line = (code: LineCode, about: string, sentence: string, more: More = {}): Line => ({
  light: LIGHTS[code],
  code,
  about,
  sentence,
  cause: more.cause ?? null,
  fix: more.fix ?? null,
  chain: more.chain ?? [],
  trustable: more.trustable ?? [],
});

const RANK: Readonly<Record<Light, number>> = { green: 0, yellow: 1, red: 2 };

/** The word for a whole dry run, as its page says it. */
export const VERDICTS: Readonly<Record<Light, string>> = { green: 'good', yellow: 'unsure', red: 'wrong' };

/** The light of a whole dry run: its worst. */
export const worst = (lines: Iterable<Pick<Line, 'light'>>): Light =>
  [...lines].reduce<Light>((found, { light }) => (RANK[light] > RANK[found] ? light : found), 'green');
