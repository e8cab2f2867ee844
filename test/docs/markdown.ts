import { readFileSync } from 'node:fs';

/** A fenced block of a document. */
export interface Fence {
  readonly language: string;
  readonly text: string;
}

/** All fenced blocks of a document, in order. */
export const fencesOf = (file: string): readonly Fence[] =>
  [...readFileSync(file, 'utf8').matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(
    ([, language = '', text = '']) => ({
      language,
      text,
    }),
  );

/** The one block of a document whose first line names it, as a reader would save it under that name. */
export const snippet = (file: string, name: string): string => {
  const found = fencesOf(file).filter(({ text }) => text.split('\n', 1)[0]?.includes(name));
  const [first] = found;
  if (first === undefined || found.length > 1)
    throw new Error(`${file} has ${found.length} blocks named ${name}`);
  return first.text;
};

/** A value for every variable that a configuration names. */
export const variablesFor = (yaml: string, value: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...yaml.matchAll(/\$\{([A-Z_]+)/g)].map(([, name = '']) => [name, value]));
