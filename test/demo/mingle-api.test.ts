import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMingle } from './mingle/start-mingle.js';
import type { RunningApplication } from './site/application.js';
import { legacyClient, seeded } from './support/legacy-client.js';
import { statusFor } from './support/raw-request.js';

const refusal =
  'Either the resource you requested does not exist or you do not have access rights to that resource';
const parser = new XMLParser({
  htmlEntities: true,
  ignoreAttributes: false,
  isArray: (name) => ['card', 'link', 'entry'].includes(name),
});

describe("Mingle's API", () => {
  let mingle: RunningApplication;
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    mingle = await startMingle({ clients: [seeded] });
    const client = legacyClient(mingle.url, '', '/profile/login');
    for (const login of ['ann', 'bob', 'admin']) tokens[login] = (await client.connect(login)).access_token;
  });
  afterAll(() => mingle.close());

  const get = (
    login: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> =>
    fetch(path.startsWith('http') ? path : `${mingle.url}/api/v2${path}`, {
      headers: { authorization: `Token token="${tokens[login]}"`, ...headers },
      redirect: 'manual',
    });
  const read = async (login: string, path: string) => parser.parse(await (await get(login, path)).text());
  const mql = (text: string): string =>
    `/projects/apollo/cards/execute_mql.xml?mql=${encodeURIComponent(text)}`;

  it('answers 401 with its own words to a bad token, and asks for a password without one', async () => {
    const url = `${mingle.url}/api/v2/projects.xml`;
    const bad = await fetch(url, { headers: { authorization: `Token token="${'0'.repeat(64)}"` } });
    expect([bad.status, await bad.text()]).toEqual([401, 'The OAuth token provided is invalid.']);
    expect(bad.headers.get('www-authenticate')).toBeNull();
    const none = await fetch(url);
    expect([none.status, await none.text()]).toEqual([401, 'Incorrect username or password.']);
    expect(none.headers.get('www-authenticate')).toBe('Basic realm="Welcome Mingle"');
  });

  it('takes neither Bearer nor a token without quotes nor one in the query', async () => {
    const token = tokens.ann;
    for (const authorization of [`Bearer ${token}`, `Token token=${token}`]) {
      expect((await fetch(`${mingle.url}/api/v2/projects.xml`, { headers: { authorization } })).status).toBe(
        401,
      );
    }
    expect((await fetch(`${mingle.url}/api/v2/projects.xml?access_token=${token}`)).status).toBe(401);
  });

  it('shows each person their own projects', async () => {
    const own = async (login: string) => (await get(login, '/projects.xml')).text();
    expect((await own('ann')).match(/<identifier>\w+/g)).toEqual([
      '<identifier>apollo',
      '<identifier>borealis',
    ]);
    expect((await own('bob')).match(/<identifier>\w+/g)).toEqual(['<identifier>borealis']);
    expect((await own('admin')).match(/<identifier>\w+/g)).toHaveLength(3);
  });

  it('refuses with 403 what exists and 404 what does not, in the same words', async () => {
    for (const [path, status] of [
      ['/projects/apollo/cards/1.xml', 403],
      ['/projects/apollo/feeds/events.xml', 403],
      [mql('SELECT number'), 403],
      ['/projects/nowhere/cards.xml', 404],
      ['/projects/borealis/cards/999.xml', 404],
    ] as const) {
      const response = await get('bob', path);
      expect([path, response.status]).toEqual([path, status]);
      expect(parser.parse(await response.text()).errors.error).toBe(refusal);
    }
  });

  it('answers one card with its properties, escaped', async () => {
    const { card } = await read('ann', '/projects/apollo/cards/36.xml');
    expect(card[0].name).toContain('<script>alert(1)</script>');
    expect(card[0].number).toMatchObject({ '#text': 36, '@_type': 'integer' });
    expect(card[0].project.identifier).toBe('apollo');
    const properties = card[0].properties.property.map(
      ({ name, value }: { name: string; value: unknown }) => [name, value],
    );
    expect(properties).toContainEqual(['Owner', { name: 'Ann Kowalski', login: 'ann' }]);
    expect(properties).toContainEqual(['Status', 'In Development']);
    expect(await (await get('ann', '/projects/apollo/cards/40.xml')).text()).toContain('<value nil="true"/>');
  });

  it('lists 25 cards a page, and the last page for every page beyond it', async () => {
    const page = async (query: string) => (await read('ann', `/projects/apollo/cards.xml${query}`)).cards;
    const list = async (query: string): Promise<readonly number[]> =>
      (await page(query)).card.map((card: { number: { '#text': number } }) => card.number['#text']);
    expect(await list('')).toEqual(Array.from({ length: 25 }, (_, index) => 40 - index));
    expect(await list('?page=2')).toHaveLength(15);
    expect(await list('?page=99')).toEqual(await list('?page=2'));
    expect((await page('?show_page_count=true'))['@_page_count']).toBe('2');
    const filter = encodeURIComponent('Type = Task AND Owner IS NULL');
    expect(await list(`?filters[mql]=${filter}&sort=Number&order=ASC`)).toEqual([34, 38]);
  });

  it('executes MQL, with 422 and a sentence for what it cannot', async () => {
    const { results } = await read('ann', mql("SELECT number, name, 'Release' WHERE number = 40"));
    expect(results.result).toMatchObject({
      number: 40,
      name: 'Subscribe to RSS feed',
      release: { '@_nil': 'true' },
    });
    for (const text of ['', 'SELECT number WHERE Foo = 1']) {
      const response = await get('ann', mql(text));
      expect(response.status).toBe(422);
      expect(parser.parse(await response.text()).errors.error).toMatch(
        /mql is required|'Foo' does not exist!/,
      );
    }
  });

  it('names the properties of a project with their values in order', async () => {
    const { property_definitions } = await read('ann', '/projects/apollo/property_definitions.xml');
    const status = property_definitions.property_definition[0];
    expect(status.name).toBe('Status');
    expect(status.property_values.property_value.map(({ value }: { value: string }) => value).at(-1)).toBe(
      'Done',
    );
  });

  it('lets a client revalidate XML and feeds', async () => {
    for (const path of [
      '/projects/apollo/feeds/events.xml',
      '/projects/apollo/cards/1.xml',
      '/projects.xml',
    ]) {
      const first = await get('ann', path);
      const again = await get('ann', path, { 'if-none-match': first.headers.get('etag') ?? '' });
      expect([again.status, await again.text()]).toEqual([304, '']);
    }
  });

  it('serves its API on .xml only, and does not know other addresses', async () => {
    expect((await get('ann', '/projects/apollo/cards/1')).headers.get('location')).toBe('/profile/login');
    expect((await get('ann', '/projects/apollo/other.xml')).status).toBe(404);
  });

  it('requires HTTPS from clients not on this machine by name, unless a proxy here says it was', async () => {
    const authorization = `Token token="${tokens.ann}"`;
    const status = (headers: Readonly<Record<string, string>>) =>
      statusFor(mingle.url, '/api/v2/projects.xml', { authorization, ...headers });
    expect(await status({ host: 'mingle.example.com' })).toBe(400);
    expect(await status({ host: 'mingle.example.com', 'x-forwarded-proto': 'https' })).toBe(200);
  });
});
