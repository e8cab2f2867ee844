import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepSecrets, recallSecrets } from '../../../src/admin/records/typed-secrets.js';
import { type ConsoleApp, startConsole } from '../console-app.js';

const SECRET = 'typed-secret-value-1234';
const session = (token: string) => ({ formToken: () => token });
const HERE = { session: session('mine'), path: '/admin/providers/new/form' };
const form = (fields: Readonly<Record<string, string>>) => new Map(Object.entries(fields));

let app: ConsoleApp;
let deps: Parameters<typeof keepSecrets>[0];
beforeEach(async () => {
  app = await startConsole();
  deps = { ...app.ports, webSessions: app.stores.webSessions };
});
afterEach(() => app.close());

const keep = async (fields: Readonly<Record<string, string>>, place = HERE) => {
  const kept = await keepSecrets(deps, form(fields), place);
  if (kept === null) throw new Error('nothing was kept');
  return { [kept.field]: kept.value };
};

describe('A secret that was typed into a form which is shown once more', () => {
  it('is kept although the page does not contain it', async () => {
    const page = await keep({ name: 'Jira', 'client-secret': SECRET, 'client-1-secret': 'another' });
    expect(JSON.stringify(page)).not.toContain(SECRET);
    const sent = form({ name: 'Jira', 'client-secret': '', 'client-1-secret': '', ...page });
    const { form: whole, errors } = await recallSecrets(deps, sent, HERE);
    expect(errors).toEqual({});
    expect(Object.fromEntries(whole)).toEqual({
      name: 'Jira',
      'client-secret': SECRET,
      'client-1-secret': 'another',
    });
  });

  it('is replaced by another that is entered', async () => {
    const page = await keep({ 'client-secret': SECRET });
    const { form: whole } = await recallSecrets(deps, form({ 'client-secret': 'newer', ...page }), HERE);
    expect(whole.get('client-secret')).toBe('newer');
  });

  it.each([
    ['another session', { ...HERE, session: session('another') }],
    ['another form', { ...HERE, path: '/admin/providers/jira/edit' }],
  ])('is not given to %s', async (_, place) => {
    const page = await keep({ 'client-secret': SECRET });
    const { form: whole, errors } = await recallSecrets(deps, form({ 'client-secret': '', ...page }), place);
    expect(whole.get('client-secret')).toBe('');
    expect(errors['client-secret']).toMatch(/type it again/);
  });

  it('is dropped after ten minutes, and the form says so instead of saving without it', async () => {
    const page = await keep({ 'client-secret': SECRET });
    app.clock.pass(10 * 60_000 + 1);
    const { errors } = await recallSecrets(deps, form({ 'client-secret': '', ...page }), HERE);
    expect(errors).toEqual({
      'client-secret': 'What you typed here was kept only for ten minutes. Please type it again.',
    });
  });

  it('is kept under nothing that could be a session', async () => {
    const page = await keep({ 'client-secret': SECRET });
    const handle = Object.values(page).join('').split(' ')[0] ?? '';
    const cookie = `oriel-admin=typed-secrets:${handle}`;
    const answer = await fetch(`${app.siteOrigin}/admin/providers`, {
      headers: { cookie },
      redirect: 'manual',
    });
    expect(answer.status).toBe(303);
    expect(app.bugs()).toEqual([]);
  });

  it('is not looked for where nothing was typed', async () => {
    expect(await keepSecrets(deps, form({ name: 'x', 'client-secret': '' }), HERE)).toBeNull();
    const plain = form({ 'client-secret': '' });
    expect(await recallSecrets(deps, plain, HERE)).toEqual({ form: plain, errors: {} });
  });
});
