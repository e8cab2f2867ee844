import { redirectUriOf } from '../../../connect/connect-deps.js';
import { grantMark, isClientStopped } from '../../../connect/tokens/clients.js';
import type { AccessOutcome } from '../../../connect/tokens/open-connection.js';
import { type Actor, nameOf } from '../../../domain/actor.js';
import { AppError } from '../../../domain/errors.js';
import type { Entry } from '../../../domain/setup-record.js';
import type { MetadataFact } from '../../../providers/probe.js';
import type { Provider, ProviderDraft } from '../../../providers/provider.js';
import type { Deps } from '../../admin-deps.js';
import { findOwnAccess, readProviderDraft } from '../use-cases.js';
import { tryApi, tryMadeUpToken } from './api-lines.js';
import { type Registered, tryAuthorization } from './authorization.js';
import { type Line, line, VERDICTS, worst } from './line.js';
import { provedAt, withProof } from './own-proof.js';
import { Reachability } from './reachability.js';
import { type Attempts, attemptsAt, judgeAttempts, judgeIssuer, judgeMetadata } from './record-lines.js';
import { tryRevocation, withoutRevocation } from './revocation-lines.js';
import { tryToken } from './token.js';

/** What a dry run needs. */
export type DryRunDeps = Deps<
  | 'access'
  | 'audit'
  | 'authorizer'
  | 'clock'
  | 'digest'
  | 'directory'
  | 'discovery'
  | 'entropy'
  | 'inForce'
  | 'probe'
  | 'siteOrigin'
  | 'upstream',
  'audit' | 'clientStops' | 'dryRunThrottle' | 'fingerprints' | 'setup'
>;

/** What is tested: a provider that is saved or declared in the file, or an entry for one that is not saved. */
export interface Subject {
  readonly id: string;
  readonly entry?: Entry;
  /** Tests only the registration that is in force for this host. */
  readonly host?: string;
}

const unreadable = (issuer: string, cause: string): Line =>
  line('metadata_unreadable', issuer, 'The issuer’s metadata cannot be read.', {
    cause,
    fix: 'Correct issuer to what the server calls itself, including slashes, or write every endpoint into the record.',
  });

const incomplete = (issuer: string, cause: string): Line =>
  line('metadata_incomplete', issuer, 'The issuer’s metadata does not complete the record.', {
    cause,
    fix: 'Write what is missing into the record: authorizationEndpoint, tokenEndpoint, clientAuthentication.',
  });

/** A record that names every endpoint has its issuer for one thing: responses are compared with it. */
const absent = (issuer: string, cause: string, proved: boolean): Line =>
  proved
    ? line('metadata_unneeded', issuer, 'The server publishes no metadata, and the record needs none.', {
        cause: 'The record names every endpoint, and people connected with this issuer.',
      })
    : line('metadata_absent', issuer, 'The issuer’s metadata cannot be read.', {
        cause,
        fix: 'The record names every endpoint and works without; but responses are compared with issuer. To verify it, connect as yourself in the preview.',
      });

/** How the metadata differs from the record, where there is an issuer to ask. */
const compared = (provider: Provider, metadata: MetadataFact | null, attempts: Attempts): readonly Line[] => {
  if (provider.issuer === null || metadata === null) return [];
  return 'fields' in metadata
    ? judgeMetadata(provider.issuer, metadata.fields, provider)
    : [absent(provider.issuer, metadata.failure, attempts.succeeded)];
};

/** What people ran into. With an entry that is not saved no one has run into anything yet. */
const met = (provider: Provider, attempts: Attempts, { entry }: Subject): readonly Line[] =>
  [judgeIssuer(provider, attempts), entry === undefined ? judgeAttempts(provider, attempts) : null].filter(
    (each) => each !== null,
  );

async function limitDryRuns({ stores }: Deps<never, 'dryRunThrottle'>, by: Actor): Promise<void> {
  const who = JSON.stringify([by.kind, 'id' in by ? by.id : nameOf(by)]);
  const seconds = await stores.dryRunThrottle.attempt(who);
  if (seconds !== null)
    throw new AppError(
      'too_many_requests',
      `You have run too many tests. Wait ${Math.ceil(seconds / 60)} minutes, then try again.`,
    );
}

/** The complete record, or the line that says why there is none. */
async function complete(
  { discovery }: Pick<DryRunDeps, 'discovery'>,
  draft: ProviderDraft,
  metadata: MetadataFact | null,
): Promise<Provider | Line> {
  if (draft.kind === 'complete') return draft.provider;
  if (metadata === null) return unreadable(draft.issuer, 'It cannot be reached, see above.');
  if ('failure' in metadata) return unreadable(draft.issuer, metadata.failure);
  const found = await discovery.complete(draft);
  return 'failure' in found ? incomplete(draft.issuer, found.failure) : found;
}

/** Our registrations at a provider: for one host the one that is in force there, otherwise all. */
const registrationsOf = (provider: Provider, redirectUri: string, host?: string): readonly Registered[] => {
  const common = provider.client === null ? [] : [{ about: 'client', client: provider.client, redirectUri }];
  const own = Object.entries(provider.clients).map(([of, client]) => ({
    of,
    about: `client of host ${of}`,
    client,
    redirectUri,
  }));
  if (host === undefined) return [...common, ...own];
  const its = own.filter(({ of }) => of === host);
  return its.length > 0 ? its : common;
};

const stopped = ({ id, name }: Provider, { about }: Registered): Line =>
  line('client_stopped', about, `Token requests to ${name} are stopped for this client.`, {
    cause: `${name} said that it does not know this client id and secret: no one can connect, and no token is renewed.`,
    fix: `Correct id and secret. If they are right, run “oriel provider retry ${id}”, or choose Retry under Connections, “Why tokens are not renewed”.`,
  });

async function tryRegistration(
  deps: DryRunDeps,
  provider: Provider,
  registered: Registered,
  reachability: Reachability,
): Promise<readonly Line[]> {
  const { authorizationEndpoint, tokenEndpoint, revocation } = provider;
  const revokes = revocation.kind !== 'none' && reachability.can(revocation.endpoint);
  const [consent, tokens, revoked] = await Promise.all([
    reachability.can(authorizationEndpoint) ? tryAuthorization(deps, provider, registered) : null,
    reachability.can(tokenEndpoint) ? tryToken(deps, provider, registered) : [],
    revokes ? tryRevocation(deps, provider, registered) : null,
  ]);
  return [consent, ...tokens, revoked].filter((each) => each !== null);
}

/** What the registrations at a provider are tried with. */
interface OAuthTrial {
  readonly reachability: Reachability;
  readonly host: string | undefined;
  readonly own: AccessOutcome | null;
  readonly attempts: Attempts;
}

/** Tries each registration after the other, so that no server is asked too often at once. */
async function* tryRegistrations(
  deps: DryRunDeps,
  provider: Provider,
  { reachability, host, own, attempts }: OAuthTrial,
): AsyncGenerator<Line, void> {
  const redirectUri = redirectUriOf(deps.siteOrigin, provider.id);
  const all = registrationsOf(provider, redirectUri, host);
  if (all.length === 0) {
    yield line('client_missing', provider.name, 'The record has no client id and secret.', {
      fix: `Register this server there with the redirect URI ${redirectUri}, and write client: { id, secret } into the record.`,
    });
  }
  for (const registered of all) {
    if (await isClientStopped(deps, { provider, client: registered.client }))
      yield stopped(provider, registered);
    const mark = grantMark(deps, { provider, client: registered.client }, redirectUri);
    const at = provedAt(own, mark, attempts);
    for (const found of await tryRegistration(deps, provider, registered, reachability))
      yield withProof(found, at);
  }
}

async function* linesOf(deps: DryRunDeps, subject: Subject, by: Actor): AsyncGenerator<Line, void> {
  const draft = await readProviderDraft(deps, subject.id, subject.entry);
  const known = draft.kind === 'complete' ? draft.provider : draft.draft;
  const { issuer } = known;
  const reachability = new Reachability(deps, known);
  // Where every endpoint is written, nothing is ever requested from the issuer itself.
  const optional = draft.kind === 'complete' ? { issuer: null } : {};
  yield* reachability.look({ ...known, ...optional });

  const asks = issuer !== null && (draft.kind === 'complete' || reachability.can(issuer));
  const metadata = asks ? await deps.probe.metadata(issuer, known) : null;
  const attempts = await attemptsAt(deps, subject.id);
  const provider = await complete(deps, draft, metadata);
  if ('light' in provider) return yield provider;
  yield* reachability.look({ ...provider, ...optional });
  yield* compared(provider, metadata, attempts);
  yield* met(provider, attempts, subject);
  // A token of a real connection never follows a record that was only typed.
  const own = subject.entry === undefined ? await findOwnAccess(deps, by, provider) : null;
  if (provider.pasted !== undefined) {
    if (reachability.can(provider.api)) yield await tryMadeUpToken(deps, provider);
  } else yield* tryOAuth(deps, provider, metadata, { reachability, host: subject.host, own, attempts });
  if (reachability.can(provider.api)) yield await tryApi(deps, provider, own);
}

/** What only a provider has where people agree at it. */
async function* tryOAuth(
  deps: DryRunDeps,
  provider: Provider,
  metadata: MetadataFact | null,
  trial: OAuthTrial,
): AsyncGenerator<Line, void> {
  yield* tryRegistrations(deps, provider, trial);
  const advertised = metadata !== null && 'fields' in metadata ? metadata.fields.revocation_endpoint : null;
  if (provider.revocation.kind === 'none') yield withoutRevocation(provider, advertised);
}

/**
 * Tests a provider as far as that is possible from here, before the first viewer does; nothing is changed, there or here. Yields each line
 * as soon as it is known. Throws `too_many_requests`, `record_unknown`, and `InvalidRecord` for an entry that could not be saved.
 */
export async function* dryRun(deps: DryRunDeps, subject: Subject, by: Actor): AsyncGenerator<Line, void> {
  await limitDryRuns(deps, by);
  const lines: Line[] = [];
  try {
    for await (const each of linesOf(deps, subject, by)) {
      lines.push(each);
      yield each;
    }
  } finally {
    // What was never tested is not recorded.
    if (lines.length > 0) {
      const code = VERDICTS[worst(lines)];
      await deps.audit.record({
        action: 'provider.tested',
        by,
        outcome: 'done',
        provider: subject.id,
        code,
      });
    }
  }
}

/** All lines of a dry run. Throws as `dryRun` does. */
export async function testProvider(deps: DryRunDeps, subject: Subject, by: Actor): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for await (const each of dryRun(deps, subject, by)) lines.push(each);
  return lines;
}
