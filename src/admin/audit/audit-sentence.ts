import { type AuditAction, type AuditChange, type AuditEntry, CAUSE } from '../../domain/audit-event.js';

/** What the codes of audit entries mean, as the end of a sentence. A code that is not here is shown as it is. */
const WORDS: Readonly<Record<string, string>> = {
  state_mismatch: 'the response belongs to no known attempt',
  nonce_mismatch: 'the response arrived in a different browser than the one that started',
  issuer_mismatch: 'the response came from another server',
  ticket_invalid: 'the ticket was used, has expired or was never issued',
  ticket_in_use: 'the link was already open in another window or browser',
  viewer_changed: 'another viewer started it',
  connect_code_wrong: 'the code was wrong',
  connect_request_invalid: 'the host’s response was not valid',
  pasted_token_refused: 'the provider did not accept the pasted token',
  denied: 'permission was denied at the provider',
  account_declined: 'another account was wanted',
  account_unknown: 'the provider did not say whose account it was',
  cancelled: 'it was canceled',
  expired: 'it timed out',
  superseded: 'a newer attempt replaced it',
  interrupted: 'a token refresh was interrupted',
  provider_down: 'the provider did not respond as expected',
  provider_refused: 'the provider refused',
  provider_not_allowed: 'this host may not use the provider',
  mode_changed: 'the host’s connect mode changed in the meantime',
  misconfigured: 'the provider does not accept this server’s registration',
  client_missing: 'this server is not registered there',
  client_stopped: 'our client is stopped',
  too_many_requests: 'too many attempts',
  'connected-elsewhere': 'the account was connected elsewhere',
  'expired-or-connected-elsewhere': 'it expired, or the account was connected elsewhere',
  'token-rejected': 'the provider no longer accepts the pasted token',
  'token-expired': 'the pasted token reached its expiry date',
  'company-access-off': 'a record no longer allows the company’s access',
  'more-scopes': 'more permissions are needed',
  departure: 'a provider or host was removed, a person left, or everyone was disconnected',
  unused: 'it was not used for a long time',
  revoked: 'the provider revoked the permission',
  asked: 'the provider was asked to revoke the permission, which cannot be confirmed',
  shared: 'the permission stays because another connection uses it',
  unsupported: 'the provider has no way to revoke the permission',
  kept: 'the provider could not be asked yet',
  failed: 'the permission could not be revoked from here',
  nothing: 'there was nothing left to revoke',
  unanswered: 'the provider did not respond for a week',
  password: 'by password',
  oidc: 'by OpenID Connect',
  invitation: 'by a link',
};

export const wordsOf = (code: string): string => (Object.hasOwn(WORDS, code) ? (WORDS[code] ?? code) : code);

/** As much of a pseudonym as it takes to tell viewers apart. */
export const shortened = (pseudonym: string): string => pseudonym.slice(0, 8);

const actorIn = ({ actor }: AuditEntry): string => {
  const { kind, id, name } = actor;
  switch (kind) {
    case 'admin':
      return name ?? 'An administrator';
    case 'api-key':
      return `API key ${name ?? id}`;
    case 'command':
      return `${name} at the command line`;
    case 'viewer':
      return `Viewer ${shortened(id ?? '')}`;
    case 'host':
      return `Host ${id}`;
    case 'anonymous':
      return 'Someone';
    default:
      return 'Oriel';
  }
};

const viewerIn = ({ person }: AuditEntry): string =>
  person === null ? 'a viewer' : `viewer ${shortened(person)}`;
const providerIn = ({ provider }: AuditEntry): string => provider ?? 'a provider';
const namedIn = ({ changes, subject }: AuditEntry): string => {
  const name = changes.find(({ path }) => path === 'name');
  return name?.after ?? name?.before ?? subject ?? 'unknown';
};
/** What viewers do for themselves does not name them twice. */
const ofViewer = (entry: AuditEntry, own: string, others: string): string =>
  entry.actor.kind === 'viewer' ? own : others;

const VERBS: Readonly<Record<AuditAction, (entry: AuditEntry) => string>> = {
  'admin.invited': ({ code }) =>
    code === 'reset' ? 'created a link to reset a password' : 'created a link to invite an administrator',
  'admin.created': () => 'became an administrator',
  'admin.changed': () => 'changed how they sign in',
  'admin.removed': (entry) => `removed the administrator ${namedIn(entry)}`,
  'admin.signed-in': () => 'signed in',
  'admin.sign-in-refused': () => 'failed to sign in',
  'admin.signed-out': () => 'signed out',
  'admin.confirmed': () => 're-authenticated',
  'api-key.created': (entry) => `created the API key ${namedIn(entry)}`,
  'api-key.revoked': (entry) => `revoked the API key ${namedIn(entry)}`,
  'provider.created': (entry) => `created provider ${providerIn(entry)}`,
  'provider.changed': (entry) => `changed provider ${providerIn(entry)}`,
  'provider.removed': (entry) => `removed provider ${providerIn(entry)}`,
  'provider.retried': (entry) => `allowed token requests to ${providerIn(entry)} again`,
  'provider.tested': (entry) => `tested provider ${providerIn(entry)}`,
  'provider.issuer-observed': (entry) => `saw which issuer ${providerIn(entry)} names in its responses`,
  'host.created': ({ host }) => `created host ${host}`,
  'host.changed': ({ host }) => `changed host ${host}`,
  'host.removed': ({ host }) => `removed host ${host}`,
  'configuration.reloaded': () => 'loaded the changed configuration',
  'configuration.refused': () => 'kept the previous configuration because the changed one has mistakes',
  'flow.started': (entry) => `started to connect to ${providerIn(entry)}`,
  'flow.finished': (entry) => `connected to ${providerIn(entry)}`,
  'flow.refused': (entry) =>
    ofViewer(
      entry,
      `failed to connect to ${providerIn(entry)}`,
      `failed to connect ${entry.person === null ? '' : `${viewerIn(entry)} `}to ${providerIn(entry)}`,
    ),
  'flow.ended': (entry) =>
    ofViewer(
      entry,
      `canceled connecting to ${providerIn(entry)}`,
      `ended an attempt of ${viewerIn(entry)} to connect to ${providerIn(entry)}`,
    ),
  'gadget.failed': (entry) =>
    `could not show ${entry.subject === null ? 'a gadget' : `gadget ${entry.subject}`} to ${viewerIn(entry)} because of ${providerIn(entry)}`,
  'connection.refresh-failed': (entry) =>
    `could not refresh the token of ${viewerIn(entry)} for ${providerIn(entry)}`,
  'connection.changed': (entry) =>
    ofViewer(
      entry,
      `chose what their connection to ${providerIn(entry)} is for`,
      `chose what the connection of ${viewerIn(entry)} to ${providerIn(entry)} is for`,
    ),
  'connection.ended': (entry) =>
    `found that the connection of ${viewerIn(entry)} to ${providerIn(entry)} has ended`,
  'connection.disconnected': (entry) =>
    ofViewer(
      entry,
      `disconnected from ${providerIn(entry)}`,
      `disconnected ${viewerIn(entry)} from ${providerIn(entry)}`,
    ),
  'connection.all-disconnected': ({ provider, host }) =>
    `started to disconnect everyone ${[provider && `from ${provider}`, host && `on host ${host}`].filter(Boolean).join(' ')}`,
  'connection.revoked-late': (entry) =>
    `asked ${providerIn(entry)} again to revoke the permission of ${viewerIn(entry)}`,
  'connection.never-revoked': (entry) =>
    `stopped asking ${providerIn(entry)} to revoke the permission of ${viewerIn(entry)}`,
  'company.connected': (entry) =>
    entry.outcome === 'done'
      ? `got access of the company to ${providerIn(entry)}, for everyone on host ${entry.host}`
      : `got no access of the company to ${providerIn(entry)}`,
  'client.stopped': (entry) =>
    `stopped requesting tokens from ${providerIn(entry)}, which rejected our client`,
  'viewer.exported': (entry) =>
    ofViewer(entry, 'exported their data', `exported the data of ${viewerIn(entry)}`),
  'viewer.erased': (entry) => ofViewer(entry, 'erased their data', `erased the data of ${viewerIn(entry)}`),
  'viewer.left': (entry) => `reported that ${viewerIn(entry)} left`,
  'keys.rotated': () => 're-encrypted everything with another key',
  'backup.made': () => 'created a backup',
  'backup.restored': () => 'restored a backup',
  'audit.exported': () => 'exported the audit log',
  'audit.archived': ({ subject }) =>
    subject === null ? 'archived the audit log' : `archived the audit log up to entry ${subject}`,
  'audit.interrupted': ({ times }) =>
    `could not write ${times === 1 ? 'an entry' : `${times} entries`} of this log`,
};

const SHOWN = 3;
const LONGEST = 60;

const quoted = (text: string | null): string => {
  if (text === null) return 'nothing';
  return `“${text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text}”`;
};

const changesIn = (changes: readonly AuditChange[]): string => {
  const shown = changes
    .slice(0, SHOWN)
    .map(({ path, before, after }) =>
      path === CAUSE ? (after ?? '') : `${path} ${quoted(before)} → ${quoted(after)}`,
    );
  const more = changes.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
};

/** Actions whose sentences name the host themselves. */
const NAMING_HOST = /^host\.|^connection\.all-disconnected$/;
const UNSPOKEN: readonly AuditAction[] = ['flow.started', 'admin.invited', 'flow.finished'];

/** One entry as a sentence, with its most important changes: “Anna changed provider mingle: scopes “a” → “b””. */
export const sentenceOf = (entry: AuditEntry): string => {
  const { action, actor, code, changes, host, times } = entry;
  // A newer version may have written an action that this one does not know.
  const verb = VERBS[action]?.(entry) ?? action;
  const place = host !== null && !NAMING_HOST.test(action) && actor.kind !== 'host' ? ` (host ${host})` : '';
  const often = times === 1 || action === 'audit.interrupted' ? '' : ` ${times} times within a minute`;
  const why = code === null || UNSPOKEN.includes(action) ? [] : [wordsOf(code)];
  const what = changes.length === 0 || UNSPOKEN.includes(action) ? [] : [changesIn(changes)];
  const details = [...why, ...what].join('; ');
  return `${actorIn(entry)} ${verb}${place}${often}${details === '' ? '' : `: ${details}`}`;
};

/** An entry as its page shows it. */
export interface SeenEntry extends AuditEntry {
  readonly sentence: string;
  /** UTC, to the millisecond. */
  readonly iso: string;
  readonly badge: { readonly kind: 'good' | 'warning' | 'bad'; readonly words: string };
  readonly viewer: string | null;
  readonly who: string;
}

const BADGES: Readonly<Record<AuditEntry['outcome'], SeenEntry['badge']>> = {
  done: { kind: 'good', words: 'done' },
  refused: { kind: 'warning', words: 'refused' },
  failed: { kind: 'bad', words: 'failed' },
};

const whoOf = ({ kind, name, id }: AuditEntry['actor']): string =>
  [kind, name, kind === 'viewer' || name === null ? id : `(${id ?? 'no id'})`]
    .filter((part) => part !== null)
    .join(' ');

export const toSeenEntry = (entry: AuditEntry): SeenEntry => ({
  ...entry,
  sentence: sentenceOf(entry),
  // biome-ignore lint/style/noRestrictedGlobals: this writes a time down, and asks no clock.
  iso: new Date(entry.at).toISOString(),
  badge: BADGES[entry.outcome] ?? { kind: 'bad', words: entry.outcome },
  viewer: entry.person === null ? null : shortened(entry.person),
  who: whoOf(entry.actor),
});
