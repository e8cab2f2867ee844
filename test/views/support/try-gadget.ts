import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Gadget } from '../../../src/domain/gadget.js';
import { NunjucksViews } from '../../../src/views/nunjucks-views.js';
import type { AnswerView, ContentModel, ImageNamer } from '../../../src/views/view-models.js';
import { gadget } from '../../support/a-gadget.js';

type Show = (
  data?: Readonly<Record<string, unknown>>,
  model?: Partial<ContentModel>,
  nameImage?: ImageNamer,
) => string;

/** A gadget that consists of these files, `view.njk` among them: shows answers by the name of their request. */
export const openGadget = (files: Readonly<Record<string, string>>, other: Partial<Gadget> = {}): Show => {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-gadget-'));
  try {
    for (const [name, source] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), source);
    }
    const shown = { ...gadget({ id: 'tried', ...other }), view: 'tried/view.njk' };
    const views = new NunjucksViews({ templates: 'templates', gadgets: [{ gadget: shown, folder }] });
    const nothing = {
      parameters: {},
      unknown: {},
      missing: [],
      connected: [],
      locale: 'en',
      timeZone: 'UTC',
      stale: false,
    };
    return (data = {}, model = {}, nameImage) => {
      const answers = Object.entries(data).map(([name, each]): [string, AnswerView] => [
        name,
        { data: each as never, fetchedAt: 0, stale: false, pages: 1, more: false },
      ]);
      return views.content(
        { gadget: shown, ...nothing, answers: Object.fromEntries(answers), ...model },
        nameImage,
      );
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** What a gadget of these files shows once. */
export const showGadget = (
  files: Readonly<Record<string, string>>,
  data: Readonly<Record<string, unknown>> = {},
  model: Partial<ContentModel> = {},
): string => openGadget(files)(data, model);

/** What is between the marks that `marked` put around a view. */
export const within = (html: string): string =>
  html.split('<p class="from-here"></p>')[1]?.split('<p class="to-here"></p>')[0] ?? html;
export const marked = (source: string): string => `<p class="from-here"></p>${source}<p class="to-here"></p>`;

/** What the view alone shows, without what is around it. */
export const showView = (source: string, data: Readonly<Record<string, unknown>> = {}): string =>
  within(showGadget({ 'view.njk': marked(source) }, data));
