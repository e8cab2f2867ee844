import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Ended, type Started, start } from '../cli/command-line.js';
import { beginGuide, consentAtMingle, type Guided, registerAtMingle } from './guided.js';
import { fencesOf, snippet } from './markdown.js';
import { picture } from './pictures.js';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

const GUIDE = 'docs/gadget-tutorial.md';
const PASSWORD = 'four words in a row';
const LIMIT = 5 * 60_000;

let guided: Guided;
let page: Page;
let workshop: Started | null = null;
let beganAt = 0;

/** The commands of the guide that start so, in its order. */
const commands = (start: string): readonly string[] =>
  fencesOf(GUIDE)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.trim().split('\n'))
    .filter((line) => line.startsWith(start));

const argumentsOf = (line: string): readonly string[] =>
  [...line.replace(/^oriel /, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );

/** A command of the guide, typed where it says; what is asked for is answered with the password. */
const type = (line: string, more: readonly string[] = []): Started => {
  const started = start([...argumentsOf(line), ...more], { cwd: guided.home });
  started.child.stdin?.end(`${PASSWORD}\n`);
  return started;
};

/** As an author types it into a shell. */
const inShell = (line: string): void => void execFileSync('sh', ['-e', '-c', line], { cwd: guided.home });

const ran = async (line: string): Promise<Ended> => {
  const ended = await type(line).ended;
  if (ended.code !== 0) throw new Error(`${line}: ${ended.out}${ended.err}`);
  return ended;
};

const saveAs = (name: string): void => {
  mkdirSync(dirname(join(guided.home, name)), { recursive: true });
  writeFileSync(join(guided.home, name), snippet(GUIDE, name));
};

/** Opens the workshop as this line of the guide does, on a port of its own, and gives the address that it prints. */
const openWorkshop = async (line: string): Promise<string> => {
  const opened = type(line, ['--port', '0']);
  workshop = opened;
  let said = '';
  return new Promise((resolve, reject) => {
    opened.child.stdout?.on('data', (text: string) => {
      said += text;
      const [address] = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(said) ?? [];
      if (address !== undefined) resolve(address);
    });
    void opened.ended.then(({ out, err }) => reject(new Error(`no address was printed: ${out}${err}`)));
  });
};
const closeWorkshop = async (): Promise<void> => {
  workshop?.child.kill('SIGINT');
  await workshop?.ended;
  workshop = null;
};

const cell = (state: string) => page.frameLocator(`[data-cell="${state} en light 480"] iframe`);

beforeAll(async () => {
  guided = await beginGuide();
  page = await guided.reader.newPage();
  await page.goto(await guided.serve());
  for (const id of ['name', 'password', 'again'])
    await page.locator(`#${id}`).fill(id === 'name' ? 'ruth' : PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
  for (const id of ['name', 'password']) await page.locator(`#${id}`).fill(id === 'name' ? 'ruth' : PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  const client = await registerAtMingle(guided);
  const entry = {
    ...{ preset: 'mingle', name: 'Mingle', url: guided.mingle, client },
    allowAddresses: ['127.0.0.0/8', '::1/128'],
  };
  guided.save('mingle.json', JSON.stringify(entry));
  await ran('oriel provider add mingle -f mingle.json');
  beganAt = Date.now();
});
afterAll(async () => {
  await closeWorkshop();
  await guided.close();
});

describe('The tutorial of the gadget workshop, step by step', () => {
  it('1. A folder is made, and shown in the workshop', async () => {
    const [make = ''] = commands('oriel gadget new');
    await ran(make);
    const [open = ''] = commands('oriel gadget dev');
    await page.goto(await openWorkshop(open));
    await cell('content').getByText('app 41').waitFor();
  });

  it('2. The request is replaced, the page says what the view gets wrong, and the view is replaced', async () => {
    saveAs('gadgets/my-cards/gadget.yaml');
    await page.locator('#faults').getByText('the gadget has no request "builds"').waitFor();
    await picture(page, 'workshop', 700);
    saveAs('gadgets/my-cards/view.njk');
    await page.locator('#faults').getByText('there is no request "builds"').first().waitFor();
    for (const line of [...commands('rm ').slice(0, 1), ...commands('echo ')]) inShell(line);
    await cell('content').getByText('This project has no cards that you may see.').waitFor();
    await page.locator('#faults').waitFor({ state: 'hidden' });
    await page.getByRole('tab', { name: 'Requests' }).click();
    await page.getByText('/api/v2/projects/apollo/cards/execute_mql.xml?mql=').waitFor();
  });

  it('3. The author connects in the preview, and sees their own data, within five minutes of the first command', async () => {
    await closeWorkshop();
    await page.goto(`${guided.site}/admin/preview/mingle-cards?p.project=apollo`);
    const opening = page.waitForEvent('popup');
    await page
      .locator('oriel-gadget')
      .frameLocator('iframe')
      .getByRole('button', { name: /Connect/ })
      .click();
    await consentAtMingle(await opening);
    await page.locator('oriel-gadget').frameLocator('iframe').locator('table').first().waitFor();
    const [, asMe = ''] = commands('oriel gadget dev');
    const address = await openWorkshop(asMe);
    expect(address).toMatch(/#[\w-]{43}$/);
    await page.goto(address);
    await cell('as-me')
      .getByRole('link', { name: /^#\d+ / })
      .first()
      .waitFor();
    expect(Date.now() - beganAt).toBeLessThan(LIMIT);
    // The key has left the address, and without it there is nothing to see.
    expect(page.url()).not.toContain('#');
    expect(await page.locator('#requests').textContent()).toContain(
      `${guided.mingle}/api/v2/projects/apollo`,
    );
    const { origin } = new URL(address);
    const asked = { states: ['as-me'], locales: ['en'], state: 'as-me' };
    const headers = { 'Content-Type': 'application/json' };
    const show = (key: string) =>
      fetch(`${origin}/show`, {
        method: 'POST',
        body: JSON.stringify(asked),
        headers: { ...headers, ...(key !== '' && { Authorization: `Bearer ${key}` }) },
      });
    expect((await show('')).status).toBe(401);
    expect((await show('x'.repeat(43))).status).toBe(401);
    expect((await show(new URL(address).hash.slice(1))).status).toBe(200);
  });

  it('3. No one else is shown: another password is refused, and where nothing is connected nothing is', async () => {
    const [, asMe = ''] = commands('oriel gadget dev');
    const wrong = start([...argumentsOf(asMe), '--port', '0'], { cwd: guided.home });
    wrong.child.stdin?.end('five words in a row\n');
    expect(await wrong.ended).toMatchObject({
      code: 1,
      err: expect.stringContaining('No administrator has this name and password.'),
    });
    await ran('oriel connection list --json');
  });

  it('4. What Mingle answers is recorded without people, and tested', async () => {
    await closeWorkshop();
    const [, remove = '', ...others] = commands('rm ');
    expect(others).toEqual([]);
    inShell(remove);
    const [record = ''] = commands('oriel gadget record');
    expect((await ran(record)).out).toContain('Replaced: ');
    const sample = readFileSync(join(guided.home, 'gadgets/my-cards/sample.json'), 'utf8');
    expect(JSON.parse(sample).answers.cards.data.results.result.length).toBeGreaterThan(2);
    expect(sample).not.toMatch(/\bann\b|\bbob\b|localhost/);
    const [test = ''] = commands('oriel gadget test');
    expect((await ran(test)).out).toContain('wrote golden/sample.html');
    expect((await ran('oriel gadget test gadgets/my-cards --no-browser')).out).toContain('my-cards passes');
    expect((await ran('oriel gadget check gadgets/my-cards')).out).toContain('my-cards has no mistakes.');
  });

  it('5. The running server serves it, and the console shows it', async () => {
    const yaml = readFileSync(join(guided.home, 'oriel.yaml'), 'utf8');
    guided.save('oriel.yaml', `${yaml}${snippet(GUIDE, 'gadgets: [')}`);
    const [reload = ''] = commands('oriel reload');
    await ran(reload);
    await page.goto(`${guided.site}/admin/preview/my-cards?p.project=apollo`);
    await page
      .locator('oriel-gadget')
      .frameLocator('iframe')
      .getByRole('link', { name: /^#\d+ / })
      .first()
      .waitFor();
    expect(existsSync(join(guided.home, 'gadgets/my-cards/golden/sample.html'))).toBe(true);
  });
});
