import type { ReadEntries } from '../../config/read-entries.js';
import type { Fault } from '../../domain/fault.js';
import { parseUrl } from '../../domain/parse-url.js';
import { type Entry, GROUP, type SetupKind } from '../../domain/setup-record.js';
import { originsOfTemplate } from '../../providers/facts.js';
import type { Provider, ProviderDraft, RevocationRequest } from '../../providers/provider.js';
import { CONSOLE, type Declared } from './declared.js';
import { keptIn } from './masking.js';

/** A changed entry as it was given, masks and all, and what it was before. */
export interface Given {
  readonly given: Entry;
  readonly before: Entry | null;
}

/**
 * What an origin receives that a record names. `secret`: the client secret, and tokens with it. `token`: viewers' tokens. `person`: the
 * viewer's browser. `name`: an issuer that only stands for the server in `iss`.
 */
type Receives = 'secret' | 'token' | 'person' | 'name';

interface Destination {
  /** Where the provider has it: `tokenEndpoint`, `revocation.endpoint`. */
  readonly field: string;
  readonly receives: Receives;
  readonly origin: string;
}

const RECEIVES: Readonly<Record<string, Receives>> = {
  tokenEndpoint: 'secret',
  refreshEndpoint: 'secret',
  'revocation.endpoint': 'secret',
  authorizationEndpoint: 'person',
  accountPage: 'person',
  'pasted.page': 'person',
  site: 'person',
};

/** Fields whose texts are values to send, words or certificates: none of them is an address that something is sent to. */
const NO_ADDRESSES = new Set([
  ...['id', 'name', 'grantTypes', 'authorizationHeader', 'errorCodes', 'scopes', 'scopeDescriptions'],
  ...['impliedScopes', 'tokenHeader'],
  ...['authorizationParameters', 'selectAccountParameters', 'allowAddresses', 'certificates'],
  ...['tokenParameters', 'refreshParameters', 'resource', 'audience', 'headers'],
  // Where facts lead is said by what has them in it.
  ...['client', 'clients', 'clientCredentials', 'issuer', 'apiTemplate', 'apis', 'facts'],
]);

/** Every address in a value. A field that is not classified counts as receiving tokens: a new one is guarded until it is. */
const addressesIn = (value: unknown, field: string): readonly Destination[] => {
  if (typeof value === 'string') {
    const url = /^https?:/i.test(value) ? parseUrl(value) : null;
    return url === null ? [] : [{ field, receives: RECEIVES[field] ?? 'token', origin: url.origin }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => addressesIn(each, `${field}.${key}`));
};

const issuerOf = (draft: ProviderDraft): readonly Destination[] => {
  const issuer = draft.kind === 'discover' ? draft.issuer : draft.provider.issuer;
  if (issuer === null) return [];
  // Whose metadata is asked decides where the secret goes.
  const receives = draft.kind === 'discover' ? 'secret' : 'name';
  return [{ field: 'issuer', receives, origin: new URL(issuer).origin }];
};

/** Where calls go whose base has facts in it, with a `*` for what is not known, and the further APIs. */
const apisOf = ({ apiTemplate, apis = {}, facts = {} }: Pick<Provider, 'apiTemplate' | 'apis' | 'facts'>) => {
  const named = [
    ...(apiTemplate === undefined ? [] : [['api', apiTemplate] as const]),
    ...Object.entries(apis).map(([name, base]) => [`apis.${name}`, base] as const),
  ];
  return named.flatMap(([field, base]) =>
    originsOfTemplate(base, facts).map((origin): Destination => ({ field, receives: 'token', origin })),
  );
};

/** Asked by the token itself, that is all it gets. */
const revoking = ({ endpoint, authentication }: RevocationRequest): Destination => ({
  field: 'revocation.url',
  receives: authentication === 'basic' || authentication === 'body' ? 'secret' : 'token',
  origin: new URL(endpoint).origin,
});

/** Everywhere that a record sends a client secret, a token or a person. What it leaves to metadata is for its issuer to say. */
export const destinationsOf = (draft: ProviderDraft): readonly Destination[] => {
  const record = draft.kind === 'complete' ? draft.provider : draft.draft;
  const named = Object.entries(record)
    .filter(([key]) => !NO_ADDRESSES.has(key))
    .flatMap(([key, value]) =>
      key === 'revocation' && record.revocation?.kind === 'request'
        ? [revoking(record.revocation)]
        : addressesIn(value, key),
    );
  return [...named, ...apisOf(record), ...issuerOf(draft)];
};

/** An origin that has the secret could have had everything else; any other gets what it got before, and no more. */
const isKnown = ({ receives, origin }: Destination, before: readonly Destination[]): boolean =>
  before.some((old) => old.origin === origin && (old.receives === 'secret' || old.receives === receives));

/** What the record calls these fields, where that is another name. */
const WRITTEN: Readonly<Record<string, string>> = {
  'revocation.endpoint': 'revocationEndpoint',
  site: 'url',
};

const sentence = (moved: readonly Destination[]): string =>
  [...new Set(moved.map(({ origin }) => origin))]
    .map((origin) => {
      const fields = moved
        .filter((each) => each.origin === origin)
        .map(({ field }) => `\`${WRITTEN[field] ?? field}\``);
      return `${origin} (${fields.join(', ')})`;
    })
    .join(' and ');

/**
 * A record whose secret is kept may only lead where it led before. Someone who may change a record need not know its secrets: by naming a
 * server of their own they would be sent them, or the tokens of every viewer who connects from then on. With the secret typed again it may
 * lead anywhere, since someone who knows it is trusted by the provider with all of that.
 */
export const keptSecretFaults = (
  read: ReadEntries,
  {
    kind,
    id,
    given: { given, before },
    next,
  }: { readonly kind: SetupKind; readonly id: string; readonly given: Given; readonly next: Entry },
  { known, named }: Pick<Declared, 'known' | 'named'>,
): readonly Fault[] => {
  // A host's secret is sent nowhere, and neither are tokens.
  const kept = kind === 'host' ? [] : keptIn(kind, given, next);
  if (kept.length === 0) return [];
  const destinations = (entry: Entry | null): readonly Destination[] => {
    if (entry === null) return [];
    const hosts = { ...known, host: [...known.host, ...named.host] };
    const found = read({ hosts: {}, providers: { [id]: entry } }, hosts);
    return 'faults' in found ? [] : found.providers.flatMap(destinationsOf);
  };
  const old = destinations(before);
  const moved = destinations(next).filter((each) => !isKnown(each, old));
  if (moved.length === 0) return [];
  return kept.map((place) => ({
    file: CONSOLE,
    path: `${GROUP[kind]}.${id}.${place}`,
    line: null,
    problem: `this secret is kept from before, and the record would now lead to ${sentence(moved)}`,
    expected:
      'that it is typed again, since only someone who knows it may have secrets, tokens or people sent elsewhere',
    example: null,
  }));
};
