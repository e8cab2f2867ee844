import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Preset, presets } from '../../src/providers/presets.js';

/*
 * The pages of docs/providers/, one of each application that can be registered at, made of its preset:
 * UPDATE_PROVIDERS=1 npx vitest run test/docs/provider-pages
 */

const FOLDER = 'docs/providers';
const listed = presets.filter(({ registration }) => registration !== undefined);

const idOf = ({ name }: Preset): string => name;

const example = (preset: Preset): string => {
  const { url, fields, name } = preset;
  const variable = name.toUpperCase().replaceAll('-', '_');
  const needsUrl = url !== undefined && fields.url === undefined;
  const needsApi =
    fields.api === undefined && url?.paths.api === undefined && fields.authorizationEndpoint === undefined;
  const isIssuer = !pasted(preset) && needsApi && url?.paths.authorizationEndpoint === undefined;
  return stringify(
    {
      providers: {
        [idOf(preset)]: {
          preset: name,
          ...(needsUrl && { url: url.example }),
          ...(isIssuer && { api: 'https://api.example.com' }),
          ...(pasted(preset)
            ? {}
            : { client: { id: `\${${variable}_ID}`, secret: `\${${variable}_SECRET}` } }),
        },
      },
    },
    { lineWidth: 0 },
  ).trimEnd();
};

const pasted = ({ fields }: Preset): boolean => fields.connect === 'token';

const scopes = ({ fields }: Preset): readonly string[] => {
  const asked = fields.scopes ?? [];
  if (asked.length === 0) return ['Oriel requests no scopes here.'];
  return [
    'Oriel requests these scopes, unless the record’s `scopes` names others. Gadgets only read, whatever a scope allows.',
    '',
    '| scope | what people read about it |',
    '|---|---|',
    ...asked.map((scope) => `| \`${scope}\` | ${fields.scopeDescriptions?.[scope] ?? ''} |`),
  ];
};

const account = ({ fields, url, own }: Preset): string => {
  if (url?.paths.issuer !== undefined && url.paths.tokenEndpoint === undefined && own.account === undefined)
    return 'The connect page names the account where the server’s metadata has a userinfo endpoint.';
  return fields.account === 'none'
    ? 'Its API does not say whose account a token belongs to, so the connect page does not name it.'
    : 'The connect page names the account, which the API tells.';
};

const where = ({ registration, title }: Preset): readonly string[] => {
  const page = registration?.page;
  if (page === undefined) return [];
  return page.startsWith('/')
    ? [`Register at \`${page}\`, below the address of your ${title}.`, '']
    : [`Register at <${page}>.`, ''];
};

const linked = (text: string): string => (/^https:\/\/\S+$/.test(text) ? `<${text}>` : text);

/** What a page says of an application whose people paste a token. */
const pastedPage = (preset: Preset): string => {
  const { title, about, registration, fields, sources = [] } = preset;
  const { page, permissions, expires } = fields.pastedToken ?? {};
  const named = fields.authorizationHeader.includes('{account}');
  return [
    `# ${title}`,
    '',
    `This page is made from the preset \`${preset.name}\`. [Providers](../providers.md#tokens-that-people-paste) explains every field.`,
    '',
    about,
    '',
    'This server is not registered there. Each person creates a token and pastes it when a gadget asks for it.',
    '',
    '## How a person creates a token',
    '',
    `The connect page links to \`${page}\`, below the address of your ${title}.`,
    '',
    ...(registration?.steps ?? []).map((step, index) => `${index + 1}. ${step}`),
    '',
    permissions === undefined
      ? 'Its tokens have no permissions of their own: each allows what its owner may.'
      : `It needs no more than this: ${permissions.join('; ')}.`,
    '',
    [
      `It is sent as \`${fields.authorizationHeader}\``,
      named ? ', so the connect page asks for the account name too.' : '.',
      expires === 'never'
        ? ' Tokens do not expire here.'
        : ' The person may enter when it expires, and is reminded a week before.',
    ].join(''),
    '',
    '## The record',
    '',
    '```yaml',
    example(preset),
    '```',
    '',
    'Then run `oriel provider test ID`, or the dry run in the console.',
    '',
    '## Account',
    '',
    'A pasted token is checked by asking the API whose it is; the connect page names that account.',
    '',
    ...(registration?.notes === undefined
      ? []
      : ['## What goes wrong most often', '', ...registration.notes.map((note) => `* ${note}`), '']),
    '## Sources',
    '',
    ...sources.map((source) => `* ${linked(source)}`),
    '',
  ].join('\n');
};

const pageOf = (preset: Preset): string => {
  if (pasted(preset)) return pastedPage(preset);
  const { title, about, registration, sources = [] } = preset;
  const { steps = [], redirectUriHint, notes = [] } = registration ?? {};
  return [
    `# ${title}`,
    '',
    `This page is made from the preset \`${preset.name}\`. [Providers](../providers.md) explains every field.`,
    '',
    about,
    '',
    '## Register this server',
    '',
    ...where(preset),
    ...steps.map((step, index) => `${index + 1}. ${step}`),
    '',
    `The redirect URI is \`https://YOUR-ORIEL/connect/callback/${idOf(preset)}\`, where \`YOUR-ORIEL\` is the host of \`siteOrigin\` and \`${idOf(preset)}\` the provider’s id. The console shows it to copy.${redirectUriHint === undefined ? '' : ` ${redirectUriHint}`}`,
    '',
    '## The record',
    '',
    '```yaml',
    example(preset),
    '```',
    '',
    'Then run `oriel provider test ID`, or the dry run in the console.',
    '',
    '## Scopes and account',
    '',
    ...scopes(preset),
    '',
    account(preset),
    '',
    ...(notes.length === 0
      ? []
      : ['## What goes wrong most often', '', ...notes.map((note) => `* ${note}`), '']),
    '## Sources',
    '',
    ...sources.map((source) => `* ${linked(source)}`),
    '',
  ].join('\n');
};

const index = (): string =>
  [
    '# Applications with a preset',
    '',
    'Each page says where to register this server, which scopes are requested and why, and what goes wrong most often. It is made from the preset in `src/providers/presets`. Any other application that follows the standards is written as [Providers](../providers.md) says.',
    '',
    '| application | preset | |',
    '|---|---|---|',
    ...listed.map(({ title, name, about }) => `| [${title}](${name}.md) | \`${name}\` | ${about} |`),
    '',
  ].join('\n');

const pages = new Map([
  ['README.md', index()],
  ...listed.map((preset) => [`${preset.name}.md`, pageOf(preset)] as const),
]);

it('are those of the presets there are', () => {
  if (process.env.UPDATE_PROVIDERS === '1') {
    mkdirSync(FOLDER, { recursive: true });
    for (const [file, text] of pages) writeFileSync(`${FOLDER}/${file}`, text);
  }
  expect(existsSync(FOLDER) ? readdirSync(FOLDER).toSorted() : []).toEqual([...pages.keys()].toSorted());
  for (const [file, text] of pages) expect(readFileSync(`${FOLDER}/${file}`, 'utf8'), file).toBe(text);
});
