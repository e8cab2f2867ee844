import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { KEY, loopback, openFolder } from '../cli/command-line.js';
import { commandsIn } from '../cli/in-process.js';
import { createTestConsole } from '../support/test-console.js';
import { bareRoot } from '../support/test-server.js';

const folder = openFolder();
const run = commandsIn({ cwd: folder.path, env: { ORIEL_KEY: KEY }, root: bareRoot() });
afterAll(() => folder.remove());

mkdirSync(join(folder.path, 'more/inbox'), { recursive: true });
folder.write('more/inbox/gadget.yaml', {
  ...{ title: 'Inbox', description: 'Today and unread mail.', parameters: {} },
  requests: {
    today: { provider: 'google', path: '/today', format: 'json' },
    unread: { provider: 'google', api: 'mail', path: '/unread', format: 'json', required: false },
  },
});
folder.write('more/inbox/view.njk', '<p>{{ answers.today.data }}{{ answers.unread.data }}</p>');

const data = loopback(3000);
/** A host that shows it by a provider with these further APIs. */
const setup = (apis: Readonly<Record<string, string>>) => ({
  gadgets: [join(folder.path, 'more')],
  providers: {
    google: { ...data.providers.mingle, ...(Object.keys(apis).length > 0 && { apis }), name: 'Google' },
  },
  hosts: { gocd: { ...data.hosts.gocd, gadgets: ['inbox'], providers: ['google'] } },
});
const WRONG = 'the request “unread” of the gadget “inbox” asks the API “mail”, and “google” has ';

describe('A gadget that asks an API which the record of its provider does not have', () => {
  it('is said in `oriel check`, with the names that the record has', async () => {
    const checked = async (apis: Readonly<Record<string, string>>) => {
      const file = folder.write('oriel.yaml', { ...data, ...setup(apis) });
      const { code, out, err } = await run('check', '--config', file);
      return { code, text: out + err };
    };
    const none = await checked({});
    expect(none.code).toBe(1);
    expect(none.text).toContain(`hosts.gocd.gadgets.inbox: ${WRONG}no further APIs`);
    expect(none.text).toContain('“mail” in providers.google.apis');
    expect((await checked({ calendar: 'http://localhost:3' })).text).toContain(`${WRONG}only “calendar”`);
    expect(await checked({ mail: 'http://localhost:3' })).toMatchObject({ code: 0 });
  });

  it('keeps no server from starting, and is said in its log, on the overview and on the page of the gadget', async () => {
    const testConsole = await createTestConsole(setup({}));
    try {
      expect(testConsole.logged()).toMatch(
        /"event":"gadget-api-unknown","fault":"hosts\.gocd\.gadgets\.inbox: the request “unread”/,
      );
      expect((await testConsole.page('/admin')).text).toContain(`${WRONG}no further APIs.`);
      const { status, text } = await testConsole.page('/admin/preview/inbox');
      expect({ status, said: text.includes(`${WRONG}no further APIs.`) }).toEqual({
        status: 200,
        said: true,
      });
      expect((await testConsole.browser.send(`${testConsole.gadgetOrigin}/h/gocd/g/inbox`)).status).toBe(200);
    } finally {
      await testConsole.close();
    }
  });

  it('is said no more where the record has it', async () => {
    const testConsole = await createTestConsole(setup({ mail: 'http://localhost:3' }));
    try {
      expect(testConsole.logged()).not.toContain('gadget-api-unknown');
      expect((await testConsole.page('/admin')).text).not.toContain(WRONG);
      expect((await testConsole.page('/admin/preview/inbox')).text).not.toContain(WRONG);
    } finally {
      await testConsole.close();
    }
  });
});
