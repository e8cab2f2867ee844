import type { Mistake } from '../domain/document-path.js';
import { presetCalled } from './presets.js';
import {
  accountAndKeysOf,
  endpointsOf,
  isPasted,
  misplacedFacts,
  needsDiscovery,
  pastedTokenOf,
} from './provider-record.js';
import type { ProviderEntry } from './provider-schema.js';

const examples = {
  authorizationEndpoint: 'https://login.example.com/authorize',
  tokenEndpoint: 'https://login.example.com/token',
  api: 'https://api.example.com/v1',
} as const;

const missing = (id: string, provider: ProviderEntry): readonly Mistake[] => {
  const path = ['providers', id];
  const known = endpointsOf(provider);
  const { url, fields } = presetCalled(provider.preset);
  if (url !== undefined && provider.url === undefined && fields.url === undefined) {
    return [
      {
        path: [...path, 'url'],
        problem: 'this is missing',
        expected: `the base URL that the preset ${provider.preset} derives every endpoint from`,
        example: url.example,
      },
    ];
  }
  const wanted =
    needsDiscovery(provider) || isPasted(provider)
      ? (['api'] as const)
      : (['authorizationEndpoint', 'tokenEndpoint', 'api'] as const);
  return wanted.flatMap((key) =>
    known[key] === undefined
      ? [
          {
            path: [...path, key],
            problem: 'this is missing',
            expected:
              key === 'api'
                ? 'the base URL of every call made with a token'
                : 'this endpoint, or `issuer`, whose metadata tells it',
            example: examples[key],
          },
        ]
      : [],
  );
};

/** What only a provider has where people agree at it. */
const OF_OAUTH = [
  ...(['issuer', 'authorizationEndpoint', 'tokenEndpoint', 'refreshEndpoint'] as const),
  ...(['revocationEndpoint', 'scopes', 'client', 'clientCredentials'] as const),
];

const NO_USE = {
  problem: 'this is of no use where people paste a token',
  expected: 'nothing here, or `connect: oauth`',
  example: null,
};

/** What only a record of pasted tokens may say. */
const unpasted = (path: readonly string[], provider: ProviderEntry): readonly (Mistake | false)[] => [
  provider.pastedToken !== undefined && {
    path: [...path, 'pastedToken'],
    problem: 'this is for providers that people paste a token for',
    expected: '`connect: token` beside it, or nothing',
    example: null,
  },
  provider.authorizationHeader?.includes('{account}') === true && {
    path: [...path, 'authorizationHeader'],
    problem: 'no account name is known here',
    expected: '`connect: token`, where people type it beside their token, or a header without {account}',
    example: 'Bearer {token}',
  },
];

/** What a record of pasted tokens lacks, and what does not go together. */
const pasted = (path: readonly string[], provider: ProviderEntry): readonly (Mistake | false)[] => {
  const account = provider.account ?? presetCalled(provider.preset).fields.account;
  const isAsked = account !== undefined && account !== 'none' && !('from' in account);
  const by = provider.revocation?.authentication;
  return [
    ...OF_OAUTH.map((key) => provider[key] !== undefined && { path: [...path, key], ...NO_USE }),
    Object.keys(provider.clients).length > 0 && { path: [...path, 'clients'], ...NO_USE },
    (by === 'basic' || by === 'body') && {
      path: [...path, 'revocation', 'authentication'],
      problem: 'there is no client here that could ask',
      expected: '`bearer`, where a token can ask for its own end, or no `revocation`',
      example: 'bearer',
    },
    (!isAsked || account.format === 'jwt') && {
      path: [...path, 'account'],
      problem: 'this is missing',
      expected: 'the request by which a pasted token is checked, and whose it is',
      example: '{ target: /user, id: id, label: name }',
    },
    pastedTokenOf(provider).page === null && {
      path: [...path, 'pastedToken'],
      problem: 'this does not say where people create a token',
      expected: '`page` with an address, or a path below `url`',
      example: '{ page: /access_tokens }',
    },
  ];
};

const pasting = (id: string, provider: ProviderEntry): readonly Mistake[] => {
  const found = (isPasted(provider) ? pasted : unpasted)(['providers', id], provider);
  return found.filter((mistake) => mistake !== false);
};

/** Facts are found when a person connects, and here no one does. */
const companyWithFacts = (id: string, provider: ProviderEntry): readonly Mistake[] =>
  provider.clientCredentials === undefined || provider.facts === undefined
    ? []
    : [
        {
          path: ['providers', id, 'clientCredentials'],
          problem: 'this record has `facts`, which are known of people’s own connections alone',
          expected: 'a provider of its own, whose addresses have no facts in them',
          example: null,
        },
      ];

/** What stands beside a provider in the same configuration. */
interface Neighbours {
  readonly providers: ReadonlyMap<string, ProviderEntry>;
  readonly hosts: ReadonlyMap<string, { readonly providers: readonly string[] }>;
  /** Ids that are written down, whether or not what they name is right. */
  readonly hostIds: ReadonlySet<string>;
}

const unregistered = (id: string, provider: ProviderEntry, beside: Neighbours): readonly Mistake[] =>
  [...beside.hosts].flatMap(([host, entry]) =>
    isPasted(provider) ||
    !entry.providers.includes(id) ||
    provider.client !== undefined ||
    Object.hasOwn(provider.clients, host)
      ? []
      : [
          {
            path: ['providers', id, 'client'],
            problem: `host ${host} may use this provider, and there is no client registration for it`,
            expected: `\`client\` with the id and secret the provider gave to this server, or \`clients.${host}\``,
            example: '{ id: "…", secret: "…" }',
          },
        ],
  );

const strangers = (id: string, provider: ProviderEntry, beside: Neighbours): readonly Mistake[] =>
  Object.keys(provider.clients).flatMap((host) =>
    beside.hostIds.has(host)
      ? []
      : [
          {
            path: ['providers', id, 'clients', host],
            problem: `there is no host ${host}`,
            expected: 'an id under `hosts`, or of a host made in the console',
            example: [...beside.hostIds][0] ?? null,
            elsewhere: true as const,
          },
        ],
  );

/** Two ways to revoke: which of them counts would be a guess. */
const twoRevocations = (id: string, provider: ProviderEntry): readonly Mistake[] =>
  provider.revocation === undefined || provider.revocationEndpoint === undefined
    ? []
    : [
        {
          path: ['providers', id, 'revocation'],
          problem: '`revocationEndpoint` says how tokens are revoked too',
          expected:
            'one of the two: `revocationEndpoint` for RFC 7009, or `revocation` for a request of another kind',
          example: null,
        },
      ];

/** What is signed can be checked only by the keys of the one who has to have signed it. */
const unsigned = (id: string, provider: ProviderEntry): readonly Mistake[] => {
  const { account } = accountAndKeysOf(provider);
  const isSigned =
    account !== undefined &&
    account !== 'none' &&
    ('from' in account ? account.from === 'id-token' : account.format === 'jwt');
  if (!isSigned || needsDiscovery(provider)) return [];
  const { issuer, jwks } = accountAndKeysOf(provider);
  const missing = issuer === undefined ? 'issuer' : jwks === undefined ? 'jwks' : null;
  return missing === null
    ? []
    : [
        {
          path: ['providers', id, missing],
          problem: 'this is missing, and `account` is read from a signed token',
          expected:
            missing === 'issuer'
              ? 'the `iss` of its tokens'
              : 'where the server publishes the keys it signs with',
          example: missing === 'issuer' ? 'https://login.example.com' : 'https://login.example.com/keys',
        },
      ];
};

const leadingAway = (id: string, provider: ProviderEntry): readonly Mistake[] =>
  misplacedFacts(provider).map(({ path, problem }) => ({
    path: ['providers', id, ...path],
    problem,
    expected: 'a base URL that leads to hosts which the record names, whatever a fact’s value is',
    example: 'https://{facts.subdomain}.example.com/api',
  }));

/** Mistakes of one provider beside what its values show one by one. */
export const providerMistakes = (
  id: string,
  provider: ProviderEntry,
  beside: Neighbours,
): readonly Mistake[] => [
  ...missing(id, provider),
  ...twoRevocations(id, provider),
  ...unsigned(id, provider),
  ...pasting(id, provider),
  ...companyWithFacts(id, provider),
  ...leadingAway(id, provider),
  ...unregistered(id, provider, beside),
  ...strangers(id, provider, beside),
];

interface Registration {
  readonly provider: string;
  readonly server: string;
  readonly clientId: string;
  readonly path: Mistake['path'];
}

const registrationsOf = ([id, provider]: readonly [string, ProviderEntry]): readonly Registration[] => {
  const { tokenEndpoint } = endpointsOf(provider);
  const servers = [provider.issuer, tokenEndpoint].filter((server) => server !== undefined);
  const clients = [
    ...(provider.client === undefined ? [] : [{ client: provider.client, path: ['client'] }]),
    ...Object.entries(provider.clients).map(([host, client]) => ({ client, path: ['clients', host] })),
  ];
  return clients.flatMap(({ client, path }) =>
    servers.map((server) => ({
      provider: id,
      server,
      clientId: client.id,
      path: ['providers', id, ...path, 'id'],
    })),
  );
};

/**
 * One registration belongs to one provider: with two, a code or error meant for the one could be taken by the other, and each
 * would end the other's grants.
 */
export const registrationMistakes = ({ providers }: Pick<Neighbours, 'providers'>): readonly Mistake[] => {
  const first = new Map<string, Registration>();
  const found = new Map<string, Mistake>();
  for (const registration of [...providers].flatMap(registrationsOf)) {
    const key = JSON.stringify([registration.server, registration.clientId]);
    const earlier = first.get(key) ?? registration;
    first.set(key, earlier);
    if (earlier.provider === registration.provider) continue;
    found.set(JSON.stringify(registration.path), {
      path: registration.path,
      problem: `provider ${earlier.provider} has the same client id at the same authorization server`,
      expected: 'a registration of its own for each provider',
      example: null,
    });
  }
  return [...found.values()];
};
