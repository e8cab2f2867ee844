import * as z from 'zod';
import {
  addressRange,
  baseUrl,
  credential,
  defaulted,
  described,
  id,
  label,
  text,
} from '../domain/zod-types.js';
import { certificateProblem } from '../net/certificates.js';
import { dialect, places } from './dialect-schema.js';
import { defaultPreset, listed, type Preset, presets, presetsWithUrl } from './presets.js';

const client = z.strictObject({
  id: described(credential, 'The client id the provider gave to this server', `\${MINGLE_ID}`),
  secret: described(credential, 'The client secret the provider gave to this server', `\${MINGLE_SECRET}`),
});
const clientExample = { id: `\${MINGLE_ID}`, secret: `\${MINGLE_SECRET}` };

const presetNames = presets.map(({ name }) => name);
const remarks = ({ note, name }: Preset): string => {
  const about = [note ?? [], name === defaultPreset.name ? 'the default' : []].flat();
  return about.length === 0 ? name : `${name} (${about.join('; ')})`;
};
const endings = presetsWithUrl.flatMap(({ title, url: { ending } }) =>
  ending === undefined ? [] : `; for ${title} with its ${ending}`,
);
const [preset = defaultPreset] = presetsWithUrl;
const urlExample = preset.url?.example ?? 'https://app.example.com';

/** A provider that a configuration might have, by its id. */
export const providersExample = {
  [preset.name]: {
    preset: preset.name,
    ...(preset.url !== undefined && { url: preset.url.example }),
    client: clientExample,
  },
};

/** One provider as written in the file; whatever is left out comes from the preset. */
export const providerSchema = z.strictObject({
  preset: defaulted(
    z.enum(presetNames),
    `The defaults for every other key: ${listed(presets.map(remarks), 'disjunction')}`,
    defaultPreset.name,
  ),
  name: described(label(80), 'What people call this application', 'Mingle').exactOptional(),
  url: described(
    baseUrl,
    `The base URL of the application's own pages, from which many presets derive its endpoints${endings.join('')}. https, or http on loopback`,
    urlExample,
  ).exactOptional(),
  connect: dialect.connect,
  pastedToken: dialect.pastedToken,
  issuer: places.issuer,
  iss: places.iss,
  jwks: places.jwks,
  authorizationEndpoint: places.authorizationEndpoint,
  tokenEndpoint: places.tokenEndpoint,
  revocationEndpoint: places.revocationEndpoint,
  revocation: dialect.revocation,
  api: places.api,
  apis: places.apis,
  facts: dialect.facts,
  grantTypes: dialect.grantTypes,
  clientAuthentication: dialect.clientAuthentication,
  clientIdInBody: dialect.clientIdInBody,
  basicEncoding: dialect.basicEncoding,
  tokenRequest: dialect.tokenRequest,
  tokenParameters: dialect.tokenParameters,
  refreshParameters: dialect.refreshParameters,
  refreshEndpoint: dialect.refreshEndpoint,
  tokenAt: dialect.tokenAt,
  accessTokenLife: dialect.accessTokenLife,
  resource: dialect.resource,
  audience: dialect.audience,
  pkce: dialect.pkce,
  tokenType: dialect.tokenType,
  authorizationHeader: dialect.authorizationHeader,
  tokenHeader: dialect.tokenHeader,
  headers: dialect.headers,
  errorCodes: dialect.errorCodes,
  errorsCarryState: dialect.errorsCarryState,
  refreshSendsRedirectUri: dialect.refreshSendsRedirectUri,
  account: dialect.account,
  accountPage: places.accountPage,
  oneGrantPerAccount: dialect.oneGrantPerAccount,
  scopes: dialect.scopes,
  scopeSeparator: dialect.scopeSeparator,
  impliedScopes: dialect.impliedScopes,
  scopeDescriptions: dialect.scopeDescriptions,
  authorizationParameters: dialect.authorizationParameters,
  selectAccountParameters: dialect.selectAccountParameters,
  allowAddresses: defaulted(
    z.array(addressRange),
    'Loopback or private address ranges (CIDR) this provider may resolve to; cloud metadata addresses never',
    [],
    ['10.1.0.0/16'],
  ),
  certificates: defaulted(
    z.array(text(certificateProblem)).max(20, 'these are more than 20'),
    "Certificates (PEM) trusted beside the system's for this provider alone: of a private authority, or the server's own",
    [],
    [`\${file:./ca.pem}`],
  ),
  refused: dialect.refused,
  tokenRejected: dialect.tokenRejected,
  edition: dialect.edition,
  keepAlive: dialect.keepAlive,
  clientCredentials: described(
    z.strictObject({
      company: described(label(80), 'What viewers read: “Shown with Acme’s access, not yours”', 'Acme'),
      scopes: defaulted(
        z.array(z.string().regex(/^[\x21-\x7e]{1,200}$/, 'this is empty, or holds spaces')),
        'The scopes that this access is asked for; they win over `scopes`',
        [],
        ['builds:read'],
      ),
    }),
    'Access that the provider grants to this server itself (RFC 6749 §4.4), for data that everyone may see who may see the gadget. Only on hosts that name this provider under `clientCredentials` too',
    { company: 'Acme', scopes: ['builds:read'] },
  ).exactOptional(),
  client: described(
    client,
    'The registration used for every host that has none of its own',
    clientExample,
  ).exactOptional(),
  clients: defaulted(
    z.record(id, client),
    'Registrations by host id; they win over `client`',
    {},
    {
      gocd: clientExample,
    },
  ),
});

export type ProviderEntry = z.output<typeof providerSchema>;
