import { type AuditEntry, type AuditFilter, causeOf } from '../../../domain/audit-event.js';
import type { Provider } from '../../../providers/provider.js';
import type { Deps } from '../../admin-deps.js';
import { type Line, line } from './line.js';

type Fields = Readonly<Record<string, unknown>>;

/** A list of the metadata; null when it says nothing of it, or something else. An empty one counts as left out (RFC 8414 §3.2). */
const listOf = (fields: Fields, name: string): readonly string[] | null => {
  const value = fields[name];
  return Array.isArray(value) && value.length > 0 ? value.filter((each) => typeof each === 'string') : null;
};

const endpointsOf = (fields: Fields, provider: Provider, about: string): readonly Line[] => {
  const { revocation } = provider;
  const ours = {
    authorization_endpoint: provider.authorizationEndpoint,
    token_endpoint: provider.tokenEndpoint,
    ...(revocation.kind === 'rfc7009' && { revocation_endpoint: revocation.endpoint }),
  };
  return Object.entries(ours).flatMap(([name, ours]) => {
    const theirs = fields[name];
    if (typeof theirs !== 'string' || theirs.trim() === '' || theirs === ours) return [];
    return [
      line('endpoint_differs', about, `The record has a different ${name} than the server’s metadata.`, {
        cause: `The record has ${ours}, the metadata ${theirs}.`,
        fix: 'Leave it out of the record, unless the metadata is known to be wrong.',
      }),
    ];
  });
};

const scopesOf = (fields: Fields, { scopes }: Provider, about: string): readonly Line[] => {
  const known = listOf(fields, 'scopes_supported');
  if (known === null) return [];
  const strange = scopes.filter((scope) => !known.includes(scope));
  const lines =
    strange.length > 0
      ? [
          line('scope_unlisted', about, `The server does not list ${strange.join(', ')} among its scopes.`, {
            cause: 'A server need not list all of them, but a misspelled one is rejected at consent.',
            fix: `Check the spelling; it lists ${known.slice(0, 20).join(', ') || 'none'}.`,
          }),
        ]
      : [line('scopes_listed', about, 'The server lists every requested scope.')];
  if (!known.includes('offline_access') || scopes.includes('offline_access')) return lines;
  return [
    ...lines,
    line('offline_access_unasked', about, 'Connections may end as soon as their access token expires.', {
      cause:
        'The server supports the scope offline_access, and many servers issue refresh tokens only with it.',
      fix: 'Add offline_access to scopes, unless this server issues refresh tokens without it.',
    }),
  ];
};

const grantsOf = (fields: Fields, { grantTypes }: Provider, about: string): readonly Line[] => {
  const known = listOf(fields, 'grant_types_supported');
  if (known === null) return [];
  const { authorizationCode, refreshToken } = grantTypes;
  if (!known.includes(authorizationCode)) {
    return [
      line('grant_unsupported', about, `The server does not offer the grant ${authorizationCode}.`, {
        cause: `It offers ${known.join(', ') || 'none'}.`,
        fix: 'Enable the code grant there, or correct grantTypes.authorizationCode.',
      }),
    ];
  }
  if (known.includes(refreshToken)) return [];
  return [
    line('refresh_unsupported', about, 'People must connect again each time their token expires.', {
      cause: `The server offers no grant ${refreshToken}, only ${known.join(', ')}.`,
      fix: 'Enable refresh tokens there, or correct grantTypes.refreshToken.',
    }),
  ];
};

const METHODS = { basic: 'client_secret_basic', body: 'client_secret_post' } as const;

const mannersOf = (fields: Fields, provider: Provider, about: string): readonly Line[] => {
  // RFC 8414 §2: a server that does not say knows Basic.
  const methods = listOf(fields, 'token_endpoint_auth_methods_supported') ?? ['client_secret_basic'];
  const challenges = listOf(fields, 'code_challenge_methods_supported');
  const method = METHODS[provider.clientAuthentication];
  return [
    ...(methods.includes(method)
      ? []
      : [
          line('authentication_unlisted', about, `The server does not list ${method}.`, {
            cause: `It lists ${methods.join(', ') || 'none'}.`,
            fix: 'Set clientAuthentication to what it lists; the lines about tokens show whether it matters.',
          }),
        ]),
    ...(provider.pkce === 'S256' && challenges !== null && !challenges.includes('S256')
      ? [
          line('pkce_unlisted', about, 'The server does not list PKCE with S256.', {
            cause: `It lists ${challenges.join(', ') || 'none'}.`,
            fix: 'Set pkce: none if consent fails because of it.',
          }),
        ]
      : []),
    ...(provider.pkce === 'none' && challenges?.includes('S256')
      ? [
          line('pkce_unused', about, 'The server supports PKCE, but the record turns it off.', {
            fix: 'Set pkce: S256, which makes a stolen code useless.',
          }),
        ]
      : []),
    ...(fields.authorization_response_iss_parameter_supported === true && !provider.issRequired
      ? [
          line(
            'iss_unrequired',
            about,
            'The server names itself in its responses, but the record does not require it.',
            {
              fix: 'Set iss: required, so that no other server’s response is mistaken for this one’s (RFC 9207).',
            },
          ),
        ]
      : []),
  ];
};

/** What a server's own metadata says against a record of it, or that it agrees. */
export const judgeMetadata = (issuer: string, fields: Fields, provider: Provider): readonly Line[] => {
  const found = [
    ...endpointsOf(fields, provider, issuer),
    ...grantsOf(fields, provider, issuer),
    ...mannersOf(fields, provider, issuer),
  ];
  return [
    ...(found.length > 0
      ? found
      : [
          line(
            'metadata_agrees',
            issuer,
            'The server’s metadata names this very issuer and agrees with the record.',
          ),
        ]),
    ...scopesOf(fields, provider, issuer),
  ];
};

/** What real people met at a provider lately, as the audit log has it. */
export interface Attempts {
  /** The latest attempt to connect, where it failed and neither a later one nor a change of the record came after it. */
  readonly failure: {
    readonly at: number;
    readonly code: string;
    readonly cause: string;
    readonly requestId: string | null;
  } | null;
  /** Whether someone connected after the record was last changed. */
  readonly succeeded: boolean;
  /** When the record, or the file with this server's settings, was last changed, in epoch ms; null where that is not known. */
  readonly changedAt: number | null;
  /** What the answers say their issuer is, where the record named none. */
  readonly issuer: string | null;
}

/** Why an attempt ended that no change of the record would fix. */
const OUR_RECORD_IS_FINE: ReadonlySet<string> = new Set([
  'expired',
  'code_wrong',
  'mode_changed',
  'another_person',
]);

/** What the audit log knows of attempts to connect to a provider. */
export async function attemptsAt({ stores }: Deps<never, 'audit'>, provider: string): Promise<Attempts> {
  const latest = (filter: AuditFilter, limit = 1): Promise<readonly AuditEntry[]> =>
    stores.audit.list({ provider, ...filter }, { before: null, limit });
  const failed = await latest({ actions: ['flow.refused'], outcome: 'failed' }, 10);
  const failure = failed.find(({ code }) => !OUR_RECORD_IS_FINE.has(code ?? ''));
  const [finished] = await latest({ actions: ['flow.finished'] });
  const [changed] = await latest({ actions: ['provider.created', 'provider.changed'] });
  const [reloaded] = await stores.audit.list(
    { actions: ['configuration.reloaded'] },
    { before: null, limit: 1 },
  );
  const [observed] = await latest({ actions: ['provider.issuer-observed'] });
  const settled = Math.max(finished?.seq ?? 0, changed?.seq ?? 0);
  return {
    failure:
      failure === undefined || failure.seq < settled
        ? null
        : {
            at: failure.at,
            code: failure.code ?? 'unknown',
            cause: causeOf(failure) ?? 'unknown',
            requestId: failure.requestId,
          },
    succeeded: finished !== undefined && finished.seq > (changed?.seq ?? 0),
    changedAt: Math.max(changed?.at ?? 0, reloaded?.at ?? 0) || null,
    issuer: observed?.changes[0]?.after ?? null,
  };
}

const FIXES: readonly (readonly [RegExp, string])[] = [
  [
    /^token-type-unknown$/,
    'Its token responses have a token_type other than bearer, or none: set tokenType: any if its tokens are sent as authorizationHeader says.',
  ],
  [
    /^(?:access|refresh)-token-unusable$/,
    'Its token responses contain no token that a request could carry: check its log.',
  ],
  [
    /^(?:html|not-text|not-an-object|json-syntax)/,
    'Its token endpoint responds with something that is neither JSON nor a form: correct tokenEndpoint, or check what is in front of it.',
  ],
  [
    /^redirected/,
    'Its token endpoint redirects: put the target address into tokenEndpoint, since a secret is never sent along a redirect.',
  ],
  [
    /^account: redirect/,
    'The account request is redirected: put the target path or address into account.target, or correct api.',
  ],
  [/^account: /, 'Correct account (target, id), the scopes it needs, or set account: none.'],
  [/^iss-/, 'Write into issuer exactly what the server sends as iss.'],
  [
    /^(?:invalid_client|unauthorized_client|client_stopped)$/,
    'Correct client id and secret, then clientAuthentication.',
  ],
  [/^invalid_scope$/, 'Allow the scopes for this client there, or correct scopes.'],
];

/** When something was, for a sentence: date and time in UTC. */
export const momentOf = (time: number): string =>
  new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(time);

/** The latest attempt of a real person, where it failed: what a made-up code cannot show. Null where none did. */
export const judgeAttempts = ({ name }: Provider, { failure }: Attempts): Line | null => {
  if (failure === null) return null;
  const { at, code, cause, requestId } = failure;
  const when = `${momentOf(at)} UTC`;
  const request = requestId === null ? '' : ` (request ${requestId})`;
  return line('connecting_failed', name, 'The latest attempt to connect failed.', {
    cause: `At ${when} it ended with ${code}: ${cause}${request}.`,
    fix: `${FIXES.find(([pattern]) => pattern.test(cause))?.[1] ?? 'Check the provider’s log, and ours under that request id.'} Then connect as yourself in the preview.`,
  });
};

/** The issuer that answers name, where the record names none. */
export const judgeIssuer = ({ name, issuer }: Provider, attempts: Attempts): Line | null =>
  issuer !== null || attempts.issuer === null
    ? null
    : line(
        'issuer_observed',
        name,
        'The server names itself in its responses, but the record names no issuer.',
        {
          cause: `The latest response says ${attempts.issuer}.`,
          fix: `Set issuer: ${attempts.issuer}, so that no other server’s response is mistaken for this one’s (RFC 9207); the endpoints stay as they are.`,
        },
      );
