import type { Config } from '../config/config.js';
import type { Host } from '../hosts/host.js';
import { readCertificates } from '../net/certificates.js';
import { proxyText } from '../net/proxy.js';
import type { ClientCredentials, Provider, ProviderDraft } from '../providers/provider.js';

const STARS = '********';

type Line = readonly [label: string, value: string];

const list = (items: readonly string[]): string => (items.length === 0 ? 'none' : items.join(', '));

const block = (title: string, lines: readonly Line[]): string =>
  [title, ...lines.map(([label, value]) => `  ${label.padEnd(18)}${value}`)].join('\n');

const keyOf = ({ key }: Host): string => {
  const algorithms = key.algorithms.join(' or ');
  if (key.kind === 'secret') return `${algorithms}, secret ${STARS}`;
  return key.kind === 'jwks' ? `${algorithms}, keys from ${key.url}` : `${algorithms}, public key`;
};

const hostBlock = (host: Host): string =>
  block(`Host ${host.id} (${host.name})`, [
    ['origins', list(host.origins)],
    ['signs with', keyOf(host)],
    ['gadgets', list(host.gadgets)],
    ['providers', list(host.providers)],
    [
      'connect mode',
      host.connectUrl === null ? host.connectMode : `${host.connectMode}, asks ${host.connectUrl}`,
    ],
  ]);

const clientOf = (client: ClientCredentials): string => `${client.id}, secret ${STARS}`;

/** Each with the day it expires, since the configuration is valid even when one has expired. */
const trusted = (certificates: readonly string[]): readonly Line[] =>
  certificates.flatMap(readCertificates).flatMap((each) => {
    if (each === null) return [];
    const ended = each.until < Date.now() ? 'expired' : 'until';
    return [
      ['trusts', `${each.subject}, ${ended} ${new Date(each.until).toISOString().slice(0, 10)}`] as const,
    ];
  });

/** What only the server's metadata says is requested when it serves. */
const fromMetadataLater = (draft: ProviderDraft): string =>
  draft.kind === 'discover' ? `from the metadata of ${draft.issuer}` : 'none';

const revocationOf = ({ revocation }: Partial<Provider>, draft: ProviderDraft): string => {
  if (revocation === undefined) return fromMetadataLater(draft);
  return revocation.kind === 'none' ? 'none' : revocation.endpoint;
};

const accountOf = ({ account, api = '' }: Partial<Provider>, draft: ProviderDraft): string => {
  if (account === undefined) return fromMetadataLater(draft);
  return account === 'none' ? 'not requested' : `${api}${account.target}`;
};

const providerBlock = (draft: ProviderDraft, siteOrigin: string): string => {
  const provider: Partial<Provider> &
    Pick<Provider, 'id' | 'name' | 'api' | 'client' | 'clients' | 'certificates'> =
    draft.kind === 'complete' ? draft.provider : draft.draft;
  const fromMetadata = draft.kind === 'discover' ? `from the metadata of ${draft.issuer}` : 'none';
  return block(`Provider ${provider.id} (${provider.name})`, [
    ['consent', provider.authorizationEndpoint ?? fromMetadata],
    ['tokens', provider.tokenEndpoint ?? fromMetadata],
    ['revocation', revocationOf(provider, draft)],
    ['whose account', accountOf(provider, draft)],
    ['api', provider.api],
    ...(provider.issuer ? [['issuer', provider.issuer] as const] : []),
    ...(provider.accountPage ? [['account page', provider.accountPage] as const] : []),
    ['redirect URI', `${siteOrigin}/connect/callback/${provider.id}`],
    ...(provider.client === null ? [] : [['client', clientOf(provider.client)] as const]),
    ...Object.entries(provider.clients).map(
      ([host, client]) => [`client for ${host}`, clientOf(client)] as const,
    ),
    ['scopes', list(provider.scopes ?? [])],
    ...trusted(provider.certificates),
  ]);
};

/** A summary of a configuration, for people; secrets are starred. */
export const summary = (config: Config): string => {
  const [sealing, ...others] = config.keys.map(({ id }) => id);
  return [
    `${config.file} is valid.`,
    block('Server', [
      ['gadget origin', config.gadgetOrigin],
      ['site origin', config.siteOrigin],
      ['listens on', `${config.listen.host}:${config.listen.port}`],
      ['trusted proxies', list(config.trustedProxies)],
      ['private addresses', list(config.outgoing.allow)],
      ['outgoing proxy', config.outgoingProxy === null ? 'none' : proxyText(config.outgoingProxy)],
      ['database', config.database],
      ['key ring', [`${sealing} seals`, ...others.map((id) => `${id} opens`)].join(', ')],
      ['gadget folders', list(['built in', ...config.gadgets])],
    ]),
    ...config.hosts.map(hostBlock),
    ...config.providers.map((provider) => providerBlock(provider, config.siteOrigin)),
  ].join('\n\n');
};
