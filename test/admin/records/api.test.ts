import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, createTestConsole, type TestConsole } from '../../support/test-console.js';

const SECRET = 'a-client-secret-that-no-one-may-see';
const entryOf = (id: string) => ({
  preset: 'mingle',
  url: 'https://mingle.example.com',
  client: { id: `client-of-${id}`, secret: SECRET },
});

let testConsole: TestConsole;
let key: string;
beforeAll(async () => {
  testConsole = await createTestConsole();
  key = await testConsole.key('providers:read', 'providers:write', 'connections:read');
});
afterAll(() => testConsole?.close());

const made = async (id: string) => {
  const answer = await call(testConsole, 'POST', `/providers/${id}`, { key, body: entryOf(id) });
  expect(answer.status).toBe(201);
  return answer;
};

describe('Providers over the API', () => {
  it('are created, and show only that a secret is set', async () => {
    const answer = await made('one');
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.json.entry.client.secret).toEqual({
      set: true,
      ends: SECRET.slice(-4),
      fingerprint: expect.stringMatching(/^[\w-]{12}$/),
      setAt: expect.stringMatching(/Z$/),
    });
    const all = await call(testConsole, 'GET', '/providers', { key });
    expect(all.json.items.map(({ id }: { id: string }) => id)).toContain('one');
    expect(answer.text + all.text).not.toContain(SECRET);
  });

  it.each(['new', 'edit', 'test', 'secret'])('are not called “%s”, a word of the addresses', async (id) => {
    const answer = await call(testConsole, 'POST', `/providers/${id}`, { key, body: entryOf(id) });
    expect(answer).toMatchObject({ status: 422, json: { code: 'record_invalid' } });
    expect(answer.json.faults[0]).toMatchObject({ path: `providers.${id}` });
    const checked = await call(testConsole, 'POST', `/providers/${id}/check`, { key, body: entryOf(id) });
    expect(checked.json.faults).toHaveLength(1);
  });

  it('cannot be called “__proto__”, which no reader of entries would see', async () => {
    const answer = await call(testConsole, 'POST', '/providers/__proto__', { key, body: { api: 'nowhere' } });
    expect(answer).toMatchObject({ status: 422, json: { code: 'record_invalid' } });
    expect(answer.json.faults).toMatchObject([{ path: 'providers' }]);
  });

  it('are changed by the one who read the latest version, and keep a secret that is sent back', async () => {
    const { json, headers } = await made('two');
    const change = (version: string, name: string) =>
      call(testConsole, 'PUT', '/providers/two', {
        key,
        body: { ...json.entry, name },
        headers: { 'if-match': version },
      });
    const first = await change(headers.get('etag') ?? '', 'First');
    expect(first).toMatchObject({ status: 200, json: { version: 2, name: 'First' } });
    expect(first.headers.get('etag')).toBe('"2"');
    expect(first.json.entry.client.secret).toEqual(json.entry.client.secret);
    const second = await change(headers.get('etag') ?? '', 'Second');
    expect(second).toMatchObject({ status: 412, json: { code: 'precondition_failed' } });
    const { text } = await call(testConsole, 'GET', '/providers/two', { key });
    expect(JSON.parse(text).name).toBe('First');
  });

  it.each([
    ['the API', { api: 'https://theirs.example.net/api' }],
    ['all of it by its url', { url: 'https://theirs.example.net' }],
    ['where people give consent', { authorizationEndpoint: 'https://theirs.example.net/authorize' }],
  ])('cannot be pointed elsewhere with a secret that is only sent back: %s', async (way, moved) => {
    const id = `moved-${way.length}`;
    const { json, headers } = await made(id);
    const body = { ...json.entry, ...moved };
    const place = `providers.${id}.client.secret`;
    const put = (given: object) =>
      call(testConsole, 'PUT', `/providers/${id}`, {
        key,
        body: given,
        headers: { 'if-match': headers.get('etag') ?? '' },
      });
    const refused = await put(body);
    expect(refused).toMatchObject({ status: 422, json: { code: 'record_invalid' } });
    expect(refused.text).toContain(place);
    const tried = await call(testConsole, 'POST', `/providers/${id}/test-entry`, { key, body });
    expect(tried).toMatchObject({ status: 422, json: { code: 'record_invalid' } });
    const checked = await call(testConsole, 'POST', `/providers/${id}/check`, { key, body });
    expect(checked.json.faults).toMatchObject([{ path: place }]);
    const client = { id: `client-of-${id}`, secret: SECRET };
    expect(await put({ ...body, client })).toMatchObject({ status: 200, json: { version: 2 } });
  });

  it('when many change one at once, one wins and the others get an error', async () => {
    const { json, headers } = await made('three');
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        call(testConsole, 'PUT', '/providers/three', {
          key,
          body: { ...json.entry, name: `Name ${n}` },
          headers: { 'if-match': headers.get('etag') ?? '' },
        }),
      ),
    );
    expect(all.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(9).fill(412)]);
    const winner = all.find(({ status }) => status === 200);
    expect((await call(testConsole, 'GET', '/providers/three', { key })).json).toEqual(winner?.json);
  });

  it('are changed and removed only with a version', async () => {
    await made('four');
    const answers = [
      await call(testConsole, 'PUT', '/providers/four', { key, body: entryOf('four') }),
      await call(testConsole, 'DELETE', '/providers/four', { key }),
    ];
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 428, json: { code: 'version_missing' } });
    for (const version of ['*', '1', '"1", "2"']) {
      const odd = await call(testConsole, 'DELETE', '/providers/four', {
        key,
        headers: { 'if-match': version },
      });
      expect(odd).toMatchObject({ status: 400, json: { code: 'body_invalid' } });
    }
    for (const version of ['"0"', '"2"', 'W/"1"', '"other"']) {
      const old = await call(testConsole, 'DELETE', '/providers/four', {
        key,
        headers: { 'if-match': version },
      });
      expect(old).toMatchObject({ status: 412, json: { code: 'precondition_failed' } });
    }
    expect((await call(testConsole, 'GET', '/providers/four', { key })).json.leavingAt).toBeNull();
  });

  it('are removed, with progress until nothing is left', async () => {
    await made('five');
    const headers = { 'if-match': '"1"' };
    const gone = await call(testConsole, 'DELETE', '/providers/five', { key, headers });
    expect(gone).toMatchObject({
      status: 202,
      json: { left: 0, bulkDisconnect: { leaver: { kind: 'provider' } } },
    });
    const { id } = gone.json.bulkDisconnect;
    expect((await call(testConsole, 'GET', `/bulk-disconnects/${id}`, { key })).json.bulkDisconnect.id).toBe(
      id,
    );
  });

  it('that are wrong are refused with every mistake, where it is and what was expected', async () => {
    const body = { preset: 'mingle', url: 'http://mingle.example.com', clint: {} };
    const answer = await call(testConsole, 'POST', '/providers/six', { key, body });
    expect(answer).toMatchObject({
      status: 422,
      json: { code: 'record_invalid', type: `${testConsole.siteOrigin}/errors/record_invalid` },
    });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.json.faults.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      'providers.six.clint',
      'providers.six.url',
    ]);
    const checked = await call(testConsole, 'POST', '/providers/six/check', { key, body });
    expect(checked.json.faults).toEqual(answer.json.faults);
    expect((await call(testConsole, 'GET', '/providers/six', { key })).status).toBe(404);
  });

  it('and the page that a problem’s type leads to says what to do', async () => {
    const { text, status } = await testConsole.page('/errors/record_changed');
    expect(status).toBe(200);
    expect(text).toContain('Review the current version, and make your change again.');
    expect((await testConsole.page('/errors/nothing')).status).toBe(404);
  });

  it('leave no secret in the log', () => {
    expect(testConsole.logged()).toContain('/api/admin/v1/providers');
    expect(testConsole.logged()).not.toContain(SECRET);
    expect(testConsole.logged()).not.toContain(key);
  });
});

describe('Hosts over the API', () => {
  it('get a new signing secret only for the version that was seen, and show it once', async () => {
    const key = await testConsole.key('hosts:read', 'hosts:write');
    const host = {
      name: 'Signing',
      origins: ['http://localhost:9'],
      key: { algorithm: 'HS256', secret: 's'.repeat(43) },
    };
    await call(testConsole, 'POST', '/hosts/signing', { key, body: host });
    const renew = (headers: Readonly<Record<string, string>>) =>
      call(testConsole, 'POST', '/hosts/signing/secret', { key, headers });
    expect(await renew({})).toMatchObject({ status: 428, json: { code: 'version_missing' } });
    expect(await renew({ 'if-match': '"2"' })).toMatchObject({
      status: 412,
      json: { code: 'precondition_failed' },
    });
    const { status, json, headers } = await renew({ 'if-match': '"1"' });
    expect({ status, version: headers.get('etag') }).toEqual({ status: 200, version: '"2"' });
    expect(json.secret).toMatch(/^[\w-]{43}$/);
    const kept = await call(testConsole, 'GET', '/hosts/signing', { key });
    expect(kept.json.entry.key.secret).toMatchObject({ ends: json.secret.slice(-4) });
    expect(JSON.stringify(kept.json)).not.toContain(json.secret);
  });
});
