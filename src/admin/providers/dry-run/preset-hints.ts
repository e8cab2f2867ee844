import { defaultPreset, listed, type Preset, presets, presetsWithUrl } from '../../../providers/presets.js';

const titles = (found: readonly Preset[]): string =>
  listed(
    found.map(({ title }) => title),
    'conjunction',
  );

const endings = presetsWithUrl.flatMap(({ title, url: { ending } }) =>
  ending === undefined ? [] : `for ${title} the url ends with ${ending}`,
);

/** What the `url` of some presets ends with, in parentheses; empty where no preset knows. */
export const URL_ENDINGS = endings.length === 0 ? '' : ` (${endings.join('; ')})`;

const unlikeTheDefault = (of: (preset: Preset) => string): readonly Preset[] =>
  presets.filter((preset) => of(preset) !== of(defaultPreset));

const named = unlikeTheDefault(({ fields }) => fields.grantTypes.authorizationCode);
const have = named.length === 1 ? 'has a preset of its own' : 'have presets of their own';

/** Which applications call the code grant something of their own, as the end of a sentence. */
export const OWN_GRANT_TYPES = named.length === 0 ? '' : `; ${titles(named)} ${have}`;

const byHeader = new Map<string, readonly Preset[]>();
for (const preset of unlikeTheDefault(({ fields }) => fields.authorizationHeader)) {
  const { authorizationHeader } = preset.fields;
  byHeader.set(authorizationHeader, [...(byHeader.get(authorizationHeader) ?? []), preset]);
}
const headers = [...byHeader].map(
  ([header, found]) => `${titles(found)} ${found.length === 1 ? 'wants' : 'want'} ${header}`,
);

/** Which applications want an Authorization header of their own, in parentheses. */
export const OWN_HEADERS = headers.length === 0 ? '' : ` (${headers.join('; ')})`;
