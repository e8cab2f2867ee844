/** What a new gadget is made with. */
export interface NewGadget {
  readonly title: string;
  readonly provider: string;
  /** For the pattern of two providers. */
  readonly second: string;
}

/** Files of a new gadget by name. */
export type GadgetFiles = Readonly<Record<string, string>>;

interface Pattern {
  /** What it shows, for the choice between them. */
  readonly words: string;
  files(given: NewGadget): GadgetFiles;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const answer = (data: unknown): object => ({
  ...{ data, fetchedAt: Date.UTC(2026, 0, 15, 12), stale: false, pages: 1, more: false },
});

const sample = (answers: Readonly<Record<string, unknown>>): string =>
  json({
    parameters: { project: 'apollo' },
    answers: Object.fromEntries(Object.entries(answers).map(([name, data]) => [name, answer(data)])),
  });

const head = (title: string, description: string): string => `title: ${JSON.stringify(title)}
description: ${description}

parameters:
  project: { title: Project, type: identifier, required: true }
`;

const request = (name: string, provider: string, path: string): string => `  ${name}:
    provider: ${provider}
    path: ${path}
    format: json
    ttl: 30
`;

const ISSUES = [
  {
    ...{ number: 12, title: 'The export is empty', url: 'https://example.com/issues/12', state: 'open' },
    ...{ by: 'Ann', updated: '2026-01-15T11:40:00Z' },
  },
  {
    ...{ number: 9, title: 'Sign-in takes too long', url: 'https://example.com/issues/9', state: 'closed' },
    ...{ by: 'Ben', updated: '2026-01-14T09:00:00Z' },
  },
];

const list: Pattern = {
  words: 'rows with a link, a person and a time',
  files: ({ title, provider }) => ({
    'gadget.yaml': `${head(title, 'The issues of a project that changed last.')}
requests:
  # Below the provider's \`api\`; {project} is the parameter above.
${request('issues', provider, '/projects/{project}/issues')}`,
    'view.njk': `{% from "oriel" import list, row, status, person %}
{% call list(otherwise="No issue has changed yet.") %}
{% for issue in answers.issues.data.items | list | take(20) %}
{{ row(title=issue.title, href=issue.url, before="#" + (issue.number | text), lead=status(issue.state, quiet=true),
       meta=[person(issue.by), issue.updated | time]) }}
{% endfor %}
{% endcall %}
`,
    'sample.json': sample({ issues: { items: ISSUES } }),
    'sample-empty.json': sample({ issues: { items: [] } }),
  }),
};

const table: Pattern = {
  words: 'columns, which become cards where it is narrow',
  files: ({ title, provider }) => ({
    'gadget.yaml': `${head(title, 'The latest builds of a project, with their results.')}
requests:
  # Below the provider's \`api\`; {project} is the parameter above.
${request('builds', provider, '/projects/{project}/builds')}`,
    'view.njk': `{% from "oriel" import table, cells, status %}
{% set columns = ["Build", "Result", { title: "Duration", end: true }] %}
{% call table(columns, label=gadget.title, otherwise="No build has run yet.") %}
{% for build in answers.builds.data.items | list | take(20) %}
{{ cells(columns, [build.url | link(build.name), status(build.result), build.seconds | duration]) }}
{% endfor %}
{% endcall %}
`,
    'sample.json': sample({
      builds: {
        items: [
          { name: 'app 41', url: 'https://example.com/builds/41', result: 'passed', seconds: 312 },
          { name: 'app 40', url: 'https://example.com/builds/40', result: 'failed', seconds: 95 },
        ],
      },
    }),
    'sample-empty.json': sample({ builds: { items: [] } }),
  }),
};

const chart: Pattern = {
  words: 'numbers as a line, with the same numbers as a table',
  files: ({ title, provider }) => ({
    'gadget.yaml': `${head(title, 'How long the builds of a project took.')}
requests:
  # Below the provider's \`api\`; {project} is the parameter above.
${request('builds', provider, '/projects/{project}/builds')}`,
    'view.njk': `{% from "oriel" import line, empty %}
{% set builds = answers.builds.data.items | list %}
{% if builds.length %}
{{ line(builds, x="started", y="seconds", title="Build time", as="duration") }}
{% else %}
{{ empty("No build has run yet.") }}
{% endif %}
`,
    'sample.json': sample({
      builds: {
        items: [300, 320, 280, 410, 395].map((seconds, day) => ({
          ...{ started: `2026-01-${11 + day}T08:00:00Z`, seconds },
        })),
      },
    }),
    'sample-empty.json': sample({ builds: { items: [] } }),
  }),
};

const twoProviders: Pattern = {
  words: 'what one provider knows about what another one names',
  files: ({ title, provider, second }) => ({
    'gadget.yaml': `${head(title, 'The issues that the latest changes of a project are about.')}
requests:
  # Below the provider's \`api\`; {project} is the parameter above.
${request('changes', provider, '/projects/{project}/changes')}  issues:
    provider: ${second}
    # The numbers in the messages of the changes, such as #12: they are sent to the other provider.
    given:
      numbers: { from: changes, take: items.message, match: '#(\\d+)', unique: true, atMost: 20, type: integer }
    path: /projects/{project}/issues
    query: { numbers: "{numbers}" }
    format: json
    ttl: 30
    required: false
`,
    'view.njk': `{% from "oriel" import group, list, row, status, person %}
{% call group("Issues") %}
{% call list(otherwise="No change names an issue.") %}
{% for issue in answers.issues.data.items | list %}
{{ row(title=issue.title, href=issue.url, before="#" + (issue.number | text), lead=status(issue.state, quiet=true)) }}
{% endfor %}
{% endcall %}
{% endcall %}
{% call group("Changes") %}
{% call list(otherwise="Nothing has changed yet.") %}
{% for change in answers.changes.data.items | list | take(20) %}
{{ row(title=change.message | firstLine, href=change.url, meta=[person(change.by), change.at | time]) }}
{% endfor %}
{% endcall %}
{% endcall %}
`,
    'sample.json': sample({
      changes: {
        items: [
          {
            ...{ message: 'Write the export again, fixes #12', url: 'https://example.com/changes/a1' },
            ...{ by: 'Ann', at: '2026-01-15T11:40:00Z' },
          },
        ],
      },
      issues: { items: ISSUES.slice(0, 1) },
    }),
    'sample-empty.json': sample({ changes: { items: [] } }),
  }),
};

/** What `oriel gadget new` can start with. */
export const PATTERNS = { list, table, chart, 'two-providers': twoProviders } as const satisfies Readonly<
  Record<string, Pattern>
>;

export type PatternName = keyof typeof PATTERNS;

export const isPattern = (name: string): name is PatternName => Object.hasOwn(PATTERNS, name);
