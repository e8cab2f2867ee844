import type { AccessOutcome } from '../../connect/tokens/open-connection.js';
import type { Actor } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import { InvalidRecord } from '../../domain/invalid-record.js';
import type { Entry, SetupRecord } from '../../domain/setup-record.js';
import { adminViewer } from '../../hosts/console-host.js';
import { type Certificate, readCertificates } from '../../net/certificates.js';
import type { Provider, ProviderDraft } from '../../providers/provider.js';
import type { AdminDeps, Deps } from '../admin-deps.js';
import { CONSOLE, type Declared, declared, entryOf } from '../records/declared.js';
import { keptSecretFaults } from '../records/kept-secrets.js';
import { restoreMasked } from '../records/masking.js';
import {
  changeRecord,
  getRecord,
  type ListingDeps,
  type ManagedRecord,
  unknownRecord,
} from '../records/use-cases.js';

/** An entry that was typed, with those of its masked secrets that go where they went before. */
function withKeptSecrets(
  { inForce, stores }: ListingDeps,
  id: string,
  entry: Entry,
  { records, all }: { readonly records: readonly SetupRecord[]; readonly all: Declared },
): Entry {
  const own = records.find((record) => record.kind === 'provider' && record.id === id);
  // Never the secrets of the file: the person who types an entry here chooses the server they would be sent to.
  const before = own === undefined ? null : entryOf(own);
  const whole = restoreMasked(stores.fingerprints, 'provider', entry, before);
  const wanted = { kind: 'provider', id, given: { given: entry, before }, next: whole } as const;
  const faults = keptSecretFaults(inForce.read, wanted, all);
  if (faults.length > 0) throw new InvalidRecord(faults);
  return whole;
}

const unopenedOrUnknown = (records: readonly SetupRecord[], id: string): AppError =>
  records.some((record) => record.kind === 'provider' && record.id === id)
    ? new AppError(
        'record_unopened',
        `No key of the key ring opens the provider ${id}, so it is not in use.`,
        'Put the key that sealed it back, behind the first one; or remove the provider and create it again.',
      )
    : unknownRecord('provider', id);

/**
 * A provider's record as it is in force, or as an entry would be if it were saved. It is read by itself, so that a mistake elsewhere keeps
 * no one from testing it. Throws `record_unknown`, and `InvalidRecord` with every mistake in it.
 */
export async function readProviderDraft(
  deps: ListingDeps,
  id: string,
  entry?: Entry,
): Promise<ProviderDraft> {
  const records = await deps.stores.setup.all();
  const all = declared(deps.inForce.file(), records);
  const { providers, known, named } = all;
  const saved = Object.hasOwn(providers, id) ? (providers[id] ?? null) : null;
  const whole = entry === undefined ? saved : withKeptSecrets(deps, id, entry, { records, all });
  if (whole === null) throw unopenedOrUnknown(records, id);
  const hosts = { ...known, host: [...known.host, ...named.host] };
  const read = deps.inForce.read({ hosts: {}, providers: { [id]: whole } }, hosts);
  if ('faults' in read) throw new InvalidRecord(read.faults);
  const [draft] = read.providers;
  if (draft === undefined) throw unknownRecord('provider', id);
  return draft;
}

/**
 * An administrator's own connection, made in the console's preview, to a provider as it is in force; null for anyone who has no preview,
 * and where the record in hand leads elsewhere than the one in force, which a token must not follow.
 */
export async function findOwnAccess(
  { access, directory }: Pick<AdminDeps, 'access' | 'directory'>,
  by: Actor,
  { id, api, tokenEndpoint }: Provider,
): Promise<AccessOutcome | null> {
  const inForce = directory.provider(id);
  const isSame = inForce?.api === api && inForce.tokenEndpoint === tokenEndpoint;
  return by.kind === 'admin' && isSame ? access.fresh(adminViewer(by), inForce) : null;
}

const dayOf = (time: number): string =>
  new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' }).format(time);

const wrongCertificate = (id: string, problem: string, expected: string): InvalidRecord =>
  new InvalidRecord([
    { file: CONSOLE, path: `providers.${id}.certificates`, line: null, problem, expected, example: null },
  ]);

/** What was pasted, to be looked at before it is trusted. Throws `InvalidRecord` if it has no certificate, or one has expired. */
export function readPastedCertificates(
  { clock }: Pick<AdminDeps, 'clock'>,
  id: string,
  text: string,
): readonly Certificate[] {
  const found = text.includes('PRIVATE KEY-----') ? null : readCertificates(text);
  if (found === null)
    throw wrongCertificate(
      id,
      'this is not a readable certificate',
      'PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, and no private key',
    );
  const expired = found.find(({ until }) => until < clock.now());
  if (expired === undefined) return found;
  throw wrongCertificate(
    id,
    `the certificate ${expired.subject} expired on ${dayOf(expired.until)}`,
    'a certificate that is valid: its dates are checked at each connection, even if it is trusted',
  );
}

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

/** Trusts certificates for one provider alone. Throws as `readPastedCertificates` and `changeRecord` do. */
export async function trustCertificates(
  deps: ListingDeps & Deps<'clock'>,
  id: string,
  text: string,
  by: Actor,
): Promise<ManagedRecord> {
  const found = readPastedCertificates(deps, id, text);
  const record = await getRecord(deps, 'provider', id);
  if (record.entry === null)
    throw new AppError(
      'record_changed',
      'This provider can’t be read, so nothing can be added to it.',
      'No key of the key ring opens it: put the key that sealed it back, or enter it again.',
    );
  const known = textsIn(record.entry.certificates);
  const trusted = new Set(known.flatMap((pem) => readCertificates(pem) ?? []).map(({ sha256 }) => sha256));
  const added = found.filter(({ sha256 }) => !trusted.has(sha256)).map(({ pem }) => pem);
  const entry = { ...record.entry, certificates: [...known, ...added] };
  // A record of the file has no version, and is refused as such whatever version is named.
  return changeRecord(deps, { kind: 'provider', id, version: record.version ?? 0 }, entry, by);
}
