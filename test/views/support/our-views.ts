import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Gadget } from '../../../src/domain/gadget.js';
import { readTexts } from '../../../src/gadgets/gadget-texts.js';
import { NunjucksViews } from '../../../src/views/nunjucks-views.js';
import type { ContentModel, Views } from '../../../src/views/view-models.js';
import { reading } from '../../gadgets/reading.js';
import { gadget } from '../../support/a-gadget.js';

export const TEMPLATES = 'templates';
export const GADGETS = [
  'mingle-card-activity',
  'mingle-cards',
  'gocd-pipelines',
  'gocd-pipeline-activity',
  'gocd-card-activity',
  'card-activity',
  'mingle-events',
  'mingle-murmurs',
] as const;
export type OurGadget = (typeof GADGETS)[number];

/** A gadget's own texts; titles stay its id here. */
const textsOf = (id: string): Gadget['texts'] => {
  const folder = join('gadgets', id);
  const files = readdirSync(join(folder, 'texts')).map((name) => `texts/${name}`);
  const texts = files.map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);
  return readTexts(folder, new Map(texts), [], reading).texts;
};

const gadgets = GADGETS.map((id) => ({
  gadget: { ...gadget({ id }), title: id, view: `${id}/view.njk`, texts: textsOf(id) } satisfies Gadget,
  folder: join('gadgets', id),
}));

let ours: Views | undefined;

/** The product's own templates and gadgets, as they ship; one for each worker. */
export const ourViews = (): Views => {
  ours ??= new NunjucksViews({ templates: TEMPLATES, gadgets });
  return ours;
};

/** A gadget's sample answers as the model of its view, with other fields in place of some. */
export const sample = (id: OurGadget, name = 'sample', other: Partial<ContentModel> = {}): ContentModel => ({
  ...JSON.parse(readFileSync(join('gadgets', id, `${name}.json`), 'utf8')),
  gadget: gadgets.find((each) => each.gadget.id === id)?.gadget,
  ...other,
});

/** The text a person reads: tags gone, entities undone, spaces joined. */
export const textOf = (html: string): string =>
  html
    .replace(/<template[\s\S]*?<\/template>|<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .replace(/ ([,.;:)”])/g, '$1')
    .replace(/([(“]) /g, '$1')
    .trim();
