import type { Gadget, Parameter } from '../../src/domain/gadget.js';
import type { Host, HostKey } from '../../src/hosts/host.js';
import type { ClientCredentials, Provider } from '../../src/providers/provider.js';

const byId = <T extends { readonly id: string }>(
  records: readonly T[],
  entryOf: (record: T) => object,
): Readonly<Record<string, object>> => Object.fromEntries(records.map((each) => [each.id, entryOf(each)]));

const keyEntry = (key: HostKey): object => {
  if (key.kind === 'secret') return { algorithm: 'HS256', secret: key.secret.reveal() };
  const { algorithms } = key;
  return key.kind === 'jwks' ? { algorithms, jwks: key.url } : { algorithms, publicKey: key.publicKey };
};

/** Hosts as `oriel.yaml` has them. */
export const hostEntries = (hosts: readonly Host[]) =>
  byId(hosts, ({ name, origins, key, gadgets, bindings, providers, connectMode, connectUrl }) => ({
    ...{ name, origins, key: keyEntry(key), gadgets: bindings ?? gadgets, providers },
    connect: { mode: connectMode, ...(connectUrl !== null && { url: connectUrl }) },
  }));

const clientEntry = ({ id, secret }: ClientCredentials): object => ({ id, secret: secret.reveal() });

/**
 * Providers as `oriel.yaml` has them. People are sent where the record says; what Oriel itself calls is at `endpoints`, in a folder of
 * the provider's id.
 */
export const providerEntries = (providers: readonly Provider[], endpoints: string) =>
  byId(providers, (provider) => {
    const { id, revocation, accountPage, issuer, issRequired, client, clients, site, ...rest } = provider;
    const { certificates, refused, tokenRejected, ...plain } = rest;
    const at = `${endpoints}/${id}`;
    const registrations = Object.entries(clients).map(([host, each]) => [host, clientEntry(each)] as const);
    return {
      ...plain,
      ...(issuer !== null && { issuer, iss: issRequired ? 'required' : 'optional' }),
      tokenEndpoint: `${at}/token`,
      ...(revocation.kind === 'request'
        ? { revocation: { ...revocation, kind: undefined, endpoint: undefined, url: `${at}/revoke` } }
        : { revocationEndpoint: revocation.kind === 'none' ? 'none' : `${at}/revoke` }),
      api: `${at}/api`,
      accountPage: accountPage ?? 'none',
      allowAddresses: ['127.0.0.0/8'],
      ...(client !== null && { client: clientEntry(client) }),
      clients: Object.fromEntries(registrations),
    };
  });

const typeEntry = ({ kind, ...limits }: Parameter['type']): object => ({
  type: kind,
  ...limits,
  ...('of' in limits && { of: typeEntry(limits.of) }),
});

const parameterEntry = ({ title, type, default: usual, viewer }: Parameter): object => ({
  title,
  ...typeEntry(type),
  ...(usual !== null && { default: usual }),
  ...(viewer && { viewer: viewer === 'field' || viewer }),
});

interface Nested {
  [name: string]: Nested | string;
}

/** Texts by dotted keys, as a file has them. */
const nested = (texts: Readonly<Record<string, string>>): Nested => {
  const all: Nested = {};
  for (const [key, text] of Object.entries(texts)) {
    const names = key.split('.');
    const last = names.pop() ?? '';
    let at = all;
    for (const name of names) {
      const next = at[name] ?? {};
      at[name] = next;
      if (typeof next === 'object') at = next;
    }
    at[last] = text;
  }
  return all;
};

/** The folder of a gadget, as files below `own`: it asks each of its providers for one thing, which its view does not show. */
export const gadgetFiles = ({ id, parameters, providers, style, texts, ...rest }: Gadget) => {
  const { title, description, images } = rest;
  const counted = parameters.find(({ viewer }) => viewer === 'more');
  const pages = counted && { pages: { by: 'link', atMost: `{${counted.name}}` } };
  const manifest = {
    title,
    description,
    images,
    parameters: Object.fromEntries(parameters.map((each) => [each.name, parameterEntry(each)])),
    requests: Object.fromEntries(
      providers.map((provider) => [provider, { provider, path: `/${provider}`, format: 'json', ...pages }]),
    ),
  };
  return {
    [`own/${id}/gadget.yaml`]: JSON.stringify(manifest),
    [`own/${id}/view.njk`]: '<p>The example.</p>',
    ...(style !== null && { [`own/${id}/style.css`]: style }),
    ...Object.fromEntries(
      Object.entries(texts).map(([locale, each]) => [
        `own/${id}/texts/${locale}.yaml`,
        JSON.stringify(nested(each)),
      ]),
    ),
  };
};
