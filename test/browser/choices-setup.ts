import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gadget } from '../../src/domain/gadget.js';
import type { Rendered, RenderRequest } from '../../src/domain/rendering.js';
import { controlsOf } from '../../src/gadgets/viewer-choices.js';
import { NunjucksViews } from '../../src/views/nunjucks-views.js';
import { gadget, parameter, request } from '../support/a-gadget.js';
import { fragment } from '../support/gadget-server.js';
import { type BrowserSetup, setUpBrowser } from './browser-setup.js';

/** A gadget with a control of each kind, which says what it is shown with. */
export const CHANGEABLE: Gadget = gadget({
  title: 'Issues',
  requests: [request('cards', { format: 'json', pages: { by: 'link', atMost: '{pages}' } })],
  parameters: [
    parameter(
      'state',
      { kind: 'choice', values: ['open', 'closed', 'all'] },
      { default: 'open', viewer: 'tabs', title: 'State' },
    ),
    parameter('order', { kind: 'choice', values: ['newest', 'oldest'] }, { viewer: 'field', title: 'Order' }),
    parameter('words', { kind: 'text', maxLength: 40 }, { viewer: 'field', title: 'Search' }),
    parameter('rows', { kind: 'integer', min: 1, max: 50 }, { default: 20, viewer: 'field', title: 'Rows' }),
    parameter('mine', { kind: 'boolean' }, { viewer: 'field', title: 'Only mine' }),
    parameter('since', { kind: 'date' }, { viewer: 'field', title: 'Since' }),
    parameter('pages', { kind: 'integer', min: 1, max: 3 }, { default: 1, viewer: 'more', title: 'Pages' }),
    parameter('project', { kind: 'identifier', maxLength: 40 }),
  ],
  texts: {
    en: {
      ...{ title: 'Issues', 'parameters.state': 'State', 'parameters.order': 'Order' },
      ...{ 'parameters.words': 'Search', 'parameters.rows': 'Rows', 'parameters.mine': 'Only mine' },
      ...{ 'parameters.since': 'Since', 'values.state.open': 'Open', 'values.state.closed': 'Closed' },
      'values.state.all': 'All',
    },
    de: {
      ...{ title: 'Vorgänge', 'parameters.state': 'Stand', 'parameters.order': 'Reihenfolge' },
      ...{ 'parameters.words': 'Suche', 'parameters.rows': 'Zeilen', 'parameters.mine': 'Nur meine' },
      ...{ 'parameters.since': 'Seit', 'values.state.open': 'Offen', 'values.state.closed': 'Geschlossen' },
      'values.state.all': 'Alle',
    },
    ar: {
      ...{ title: 'المسائل', 'parameters.state': 'الحالة', 'parameters.order': 'الترتيب' },
      ...{ 'parameters.words': 'بحث', 'parameters.rows': 'الصفوف', 'parameters.mine': 'الخاصة بي' },
      ...{ 'parameters.since': 'منذ', 'values.state.open': 'مفتوحة', 'values.state.closed': 'مغلقة' },
      'values.state.all': 'الكل',
    },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'oriel-choices-'));
writeFileSync(
  join(folder, 'view.njk'),
  '<p class="values">{% for name, value in parameters %}{{ name }}={{ value }}; {% endfor %}</p>',
);
const views = new NunjucksViews({ templates: 'templates', gadgets: [{ gadget: CHANGEABLE, folder }] });
rmSync(folder, { recursive: true });

/** What the product shows of this gadget, where there are more pages than are shown. */
export const showChoices = (request: RenderRequest): Rendered => {
  const { gadget, parameters, locale, timeZone } = request;
  const html = views.content({
    ...{ gadget, parameters, locale, timeZone, controls: controlsOf(request, () => true) },
    ...{ answers: {}, unknown: {}, missing: [], connected: [], stale: false },
  });
  const body = Buffer.from(html);
  return { ...fragment(''), body, etag: `"${createHash('sha256').update(body).digest('base64url')}"` };
};

/** A host, Oriel and a browser, with that gadget. */
export const setUpChoices = async (): Promise<BrowserSetup> => {
  const setup = await setUpBrowser({ gadgets: [CHANGEABLE] });
  setup.oriel.render(showChoices);
  return setup;
};
