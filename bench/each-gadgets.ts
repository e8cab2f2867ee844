import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Items that are asked for one by one. */
const ITEMS = 20;

/** Answers of the provider that one rendering of `cold-each` is made of: a list, and its items. */
export const EACH_ANSWERS = ITEMS + 1;

const issues = {
  ...{ provider: 'mingle', path: '/api/v2/projects/{project}/issues.json', format: 'json', ttl: 0 },
  query: { state: 'open' },
};
const issue = { provider: 'mingle', format: 'json', ttl: 0 };

const head = {
  description: 'Issues, each asked for by itself, again each time.',
  parameters: { project: { title: 'Project', type: 'identifier', required: true } },
};

/** Which items there are, and what is asked of them, is taken from the list. */
const taken = {
  title: 'Each issue',
  ...head,
  requests: {
    issues,
    each: {
      ...issue,
      given: { state: { from: 'issues', take: 'items.state', type: 'text' } },
      each: { of: 'issues.items', as: 'item', atMost: ITEMS },
      path: '/api/v2/projects/{project}/issues/{item.number}.json',
      query: { state: '{state}' },
    },
  },
};

/** One of these issues, written down. */
const plain = {
  title: 'One issue',
  ...head,
  requests: {
    issue: { ...issue, path: '/api/v2/projects/{project}/issues/1.json', query: { state: 'closed' } },
  },
};

const row = (data: string): string =>
  `<li>{{ ${data}.url | link(${data}.title) }} {{ ${data}.comments }}</li>`;

const listed = (rows: string): string => `<ul>\n${rows}\n</ul>\n`;

const write = (folder: string, id: string, definition: object, view: string): void => {
  const target = join(folder, 'gadgets', id);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'gadget.yaml'), JSON.stringify(definition));
  writeFileSync(join(target, 'view.njk'), view);
};

/** Writes two gadgets: `cold-each` shows a list's issues, each asked for by `given` and `each`; `cold-plain` shows one such issue. */
export const writeEachGadgets = (folder: string): void => {
  const each = `{% for entry in answers.each.data %}${row('entry.data')}\n{% endfor %}`;
  write(folder, 'cold-each', taken, listed(each));
  write(folder, 'cold-plain', plain, listed(row('answers.issue.data')));
};
