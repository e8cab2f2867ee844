import type { Directory } from '../../config/directory.js';
import { AppError } from '../../domain/errors.js';
import type { ConnectMode } from '../../domain/flow.js';
import type { Gadget, Parameter, ParameterType } from '../../domain/gadget.js';
import { flowSentences } from '../../gadgets/data-flows.js';
import { languageNamed } from '../../gadgets/languages/registry.js';
import { foreignNames, readParameters } from '../../gadgets/parameters.js';
import { gadgetNamed, titledGadgets } from '../../hosts/bound-gadget.js';
import { type Host, mayShow, mayUse } from '../../hosts/host.js';
import {
  elementSnippet,
  endpointIn,
  formSnippet,
  type HeaderAdvice,
  headerAdvice,
} from '../../hosts/snippets/fill-snippets.js';
import {
  type Endpoint,
  KEY_ID_VARIABLE,
  LANGUAGES,
  PRIVATE_KEY_VARIABLE,
  SECRET_VARIABLE,
  type SnippetFacts,
} from '../../hosts/snippets/snippet-facts.js';
import { clientFor } from '../../providers/provider.js';
import type { AdminDeps } from '../admin-deps.js';

/** Something that keeps the embedding from working, and how to fix it. */
export interface Missing {
  readonly problem: string;
  readonly fix: string;
  /** Whether it is about parameters on the page, not about the configuration. */
  readonly ofParameters: boolean;
}

const ofProvider = (directory: Directory, host: Host, id: string): readonly Missing[] => {
  const provider = directory.provider(id);
  const allowed: readonly Missing[] = mayUse(host, id)
    ? []
    : [
        {
          problem: `Viewers of ${host.name} may not connect to “${id}”, which the gadget requires.`,
          fix: `Add “${id}” to hosts.${host.id}.providers.`,
          ofParameters: false,
        },
      ];
  if (provider === undefined)
    return [
      ...allowed,
      {
        problem: `The provider “${id}” is not in use.`,
        fix: 'Create it, or check whether its metadata could be read.',
        ofParameters: false,
      },
    ];
  if (clientFor(provider, host.id) !== null) return allowed;
  return [
    ...allowed,
    {
      problem: `${provider.name} has no client for this host.`,
      fix: `Register Oriel there, and give providers.${id}.client, or providers.${id}.clients.${host.id}, its id and secret.`,
      ofParameters: false,
    },
  ];
};

const ofParameters = (gadget: Gadget, given: ReadonlyMap<string, string>): readonly Missing[] => {
  const ignored = foreignNames(gadget, given.keys()).map((name) => ({
    problem: `The gadget “${gadget.id}” has no parameter “${name.slice(0, 64)}”; it is ignored.`,
    fix: 'Correct its name on the page, or remove it.',
    ofParameters: true,
  }));
  try {
    readParameters(gadget, given, {});
    return ignored;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [{ problem: error.message, fix: 'Change the value on the page.', ofParameters: true }, ...ignored];
  }
};

/** What keeps this gadget from working on this host's pages, the most fundamental first. */
const missingFor = (
  directory: Directory,
  host: Host,
  gadget: Gadget,
  given: ReadonlyMap<string, string>,
): readonly Missing[] => [
  ...(mayShow(host, gadget.id)
    ? []
    : [
        {
          problem: `${host.name} may not show the gadget “${gadget.id}”.`,
          fix: `Add “${gadget.id}” to hosts.${host.id}.gadgets.`,
          ofParameters: false,
        },
      ]),
  ...gadget.providers.flatMap((id) => ofProvider(directory, host, id)),
  ...ofParameters(gadget, given),
];

/** A parameter of the gadget with the value that the snippets carry; null where they carry none. */
export interface SnippetParameter {
  readonly name: string;
  readonly title: string;
  readonly required: boolean;
  readonly kind: string;
  /** What it can be, where that is a choice. */
  readonly choices: readonly string[] | null;
  readonly value: string | null;
  /** The value was not given: it only shows what one looks like. */
  readonly isExample: boolean;
}

/** All that a host's developer needs to embed one gadget. It contains no secret. */
export interface Snippets {
  readonly host: { readonly id: string; readonly name: string; readonly mode: ConnectMode };
  /** The gadgets that this host may show. */
  readonly gadgets: readonly { readonly id: string; readonly title: string }[];
  readonly gadget: { readonly id: string; readonly title: string };
  /** What it sends from one provider to another, in sentences. */
  readonly flows: readonly string[];
  readonly missing: readonly Missing[];
  readonly parameters: readonly SnippetParameter[];
  readonly element: string;
  /** The element with the attribute `doctor`: it examines the page it stands on. */
  readonly doctor: string;
  readonly form: string;
  readonly headers: HeaderAdvice;
  /** The environment variables that the endpoints read, and what belongs there. */
  readonly environment: readonly { readonly name: string; readonly holds: string }[];
  readonly endpoints: readonly Endpoint[];
}

const exampleOf = (type: ParameterType): string => {
  switch (type.kind) {
    case 'list':
      return exampleOf(type.of);
    case 'integer':
      return String(Math.max(type.min, Math.min(type.max, 1)));
    case 'boolean':
      return 'true';
    case 'date':
      return '2026-01-31';
    case 'choice':
      return type.values[0] ?? '';
    case 'conditions':
      return languageNamed(type.language).conditions?.example ?? '';
    case 'identifier':
    case 'text':
      return 'example'.slice(0, type.maxLength);
  }
};

const kindOf = (type: ParameterType): string => {
  if (type.kind === 'list') return `list of ${kindOf(type.of)}, separated by commas`;
  if (type.kind === 'choice') return `one of ${type.values.join(', ')}`;
  return type.kind === 'conditions' ? `conditions in ${languageNamed(type.language).title}` : type.kind;
};

const choicesOf = (type: ParameterType): readonly string[] | null => {
  if (type.kind === 'choice') return type.values;
  return type.kind === 'boolean' ? ['true', 'false'] : null;
};

const parameterOf = (parameter: Parameter, given: ReadonlyMap<string, string>): SnippetParameter => {
  const { name, title, required, type } = parameter;
  const value = given.get(name) || null;
  const isExample = value === null && required && parameter.default === null;
  const shown = isExample ? exampleOf(type) : value;
  return { name, title, required, kind: kindOf(type), choices: choicesOf(type), value: shown, isExample };
};

const environmentOf = (key: Host['key']): Snippets['environment'] => {
  if (key.kind === 'secret')
    return [{ name: SECRET_VARIABLE, holds: 'the secret of this host, exactly as in its record' }];
  const pem = { name: PRIVATE_KEY_VARIABLE, holds: 'the private key as PEM (PKCS #8), with its line breaks' };
  return key.kind === 'jwks'
    ? [pem, { name: KEY_ID_VARIABLE, holds: 'the “kid” of that key in the published JWKS' }]
    : [pem];
};

/** Which snippets: for a host and a gadget, or the first gadget that it may show; `given` are values of its parameters, as texts. */
interface SnippetWish {
  readonly host: string;
  readonly gadget: string | null;
  readonly given: ReadonlyMap<string, string>;
}

const find = (directory: Directory, wish: SnippetWish): { readonly host: Host; readonly gadget: Gadget } => {
  const host = directory.host(wish.host);
  if (host === undefined) throw new AppError('host_unknown', 'There is no host with this id.');
  const gadget = gadgetNamed(directory, host, wish.gadget ?? host.gadgets[0] ?? '');
  if (gadget === undefined)
    throw new AppError(
      'gadget_unknown',
      wish.gadget === null ? `${host.name} may not show any gadget yet.` : 'There is no such gadget.',
    );
  return { host, gadget };
};

/**
 * What a host's developer copies: the page's part, its headers, and the token endpoint in six languages. Throws `host_unknown` and
 * `gadget_unknown`.
 */
export function writeSnippets(
  { directory, gadgetOrigin }: Pick<AdminDeps, 'directory' | 'gadgetOrigin'>,
  wish: SnippetWish,
): Snippets {
  const { host, gadget } = find(directory, wish);
  const parameters = gadget.parameters.map((parameter) => parameterOf(parameter, wish.given));
  const carried = parameters.flatMap(({ name, value }): [string, string][] =>
    value === null ? [] : [[name, value]],
  );
  const page = { host: host.id, gadget: gadget.id, title: gadget.title, gadgetOrigin, parameters: carried };
  const facts: SnippetFacts = {
    host: host.id,
    gadget: gadget.id,
    gadgetOrigin,
    origins: host.origins,
    algorithm: host.key.algorithms[0] ?? 'ES256',
    namesKey: host.key.kind === 'jwks',
  };
  return {
    host: { id: host.id, name: host.name, mode: host.connectMode },
    gadgets: titledGadgets(directory, host),
    gadget: { id: gadget.id, title: gadget.title },
    flows: flowSentences(gadget, (id) => directory.providerName(id)),
    missing: missingFor(directory, host, gadget, new Map(carried)),
    parameters,
    element: elementSnippet(page),
    doctor: elementSnippet(page, true),
    form: formSnippet(page),
    headers: headerAdvice(gadgetOrigin, host.connectMode),
    environment: environmentOf(host.key),
    endpoints: LANGUAGES.map((language) => endpointIn(language, facts)),
  };
}
