import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type {
  Gadget,
  Parameter,
  ParameterType,
  ParameterValue,
  RequestPlan,
} from '../../src/domain/gadget.js';
import { flowSentences } from '../../src/gadgets/data-flows.js';
import { type BundledGadget, bundledGadgets } from '../support/bundled-gadgets.js';

const GALLERY = 'docs/gallery.md';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (text: string): string => `\`${cell(text)}\``;
const attribute = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
const and = new Intl.ListFormat('en-GB', { type: 'conjunction' });
const or = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** What a role's applications ask for, by the edition that requests name; the empty one is any other. A person who grants less sees less. */
const PERMISSIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  mingle: { '': 'None: Mingle knows no scopes, so that people grant what they may see themselves.' },
  gocd: { '': 'None: GoCD knows no scopes, so that people grant what they may see themselves.' },
  tracker: {
    '': 'None: Mingle knows no scopes.',
    jira: '`read:jira-work`',
    'data-center': '`READ`',
    github: '`repo` for private repositories, none for public ones; of a GitHub App, reading issues',
    gitlab: '`read_api`',
  },
  github: {
    '': '`repo` for private repositories, none for public ones; of a GitHub App, reading pull requests',
  },
  gitlab: { '': '`read_api`' },
  jira: { '': '`read:jira-work`', 'data-center': '`READ`' },
  bitbucket: { '': 'reading pull requests and the account, as the consumer says' },
  gitea: { '': '`read:issue` and `read:repository`' },
  sentry: { '': '`event:read`' },
  linear: { '': '`read`' },
  openproject: { '': '`api_v3`' },
  notion: { '': 'reading content, of the pages that people choose on Notion’s consent page' },
  'azure-devops': { '': 'reading code' },
  slack: { '': '`search:read`, as a user token scope' },
  google: { '': '`https://www.googleapis.com/auth/calendar.readonly`' },
  microsoft: { '': '`Calendars.Read`, delegated' },
  nextcloud: { '': 'None: Nextcloud knows no scopes, so that people grant what they may see themselves.' },
  zendesk: { '': '`read`' },
  jenkins: { '': 'None: people paste an API token, which may do what they may themselves.' },
  grafana: { '': 'a service account with the role Viewer, whose token people paste' },
  x: { '': '`tweet.read` and `users.read`' },
};

const editionOf = ({ inputs: { edition } }: RequestPlan): string => {
  if (edition === undefined) return '';
  return `${edition.isExcluding ? 'not ' : ''}${or.format(edition.editions.map(code))}`;
};

const requestRows = ({ requests }: Gadget): readonly string[] =>
  requests.map((request) => {
    const { provider, method, path, required, isGraphql } = request;
    const asked = `${isGraphql ? 'GraphQL, ' : ''}${code(`${method} ${path.text}`)}`;
    return `| ${code(provider)} | ${editionOf(request)} | ${asked} | ${required ? 'yes' : ''} |`;
  });

/** Which words of a record's `edition` the requests to a role tell apart. */
const editionsOf = ({ requests }: Gadget, role: string): readonly string[] => [
  ...new Set(
    requests
      .filter(({ provider }) => provider === role)
      .flatMap(({ inputs: { edition } }) =>
        edition === undefined || edition.isExcluding ? [] : edition.editions,
      ),
  ),
];

const permissionLines = (gadget: Gadget): readonly string[] =>
  gadget.providers.flatMap((role) => {
    const known = PERMISSIONS[role];
    if (known === undefined)
      throw new Error(`which permissions does ${role} have? (PERMISSIONS in this file)`);
    const editions = editionsOf(gadget, role).filter((edition) => known[edition] !== undefined);
    return ['', ...editions].map((edition) => {
      const name = edition === '' ? code(role) : `${code(role)} of the edition ${code(edition)}`;
      return `* ${name}: ${known[edition]}`;
    });
  });

const typeWords = (type: ParameterType): string => {
  switch (type.kind) {
    case 'text':
    case 'identifier':
      return `${type.kind}, ${type.maxLength} characters at most`;
    case 'integer':
      return `a number from ${type.min} to ${type.max}`;
    case 'choice':
      return `one of ${or.format(type.values.map(code))}`;
    case 'conditions':
      return `conditions in ${type.language.toUpperCase()}`;
    case 'list':
      return `${type.maxItems} at most of: ${typeWords(type.of)}`;
    default:
      return type.kind;
  }
};

const valueText = (value: ParameterValue): string => (Array.isArray(value) ? value.join(',') : String(value));

const parameterRow = ({ name, title, type, required, default: usual, viewer }: Parameter): string => {
  const without = required ? 'required' : usual === null ? '' : code(valueText(usual));
  return `| ${code(name)} | ${cell(title)} | ${typeWords(type)} | ${without} | ${viewer === null ? '' : 'yes'} |`;
};

const usual = ({ gadget, samples }: BundledGadget) => {
  const found = samples.find(({ name }) => name === 'sample.json');
  if (found === undefined) throw new Error(`${gadget.id} has no sample.json`);
  return found.model;
};

/** The element with what the usual sample sets, where that is not what is so anyway. */
const element = (each: BundledGadget): string => {
  const { id, parameters } = each.gadget;
  const set = parameters.flatMap(({ name, default: value }) => {
    const given = usual(each).parameters[name];
    if (given === undefined || (value !== null && valueText(value) === valueText(given))) return [];
    return [`${name}="${attribute(valueText(given))}"`];
  });
  return `<oriel-gadget host="portal" gadget="${id}" token-url="/oriel-token"\n              ${set.join(' ')}></oriel-gadget>`;
};

/** What the record of the host says; a role that is no provider's id is played by the sample's. */
const hostEntry = (each: BundledGadget): string => {
  const { id, providers } = each.gadget;
  const players = providers.map((role) => {
    if (existsSync(`src/providers/presets/${role}.yaml`)) return [role, role] as const;
    const name = usual(each).connected.find(({ provider }) => provider === role)?.name ?? role;
    return [role, name.toLowerCase()] as const;
  });
  const bound = players.filter(([role, player]) => role !== player);
  const roles = bound.map(([role, player]) => `${role}: ${player}`).join(', ');
  const gadgets = bound.length === 0 ? `[ ${id} ]` : `{ ${id}: { providers: { ${roles} } } }`;
  return `hosts:\n  portal:\n    gadgets: ${gadgets}\n    providers: [ ${players.map(([, player]) => player).join(', ')} ]`;
};

const nameOf = (role: string): string => ({ gocd: 'GoCD', mingle: 'Mingle' })[role] ?? `the ${role}`;

const section = (each: BundledGadget): string => {
  const { gadget } = each;
  const flows = flowSentences(gadget, nameOf);
  const roles = and.format(gadget.providers.map(code));
  return [
    `## ${gadget.title}`,
    `\`${gadget.id}\`, for ${roles}. ${gadget.description.trim()}`,
    `![${gadget.title}, at 280, 480 and 900 pixels, light and dark](images/gadget-${gadget.id}.png)`,
    [
      '| parameter | title | is | unless set | viewers may change it |',
      '|---|---|---|---|---|',
      ...gadget.parameters.map(parameterRow),
    ].join('\n'),
    [
      '| role | edition | is asked for | without it nothing is shown |',
      '|---|---|---|---|',
      ...requestRows(gadget),
    ].join('\n'),
    ...(flows.length === 0 ? [] : [flows.join(' ')]),
    ['Scopes:', '', ...permissionLines(gadget)].join('\n'),
    ['```html', element(each), '```'].join('\n'),
    ['```yaml', hostEntry(each), '```'].join('\n'),
  ].join('\n\n');
};

const gallery = (gadgets: readonly BundledGadget[]): string =>
  `${[
    '# Gallery',
    `This page is generated from the definitions and samples in \`gadgets\`: \`UPDATE_REFERENCE=1 npx vitest run test/docs/gallery\`. What is shown is made up; each viewer sees what their
own account has access to. [Gadgets](gadgets.md) says how to write your own, [Embedding](embedding.md) what a host does, [Providers](providers.md) what a record is, and\n[a team page](team-page.md) shows four of them together.`,
    `A gadget has no permissions of its own: it reads with the viewer's token, within the \`scopes\` of the provider's record. A role is played by the provider with that id, or by
the one that [the host's record](embedding.md#one-gadget-for-several-servers) names. The examples show the parts of \`oriel.yaml\` and of the host's page that a gadget needs.`,
    gadgets
      .map(
        ({ gadget }) =>
          `* [${gadget.title}](#${gadget.title.toLowerCase().replaceAll(' ', '-')}): \`${gadget.id}\``,
      )
      .join('\n'),
    ...gadgets.map(section),
  ].join('\n\n')}\n`;

it('The gallery shows the gadgets as they are now', async () => {
  const now = gallery(await bundledGadgets());
  if (process.env.UPDATE_REFERENCE === '1') writeFileSync(GALLERY, now);
  const how = 'UPDATE_REFERENCE=1 npx vitest run test/docs/gallery';
  expect(existsSync(GALLERY), how).toBe(true);
  expect(readFileSync(GALLERY, 'utf8'), how).toBe(now);
});
