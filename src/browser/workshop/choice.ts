/** What is looked at; all of it is in the address, so that a reload or another run of the command shows the same. */
export interface Choice {
  readonly widths: readonly string[];
  readonly themes: readonly string[];
  readonly locales: readonly string[];
  readonly states: readonly string[];
  /** The state whose data and requests are shown; empty: the first of `states`. */
  readonly lookedAt: string;
  readonly panel: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export const WIDTHS = ['280', '480', '900'] as const;
export const THEMES = ['light', 'dark'] as const;

const USUAL: Choice = {
  ...{ widths: ['280', '480'], themes: ['light'], locales: ['en'], states: ['content'] },
  ...{ lookedAt: '', panel: 'data', parameters: {} },
};

const LISTS = { widths: 'width', themes: 'theme', locales: 'language', states: 'state' } as const;
type List = keyof typeof LISTS;
const PARAMETER = 'p.';

/** What an address says; what it does not say is as usual. */
export const readChoice = (search: string, usual: Partial<Choice> = {}): Choice => {
  const query = new URLSearchParams(search);
  const list = (name: List): readonly string[] =>
    query.get(LISTS[name])?.split(',').filter(Boolean) ?? usual[name] ?? USUAL[name];
  return {
    ...{ widths: list('widths'), themes: list('themes'), locales: list('locales'), states: list('states') },
    lookedAt: query.get('of') ?? '',
    panel: query.get('panel') ?? USUAL.panel,
    parameters: Object.fromEntries(
      [...query]
        .filter(([name]) => name.startsWith(PARAMETER))
        .map(([name, value]) => [name.slice(PARAMETER.length), value]),
    ),
  };
};

/** The query that says this. */
export const writeChoice = (choice: Choice): string => {
  const query = new URLSearchParams();
  for (const [name, key] of Object.entries(LISTS) as [List, string][])
    if (choice[name].join() !== USUAL[name].join()) query.set(key, choice[name].join());
  if (choice.lookedAt !== '') query.set('of', choice.lookedAt);
  if (choice.panel !== USUAL.panel) query.set('panel', choice.panel);
  for (const [name, value] of Object.entries(choice.parameters)) query.set(`${PARAMETER}${name}`, value);
  return query.toString().replaceAll('%2C', ',');
};
