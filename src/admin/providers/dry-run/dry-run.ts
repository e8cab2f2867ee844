import { type Actor, nameOf } from '../../../domain/actor.js';
import { AppError } from '../../../domain/errors.js';
import type { Entry } from '../../../domain/setup-record.js';
import type { MetadataFact } from '../../../providers/probe.js';
import type { Provider, ProviderDraft } from '../../../providers/provider.js';
import { tryApi } from './api-lines.js';
import { type Attempts, attemptsAt, judgeAttempts, judgeIssuer } from './attempt-lines.js';
import type { DryRunPorts } from './dry-run-ports.js';
import { type Line, line, VERDICTS, worst } from './line.js';
import { judgeMetadata } from './metadata-lines.js';
import { type Reaching, reaching } from './reaching.js';
import { tryRegistrations } from './registrations.js';
import { withoutRevocation } from './revocation-lines.js';

/** What is tried: a provider that is saved or declared in the file, or an entry for one that is not saved. */
export interface Subject {
  readonly id: string;
  readonly entry?: Entry;
  /** Tries only the registration that is in force for this host. */
  readonly host?: string;
}

/** Tries a provider as far as one can from here, before the first viewer does. Nothing is changed, there or here. */
export interface DryRun {
  /**
   * Each line as soon as it is known. Throws `too_many_requests`, `record_unknown`, and `InvalidRecord` of an entry that could not be
   * saved.
   */
  run(subject: Subject, by: Actor): AsyncGenerator<Line, void>;
}

const unreadable = (issuer: string, cause: string): Line =>
  line('metadata_unreadable', issuer, 'The issuer’s metadata cannot be read.', {
    cause,
    mend: 'Correct issuer to what the server calls itself, slashes too, or write every endpoint into the record.',
  });

const incomplete = (issuer: string, cause: string): Line =>
  line('metadata_incomplete', issuer, 'The issuer’s metadata does not complete the record.', {
    cause,
    mend: 'Write what it lacks into the record: authorizationEndpoint, tokenEndpoint, clientAuthentication.',
  });

/** A record that names every endpoint has its issuer for one thing: answers are compared with it. */
const absent = (issuer: string, cause: string, proved: boolean): Line =>
  proved
    ? line('metadata_unneeded', issuer, 'The server publishes no metadata, and the record needs none.', {
        cause: 'It names every endpoint, and people connected with this issuer.',
      })
    : line('metadata_absent', issuer, 'The issuer’s metadata cannot be read.', {
        cause,
        mend: 'The record names every endpoint and works without; but answers are compared with issuer: connect as yourself in the preview, which proves it.',
      });

/** What the metadata says against the record, where there is an issuer to ask. */
const compared = (provider: Provider, metadata: MetadataFact | null, attempts: Attempts): readonly Line[] => {
  if (provider.issuer === null || metadata === null) return [];
  return 'fields' in metadata
    ? judgeMetadata(provider.issuer, metadata.fields, provider)
    : [absent(provider.issuer, metadata.failure, attempts.succeeded)];
};

/** What people met. Of an entry that is not saved nobody has met anything yet. */
const met = (provider: Provider, attempts: Attempts, { entry }: Subject): readonly Line[] =>
  [judgeIssuer(provider, attempts), entry === undefined ? judgeAttempts(provider, attempts) : null].filter(
    (each) => each !== null,
  );

export const dryRun = (ports: DryRunPorts): DryRun => {
  const registrations = tryRegistrations(ports);
  const api = tryApi(ports);

  const beModerate = async (by: Actor): Promise<void> => {
    const who = JSON.stringify([by.kind, 'id' in by ? by.id : nameOf(by)]);
    const seconds = await ports.throttle.attempt(who);
    if (seconds !== null)
      throw new AppError(
        'too_many_requests',
        `You had very many tests made. Please wait ${Math.ceil(seconds / 60)} minutes.`,
      );
  };

  /** The whole record, or the line that says why there is none. */
  const completed = async (draft: ProviderDraft, metadata: MetadataFact | null): Promise<Provider | Line> => {
    if (draft.kind === 'complete') return draft.provider;
    if (metadata === null) return unreadable(draft.issuer, 'It cannot be reached, as said above.');
    if ('failure' in metadata) return unreadable(draft.issuer, metadata.failure);
    const found = await ports.discover(draft);
    return 'failure' in found ? incomplete(draft.issuer, found.failure) : found;
  };

  const speaking = async function* (
    provider: Provider,
    reached: Reaching,
    {
      subject,
      by,
      advertised,
    }: { readonly subject: Subject; readonly by: Actor; readonly advertised: unknown },
  ): AsyncGenerator<Line, void> {
    yield* registrations(provider, reached, subject.host);
    if (provider.revocation.kind === 'none') yield withoutRevocation(provider, advertised);
    if (!reached.can(provider.api)) return;
    // A token of a real connection never follows a record that somebody only typed.
    yield await api(provider, subject.entry === undefined ? await ports.ownAccess(by, provider) : null);
  };

  const everything = async function* (subject: Subject, by: Actor): AsyncGenerator<Line, void> {
    const draft = await ports.draft(subject.id, subject.entry);
    const known = draft.kind === 'complete' ? draft.provider : draft.draft;
    const { issuer } = known;
    const reached = reaching(ports, known);
    // Where every endpoint is written, nothing is ever asked of the issuer itself.
    const optional = draft.kind === 'complete' ? { issuer: null } : {};
    yield* reached.look({ ...known, ...optional });

    const asks = issuer !== null && (draft.kind === 'complete' || reached.can(issuer));
    const metadata = asks ? await ports.probe.metadata(issuer, known) : null;
    const attempts = await attemptsAt(ports, subject.id);
    const provider = await completed(draft, metadata);
    if ('light' in provider) return yield provider;
    yield* reached.look({ ...provider, ...optional });
    yield* compared(provider, metadata, attempts);
    yield* met(provider, attempts, subject);
    const advertised = metadata !== null && 'fields' in metadata ? metadata.fields.revocation_endpoint : null;
    yield* speaking(provider, reached, { subject, by, advertised });
  };

  return {
    async *run(subject, by) {
      await beModerate(by);
      const lines: Line[] = [];
      try {
        for await (const each of everything(subject, by)) {
          lines.push(each);
          yield each;
        }
      } finally {
        // Of what was never tried there is nothing to remember.
        if (lines.length > 0) {
          const code = VERDICTS[worst(lines)];
          await ports.audit.record({
            action: 'provider.tested',
            by,
            outcome: 'done',
            provider: subject.id,
            code,
          });
        }
      }
    },
  };
};
