import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signHostToken } from '../support/host-token.js';
import { type BrowserSetup, GADGET, setUpBrowser } from './browser-setup.js';
import { DOCTOR, reportOf } from './doctor-setup.js';

let setup: BrowserSetup;
beforeEach(async () => {
  setup = await setUpBrowser();
});
afterEach(() => setup.close());

/** What frameworks, editors and browser extensions write on elements that are not theirs. */
const FOREIGN = {
  'v-cloak': '',
  'x-data': '{ open: false }',
  'hx-get': '/more',
  'ng-version': '19.0.0',
  contenteditable: 'false',
  spellcheck: 'false',
  classname: 'card',
  'cz-shortcut-listen': 'true',
  'data-reactroot': '',
  'aria-busy': 'true',
  jsaction: 'click:f',
  _ngcontent: '',
} as const;
const written = (attributes: Readonly<Record<string, string>>): string =>
  Object.entries(attributes)
    .map(([name, value]) => `${name}='${value}'`)
    .join(' ');

const launches = (): number => setup.oriel.asked.length;
const listening = (page: Page): string[] => {
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  return said;
};

describe('attributes that are not parameters of the gadget', () => {
  it('do not keep it from being launched, nor end it, and are named once in the console', async () => {
    const attributes = `${written(FOREIGN)} @click="f" :class="g" #ref`;
    setup.host.body = [GADGET, GADGET.replace('id="one"', 'id="two"')]
      .map((each) => each.replace('<oriel-gadget', `<oriel-gadget ${attributes}`))
      .join('');
    let said: string[] = [];
    const visit = await setup.visit({}, async (page) => {
      said = listening(page);
    });
    for (const id of ['one', 'two']) {
      await visit.gadget(id).getByText('ann').waitFor();
      await visit.settled(id);
    }
    await visit.set('v-cloak', null);
    await visit.set('x-data', '{ open: true }');
    await visit.set('x-show', 'open');
    await visit.set('class', 'late');
    await visit.set('theme', 'dark');
    await visit.gadget().locator('html[data-theme="dark"]').waitFor();
    expect(launches()).toBe(2);
    const ignored = said.filter((text) =>
      text.includes('because it isn’t a parameter of the gadget “example”'),
    );
    for (const name of ['v-cloak', 'x-data', 'contenteditable', 'classname', 'x-show'])
      expect(ignored.filter((text) => text.includes(`“${name}”`))).toHaveLength(1);
    for (const name of ['@click', 'data-reactroot', 'aria-busy', 'class', 'project'])
      expect(ignored.filter((text) => text.includes(`“${name}”`))).toHaveLength(0);
    expect(ignored[0]).toContain('The gadget’s parameters: project, cards.');
  });

  it('may be longer than a launch can carry', async () => {
    setup.host.body = GADGET.replace(
      'project=',
      `x-data='${'{"a":1},'.repeat(3000)}' y="${'%'.repeat(12_000)}" project=`,
    );
    const { gadget } = await setup.visit();
    await gadget().getByText('ann').waitFor();
    expect(setup.oriel.asked[0]?.parameters.project).toBe('apollo');
  });

  it('that change while a launch is under way do not start another one, as a parameter does', async () => {
    let answer = (): void => {};
    setup.host.tokenAnswer = (response) => {
      answer = () => void response.writeHead(500).end();
    };
    const visit = await setup.visit();
    await expect.poll(() => setup.host.questions.length).toBe(1);
    await visit.set('v-cloak', '');
    await visit.set('x-data', '{}');
    expect(setup.host.questions).toHaveLength(1);
    setup.host.tokenAnswer = null;
    answer();
    await visit.event('oriel-error', { code: 'token_url_failed' });
    await visit.set('project', 'borealis');
    await visit.gadget().getByText('ann').waitFor();
    await visit.settled();
    await visit.set('project', 'gemini');
    await expect.poll(() => setup.oriel.asked.at(-1)?.parameters.project).toBe('gemini');
    expect(setup.host.questions.at(-1)?.params).toEqual({ project: 'gemini' });
  });

  it('are taken from the launch under way, unless a parameter was changed in the meantime: then there is another one', async () => {
    const token = await signHostToken({ aud: setup.oriel.gadgetOrigin, sub: 'ann', name: 'ann' });
    let answer = (): void => {};
    setup.host.tokenAnswer = (response) => {
      answer = () =>
        void response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ token }));
    };
    const visit = await setup.visit();
    await expect.poll(() => setup.host.questions.length).toBe(1);
    await visit.set('v-cloak', '');
    await visit.set('project', 'borealis');
    setup.host.tokenAnswer = null;
    answer();
    await expect.poll(() => setup.oriel.asked.at(-1)?.parameters.project).toBe('borealis');
    expect(launches()).toBe(2);
  });

  it('are named by the doctor, for one may be a misspelled parameter', async () => {
    setup.host.body = DOCTOR.replace('project=', 'projct="apollo" project=');
    const { page } = await setup.visit();
    const { parameters } = await reportOf(page);
    expect(parameters?.level).toBe('warning');
    expect(parameters?.text).toContain('ignores “projct”');
    expect(parameters?.text).toContain('The gadget’s parameters: project, cards.');
  });
});

describe('embed.js', () => {
  const loaded = {
    'as a module': (url: string) => `<script type="module" src="${url}"></script>`,
    'by import()': (url: string) => `<script>import(${JSON.stringify(url)})</script>`,
    'by an import of another module': (url: string) =>
      `<script type="module">import ${JSON.stringify(url)};</script>`,
    'under an address with a query': (url: string) => `<script src="${url}?v=2" defer></script>`,
    'twice, as both': (url: string) =>
      `<script src="${url}"></script><script type="module" src="${url}"></script>`,
  };
  it.each(Object.keys(loaded))('works when it is loaded %s', async (how) => {
    const script = loaded[how as keyof typeof loaded](`${setup.oriel.gadgetOrigin}/embed.js`);
    setup.host.pages = { '/own': `<!doctype html><title>Host</title>${script}${GADGET}` };
    const { page, gadget } = await setup.visit();
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => void errors.push(message));
    await page.goto(`${setup.host.origin}/own`);
    await gadget().getByText('ann').waitFor();
    await page.waitForLoadState();
    expect(errors).toEqual([]);
  });
});
