import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { baseUrl, described, label } from '../domain/zod-types.js';
import { dialect, grantTypeName } from './dialect-schema.js';

const path = z.string().regex(/^\/[\x21-\x7e]*$/, 'this does not begin with a slash');

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
  url: described(
    z.strictObject({
      example: described(baseUrl, 'What such a url looks like', 'https://gocd.example.com/go'),
      ending: described(path, 'What such a url always ends with', '/go').exactOptional(),
      paths: z.strictObject({
        authorizationEndpoint: described(path, 'Where people give consent', '/oauth/authorize'),
        tokenEndpoint: described(path, 'Where codes become tokens', '/oauth/token'),
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
  record: z.strictObject(dialect),
});

/** What has to be settled once a preset and the default are put together. */
const settledSchema = z
  .strictObject({
    ...dialect,
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
  readonly fields: z.output<typeof settledSchema>;
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
    return { ...rest, name: file.name, fields: settled.data };
  };
  return read.map(settle);
};
