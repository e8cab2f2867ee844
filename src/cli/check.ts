import { join } from 'node:path';
import type { Config } from '../config/config.js';
import { ConfigFaults } from '../config/config-faults.js';
import { apiFaults, gadgetsIn } from '../config/declared-gadgets.js';
import { examineFile, placeOfConfig } from '../config/read-config.js';
import type { Fault } from '../domain/fault.js';
import type { Gadget } from '../domain/gadget.js';
import type { SetupRecord } from '../domain/setup-record.js';
import { flowSentences } from '../gadgets/data-flows.js';
import type { CatalogEntry } from '../gadgets/load-gadgets.js';
import { prepared } from '../gadgets/prepared-gadgets.js';
import { bindGadget, bindingOf } from '../hosts/bound-gadget.js';
import type { Host } from '../hosts/host.js';
import { readCertificates } from '../net/certificates.js';
import { proxyText } from '../net/proxy.js';
import type { FactRule } from '../providers/facts.js';
import type { PastedToken } from '../providers/pasted-token.js';
import type { ClientCredentials, Provider, ProviderDraft } from '../providers/provider.js';
import { faultsBeside } from '../server/file-faults.js';
import { DatabaseTrouble } from '../store/database-trouble.js';
import { type DatabaseAddress, databaseName } from '../store/engine/database-address.js';
import { examineStore } from '../store/open-stores.js';
import type { SealingKey } from '../store/sealing/sealing-key.js';
import { compileFaults } from '../views/nunjucks-views.js';
import { built } from '../views/template-code.js';
import { readTemplates } from '../views/templates.js';
import { loadAssets } from '../web/load-assets.js';
import { GadgetChecker } from './workshop/check-gadget.js';
import { gadgetsInside } from './workshop/gadget-folders.js';
import { excerptLines, type LocatedFault } from './workshop/locate-fault.js';

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

/** What a host calls a gadget, and what it means by that. */
const gadgetText =
  (host: Host) =>
  (name: string): string => {
    const binding = bindingOf(host, name);
    const roles = Object.entries(binding?.providers ?? {}).map(
      ([role, provider]) => `${provider} as ${role}`,
    );
    const means = binding === null || binding.gadget === name ? [] : [binding.gadget];
    const words = [...means, ...roles].join(', ');
    return words === '' ? name : `${name} (${words})`;
  };

const hostBlock = (host: Host): string =>
  block(`Host ${host.id} (${host.name})`, [
    ['origins', list(host.origins)],
    ['signs with', keyOf(host)],
    ['gadgets', list(host.gadgets.map(gadgetText(host)))],
    ['providers', list(host.providers)],
    ...(host.clientCredentials === undefined
      ? []
      : [['company access', list(host.clientCredentials)] as const]),
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
  if (revocation.kind === 'none') return 'none';
  return revocation.kind === 'request' ? `${revocation.method} ${revocation.endpoint}` : revocation.endpoint;
};

const accountOf = ({ account, api = '' }: Partial<Provider>, draft: ProviderDraft): string => {
  if (account === undefined) return fromMetadataLater(draft);
  if (account === 'none') return 'not requested';
  if ('from' in account)
    return account.from === 'id-token' ? 'said by the id token' : 'said by the token answer';
  return account.target.startsWith('/') ? `${api}${account.target}` : account.target;
};

/** Who says a fact, and for an origin on which hosts. */
const factOf = ({ from, at, target, hosts }: FactRule): string => {
  const said = {
    token: `${at} of the token answer`,
    callback: `${at} of the callback`,
    request: `${at} of ${target}`,
  };
  return hosts.length === 0 ? said[from] : `${said[from]}, on ${hosts.join(' ')}`;
};

type Shown = Partial<Provider> &
  Pick<Provider, 'id' | 'name' | 'api' | 'client' | 'clients' | 'certificates'>;

/** A provider for which people paste a token. */
const pastedBlock = (
  provider: Shown,
  draft: ProviderDraft,
  { page, permissions, asksAccount }: PastedToken,
): string =>
  block(`Provider ${provider.id} (${provider.name})`, [
    ['connect', `by a token that people paste${asksAccount ? ', with their account name' : ''}`],
    ['tokens made at', page ?? 'not said'],
    ['permissions', list(permissions)],
    ['whose account', accountOf(provider, draft)],
    ['api', provider.api],
    ...(provider.accountPage && provider.accountPage !== page
      ? [['account page', provider.accountPage] as const]
      : []),
    ...trusted(provider.certificates),
  ]);

const providerBlock = (draft: ProviderDraft, siteOrigin: string): string => {
  const provider: Shown = draft.kind === 'complete' ? draft.provider : draft.draft;
  const fromMetadata = draft.kind === 'discover' ? `from the metadata of ${draft.issuer}` : 'none';
  if (provider.pasted !== undefined) return pastedBlock(provider, draft, provider.pasted);
  return block(`Provider ${provider.id} (${provider.name})`, [
    ['consent', provider.authorizationEndpoint ?? fromMetadata],
    ['tokens', provider.tokenEndpoint ?? fromMetadata],
    ['revocation', revocationOf(provider, draft)],
    ['whose account', accountOf(provider, draft)],
    ['api', provider.apiTemplate ?? provider.api],
    ...Object.entries(provider.apis ?? {}).map(([name, base]) => [`api ${name}`, base] as const),
    ...Object.entries(provider.facts ?? {}).map(([name, fact]) => [`fact ${name}`, factOf(fact)] as const),
    ...(provider.issuer ? [['issuer', provider.issuer] as const] : []),
    ...(provider.accountPage ? [['account page', provider.accountPage] as const] : []),
    ['redirect URI', `${siteOrigin}/connect/callback/${provider.id}`],
    ...(provider.client === null ? [] : [['client', clientOf(provider.client)] as const]),
    ...Object.entries(provider.clients).map(
      ([host, client]) => [`client for ${host}`, clientOf(client)] as const,
    ),
    ['scopes', list(provider.scopes ?? [])],
    ...(provider.clientCredentials === undefined
      ? []
      : [['company access', `of ${provider.clientCredentials.company}, on hosts that say so`] as const]),
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
      ['listens on', config.listen.socket?.path ?? `${config.listen.host}:${config.listen.port}`],
      ['trusted proxies', list(config.trustedProxies)],
      ['private addresses', list(config.outgoing.allow)],
      ['outgoing proxy', config.outgoingProxy === null ? 'none' : proxyText(config.outgoingProxy)],
      ['database', databaseName(config.database)],
      ['key ring', [`${sealing} seals`, ...others.map((id) => `${id} opens`)].join(', ')],
      ['gadget folders', list(['built in', ...config.gadgets])],
    ]),
    ...config.hosts.map(hostBlock),
    ...config.providers.map((provider) => providerBlock(provider, config.siteOrigin)),
  ].join('\n\n');
};

/** What a store was found to hold, and what about it keeps a server from starting or from serving. */
interface ExaminedDatabase {
  /** Null where it could not be read. */
  readonly records: readonly SetupRecord[] | null;
  readonly faults: readonly Fault[];
  /** Why it could not be read, where that is no fault. */
  readonly unread: string | null;
}

const databaseFault = (file: string, path: string, problem: string, expected: string): Fault => ({
  file: placeOfConfig(file),
  path,
  line: null,
  problem: problem.replace(/\.$/, ''),
  expected,
  example: null,
});

const NONE: ExaminedDatabase = { records: [], faults: [], unread: null };

/** Reads the database that `file` names, as far as it is known: null where the file is wrong about it. Changes nothing. */
const examineDatabase = async (
  url: DatabaseAddress | null,
  keys: readonly SealingKey[],
  file: string,
): Promise<ExaminedDatabase> => {
  if (url === null || keys.length === 0)
    return {
      records: null,
      faults: [],
      unread: 'the database address or the keys in the file are wrong.',
    };
  if (url === 'sqlite::memory:') return NONE;
  try {
    const { records, opened, unopened } = await examineStore(url, keys);
    const faults =
      opened === 0 && unopened > 0
        ? [
            databaseFault(
              file,
              'keys',
              'no key of this ring opens anything in the database: no token, and no provider or host of the console',
              'the keys that sealed it, behind a new one if there is one',
            ),
          ]
        : [];
    return { records, faults, unread: null };
  } catch (error) {
    if (!(error instanceof DatabaseTrouble)) throw error;
    // A server creates the first when it starts, and migrates the second.
    if (error.fault === 'not_made') return NONE;
    const reason = error.reason ?? error.message;
    if (error.fault === 'older') return { records: null, faults: [], unread: reason };
    return {
      records: null,
      faults: [databaseFault(file, 'database', reason, 'a database that a server can use')],
      unread: null,
    };
  }
};

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Everything that `oriel gadget check` finds in the gadgets of these folders. Those that come with the program are left out where they and the
 * templates around them are as they were built: to try them with all their samples takes longer than all the rest, and was done before.
 */
const faultsInside = async (
  root: string,
  folders: readonly string[],
  entries: readonly CatalogEntry[],
): Promise<readonly Fault[]> => {
  const isOfBuild = [...readTemplates(join(root, 'templates'))].every((each) => built().has(...each));
  const known = new Set(
    entries.filter(({ gadget }) => isOfBuild && prepared().isOfBuild(gadget)).map(({ folder }) => folder),
  );
  const checker = new GadgetChecker(root);
  const found: LocatedFault[] = [];
  for (const folder of folders.flatMap(gadgetsInside))
    if (!known.has(folder)) found.push(...(await checker.check(folder)).faults);
  return found.map((fault) => {
    const { length: _, ...rest } = fault;
    return { ...rest, excerpt: excerptLines(fault) };
  });
};

/** What keeps our own pages from being shown: templates, styles and scripts that are missing, and those that cannot be compiled. */
const pageFaults = (root: string): readonly Fault[] => {
  const fault = (file: string, problem: string, expected: string): Fault => ({
    ...{ file, path: '', line: null, example: null },
    problem: problem.trim().replaceAll(/\s+/g, ' ').replace(/\.$/, ''),
    expected,
  });
  const templates = compileFaults({ templates: join(root, 'templates'), gadgets: [] }).map(
    ({ file, problem }) => fault(file, problem, 'a template that Nunjucks can compile'),
  );
  try {
    // Whether they are there does not depend on the origin that is written into them.
    const assets = loadAssets(root, () => [], '');
    for (const page of ['frame', 'site', 'admin']) assets.url(`${page}.css`);
    return templates;
  } catch (error) {
    return [
      ...templates,
      fault(
        root,
        `scripts or styles of the pages cannot be read (${wordsOf(error)})`,
        'a complete build of Oriel',
      ),
    ];
  }
};

interface Checked {
  readonly config: Config | null;
  readonly faults: readonly Fault[];
  /** What gadgets send from one provider to another, in sentences, by the gadget's id; by `HOST/NAME` as a host binds it. */
  readonly flows: Readonly<Record<string, readonly string[]>>;
  /** Why the store was not checked; null where it was, and where there is no store yet. */
  readonly unread: string | null;
}

/** What gadgets send from one provider to another. Providers are named as the file does; one of the console keeps its id. */
const flowsIn = (
  gadgets: readonly Gadget[],
  { providers, hosts }: Pick<Config, 'providers' | 'hosts'>,
): Readonly<Record<string, readonly string[]>> => {
  const names = new Map(
    providers.map((draft) => {
      const { id, name } = draft.kind === 'complete' ? draft.provider : draft.draft;
      return [id, name];
    }),
  );
  const byId = new Map(gadgets.map((gadget) => [gadget.id, gadget]));
  const bound = hosts.flatMap((host) =>
    Object.entries(host.bindings ?? {}).flatMap(([name, binding]) => {
      const gadget = byId.get(binding.gadget);
      return gadget === undefined ? [] : [bindGadget(gadget, `${host.id}/${name}`, binding)];
    }),
  );
  return Object.fromEntries(
    [...gadgets, ...bound]
      .map((gadget) => [gadget.id, flowSentences(gadget, (id) => names.get(id) ?? id)] as const)
      .filter(([, sentences]) => sentences.length > 0),
  );
};

const flowBlock = ([gadget, sentences]: readonly [string, readonly string[]]): string =>
  [`Gadget ${gadget}`, ...sentences.map((sentence) => `  ${sentence}`)].join('\n');

/** Without duplicates: two of the checks below may find the same. */
const distinct = (faults: readonly Fault[]): readonly Fault[] => [
  ...new Map(
    faults.map((fault) => [JSON.stringify([fault.file, fault.path, fault.problem]), fault]),
  ).values(),
];

/** The file as a whole; where there is no store, each name that is not declared anywhere is reported with its line. */
const examined = (file: string, records: readonly SetupRecord[] | null) =>
  examineFile(file, records?.length === 0 ? 'alone' : 'beside-store');

/** What is wrong with the file together with what the store holds, as far as that could be read. */
const faultsWith = (
  config: Config,
  gadgets: readonly Gadget[],
  records: readonly SetupRecord[] | null,
): readonly Fault[] =>
  records === null
    ? apiFaults(config.hosts, config.providers, gadgets, config.file)
    : faultsBeside(config, gadgets, records);

const checked = async (file: string, root: string): Promise<Checked> => {
  const first = examineFile(file, 'beside-store');
  const sound = 'config' in first ? first.config : first.sound;
  const kept = await examineDatabase(sound.database, sound.keys, file);
  const whole = examined(file, kept.records);
  const { entries, faults: gadgetFaults } = await gadgetsIn(sound, root, file);
  const gadgets = entries.map(({ gadget }) => gadget);
  const own = pageFaults(root);
  // Gadgets are compiled beside our templates: without these nothing is known of them.
  const inside =
    own.length > 0 ? [] : await faultsInside(root, [join(root, 'gadgets'), ...sound.gadgets], entries);
  const beside = 'config' in whole ? faultsWith(whole.config, gadgets, kept.records) : [];
  const faults = distinct([
    ...('faults' in whole ? whole.faults : []),
    ...kept.faults,
    ...gadgetFaults,
    ...beside,
    ...own,
    // Last: of what was found twice these have the place in the line.
    ...inside,
  ]);
  return {
    config: faults.length === 0 && 'config' in whole ? whole.config : null,
    faults,
    flows: flowsIn(gadgets, 'config' in whole ? whole.config : { providers: [], hosts: [] }),
    unread: kept.unread,
  };
};

/**
 * Reports everything that would keep a server from starting or from serving: in the configuration, together with what the store holds, in
 * the database and with the key ring, in the gadgets and their templates; or a summary of what was understood. Nothing is changed, and no
 * server is called except the database. Throws `ConfigFaults`; with `json` it prints them and sets the exit code.
 */
export const check = async (file: string, root: string, json: boolean): Promise<void> => {
  const { config, faults, flows, unread } = await checked(file, root);
  if (json) {
    console.log(JSON.stringify({ ok: config !== null, faults, config, flows, unread }));
    if (config === null) process.exitCode = 1;
    return;
  }
  if (config === null) throw new ConfigFaults(faults);
  console.log([summary(config), ...Object.entries(flows).map(flowBlock)].join('\n\n'));
  if (unread !== null) console.error(`Providers and hosts of the console were not checked: ${unread}`);
};
