import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { isPattern, type NewGadget, PATTERNS, type PatternName } from './gadget-patterns.js';

/** What was given on the command line; the rest is asked for, or has a usual value. */
export interface NewOptions {
  readonly pattern?: string;
  readonly title?: string;
  readonly provider?: string;
  readonly second?: string;
  readonly into: string;
}

const ID = /^[a-z][a-z0-9-]{0,62}$/;
const names = Object.keys(PATTERNS).join(', ');

const requireId = (id: string, what: string): string => {
  if (ID.test(id)) return id;
  throw new Error(
    `“${id}” can’t be the ${what}: it is a lower-case word of letters, digits and hyphens, such as open-issues.`,
  );
};

const requirePattern = (name: string): PatternName => {
  if (isPattern(name)) return name;
  throw new Error(`There is no pattern “${name}”. Choose one of ${names}.`);
};

const titleOf = (id: string): string => {
  const words = id.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** Asks a question with a usual answer. */
export type Ask = (question: string, usual: string) => Promise<string>;

/** At a terminal people are asked; for a program, what is not given has its usual value. */
const askAt = (input: NodeJS.ReadStream): { readonly ask: Ask; close(): void } => {
  if (!input.isTTY) return { ask: async (_question, usual) => usual, close: () => undefined };
  const lines = createInterface({ input, output: process.stderr });
  return {
    ask: async (question, usual) => {
      const said = await lines.question(usual === '' ? `${question}: ` : `${question} (${usual}): `);
      return said.trim() || usual;
    },
    close: () => lines.close(),
  };
};

interface Chosen extends NewGadget {
  readonly id: string;
  readonly pattern: PatternName;
}

const chosen = async (id: string | undefined, options: NewOptions, ask: Ask): Promise<Chosen> => {
  const name = id ?? (await ask('Name of the folder, such as open-issues', ''));
  if (name === '') throw new Error('Name the gadget: `oriel gadget new open-issues`.');
  const checked = requireId(name, 'name of a gadget');
  const described = Object.entries(PATTERNS).map(([each, { words }]) => `\n  ${each}: ${words}`);
  const pattern = requirePattern(
    options.pattern ?? (await ask(`Pattern${described.join('')}\nPattern`, 'list')),
  );
  const title = options.title ?? (await ask('Title', titleOf(checked)));
  const provider = options.provider ?? (await ask('Id of the provider that has the data', 'tracker'));
  const usual = 'issues';
  const second =
    pattern === 'two-providers'
      ? (options.second ?? (await ask('Id of the second provider', usual)))
      : (options.second ?? usual);
  return {
    ...{ id: checked, pattern, title },
    provider: requireId(provider, 'id of a provider'),
    second: requireId(second, 'id of a provider'),
  };
};

/** Writes the folder of a new gadget, which passes `oriel gadget check`. Gives its path and files; throws a sentence where it cannot. */
export const makeGadget = async (
  id: string | undefined,
  options: NewOptions,
  input: NodeJS.ReadStream = process.stdin,
): Promise<{ readonly folder: string; readonly files: readonly string[] }> => {
  const { ask, close } = askAt(input);
  try {
    const choice = await chosen(id, options, ask);
    const folder = join(options.into, choice.id);
    if (existsSync(folder)) throw new Error(`${folder} is there already. Choose another name.`);
    const files = PATTERNS[choice.pattern].files(choice);
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return { folder, files: Object.keys(files) };
  } finally {
    close();
  }
};
