import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMingle } from './mingle/start-mingle.js';
import type { RunningApplication } from './site/application.js';
import { type Visitor, visitor } from './support/visitor.js';

const gadgetOrigin = 'http://127.0.0.1:3999';
const overview = '/projects/borealis/overview';

describe('Mingle as a host', () => {
  let mingle: RunningApplication;
  const people: Record<string, Visitor> = {};
  const person = (login: string): Visitor => people[login] ?? visitor(mingle.url);
  beforeAll(async () => {
    mingle = await startMingle({ oriel: { gadgetOrigin, secret: 's'.repeat(40) } });
    for (const login of ['bob', 'dana']) {
      people[login] = visitor(mingle.url);
      await people[login].signIn('/profile/login', login);
    }
  });
  afterAll(() => mingle.close());

  it('shows on a project’s overview how its pipelines are doing in GoCD', async () => {
    expect((await person('bob').get('/projects/borealis')).headers.get('location')).toBe(overview);
    const page = await (await person('bob').get(overview)).text();
    expect(page).toMatch(
      /<oriel-gadget host="mingle" gadget="gocd-pipelines" token-url="\/oriel-token" title="Pipelines" groups="borealis">/,
    );
    expect(page).toMatch(/gadget="gocd-pipeline-activity" [^>]*pipeline="borealis-app">/);
    expect(page.match(/embed\.js/g)).toHaveLength(1);
  });

  it('lets in what gadgets need on that page, and nothing on the others', async () => {
    const framing = await person('bob').get(overview);
    const csp = framing.headers.get('content-security-policy') ?? '';
    for (const directive of ['script-src', 'frame-src', "form-action 'self'"])
      expect(csp).toContain(`${directive} ${gadgetOrigin}`);
    expect(framing.headers.get('cross-origin-opener-policy')).toBe('same-origin-allow-popups');

    const other = await person('bob').get('/projects/borealis/cards');
    expect(other.headers.get('content-security-policy')).not.toContain(gadgetOrigin);
    expect(other.headers.get('cross-origin-opener-policy')).toBe('same-origin');
  });

  it('shows the overview to the team alone', async () => {
    expect((await person('dana').get(overview)).status).toBe(403);
    expect((await person('bob').get('/projects/apollo/overview')).status).toBe(403);
    expect((await person('nobody').get(overview)).headers.get('location')).toContain('/profile/login');
  });

  it('names its viewer to Oriel only from its own pages, for the gadgets that they frame', async () => {
    const ask = async (login: string, gadget: string, origin = mingle.url) => {
      const headers = { origin, 'content-type': 'application/json' };
      return person(login).post('/oriel-token', JSON.stringify({ gadget }), headers);
    };
    const { token } = (await (await ask('bob', 'gocd-pipelines')).json()) as { readonly token: string };
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      iss: 'mingle',
      aud: gadgetOrigin,
      name: 'Bob Tanaka',
      gadget: 'gocd-pipelines',
    });
    expect((await ask('bob', 'mingle-cards')).status).toBe(400);
    expect((await ask('bob', 'gocd-pipelines', 'http://evil.example')).status).toBe(403);
    expect((await ask('nobody', 'gocd-pipelines')).status).toBe(401);
  });

  it('has no overview where it knows no Oriel', async () => {
    const alone = await startMingle();
    try {
      const bob = visitor(alone.url);
      await bob.signIn('/profile/login', 'bob');
      expect((await bob.get('/projects/borealis')).headers.get('location')).toBe('/projects/borealis/cards');
      expect((await bob.get(overview)).status).toBe(404);
    } finally {
      await alone.close();
    }
  });
});
