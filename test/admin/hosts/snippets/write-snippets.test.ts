import { describe, expect, it } from 'vitest';
import { writeSnippets } from '../../../../src/admin/hosts/write-snippets.js';
import type { Directory } from '../../../../src/config/directory.js';
import { Secret } from '../../../../src/domain/secret.js';
import type { Host } from '../../../../src/hosts/host.js';
import { mingle } from '../../../connect/connect-setup.js';
import { exampleGadget, exampleHost } from '../../../support/gadget-server.js';
import { HOST_SECRET } from '../../../support/host-token.js';

const gadgetOrigin = 'https://gadgets.example.com';
const wiki: Host = { ...exampleHost(['https://wiki.example.com']), id: 'wiki', name: 'The wiki' };
const required = {
  ...exampleGadget,
  parameters: exampleGadget.parameters.map((each) => ({ ...each, required: true })),
};

const snippetsFor = (
  {
    host = wiki,
    provider = mingle,
    gadget = exampleGadget,
  }: { host?: Host; provider?: typeof mingle; gadget?: typeof exampleGadget } = {},
  given: Readonly<Record<string, string>> = {},
) => {
  const directory: Directory = {
    host: (id) => (id === host.id ? host : undefined),
    gadget: (id) => (id === gadget.id ? gadget : undefined),
    gadgets: () => [gadget],
    provider: (id) => (id === provider.id ? provider : undefined),
    providerName: (id) => id,
    leaving: () => undefined,
  };
  return writeSnippets(
    { directory, gadgetOrigin },
    { host: host.id, gadget: gadget.id, given: new Map(Object.entries(given)) },
  );
};

const problems = (...given: Parameters<typeof snippetsFor>): string =>
  snippetsFor(...given)
    .missing.map(({ problem }) => problem)
    .join(' ');

describe('The snippets of a host', () => {
  it('hold no secret, whatever its key', () => {
    expect(JSON.stringify(snippetsFor())).not.toContain(HOST_SECRET);
    expect(snippetsFor().environment.map(({ name }) => name)).toEqual(['ORIEL_HOST_SECRET']);
    const url = 'https://wiki.example.com/jwks.json';
    const published = snippetsFor({ host: { ...wiki, key: { kind: 'jwks', algorithms: ['ES256'], url } } });
    expect(published.environment.map(({ name }) => name)).toEqual([
      'ORIEL_HOST_PRIVATE_KEY',
      'ORIEL_HOST_KEY_ID',
    ]);
    for (const { code } of published.endpoints) expect(code).toContain('ORIEL_HOST_KEY_ID');
  });

  it('are of the gadget as the host binds it', () => {
    const inside = { ...mingle, id: 'inside' };
    const binding = { gadget: exampleGadget.id, providers: { mingle: 'inside' } };
    const host: Host = { ...wiki, gadgets: ['cards'], bindings: { cards: binding }, providers: ['inside'] };
    const directory: Directory = {
      host: () => host,
      gadget: (id) => (id === exampleGadget.id ? exampleGadget : undefined),
      gadgets: () => [exampleGadget],
      provider: (id) => (id === inside.id ? inside : undefined),
      providerName: (id) => id,
      leaving: () => undefined,
    };
    const snippets = writeSnippets(
      { directory, gadgetOrigin },
      { host: 'wiki', gadget: null, given: new Map() },
    );
    expect(snippets).toMatchObject({
      gadgets: [{ id: 'cards', title: exampleGadget.title }],
      gadget: { id: 'cards', title: exampleGadget.title },
      missing: [],
    });
    expect(snippets.element).toContain('gadget="cards"');
    const unused = { ...host, providers: ['mingle'] };
    const { missing } = writeSnippets(
      { directory: { ...directory, host: () => unused }, gadgetOrigin },
      { host: 'wiki', gadget: 'cards', given: new Map() },
    );
    expect(missing.map(({ fix }) => fix)).toEqual(['Add “inside” to hosts.wiki.providers.']);
  });

  it('carry the parameters that were given, and an example of those that must be', () => {
    expect(snippetsFor({}, { project: 'apollo' }).element).toContain('project="apollo"');
    expect(snippetsFor({ gadget: required }).parameters).toMatchObject([
      { name: 'project', value: 'example', isExample: true },
      { name: 'cards', value: '1', isExample: true },
    ]);
    expect(snippetsFor({}, { nonsense: 'x' }).element).not.toContain('nonsense');
  });

  it('say nothing is missing where nothing is', () => {
    expect(problems({}, { project: 'apollo' })).toBe('');
  });

  it('name each thing that is missing', () => {
    expect(problems({ host: { ...wiki, gadgets: [] } })).toContain('may not show the gadget “example”');
    expect(problems({ host: { ...wiki, providers: [] } })).toContain('may not connect to “mingle”');
    expect(problems({ provider: { ...mingle, id: 'other' } })).toContain(
      'The provider “mingle” is not in use.',
    );
    expect(problems({ provider: { ...mingle, client: null, clients: {} } })).toContain(
      'no client for this host',
    );
    const own = { wiki: { id: 'wiki', secret: new Secret('s') } };
    expect(problems({ provider: { ...mingle, client: null, clients: own } })).toBe('');
    expect(problems({}, { project: 'not an identifier' })).toContain('project');
  });

  it('advise on the opener as the host’s connect mode needs it', () => {
    expect(snippetsFor().headers.opener).toContain('must be same-origin-allow-popups or absent');
    const code = snippetsFor({ host: { ...wiki, connectMode: 'code' } }).headers;
    expect(code.opener).toContain('may be anything');
    expect(code.helmet + code.nginx).not.toContain('allow-popups');
  });
});
