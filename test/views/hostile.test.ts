import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StateModel } from '../../src/views/view-models.js';
import { gadget } from '../support/a-gadget.js';
import { everyObstacle, everyPage } from './support/every-page.js';
import { htmlFaults } from './support/html-faults.js';
import { GADGETS, ourViews, sample, TEMPLATES } from './support/our-views.js';

const HOSTILE = [
  ['markup', '<script>alert(1)</script><img src=x onerror=alert(1)>'],
  ['an end of everything open', `"'\`></button></template></script></title>-->]]><svg onload=alert(1)>`],
  ['attributes', `" onmouseover="alert(1)" style="x' autofocus onfocus='alert(1)`],
  ['a script address', 'javascript:alert(1)'],
  ['a template', '{{ 7 * 7 }}{% include "states/connect.njk" %}{# #}'],
  ['controls, line separators and turned text', '\u0000\u0007\u2028\u2029\u202egnirts\u2066\ufeff'],
  ['a long text', `${'long '.repeat(400)}${'x'.repeat(2000)}`],
] as const;

const views = ourViews();

const templateOf = (page: string): string => page.replace(/ \(.*\)$/, '');

const stateModel = (obstacle: StateModel['obstacle'], text: string): StateModel => ({
  gadget: gadget({ title: text }),
  obstacle,
  providerName: text,
  accountPage: text,
  locale: text,
});

describe.each(HOSTILE)('%s in every text of a model', (_title, text) => {
  it.each(Object.entries(everyPage(text)))('stays text on the page %s', (page, model) => {
    expect(htmlFaults(views.page(templateOf(page), model))).toEqual([]);
  });

  it.each(everyObstacle(text).map((obstacle) => [obstacle.state, obstacle] as const))(
    'stays text in the state %s',
    (state, obstacle) => {
      const html = views.state(stateModel(obstacle, text));
      expect(htmlFaults(html)).toEqual([]);
      expect(html).toContain(`data-oriel-state="${state}"`);
    },
  );

  it.each(GADGETS)('stays text in the view of %s', (id) => {
    const bent = JSON.parse(
      JSON.stringify(sample(id), (key, value) =>
        typeof value === 'string' && !['number', 'view', '@type'].includes(key) ? text : value,
      ),
    );
    const missing = everyObstacle(text).map((obstacle) => ({ ...obstacle, name: text }));
    const html = views.content({
      ...bent,
      gadget: { ...bent.gadget, title: text },
      missing,
      unknown: { properties: [text] },
      stale: true,
    });
    expect(htmlFaults(html)).toEqual([]);
  });
});

it('the pages tried with hostile text are all there are', () => {
  const tried = new Set([
    ...Object.keys(everyPage('')).map(templateOf),
    ...everyObstacle('').map(({ state }) => `states/${state}`),
    'states/content',
  ]);
  const present = readdirSync(TEMPLATES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.njk') && !/^((admin\/)?(layouts|parts)\/|oriel\.njk$)/.test(file))
    .map((file) => file.replace(/\.njk$/, ''));
  expect(present.filter((page) => !tried.has(page))).toEqual([]);
});

it('what the frame’s script receives survives its data block unchanged', () => {
  const data = { bearer: '</script><!--\u2028\u2029', list: ['<', '\\u003c'] };
  const html = views.page('frame/launch', { ...everyPage('')['frame/launch'], data });
  const [, block = ''] = /id="oriel-frame">([^<]*)<\/script>/.exec(html) ?? [];
  expect(JSON.parse(block)).toEqual(data);
});
