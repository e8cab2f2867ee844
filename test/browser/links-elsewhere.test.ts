import { afterEach, describe, expect, it } from 'vitest';
import { signHostToken } from '../support/host-token.js';
import type { Visit } from './browser-setup.js';
import { type LinksSetup, setUpLinks } from './links-setup.js';

let setup: LinksSetup;
afterEach(() => setup.close());

describe('an isolated host under a name of its own, another site than ours', () => {
  it.each(['reauth', 'code'] as const)(
    'connects by mode %s, with cookies of our own site alone',
    async (mode) => {
      setup = await setUpLinks(mode, true);
      setup.host.headers = { ...setup.host.headers, 'Cross-Origin-Embedder-Policy': 'require-corp' };
      const visit = await setup.visit();
      expect(await visit.page.evaluate('crossOriginIsolated')).toBe(true);
      await setup.press(visit);
      const tab = await setup.follow(visit);
      await setup.agree(tab);
      if (mode === 'code') {
        await setup.field(visit).fill(await setup.codeOn(tab));
        await setup.field(visit).press('Enter');
      }
      await setup.content(visit).waitFor();
      const cookies = await visit.context.cookies();
      expect(cookies).toMatchObject([
        { name: expect.stringMatching(/^__Host-oriel-flow-/), secure: true, httpOnly: true, sameSite: 'Lax' },
      ]);
    },
  );

  it('does not help an answer that another page posts into another browser', async () => {
    setup = await setUpLinks('reauth', true);
    const visit = await setup.visit();
    const address = (await (await setup.press(visit)).getAttribute('href')) ?? '';
    // Ann's own answer, carried into Bob's browser before hers could post it.
    const form = new Promise<string>((resolve) => {
      void visit.context.route('**/connect/vouched/gocd', async (route) => {
        resolve(route.request().postData() ?? '');
        await route.abort();
      });
    });
    const anns = await visit.context.newPage();
    await anns.goto(address).catch(() => null);
    const token = new URLSearchParams(await form).get('token') ?? '';
    const bobs = await setup.stranger(visit, 'bob', setup.host.origin);
    await bobs.evaluate(
      ([action, value]) => {
        const { document } = globalThis as unknown as {
          document: { body: { innerHTML: string }; forms: { submit(): void }[] };
        };
        document.body.innerHTML = `<form method="post" action="${action}"><input name="token" value="${value}"></form>`;
        document.forms[0]?.submit();
      },
      [`${setup.oriel.siteOrigin}/connect/vouched/gocd`, token],
    );
    await bobs.getByText('Nothing is being connected in this browser').waitFor();
    expect(bobs.url()).toContain('/connect/vouched?flow=');
  });
});

describe('a gadget in a sandbox', () => {
  const visitIn = async (flags: string): Promise<Visit> => {
    const token = await signHostToken({ aud: setup.oriel.gadgetOrigin, sub: 'ann', name: 'ann' });
    setup.host.body = `<form action="${setup.oriel.gadgetOrigin}/h/gocd/g/example" method="post" target="cards">
      <input name="token" value="${token}"><input name="p.project" value="apollo"></form>
      <div id="one"><iframe name="cards" sandbox="${flags}" width="600" height="500"></iframe></div>
      <script>document.forms[0].submit()</script>`;
    const visit = await setup.visit();
    // A frame without the element is seen before its script has run, which takes this away.
    await visit.gadget().locator('#oriel-content').waitFor();
    await visit.gadget().locator('#oriel-frame').waitFor({ state: 'detached' });
    return visit;
  };
  const finish = async (visit: Visit, tab: Awaited<ReturnType<LinksSetup['follow']>>): Promise<void> => {
    await setup.agree(tab);
    await setup.field(visit).fill(await setup.codeOn(tab));
    await setup.field(visit).press('Enter');
    await setup.content(visit).waitFor();
  };

  it('without popups and forms connects when the person puts the link into a tab', async () => {
    setup = await setUpLinks('code');
    const visit = await visitIn('allow-scripts allow-same-origin');
    const link = await setup.press(visit);
    await link.click();
    await visit.gadget().getByText('copy its address into a new tab').waitFor();
    const tab = await visit.context.newPage();
    await tab.goto((await link.getAttribute('href')) ?? '');
    await finish(visit, tab);
  });

  it('whose windows escape the sandbox connects by a click', async () => {
    setup = await setUpLinks('code');
    const visit = await visitIn(
      'allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox',
    );
    await setup.press(visit);
    await finish(visit, await setup.follow(visit));
  });
});
