import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stubServer } from '../upstream/stub-server.js';
import { type Played, setUpGocdAnd } from './mingle-setup.js';

const TITLE = 'Dark colours at night';

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
};

/** What a Jira says where it is, or which issues it shows. */
const ofJira = (url: string | undefined, isHers: boolean): object => {
  if (url?.endsWith('/serverInfo')) return { baseUrl: 'https://acme.jira.example' };
  const done = { name: 'Done', statusCategory: { key: 'done' } };
  const issue = { key: '37', fields: { summary: TITLE, status: done } };
  return { issues: isHers ? [issue] : [], issueErrors: [] };
};

const asked: string[] = [];
let setup: Awaited<ReturnType<typeof setUpGocdAnd>>;

beforeAll(async () => {
  // Jira of both kinds, GitHub and GitLab in one: each shows its issue 37 to Ann alone.
  const server = await stubServer(async (request, response) => {
    const body = await bodyOf(request);
    asked.push(`${request.method} ${request.url} ${body}`);
    const isHers = request.headers.authorization?.includes('ann') ?? false;
    const answer = (status: number, data: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(data));
    };
    if (/^\/(?:jira|data-center)\//.test(request.url ?? '')) return answer(200, ofJira(request.url, isHers));
    if (request.url?.startsWith('/github/'))
      return isHers && request.url.endsWith('/issues/37')
        ? answer(200, { number: 37, title: TITLE, state: 'open', html_url: 'https://github.example/37' })
        : answer(404, { message: 'Not Found' });
    const nodes = [{ iid: '37', title: TITLE, state: 'opened', webUrl: 'https://gitlab.example/37' }];
    return answer(200, { data: { project: isHers ? { issues: { nodes } } : null } });
  });
  const tracker = (id: string): Played => ({
    ...{ id, name: id, url: `${server.origin}/${id}`, edition: id },
    ...(id === 'jira' && { facts: { cloud: '1324a887' } }),
    client: { connect: async (login) => ({ access_token: login, expires_in: 3600, refresh_token: '' }) },
    application: { close: async () => {} },
  });
  const { close, ...rest } = await setUpGocdAnd(['jira', 'data-center', 'github', 'gitlab'].map(tracker));
  setup = {
    ...rest,
    close: async () => {
      await close();
      await server.close();
    },
  };
});

afterAll(() => setup.close());

const SITES: Readonly<Record<string, string>> = { jira: 'https://acme.jira.example/browse/37' };

describe.each([
  ['jira', 'POST /jira/ex/jira/1324a887/rest/api/3/issue/bulkfetch {"issueIdsOrKeys":["9","35","40","37"]'],
  [
    'data-center',
    'GET /data-center/search?jql=key+IN+%28%229%22%2C%2235%22%2C%2240%22%2C%2237%22%29&validateQuery=false',
  ],
  ['github', 'GET /github/repos/acme/mail/issues/37'],
  ['gitlab', '"variables":{"project":"acme/mail","numbers":["9","35","40","37"]}'],
])('issues between two runs, where %s plays the tracker', (tracker, request) => {
  const show = (login: string) =>
    setup.show(
      login,
      'card-activity',
      { pipeline: 'apollo-web', from: '23', to: '24', project: 'acme/mail' },
      { tracker },
    );

  it('are asked for by what commits name, and shown with these', async () => {
    const { state, html, text } = await show('ann');
    expect(state).toBe('content');
    expect(html).toContain(SITES[tracker] ?? '');
    expect(text).toContain(`#37 ${TITLE}`.replace('#', /jira|center/.test(tracker) ? '' : '#'));
    expect(text).toContain('#37 Dark colours, first half Ann Kowalski');
    expect(asked.filter((each) => each.includes(request))).not.toEqual([]);
  });

  it('are shown to no one whom the tracker does not show them', async () => {
    const { state, html, text } = await show('bob');
    expect(state).toBe('content');
    expect(html).not.toContain(TITLE);
    expect(text).toContain('#37 Dark colours, first half');
    expect(html).not.toContain('data-oriel-missing');
    expect(text).toContain(`Those without a title are not known to ${tracker}`);
  });
});

it('are no Mingle cards where another tracker is asked', () => {
  expect(asked.filter((each) => each.includes('execute_mql'))).toEqual([]);
});
