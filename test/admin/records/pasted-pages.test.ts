import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecords, type RecordPages, wordsIn } from './record-pages-setup.js';

const FORM = '/admin/providers/new/form';

describe('A provider that people paste a token for, in the console', () => {
  let pages: RecordPages;
  beforeAll(async () => {
    pages = await openRecords();
  });
  afterAll(() => pages.close());

  it('has a form without anything that is registered', async () => {
    const { text } = await pages.page(`${FORM}?preset=jenkins`);
    const words = wordsIn(text);
    expect(words).toContain('This server needs no registration there');
    expect(words).toContain('They choose “Add new Token”');
    // A preset that knows where tokens are created asks for nothing more than the address.
    expect(text).toMatch(/<summary>Details of the token<\/summary>[\s\S]*name="token-page"/);
    expect((await pages.page(`${FORM}?preset=token`)).text).not.toContain('Details of the token');
    for (const name of [
      'token-page',
      'token-permissions',
      'token-expires',
      'account-target',
      'authorization-header',
    ])
      expect(text).toContain(`name="${name}"`);
    for (const name of ['client-id', 'client-secret', 'scopes', 'token-endpoint', 'pkce', 'client-0-host'])
      expect(text).not.toContain(`name="${name}"`);
    expect(text).not.toContain('redirect-uri');
  });

  it('is saved with its address alone, shown without a redirect URI, and not changed by saving again', async () => {
    const jenkins = { preset: 'jenkins', id: 'ci', name: 'CI', url: 'https://ci.example.com', do: 'save' };
    expect((await pages.post(FORM, jenkins)).status).toBe(303);
    const shown = wordsIn((await pages.page('/admin/providers/ci')).text);
    expect(shown).toContain('Each person creates a token there and pastes it');
    expect(shown).toContain('connect as yourself in the preview');
    expect(shown).not.toContain('Redirect URI');
    expect(
      (await pages.fill('/admin/providers/ci/edit', { 'token-permissions': 'Read jobs\r\nRead builds' }))
        .status,
    ).toBe(303);
    const again = await pages.page('/admin/providers/ci/edit');
    expect(again.text).toContain('Read jobs\nRead builds');
  });

  it('of any application says what is missing, each at its field', async () => {
    const any = { preset: 'token', id: 'builds', name: 'Builds', api: 'https://builds.example.com/api' };
    const answer = await pages.post(FORM, { ...any, do: 'save' });
    expect(answer.status).toBe(422);
    const words = wordsIn(answer.text);
    expect(words).toContain('Whose account it is: request : This is needed.');
    expect(words).toContain('This does not say where people create a token.');
    const whole = {
      'token-page': 'https://builds.example.com/tokens',
      'account-target': '/me',
      'account-id': 'id',
    };
    const saved = await pages.post(FORM, { ...any, ...whole, 'account-label': 'name', do: 'save' });
    expect(saved.status).toBe(303);
  });

  it('leads from its dry run to the previews of gadgets that use it, and another provider’s page shows the scopes of its preset', async () => {
    const jenkins = { preset: 'jenkins', id: 'jenkins', url: 'http://127.0.0.1:9', do: 'save' };
    expect((await pages.post(FORM, { ...jenkins, 'allow-addresses': '127.0.0.0/8' })).status).toBe(303);
    const { text } = await pages.post('/admin/providers/jenkins/test', {});
    expect(wordsIn(text)).toContain('Open the preview of a gadget that uses jenkins');
    expect(text).toMatch(/href="\/admin\/preview\/jenkins-[\w-]+" target="_blank" rel="noopener"/);
    const jira = {
      preset: 'jira',
      id: 'jira',
      'client-id': 'oriel',
      'client-secret': 's3cret-of-jira',
      do: 'save',
    };
    expect((await pages.post(FORM, jira)).status).toBe(303);
    const asked = 'Scopes read:jira-work read:jira-user read:me offline_access (the preset’s)';
    expect(wordsIn((await pages.page('/admin/providers/jira')).text)).toContain(asked);
    await pages.fill('/admin/providers/jira/edit', { scopes: 'read:jira-work' });
    expect(wordsIn((await pages.page('/admin/providers/jira')).text)).toContain(
      'Scopes read:jira-work Dry run',
    );
  });
});
