import { expect, it } from 'vitest';
import { stringify, parse as yaml } from 'yaml';
import { parseConfig } from '../../src/config/read-config.js';
import { fencesOf, variablesFor } from './markdown.js';

const KEY = `k1:${Buffer.alloc(32, 5).toString('base64url')}`;
const rest = {
  gadgetOrigin: 'https://gadgets.example.com',
  siteOrigin: 'https://oriel.example.net',
  keys: [KEY],
};
const hosts = { wiki: { origins: ['https://wiki.example.com'], key: { algorithm: 'HS256', secret: KEY } } };

const GUIDES = ['README.md', 'docs/embedding.md', 'docs/providers.md', 'docs/operations.md'];
const examples = GUIDES.flatMap((guide) =>
  fencesOf(guide)
    .filter(({ language, text }) => language === 'yaml' && /^(hosts|providers|keys):/m.test(text))
    .map(({ text }, index) => [guide, index + 1, text] as const),
);

it.each(examples)('The configuration in %s, number %i, has no mistake', (_guide, _index, text) => {
  // Each variable of its own, since two registrations must not share an id.
  const names = Object.keys(variablesFor(text, ''));
  const env = Object.fromEntries(
    names.map((name) => [name, /KEY/.test(name) ? KEY : `${name}-and-32-bytes-of-text-or-more`]),
  );
  const keys = Object.fromEntries(
    names.filter((name) => /KEY/.test(name)).map((name, at) => [name, `k${at}${KEY}`]),
  );
  const whole: unknown = yaml(text);
  const merged = { ...rest, hosts, ...(whole as object) };
  const config = parseConfig(Buffer.from(stringify(merged)), '/srv/oriel/oriel.yaml', { ...env, ...keys });
  expect(config.gadgetOrigin).toMatch(/^http/);
});
