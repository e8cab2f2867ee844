import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { baseUrl, described, label, url } from '../domain/zod-types.js';
import { dialect, grantTypeName, places } from './dialect-schema.js';
import { basePlaceProblem } from './facts.js';

const path = z
  .string()
  .regex(
    /^\/(?![/\\])(?!(?:.*[/\\])?(?:\.|%2e){1,2}(?:[/\\?#]|$))[\x21-\x7e]*$/i,
    'this is no path that starts with one slash and stays below the URL',
  );

/** A file of `presets/`: the keys a preset adds to those of a provider's record, which stand below `record`. */
export const presetSchema = z.strictObject({
  title: described(label(80), 'What people call this kind of application', 'Mingle'),
  about: described(
    label(300),
    'A line about it, shown where presets are chosen in the console',
    'ThoughtWorks Mingle',
  ),
  note: described(label(80), 'What its name does not say, in a word or two', 'the standards').exactOptional(),
  order: described(z.int(), 'Its place where presets are listed; the lower comes first', 1),
  default: described(
    z.literal(true),
    'Set in one file: the preset of a provider that names none, and of what other presets leave out',
    true,
  ).exactOptional(),
  generic: described(
    z.literal(true),
    'Set where it stands for any application: then its name suggests no id',
    true,
  ).exactOptional(),
  url: described(
    z.strictObject({
      example: described(baseUrl, 'What such a url looks like', 'https://gocd.example.com/go'),
      ending: described(path, 'What such a url always ends with', '/go').exactOptional(),
      paths: z.strictObject({
        issuer: described(
          z.union([z.literal(''), path]),
          'The issuer, whose metadata gives the endpoints that are left out',
          '/',
        ).exactOptional(),
        jwks: described(path, 'Where the keys are that id tokens are signed with', '/keys').exactOptional(),
        authorizationEndpoint: described(
          path,
          'Where people give consent',
          '/oauth/authorize',
        ).exactOptional(),
        tokenEndpoint: described(path, 'Where codes become tokens', '/oauth/token').exactOptional(),
        revocationEndpoint: described(path, 'Where tokens are revoked', '/oauth/revoke').exactOptional(),
        api: described(path, 'The base of every call made with a token', '/api/v4').exactOptional(),
        accountPage: described(
          path,
          'Where people see what may use their account',
          '/oauth/tokens',
        ).exactOptional(),
      }),
    }),
    "Where the provider's endpoints lie below its `url`, which is then needed",
    { example: 'https://gocd.example.com/go' },
  ).exactOptional(),
  record: z.strictObject({
    ...dialect,
    ...places,
    name: described(label(80), 'What people call this application', 'GitHub').exactOptional(),
    url: described(
      baseUrl,
      'The base of its own pages, where everyone uses the same one',
      'https://gitlab.com',
    ).exactOptional(),
  }),
  registration: described(
    z.strictObject({
      page: described(
        z.union([url, path]),
        'Where an administrator registers this server: an address, or a path below the provider’s `url`',
        'https://github.com/settings/applications/new',
      ).exactOptional(),
      steps: described(z.array(label(300)).min(1).max(12), 'What to do there, step by step', [
        'Choose “New OAuth app”.',
        'Paste the redirect URI as the callback URL.',
      ]),
      redirectUriHint: described(
        label(300),
        'What this application wants of a redirect URI',
        'It has to start with https.',
      ).exactOptional(),
      notes: described(z.array(label(400)).max(12), 'What goes wrong most often, and how it looks', [
        'An app that is not distributed connects the people of one site only.',
      ]).exactOptional(),
    }),
    'How to register this server there',
    { steps: ['Choose “New OAuth app”.'] },
  ).exactOptional(),
  sources: described(
    z.array(label(300)).min(1).max(20),
    'Where these facts are from, and what could not be verified',
    ['https://docs.github.com/en/apps/oauth-apps'],
  ).exactOptional(),
});

/** What has to be settled once a preset and the default are put together. */
const settledSchema = presetSchema.shape.record
  .extend({
    grantTypes: z.strictObject({ authorizationCode: grantTypeName, refreshToken: grantTypeName }),
  })
  .required({
    clientAuthentication: true,
    pkce: true,
    tokenType: true,
    authorizationHeader: true,
    errorCodes: true,
    errorsCarryState: true,
    refreshSendsRedirectUri: true,
    account: true,
    oneGrantPerAccount: true,
    selectAccountParameters: true,
  });

type Written = z.output<typeof presetSchema>;

/** What a preset settles. The administrator's own words win over it, field by field. */
export interface Preset extends Omit<Written, 'record'> {
  readonly name: string;
  /** All that is settled, by this preset or the default one. */
  readonly fields: z.output<typeof settledSchema>;
  /** What this preset's own file settles. */
  readonly own: Written['record'];
}

const FILE = /^([a-z][a-z0-9-]{0,62})\.yaml$/;

class PresetFile {
  readonly name: string;
  readonly #file: string;
  readonly #document: ReturnType<typeof parseDocument>;
  readonly #lines = new LineCounter();

  constructor(folder: string, name: string) {
    this.name = name;
    this.#file = join(folder, `${name}.yaml`);
    this.#document = parseDocument(readFileSync(this.#file, 'utf8'), {
      lineCounter: this.#lines,
      prettyErrors: false,
    });
  }

  written(): Written {
    const { errors } = this.#document;
    if (errors.length > 0)
      throw this.#fault(errors.map(({ pos, message }) => `${this.#line(pos[0])}: ${message}`));
    const parsed = presetSchema.safeParse(this.#document.toJS());
    if (!parsed.success) throw this.mistaken(parsed.error);
    const { api, apis = {}, facts = {}, revocation, revocationEndpoint } = parsed.data.record;
    const bases = [
      ['api', api] as const,
      ...Object.entries(apis).map(([name, base]) => [`apis.${name}`, base] as const),
    ];
    const faults: { path: string; problem: string }[] = bases.flatMap(([path, base]) => {
      const problem = base?.includes('{') ? basePlaceProblem(base, facts) : null;
      return problem === null ? [] : [{ path, problem }];
    });
    if (revocation !== undefined && revocationEndpoint !== undefined)
      faults.push({ path: 'revocation', problem: '`revocationEndpoint` says how tokens are revoked too' });
    if (faults.length > 0)
      throw this.#fault(
        faults.map(({ path, problem }) => {
          const place = ['record', ...path.split('.')];
          return `${this.#lineOf(place)}: ${place.join('.')}: ${problem}`;
        }),
      );
    return parsed.data;
  }

  /** The error that says where this file is wrong; `base` is where the value that was checked stands in it. */
  mistaken({ issues }: z.ZodError, base: readonly PropertyKey[] = []): Error {
    return this.#fault(
      issues.map((issue) => {
        const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
        const path = [...base, ...issue.path, ...unknown];
        return `${this.#lineOf(path)}: ${path.map(String).join('.') || 'the file'}: ${issue.message}`;
      }),
    );
  }

  #fault(places: readonly string[]): Error {
    const file = relative(process.cwd(), this.#file);
    return new Error(`A preset is wrong.\n${places.map((place) => `${file}:${place}`).join('\n')}`);
  }

  #line(offset: number): number {
    return this.#lines.linePos(offset).line;
  }

  /** The line of a value, or of the nearest one around it that is written. */
  #lineOf(path: readonly PropertyKey[]): number {
    const node = this.#document.getIn(path, true);
    if (isNode(node) && node.range) return this.#line(node.range[0]);
    return path.length === 0 ? 1 : this.#lineOf(path.slice(0, -1));
  }
}

/**
 * Reads every preset of a folder, in the order they are listed; throws with file and line where one is wrong. The build does this, so
 * that no start has to.
 */
export const readPresets = (folder: string): readonly Preset[] => {
  const read = readdirSync(folder)
    .toSorted()
    .flatMap((entry) => FILE.exec(entry)?.[1] ?? [])
    .map((name) => new PresetFile(folder, name))
    .map((file) => ({ file, written: file.written() }))
    .toSorted((one, other) => one.written.order - other.written.order);
  const [standard, second] = read.filter(({ written }) => written.default);
  if (standard === undefined || second !== undefined)
    throw new Error(`One preset in ${folder} has to say \`default: true\`, and only one.`);
  const { record: usual } = standard.written;
  const settle = ({ file, written: { record, ...rest } }: (typeof read)[number]): Preset => {
    const settled = settledSchema.safeParse({
      ...usual,
      ...record,
      grantTypes: { ...usual.grantTypes, ...record.grantTypes },
    });
    if (!settled.success) throw file.mistaken(settled.error, ['record']);
    // The default's own words are what every preset falls back on, and hold against no metadata.
    return { ...rest, name: file.name, fields: settled.data, own: rest.default ? {} : record };
  };
  return read.map(settle);
};
