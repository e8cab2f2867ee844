import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGocd } from './gocd/start-gocd.js';
import type { RunningApplication } from './site/application.js';
import { legacyClient, seeded } from './support/legacy-client.js';

describe('GoCD’s APIs of today', () => {
  let gocd: RunningApplication;
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    const oriel = { gadgetOrigin: 'http://127.0.0.1:3999', secret: 's'.repeat(40) };
    gocd = await startGocd({ oriel, mingle: 'http://localhost:8099', clients: [seeded] });
    const client = legacyClient(gocd.url, '/go', '/go/auth/login');
    for (const login of ['ann', 'bob', 'admin', 'dana'])
      tokens[login] = (await client.connect(login)).access_token;
  });
  afterAll(() => gocd.close());

  const ask = (login: string, path: string, accept = 'application/vnd.go.cd+json'): Promise<Response> =>
    fetch(`${gocd.url}/go/api${path}`, {
      headers: { accept, authorization: `Token token="${tokens[login] ?? '0'}"` },
    });

  // biome-ignore lint/suspicious/noExplicitAny: what an API answers is looked into as it is.
  const json = async (login: string, path: string): Promise<any> => (await ask(login, path)).json();

  it.each([
    ['ann', ['apollo-web', 'apollo-deploy', 'borealis-app', 'infrastructure']],
    ['bob', ['apollo-web', 'borealis-app', 'borealis-release', 'infrastructure']],
    ['dana', []],
    [
      'admin',
      [
        'apollo-web',
        'apollo-deploy',
        'borealis-app',
        'borealis-release',
        'cassini-archive',
        'infrastructure',
      ],
    ],
  ])('shows %s their own pipelines on the dashboard, and groups of them alone', async (login, names) => {
    const { _embedded: all } = await json(login, '/dashboard');
    expect(all.pipelines.map(({ name }: { name: string }) => name)).toEqual(names);
    expect(all.pipeline_groups.flatMap((group: { pipelines: string[] }) => group.pipelines)).toEqual(names);
  });

  it('says why a pipeline is paused, and how its stages are', async () => {
    const { _embedded: all } = await json('bob', '/dashboard');
    const named = (name: string) => all.pipelines.find((each: { name: string }) => each.name === name);
    expect(named('infrastructure').pause_info).toMatchObject({ paused: true, paused_by: 'admin' });
    expect(named('apollo-web')._embedded.instances[0]._embedded.stages[2]).toMatchObject({
      name: 'package',
      status: 'Building',
    });
  });

  it('has a pipeline’s runs and ended stages, newest first', async () => {
    const { pipelines } = await json('bob', '/pipelines/apollo-web/history?page_size=10');
    expect(pipelines.map(({ counter }: { counter: number }) => counter)).toEqual([
      24, 23, 22, 21, 20, 19, 18,
    ]);
    expect(pipelines[0].build_cause.material_revisions[0].modifications[0].user_name).toBe('Ada Admin');
    const feed = await (await ask('bob', '/feed/pipelines/apollo-web/stages.xml', 'application/xml')).text();
    expect(feed).toContain('<title>apollo-web(24) stage test(1) Passed</title>');
    expect(feed).not.toContain('(24) stage package');
  });

  it('compares two runs: what was committed after the first, newest first', async () => {
    const { changes } = await json('bob', '/pipelines/apollo-web/compare/20/22');
    const messages = changes[0].revision.map((each: { commit_message: string }) => each.commit_message);
    expect(messages).toEqual([
      '#15 Move the index next to the store',
      '#12 Sort the inbox by date (受信トレイ)',
      'Upgrade the build image',
    ]);
  });

  it.each([
    ['bob', '/pipelines/apollo-deploy/compare/7/8', 403],
    ['bob', '/pipelines/apollo-web/compare/0/8', 422],
    ['bob', '/pipelines/apollo-deploy/history', 403],
    ['bob', '/feed/pipelines/apollo-deploy/stages.xml', 403],
    ['bob', '/pipelines/nowhere/history', 404],
    ['bob', '/pipelines/apollo-web/history?page_size=5', 400],
    ['no one', '/dashboard', 401],
  ])('refuses %s %s with %i', async (login, path, status) => {
    expect((await ask(login, path)).status).toBe(status);
  });

  it('is not found by those who do not accept it', async () => {
    expect((await ask('ann', '/dashboard', 'application/json')).status).toBe(404);
  });
});
