import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fragment } from '../support/gadget-server.js';
import { ourViews, sample } from '../views/support/our-views.js';
import { type BrowserSetup, GADGET, setUpBrowser, type Visit } from './browser-setup.js';

let setup: BrowserSetup;
beforeEach(async () => {
  setup = await setUpBrowser();
});
afterEach(() => setup.close());

const inFrame = <T>(visit: Visit, script: string): Promise<T> =>
  visit.page.frames()[1]?.evaluate(script) as Promise<T>;
const ground = (visit: Visit): Promise<string> =>
  inFrame(visit, 'getComputedStyle(document.body).backgroundColor');

describe('the ground of a gadget', () => {
  const grounds = {
    'is the host page’s in dark': [
      'html { color-scheme: dark } body { background: #22303c }',
      '',
      'rgb(34, 48, 60)',
    ],
    'is the host page’s in light': ['body { background: #fbf7ef }', '', 'rgb(251, 247, 239)'],
    'is its own where its text could not be read on the page’s': [
      'body { background: #22303c }',
      '',
      'rgb(255, 255, 255)',
    ],
    'is its own over a picture': [
      'body { background: linear-gradient(red, blue) }',
      '',
      'rgb(255, 255, 255)',
    ],
    'is what the page says': ['body { background: #22303c }', 'ground="#fff8e1"', 'rgb(255, 248, 225)'],
    'is nothing where the page says so': [
      'body { background: #22303c }',
      'ground="transparent"',
      'rgba(0, 0, 0, 0)',
    ],
  } as const;
  it.each(Object.keys(grounds))('%s', async (name) => {
    const [style, attribute, expected] = grounds[name as keyof typeof grounds];
    setup.host.body = `<style>${style}</style>${GADGET.replace('<oriel-gadget', `<oriel-gadget ${attribute}`)}`;
    const visit = await setup.visit();
    await visit.gadget().getByText('ann').waitFor();
    await expect.poll(() => ground(visit)).toBe(expected);
  });

  it('and its colors and fonts are those that the page’s styles name, where they are colors and fonts', async () => {
    const set = [
      '--oriel-color-text-primary: rgb(1, 2, 3)',
      '--oriel-font-sans: Georgia, serif',
      '--color-text-secondary: rgb(9, 9, 9)',
      '--oriel-color-background-primary: url(https://x.example/a.png)',
      '--oriel-color-border-danger: red; --oriel-ground: red',
    ].join(';');
    setup.host.body = `<style>oriel-gadget { ${set} }</style>${GADGET}`;
    const visit = await setup.visit();
    await visit.gadget().getByText('ann').waitFor();
    await expect.poll(() => inFrame(visit, 'getComputedStyle(document.body).color')).toBe('rgb(1, 2, 3)');
    expect(await inFrame(visit, 'getComputedStyle(document.body).fontFamily')).toBe('Georgia, serif');
    const valueIn = (name: string): Promise<string> =>
      inFrame(visit, `getComputedStyle(document.documentElement).getPropertyValue('${name}')`);
    expect(await valueIn('--color-text-secondary')).toBe('#566173');
    expect(await valueIn('--color-background-primary')).toBe('#ffffff');
    expect(await valueIn('--color-border-danger')).toBe('red');
    expect(await valueIn('--ground')).toBe('#ffffff');
    await visit.page.evaluate("document.querySelector('style').remove()");
    await visit.set('theme', 'dark');
    await expect
      .poll(() => inFrame(visit, 'getComputedStyle(document.body).color'))
      .toBe('rgb(231, 234, 240)');
  });

  it('follows the page, and is white on paper', async () => {
    setup.host.body = `<style>html { color-scheme: dark } body { background: #22303c }</style>${GADGET}`;
    const visit = await setup.visit();
    await visit.gadget().getByText('ann').waitFor();
    await visit.page.evaluate("document.body.style.background = '#101418'");
    await expect.poll(() => ground(visit)).toBe('rgb(16, 20, 24)');
    await visit.page.emulateMedia({ media: 'print' });
    const paper = 'getComputedStyle(document.body).color + getComputedStyle(document.body).backgroundColor';
    await expect.poll(() => inFrame(visit, paper)).toBe('rgb(27, 35, 48)rgba(0, 0, 0, 0)');
  });
});

describe('the foot of a gadget', () => {
  const shown = async (width: number, name = 'Mingle', locale = 'en'): Promise<Visit> => {
    const model = sample('mingle-cards');
    const connected = model.connected.map((each) => ({ ...each, name }));
    const html = ourViews().content({ ...model, connected, locale });
    setup.oriel.render(() => fragment('', { body: Buffer.from(html), fetchedAt: Date.now() - 130_000 }));
    const visit = await setup.visit({ viewport: { width, height: 700 } });
    await visit.gadget().getByText('min. ago').waitFor();
    await visit.settled();
    return visit;
  };

  it.each([280, 360, 430, 1440])(
    'keeps its toggle in place when it is opened, at %i pixels',
    async (width) => {
      const visit = await shown(width);
      const summary = visit.gadget().locator('summary');
      const before = await summary.boundingBox();
      await summary.click();
      await visit.gadget().getByRole('button', { name: 'My connections' }).waitFor();
      const after = await summary.boundingBox();
      expect([after?.x, after?.y]).toEqual([before?.x, before?.y]);
      const overflow = await inFrame(visit, 'document.documentElement.scrollWidth - innerWidth');
      expect(overflow).toBeLessThanOrEqual(0);
    },
  );

  it.each([360, 430, 1440])('is one quiet line until it is opened, at %i pixels', async (width) => {
    const visit = await shown(width);
    const [lines, soft, text] = await inFrame<[number, string, string]>(
      visit,
      `(() => {
        const footer = document.querySelector('.oriel-whose');
        const words = document.createRange();
        words.selectNodeContents(footer.querySelector('.oriel-line'));
        const summary = footer.querySelector('summary').getBoundingClientRect();
        const shown = [...words.getClientRects(), summary].filter(({ width }) => width > 1);
        const top = Math.min(...shown.map(({ top }) => top));
        const style = getComputedStyle(document.querySelector('.oriel-line'));
        return [
          (Math.max(...shown.map(({ bottom }) => bottom)) - top) / parseFloat(style.lineHeight),
          style.color,
          getComputedStyle(document.body).color,
        ];
      })()`,
    );
    expect(lines).toBeLessThan(1.8);
    expect(soft).not.toBe(text);
    expect(await visit.gadget().locator('#oriel-foot').isVisible()).toBe(false);
  });

  it.each([
    [280, 'en'],
    [360, 'en'],
    [280, 'de'],
  ])(
    'keeps what it says out of its toggle’s way, however long that is, at %i pixels in %s',
    async (width, locale) => {
      const visit = await shown(width, 'An application whose name is longer than a line', locale);
      const overlaps = await inFrame<number>(
        visit,
        `(() => {
        const footer = document.querySelector('.oriel-whose');
        const words = document.createRange();
        words.selectNodeContents(footer.querySelector('.oriel-line'));
        const toggle = footer.querySelector('summary').getBoundingClientRect();
        return [...words.getClientRects()].filter(
          ({ width, left, right, top, bottom }) =>
            width > 1 && left < toggle.right && right > toggle.left && top < toggle.bottom && bottom > toggle.top,
        ).length;
      })()`,
      );
      expect(overlaps).toBe(0);
    },
  );

  it('has the request id behind the toggle, and once', async () => {
    const visit = await shown(360);
    expect(await visit.gadget().getByText('Request').filter({ visible: true }).count()).toBe(0);
    await visit.gadget().locator('summary').click();
    await visit.gadget().getByText('Request').filter({ visible: true }).waitFor();
    expect(await visit.gadget().getByText('Request').filter({ visible: true }).count()).toBe(1);
  });
});

describe('a link inside a notice', () => {
  it.each(['light', 'dark'])('looks like one, and is no bare text (%s)', async (theme) => {
    const link = '<a href="https://mingle.example/cards">the cards</a>';
    setup.host.body = GADGET.replace('<oriel-gadget', `<oriel-gadget theme="${theme}"`);
    setup.oriel.render(() =>
      fragment(`<p class="notice">See ${link}</p><p class="notice notice-warning">See ${link}</p>`),
    );
    const visit = await setup.visit();
    await visit.gadget().getByText('the cards').first().waitFor();
    const looks = await inFrame<string[]>(
      visit,
      "[...document.querySelectorAll('.notice a')].map((each) => getComputedStyle(each).textDecorationLine)",
    );
    expect(looks).toEqual(['underline', 'underline']);
    const [, warning] = await inFrame<string[][]>(
      visit,
      "[...document.querySelectorAll('.notice')].map((each) => [each, each.firstElementChild].map((one) => getComputedStyle(one).color))",
    );
    // On its own ground the accent could not be read.
    expect(new Set(warning).size).toBe(1);
  });
});
