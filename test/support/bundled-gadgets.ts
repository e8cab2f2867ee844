import { type NamedModel, readSamples } from '../../src/cli/workshop/sample-models.js';
import type { Gadget } from '../../src/domain/gadget.js';
import { loadCatalog } from '../../src/gadgets/load-gadgets.js';
import { NunjucksViews } from '../../src/views/nunjucks-views.js';
import { reading } from '../gadgets/reading.js';

/** A gadget that comes with Oriel, with what its samples are shown as. */
export interface BundledGadget {
  readonly gadget: Gadget;
  readonly folder: string;
  readonly samples: readonly NamedModel[];
  readonly show: (sample: NamedModel) => string;
}

let read: Promise<readonly BundledGadget[]> | undefined;
let views: NunjucksViews | undefined;

const readAll = async (): Promise<readonly BundledGadget[]> => {
  const { entries, faults } = await loadCatalog(['gadgets'], reading);
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  const all = new NunjucksViews({ templates: 'templates', gadgets: entries });
  views = all;
  return entries.map(({ gadget, folder }) => {
    const { models, unread } = readSamples(gadget, folder);
    if (unread.length > 0) throw new Error(JSON.stringify(unread));
    return { gadget, folder, samples: models, show: ({ model }) => all.content(model) };
  });
};

/** Every folder of `gadgets`, as its files are; read once by each worker. */
export const bundledGadgets = (): Promise<readonly BundledGadget[]> => {
  read ??= readAll();
  return read;
};

/** The document in a gadget's frame with this content, and with its styles inside: it can be shown without a server. */
export const framePage = (html: string, locale: string, theme: 'light' | 'dark', styles: string): string => {
  if (views === undefined) throw new Error('the gadgets have not been read');
  const assets = { style: '/frame.css', gadgetStyle: null, script: null };
  return views
    .page('workshop/cell', { assets, theme, locale })
    .replace('<link rel="stylesheet" href="/frame.css">', () => `<style>${styles}</style>`)
    .replace('<main id="oriel-content"></main>', () => `<main id="oriel-content">${html}</main>`);
};
