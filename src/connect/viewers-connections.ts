import { asViewer } from '../domain/actor.js';
import type { AuditEntry } from '../domain/audit-event.js';
import {
  type Account,
  type Connection,
  type ConnectionFacts,
  type ConnectionId,
  chooseFacts,
  type ReconnectReason,
} from '../domain/connection.js';
import { AppError } from '../domain/errors.js';
import { TICKET_LIFE } from '../domain/flow.js';
import type { Parameter } from '../domain/gadget.js';
import { gadgetIn } from '../domain/gadget-locale.js';
import type { Secret } from '../domain/secret.js';
import type { Viewer } from '../domain/viewer.js';
import { valueLabel } from '../gadgets/viewer-choices.js';
import { gadgetNamed } from '../hosts/bound-gadget.js';
import { endsSoon, lastDay } from '../providers/pasted-token.js';
import { mayTravel, type Provider } from '../providers/provider.js';
import { lackingScopes, scopesInWords, scopesOfGadget } from '../providers/scopes.js';
import type { Deps } from './connect-deps.js';
import { connectable, requireMade } from './consent/start-flow.js';
import { type Outlook, outlookOf } from './ending/revocation-outlook.js';

/** Who is looking at My connections in one browser. */
export interface Visitor {
  readonly viewer: Viewer;
  readonly name: string | null;
  /** Where the page is that led here; absent where it did not say. */
  readonly origin?: string;
  /** The locale of the gadget that led here, BCP 47. */
  readonly locale?: string;
}

/** What a scope allows, in the administrator's words, or as the provider calls it. */
export interface ScopeInWords {
  readonly scope: string;
  readonly words: string | null;
}

/** A fact of a Connection, as people read it. */
export interface ListedFact {
  readonly name: string;
  /** What people call it, as the provider's record says. */
  readonly title: string;
  readonly value: string;
  readonly among: readonly { readonly value: string; readonly label: string; readonly chosen: boolean }[];
}

/** The facts of a flow or Connection; those that there is nothing to choose among have no `among`. */
export const listFacts = (
  provider: Pick<Provider, 'facts'> | undefined,
  { facts }: { readonly facts: ConnectionFacts },
): readonly ListedFact[] =>
  Object.entries(facts).map(([name, { value, label, among }]) => ({
    name,
    title: provider?.facts?.[name]?.title ?? name,
    value: label ?? value,
    among:
      among.length < 2
        ? []
        : among.map((each) => ({
            value: each.value,
            label: each.label ?? each.value,
            chosen: each.value === value,
          })),
  }));

/** Puts another of several in place of a fact of one's own Connection. Throws `connection_unknown`, and `body_invalid` for what there is not to choose. */
export async function changeFacts(
  { audit, caches, stores }: Deps<'audit' | 'caches', 'connections'>,
  viewer: Viewer,
  id: string,
  chosen: Readonly<Record<string, string>>,
): Promise<void> {
  const connection = await stores.connections.byId(id as ConnectionId);
  if (connection === null || connection.viewer.id !== viewer.id || connection.status === 'revoking')
    throw new AppError('connection_unknown');
  const facts = chooseFacts(connection.facts, chosen);
  if (facts === null)
    throw new AppError('body_invalid', 'What was chosen is none of what there is to choose.');
  const changed = await stores.connections.chooseFacts(connection, facts);
  if (changed === null) throw new AppError('connection_unknown');
  caches.purge(connection.id);
  const changes = Object.entries(facts).flatMap(([name, { value }]) => {
    const before = connection.facts[name]?.value ?? null;
    return before === value ? [] : [{ path: `facts.${name}`, before, after: value }];
  });
  await audit.record({
    ...{ action: 'connection.changed', by: asViewer(viewer), outcome: 'done' },
    ...{ provider: connection.provider, viewer, subject: connection.id, changes },
  });
}

/** One line of My connections. Times are epoch milliseconds. */
export interface ListedConnection {
  readonly id: string;
  readonly provider: { readonly name: string; readonly accountPage: string | null };
  readonly account: Account | null;
  readonly scopes: readonly ScopeInWords[];
  /** What was fixed when it was connected. Where there is something to choose among, `among` has it. */
  readonly facts: readonly ListedFact[];
  readonly status: Connection['status'];
  readonly reason: ReconnectReason | null;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /** Gadgets of the viewer's host that lack a permission, and which. */
  readonly lacking: readonly { readonly gadget: string; readonly scopes: readonly string[] }[];
  /** Gadgets that showed something of it, the latest first; all of them on the viewer's own host. */
  readonly uses: readonly { readonly gadget: string; readonly lastUsedAt: number }[];
  /** Whether it can be connected again, as another account or the same: the host may still use the provider. */
  readonly canConnect: boolean;
  /** Of a token that was pasted: the day on which it ends, `YYYY-MM-DD`, and whether that is soon. Null for every other. */
  readonly token: { readonly endsOn: string | null; readonly soon: boolean } | null;
  /** What its provider will do when it is disconnected. */
  readonly atEnd: Outlook;
  /** The provider keeps one grant for each account: connecting again ends an older one. */
  readonly oneGrantPerAccount: boolean;
}

const inWords = (provider: Provider | undefined, scope: string): ScopeInWords => {
  const all = provider?.scopeDescriptions ?? {};
  return { scope, words: (Object.hasOwn(all, scope) ? all[scope] : undefined) ?? null };
};

/** All Connections of one viewer, also those that need the viewer or are on their way out; gadgets are called as in `locale`. */
export async function listConnections(
  deps: Deps<'clock' | 'directory', 'connectionLists' | 'connections'>,
  viewer: Viewer,
  locale = '',
): Promise<readonly ListedConnection[]> {
  const { directory, stores } = deps;
  const own = await stores.connections.ofViewer(viewer);
  const used = await stores.connectionLists.usesOf(own.map(({ id }) => id));
  const outlooks = await Promise.all(own.map((connection) => findOutlook(deps, connection)));
  return own.map((connection, index) => {
    const provider = directory.provider(connection.provider) ?? directory.leaving(connection.provider);
    const { id, account, scopes, status, reason, createdAt, lastUsedAt } = connection;
    return {
      id,
      provider: {
        name: directory.providerName(connection.provider),
        accountPage: provider?.accountPage ?? null,
      },
      account,
      scopes: scopes.map((scope) => inWords(provider, scope)),
      facts: listFacts(provider, connection),
      lacking:
        provider === undefined || connection.status !== 'active'
          ? []
          : lackingIn(deps, provider, connection, locale),
      status,
      reason,
      createdAt,
      lastUsedAt,
      uses: used
        .filter((use) => use.connection === id)
        .map((use) => {
          const gadget = gadgetNamed(directory, directory.host(viewer.host), use.gadget);
          const title = gadget === undefined ? use.gadget : gadgetIn(gadget, locale).title;
          return { gadget: title, lastUsedAt: use.lastUsedAt };
        }),
      canConnect: canConnect(deps, connection),
      token: provider?.pasted === undefined ? null : tokenOf(connection, deps.clock.now()),
      atEnd: outlooks[index] ?? 'unknown',
      oneGrantPerAccount: provider?.oneGrantPerAccount ?? false,
    };
  });
}

const tokenOf = ({ expiresAt }: Connection, now: number): ListedConnection['token'] => ({
  endsOn: lastDay(expiresAt),
  soon: endsSoon(expiresAt, now),
});

/** Gadgets of the viewer's host that need more than was granted, and what. */
const lackingIn = (
  { directory }: Deps<'directory'>,
  provider: Provider,
  { viewer, scopes }: Connection,
  locale: string,
): ListedConnection['lacking'] => {
  const host = directory.host(viewer.host);
  return (host?.gadgets ?? []).flatMap((name) => {
    const gadget = gadgetNamed(directory, host, name);
    const lacking = lackingScopes(provider, scopes, scopesOfGadget(gadget?.scopes, provider));
    return gadget === undefined || lacking.length === 0
      ? []
      : [{ gadget: gadgetIn(gadget, locale).title, scopes: scopesInWords(provider, lacking) }];
  });
};

/** What a viewer chose in one gadget, in words; `value` is null where they chose that there is none. */
export interface ListedChoices {
  readonly gadget: string;
  readonly title: string;
  readonly choices: readonly { readonly name: string; readonly value: string | boolean | null }[];
}

/** What a viewer chose in gadgets, gadget by gadget; they are called as in `locale`. */
export async function listChoices(
  { directory, stores }: Deps<'directory', 'viewerChoices'>,
  viewer: Viewer,
  locale = '',
): Promise<readonly ListedChoices[]> {
  const host = directory.host(viewer.host);
  const listed = new Map<string, ListedChoices & { readonly choices: ListedChoices['choices'][number][] }>();
  for (const { gadget: id, parameter: name, value } of await stores.viewerChoices.ofViewer(viewer)) {
    const found = gadgetNamed(directory, host, id);
    const gadget = found && gadgetIn(found, locale);
    const group = listed.get(id) ?? { gadget: id, title: gadget?.title ?? id, choices: [] };
    const parameter = gadget?.parameters.find((each) => each.name === name);
    group.choices.push({ name: parameter?.title ?? name, value: shownValue(parameter, value) });
    listed.set(id, group);
  }
  return [...listed.values()];
}

const shownValue = (parameter: Parameter | undefined, value: string): string | boolean | null => {
  if (parameter === undefined) return value === '' ? null : value;
  const label = valueLabel(parameter, value);
  return label === null && value !== '' ? value === 'true' : label;
};

/** As `outlookOf`; a record that was moved leads to where these tokens are never sent. */
async function findOutlook(
  { directory, stores }: Deps<'directory', 'connections'>,
  connection: Connection,
): Promise<Outlook> {
  const outlook = outlookOf(directory, connection);
  const provider = directory.provider(connection.provider) ?? directory.leaving(connection.provider);
  if (outlook !== 'asked' || provider === undefined || provider.revocation.kind === 'none') return outlook;
  const tokens = await stores.connections.tokens(connection);
  return tokens === null || mayTravel(tokens.origins, provider.revocation.endpoint) ? outlook : 'unknown';
}

const canConnect = ({ directory }: Deps<'directory'>, { viewer, provider }: Connection): boolean => {
  try {
    const { host } = connectable(directory, viewer.host, provider);
    return host.gadgets.some((id) => gadgetNamed(directory, host, id)?.providers.includes(provider) === true);
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
};

/** Whether a window that a gadget opened leads to My connections: in the other modes a link does, and nothing else (T11). */
const isOpened = ({ directory }: Deps<'directory'>, viewer: Viewer): boolean =>
  directory.host(viewer.host)?.connectMode === 'opener';

/** A ticket that opens My connections for this viewer: good once, for two minutes, and for nothing else. */
export async function issueTicket(
  deps: Deps<'clock' | 'digest' | 'directory' | 'entropy' | 'limits', 'tickets'>,
  viewer: Viewer,
  name: string | null,
  { origin, locale }: Pick<Visitor, 'origin' | 'locale'> = {},
): Promise<{ readonly ticket: Secret; readonly expiresIn: number }> {
  const { clock, digest, entropy, stores } = deps;
  if (!isOpened(deps, viewer)) throw new AppError('flow_step', { as: 'flow_step_by_link' });
  const ticket = entropy.secret();
  const ticketHash = digest.sha256(ticket.reveal());
  const now = clock.now();
  const at = { ...(origin !== undefined && { origin }), ...(locale !== undefined && { locale }) };
  const given = { ticketHash, viewer, name, now, expiresAt: now + TICKET_LIFE, ...at };
  requireMade(await stores.tickets.put(given, deps.limits));
  return { ticket, expiresIn: TICKET_LIFE / 1000 };
}

/** Trades a ticket for the viewer it names; a used, old or foreign one is refused. Throws `ticket_invalid`. */
export async function takeTicket(
  deps: Deps<'clock' | 'digest' | 'directory', 'tickets'>,
  ticket: Secret,
): Promise<Visitor> {
  const taken = await deps.stores.tickets.take(deps.digest.sha256(ticket.reveal()), deps.clock.now());
  if (taken === null || !isOpened(deps, taken.viewer))
    throw new AppError('ticket_invalid', { as: 'ticket_invalid_connections' });
  return taken;
}

type Rows = Readonly<Record<string, readonly Readonly<Record<string, string | number | null>>[]>>;

/** What the audit log says of a viewer, as they may read it: not who looked, nor by which request. */
interface OwnEntry {
  readonly at: number;
  readonly action: AuditEntry['action'];
  readonly outcome: AuditEntry['outcome'];
  readonly provider: string | null;
  readonly code: string | null;
}

/** Everything that is kept of a viewer, but tokens, secrets and their hashes. Times are epoch milliseconds. */
export interface ViewerExport {
  readonly viewer: { readonly host: string; readonly sub: string };
  readonly exportedAt: number;
  readonly kept: Rows;
  readonly log: readonly OwnEntry[];
}

/** Gives the viewer all that is kept of them, and records that they asked. */
export async function exportViewer(
  deps: Deps<'audit' | 'clock', 'audit' | 'connectionLists'>,
  viewer: Viewer,
): Promise<ViewerExport> {
  await deps.audit.record({ action: 'viewer.exported', by: asViewer(viewer), outcome: 'done' });
  const { host, sub } = viewer;
  return {
    viewer: { host, sub },
    exportedAt: deps.clock.now(),
    kept: await deps.stores.connectionLists.everythingOf(viewer),
    log: await readLog(deps, viewer),
  };
}

const PAGE = 500;

async function readLog({ stores }: Deps<never, 'audit'>, viewer: Viewer): Promise<readonly OwnEntry[]> {
  const entries: AuditEntry[] = [];
  for (;;) {
    const page = await stores.audit.since({ viewer }, { after: entries.at(-1)?.seq ?? 0, limit: PAGE });
    entries.push(...page);
    if (page.length < PAGE) break;
  }
  return entries.map(({ at, action, outcome, provider, code }) => ({ at, action, outcome, provider, code }));
}
