import { type AuditAction, type AuditChange, type AuditEntry, CAUSE } from '../../domain/audit-event.js';
import { wordsOf } from './audit-words.js';

/** As much of a pseudonym as people need to tell viewers apart. */
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
      return 'Somebody';
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
/** What a viewer does to themselves needs no second name. */
const ofViewer = (entry: AuditEntry, own: string, others: string): string =>
  entry.actor.kind === 'viewer' ? own : others;

const DEEDS: Readonly<Record<AuditAction, (entry: AuditEntry) => string>> = {
  'admin.invited': ({ code }) =>
    code === 'reset' ? 'made a link for another password' : 'made a link for a new administrator',
  'admin.created': () => 'became an administrator',
  'admin.changed': () => 'changed how they sign in',
  'admin.removed': (entry) => `removed the administrator ${namedIn(entry)}`,
  'admin.signed-in': () => 'signed in',
  'admin.sign-in-refused': () => 'was not signed in',
  'admin.signed-out': () => 'signed out',
  'admin.confirmed': () => 'proved again who they are',
  'api-key.created': (entry) => `made the API key ${namedIn(entry)}`,
  'api-key.revoked': (entry) => `revoked the API key ${namedIn(entry)}`,
  'provider.created': (entry) => `made provider ${providerIn(entry)}`,
  'provider.changed': (entry) => `changed provider ${providerIn(entry)}`,
  'provider.removed': (entry) => `removed provider ${providerIn(entry)}`,
  'provider.retried': (entry) => `allowed token requests to ${providerIn(entry)} again`,
  'provider.tested': (entry) => `tested provider ${providerIn(entry)}`,
  'provider.issuer-observed': (entry) => `saw which issuer the answers of ${providerIn(entry)} name`,
  'host.created': ({ host }) => `made host ${host}`,
  'host.changed': ({ host }) => `changed host ${host}`,
  'host.removed': ({ host }) => `removed host ${host}`,
  'configuration.reloaded': () => 'took the changed configuration',
  'configuration.refused': () => 'kept the last good configuration, since the changed one has mistakes',
  'flow.started': (entry) => `began to connect to ${providerIn(entry)}`,
  'flow.finished': (entry) => `connected to ${providerIn(entry)}`,
  'flow.refused': (entry) =>
    ofViewer(
      entry,
      `was not connected to ${providerIn(entry)}`,
      `was refused when connecting ${entry.person === null ? '' : `${viewerIn(entry)} `}to ${providerIn(entry)}`,
    ),
  'flow.ended': (entry) =>
    ofViewer(
      entry,
      `gave up connecting to ${providerIn(entry)}`,
      `ended an attempt of ${viewerIn(entry)} to connect to ${providerIn(entry)}`,
    ),
  'gadget.failed': (entry) =>
    `could not show ${entry.subject === null ? 'a gadget' : `gadget ${entry.subject}`} to ${viewerIn(entry)}, for want of ${providerIn(entry)}`,
  'connection.refresh-failed': (entry) =>
    `could not renew what ${viewerIn(entry)} may use at ${providerIn(entry)}`,
  'connection.ended': (entry) => `found the connection of ${viewerIn(entry)} to ${providerIn(entry)} ended`,
  'connection.disconnected': (entry) =>
    ofViewer(
      entry,
      `disconnected from ${providerIn(entry)}`,
      `disconnected ${viewerIn(entry)} from ${providerIn(entry)}`,
    ),
  'connection.all-disconnected': ({ provider, host }) =>
    `began to disconnect everybody ${[provider && `from ${provider}`, host && `on host ${host}`].filter(Boolean).join(' ')}`,
  'connection.revoked-late': (entry) =>
    `asked ${providerIn(entry)} again to take back the permission of ${viewerIn(entry)}`,
  'connection.never-revoked': (entry) =>
    `gave up asking ${providerIn(entry)} to take back the permission of ${viewerIn(entry)}`,
  'client.stopped': (entry) => `stopped asking ${providerIn(entry)} for tokens, which refused our client`,
  'viewer.exported': (entry) =>
    ofViewer(entry, 'took away what is kept about them', `took away what is kept about ${viewerIn(entry)}`),
  'viewer.erased': (entry) =>
    ofViewer(entry, 'erased what was kept about them', `erased what was kept about ${viewerIn(entry)}`),
  'viewer.left': (entry) => `said that ${viewerIn(entry)} left`,
  'keys.rotated': () => 'sealed everything anew under another key',
  'backup.made': () => 'made a backup',
  'backup.restored': () => 'restored a backup',
  'audit.exported': () => 'took away the audit log',
  'audit.interrupted': ({ times }) =>
    `could not write ${times === 1 ? 'an entry' : `${times} entries`} of this log`,
};

const SHOWN = 3;
const LONGEST = 60;

const value = (text: string | null): string => {
  if (text === null) return 'nothing';
  return `“${text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text}”`;
};

const changesIn = (changes: readonly AuditChange[]): string => {
  const told = changes
    .slice(0, SHOWN)
    .map(({ path, before, after }) =>
      path === CAUSE ? (after ?? '') : `${path} ${value(before)} → ${value(after)}`,
    );
  const more = changes.length - told.length;
  return [...told, ...(more > 0 ? [`${more} more`] : [])].join(', ');
};

/** Actions whose sentences name the host themselves. */
const NAMING_HOST = /^host\.|^connection\.all-disconnected$/;
const UNSPOKEN: readonly AuditAction[] = ['flow.started', 'admin.invited', 'flow.finished'];

/** One entry as a sentence, with its most important changes: “Anna changed provider mingle: scopes “a” → “b””. */
export const sentenceOf = (entry: AuditEntry): string => {
  const { action, actor, code, changes, host, times } = entry;
  // A newer version may have written what this one has no words for.
  const deed = DEEDS[action]?.(entry) ?? action;
  const place = host !== null && !NAMING_HOST.test(action) && actor.kind !== 'host' ? ` (host ${host})` : '';
  const often = times === 1 || action === 'audit.interrupted' ? '' : ` ${times} times within a minute`;
  const why = code === null || UNSPOKEN.includes(action) ? [] : [wordsOf(code)];
  const what = changes.length === 0 || UNSPOKEN.includes(action) ? [] : [changesIn(changes)];
  const details = [...why, ...what].join('; ');
  return `${actorIn(entry)} ${deed}${place}${often}${details === '' ? '' : `: ${details}`}`;
};
