import { type AuditEntry, type AuditFilter, causeOf } from '../../../domain/audit-event.js';
import type { Provider } from '../../../providers/provider.js';
import type { Deps } from '../../admin-deps.js';
import { type Line, line } from './line.js';

/** What real people met at a provider lately, as the audit log has it. */
export interface Attempts {
  /** The latest attempt to connect, where it failed and neither a later one nor a change of the record came after it. */
  readonly failure: {
    readonly at: number;
    readonly code: string;
    readonly cause: string;
    readonly requestId: string | null;
  } | null;
  /** Whether somebody connected after the record was last changed. */
  readonly succeeded: boolean;
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

const moment = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

/** The latest attempt of a real person, where it failed: what a made-up code cannot show. Null where none did. */
export const judgeAttempts = ({ name }: Provider, { failure }: Attempts): Line | null => {
  if (failure === null) return null;
  const { at, code, cause, requestId } = failure;
  const when = `${moment.format(at)} UTC`;
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
