import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type OpenWorkshop, openWorkshop } from '../../src/cli/workshop/dev.js';
import { faultsOf } from '../support/axe.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { openFolder } from './command-line.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const DEFINITION = `title: Builds
description: The latest builds of a project.
parameters:
  project: { title: Project, type: identifier, required: true }
  result: { title: Result, type: choice, values: [any, failed], default: any }
requests:
  builds:
    provider: ci
    path: /projects/{project}/builds
    query: { result: "{result}" }
    format: json
  tests:
    provider: lab
    given:
      numbers: { from: builds, take: items.number, unique: true, atMost: 5, type: integer }
    path: /tests
    query: { of: "{numbers}" }
    format: json
    required: false
`;
const VIEW = `{% from "oriel" import list, row %}
{% call list(otherwise="No build has run yet.") %}
{% for build in answers.builds.data.items | list %}
{{ row(title=build.name, before="#" + build.number) }}
{% endfor %}
{% endcall %}
<p class="tests">{{ answers.tests.data.passed | number }} of {{ parameters.project }}</p>
`;
const answer = (data: unknown) => ({ data, fetchedAt: 0, stale: false, pages: 1, more: false });
const SAMPLE = {
  parameters: { project: 'apollo', result: 'any' },
  answers: {
    builds: answer({
      items: [
        { number: 41, name: 'Nightly', 'by.whom': 'ann' },
        { number: 40, name: 'Release' },
      ],
    }),
    tests: answer({ passed: 12 }),
  },
};

const folder = openFolder();
const gadget = join(folder.path, 'builds');
const write = (name: string, text: string): void => writeFileSync(join(gadget, name), text);
const restore = (): void => {
  rmSync(gadget, { recursive: true, force: true });
  mkdirSync(join(gadget, 'texts'), { recursive: true });
  write('gadget.yaml', DEFINITION);
  write('view.njk', VIEW);
  write('sample.json', JSON.stringify(SAMPLE));
};

let browser: Browser;
let page: Page;
let open: OpenWorkshop;
beforeAll(async () => {
  restore();
  browser = await launchBrowser();
  const person = await newPerson(browser, { viewport: { width: 1440, height: 1000 } });
  open = await openWorkshop(gadget, process.cwd(), 0, null);
  page = await person.newPage();
});
afterAll(async () => {
  await browser.close();
  await open.close();
  folder.remove();
});

const cell = (key: string): FrameLocator => page.frameLocator(`[data-cell="${key}"] iframe`);
const first = (): FrameLocator => cell('content en light 280');
const show = async (query = ''): Promise<void> => {
  await page.goto(open.address + query);
  await page.locator('[data-shown]').first().waitFor();
};
const choose = (name: string): Promise<void> => page.getByLabel(name, { exact: true }).check();

describe('The page of oriel gadget dev', () => {
  it('shows the gadget from its sample, in the widths, themes, languages and states that are chosen, and keeps them in the address', async () => {
    await show();
    await first().getByText('Nightly').waitFor();
    for (const name of ['900', 'Dark', 'ar', 'Connect', 'One missing']) await choose(name);
    await cell('connect ar dark 900').getByRole('button').waitFor();
    expect(new URL(page.url()).search).toBe(
      '?width=280,480,900&theme=light,dark&language=ar,en&state=content,one-missing,connect',
    );
    await page.reload();
    const frame = cell('one-missing ar dark 900');
    await frame.locator('[data-oriel-missing="connect"]').waitFor();
    expect(await frame.locator('html').getAttribute('dir')).toBe('rtl');
    expect(await frame.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(await page.locator('iframe').count()).toBe(3 * 2 * 2 * 3);
    const box = await page.locator('[data-cell="connect ar dark 900"] iframe').boundingBox();
    expect(box?.width).toBe(900);
  });

  it('has every state there is, with what is made of the sample where there is none', async () => {
    await show();
    const states = await page.locator('#choice-state label').allTextContents();
    expect(states.map((each) => each.trim())).toEqual([
      ...['Content', 'Empty', 'Long', 'Right to left', 'Hostile', 'Stale', 'One missing', 'Connect'],
      ...['Reconnect', 'No access', 'Not found', 'Rate limited', 'Provider down', 'Misconfigured'],
    ]);
    await choose('Empty');
    await cell('empty en light 280').getByText('No build has run yet.').waitFor();
  });

  it('writes the path of a value that is clicked as a view, given and pick have it', async () => {
    await show();
    await page.getByRole('button', { name: 'name "Nightly"' }).click();
    expect(await page.locator('#paths code').allTextContents()).toEqual([
      'answers.builds.data.items[0].name',
      '{% for item in answers.builds.data.items | list %}{{ item.name }}{% endfor %}',
      '{ from: builds, take: items.name }',
      'pick: items.name',
    ]);
    await page.getByRole('button', { name: 'by.whom "ann"' }).click();
    expect(await page.locator('#paths').textContent()).toContain('answers.builds.data.items[0]["by.whom"]');
    expect(await page.locator('#paths').textContent()).toContain('It can’t be written there');
  });

  it('shows the requests as they would go out, with what flows from where, and no secret', async () => {
    await show('?panel=requests');
    const requests = ((await page.locator('#requests').textContent()) ?? '').replaceAll(/\s+/g, ' ');
    for (const text of [
      'Numbers from ci are sent to lab.',
      'GET ‹api of ci›/projects/apollo/builds?result=any',
      'GET ‹api of lab›/tests?of=41%2C40',
      'of41,40',
      'AuthorizationBearer (the viewer’s own token)',
      '{numbers} is taken from “builds” (items.number). ci → lab.',
    ])
      expect(requests).toContain(text);
  });

  it('shows in the place of content what would be asked for as in the sample', async () => {
    await show('?state=connect&panel=requests');
    await page.getByText('/projects/apollo/builds?result=any').waitFor();
    await page.getByRole('tab', { name: 'Data' }).click();
    await page.getByText('In this state there is no answer.').waitFor();
  });

  it('takes parameters that are typed, in the requests too, and says what is wrong with one', async () => {
    await show();
    await page.getByRole('tab', { name: 'Parameters' }).click();
    await page.getByLabel(/^Project/).fill('borealis');
    await first().getByText('12 of borealis').waitFor();
    await page.getByLabel(/^Result/).selectOption('failed');
    await expect.poll(() => page.url()).toContain('p.project=borealis&p.result=failed');
    await page.getByRole('tab', { name: 'Requests' }).click();
    await page.getByText('/projects/borealis/builds?result=failed').waitFor();
    await page.getByRole('tab', { name: 'Parameters' }).click();
    await page.getByLabel(/^Project/).fill('a b');
    await page.getByText('Project: must be at most 64 letters').waitFor();
    await page.getByRole('button', { name: 'As in the sample' }).click();
    await first().getByText('12 of apollo').waitFor();
  });

  it('has the controls that viewers have, also where something is in the way', async () => {
    write('gadget.yaml', DEFINITION.replace('default: any', 'default: any, viewer: tabs'));
    await show('?state=content,not-found&set.result=failed');
    for (const state of ['content', 'not-found']) {
      const tabs = cell(`${state} en light 280`).getByRole('group', { name: 'Result' });
      await tabs.getByText('failed').waitFor();
      expect(await tabs.getByRole('radio').count()).toBe(2);
    }
    restore();
  });

  it('is without fault to axe, light and dark, wide and narrow, and nothing hangs over', async () => {
    await show('?state=content,connect&panel=requests');
    write('view.njk', `${VIEW}{{ answers.bilds.data }}`);
    await page.locator('#faults:not([hidden])').waitFor();
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [1440, 360]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 1000 });
        for (const panel of ['Requests', 'Data', 'Parameters']) {
          await page.getByRole('tab', { name: panel }).click();
          expect(await faultsOf(page, false)).toEqual([]);
        }
        const overhang = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        expect(await page.evaluate(overhang)).toBe(0);
      }
    restore();
    await page.setViewportSize({ width: 1440, height: 1000 });
  });

  it('can be worked by keyboard', async () => {
    await show();
    await page.getByRole('tab', { name: 'Data' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('#panel-requests').isVisible()).toBe(true);
    await page.getByLabel('Dark', { exact: true }).focus();
    await page.keyboard.press('Space');
    await cell('content en dark 280').getByText('Nightly').waitFor();
  });
});

const withLimit = (limit: string): string =>
  DEFINITION.replace(
    'requests:',
    `  limit: { title: Limit, type: integer, max: 100000, default: ${limit} }\nrequests:`,
  );

describe('A save', () => {
  /** Milliseconds from the end of a write until the frame has the text. */
  const untilShown = async (name: string, text: string, wanted: string): Promise<number> => {
    const shown = first()
      .locator('body')
      .evaluate(
        (body, [expected]) =>
          new Promise<number>((resolve) => {
            const look = (): void => {
              if (body.textContent?.includes(expected ?? '')) resolve(Date.now());
              else setTimeout(look, 4);
            };
            look();
          }),
        [wanted],
      );
    // The frame looks by now.
    await first().locator('body').evaluate('1');
    write(name, text);
    const at = Date.now();
    return (await shown) - at;
  };

  it('of view, partial, text, definition or sample is on the screen sooner than the page could be loaded twice', async () => {
    restore();
    await show();
    write('part.njk', 'Part');
    write('texts/en.yaml', 'own: Text\n');
    const part = '{% include "./part.njk" %}{{ t("own") }}{{ parameters.limit }}';
    const saves: Readonly<Record<string, (mark: string) => readonly [name: string, text: string]>> = {
      view: (mark) => ['view.njk', `${part}${VIEW}<p>${mark}</p>`],
      partial: (mark) => ['part.njk', mark],
      texts: (mark) => ['texts/en.yaml', `own: "${mark}"\n`],
      definition: (mark) => ['gadget.yaml', withLimit(mark)],
      sample: (mark) => ['sample.json', JSON.stringify(SAMPLE).replace('Nightly', mark)],
    };
    const took: Record<string, number> = {};
    for (const [kind, saved] of Object.entries(saves)) {
      took[kind] = Number.POSITIVE_INFINITY;
      // Others may have the machine at one time; they do not have it three times.
      for (const turn of [1, 2, 3]) {
        const mark = `${Object.keys(saves).indexOf(kind) + 1}${turn}47`;
        const [name, text] = saved(mark);
        took[kind] = Math.min(took[kind], await untilShown(name, text, mark));
      }
    }
    const loads: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const from = Date.now();
      await show();
      loads.push(Date.now() - from);
    }
    // 40 to 105 ms where the page takes 170 to 270: the machine's own speed is not what is judged here.
    expect(Math.max(...Object.values(took))).toBeLessThan(2 * Math.min(...loads));
  });

  it('with a mistake keeps the last good version, and shows the mistake in place until it is fixed', async () => {
    restore();
    await show();
    await first().getByText('Nightly').waitFor();
    write('view.njk', VIEW.replace('{% endfor %}', '').replace('| number', '| numbr'));
    const faults = page.locator('#faults');
    await faults.getByText('view.njk:3:').waitFor();
    expect(await faults.textContent()).toContain('Below is the last version that can be shown.');
    expect(await faults.locator('pre').first().textContent()).toMatch(/3 \| .*for build.*\n\s+\^+/);
    await first().getByText('Nightly').waitFor();
    write('view.njk', VIEW.replace('| number', '| numbr'));
    await faults.getByText('number', { exact: true }).waitFor();
    expect(await faults.textContent()).toContain('there is no filter "numbr"');
    write('view.njk', VIEW.replace('Nightly', ''));
    await faults.waitFor({ state: 'hidden' });
    expect(await page.locator('#standing').textContent()).toContain('No mistakes.');
  });

  it('with a mistake that can be shown shows both', async () => {
    restore();
    await show();
    write('view.njk', `${VIEW}<p>{{ answers.bilds.data.x }}Shown</p>`);
    await first().getByText('Shown').waitFor();
    await page.locator('#faults').getByText('the gadget has no request "bilds"').waitFor();
    expect(await page.locator('#faults').textContent()).not.toContain('Below is the last version');
  });

  it('that empties the folder, and one that fills it again, are survived', async () => {
    await show();
    rmSync(gadget, { recursive: true });
    await page.locator('#faults').getByText('gadget.yaml').first().waitFor();
    await first().locator('body').getByText('apollo').waitFor();
    restore();
    await page.locator('#faults').waitFor({ state: 'hidden' });
  });
});

describe('The server of oriel gadget dev', () => {
  const ask = (
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, unknown>> }> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(open.address);
      const asked = request(
        { hostname, port, path, method: body === undefined ? 'GET' : 'POST', headers },
        (answer) => {
          answer.resume();
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers });
        },
      );
      asked.on('error', reject);
      asked.end(body);
    });
  const json = { 'Content-Type': 'application/json' };
  const asked = JSON.stringify({ states: ['content'], locales: ['en'], state: 'content' });

  it('answers its own pages alone: no other Host, no other Origin, no other site', async () => {
    const { host, origin } = new URL(open.address);
    expect((await ask('/', { host })).status).toBe(200);
    expect((await ask('/show', { host, origin, ...json }, asked)).status).toBe(200);
    expect((await ask('/', { host: `evil.example:${new URL(open.address).port}` })).status).toBe(421);
    expect((await ask('/show', { host, origin: 'https://evil.example', ...json }, asked)).status).toBe(403);
    expect((await ask('/show', { host, origin: 'null', ...json }, asked)).status).toBe(403);
    expect((await ask('/events', { host, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await ask('/show', { host, 'content-type': 'text/plain' }, asked)).status).toBe(415);
  });

  it('has a strict policy: no other origin, no inline script, and frames that have no origin of their own', async () => {
    const { host } = new URL(open.address);
    for (const path of ['/', '/cell/dark']) {
      const policy = String((await ask(path, { host })).headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
    }
    await show();
    expect(await page.locator('iframe').first().getAttribute('sandbox')).not.toContain('allow-same-origin');
  });

  it('gives no file of the folder but by what it shows', async () => {
    const { host } = new URL(open.address);
    for (const path of [
      '/gadget.yaml',
      '/assets/../gadget.yaml',
      '/assets/%2e%2e%2fgadget.yaml',
      '/sample.json',
    ])
      expect((await ask(path, { host })).status).toBe(404);
    expect(readFileSync(join(gadget, 'gadget.yaml'), 'utf8')).toBe(DEFINITION);
  });
});
