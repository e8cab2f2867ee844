import { readFileSync } from 'node:fs';
import type { Preset } from './read-presets.js';

export type { Preset };

// Made of the files of `presets/` by the build.
const file = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/providers/presets.json', import.meta.url)
  : new URL('./presets.json', import.meta.url);

/** Every preset there is, in order. */
export const presets: readonly Preset[] = JSON.parse(readFileSync(file, 'utf8'));

const [standard] = presets.filter((preset) => preset.default);
if (standard === undefined) throw new Error(`There is no default preset in ${file}.`);

/** The preset of a provider that names none. */
export const defaultPreset = standard;

/** The presets whose endpoints lie below the provider's `url`. */
export const presetsWithUrl = presets.flatMap(({ url, ...preset }) =>
  url === undefined ? [] : [{ ...preset, url }],
);

/** The preset of this name, which the schema of a provider has found to be one. */
export const presetCalled = (name: string): Preset => {
  const preset = presets.find((each) => each.name === name);
  if (preset === undefined) throw new Error(`There is no preset ${name}.`);
  return preset;
};

/** `a, b or c` */
export const listed = (words: readonly string[], type: 'conjunction' | 'disjunction'): string => {
  // It is called while the program is loaded, when the first look into the data of Intl would cost a fortieth of the start.
  const last = type === 'conjunction' ? ' and ' : ' or ';
  return [words.slice(0, -1).join(', '), words.at(-1) ?? ''].filter((part) => part !== '').join(last);
};
