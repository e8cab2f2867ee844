import { join } from 'node:path';
import { declaredGadgets } from '../config/declared-gadgets.js';
import type { CatalogEntry } from '../gadgets/load-gadgets.js';
import { prepareGadgets } from '../gadgets/prepared-gadgets.js';
import { gadgetTemplates } from '../views/nunjucks-views.js';
import { buildTemplates } from '../views/template-code.js';
import { readTemplates } from '../views/templates.js';

type Templates = ReturnType<typeof buildTemplates>;

/** One that cannot be compiled is left out, and reported where it is read. */
const templatesOf = (entry: CatalogEntry): Templates => {
  try {
    return buildTemplates(gadgetTemplates(entry));
  } catch {
    return {};
  }
};

/** Our own templates, compiled. Throws, naming the template, where one cannot be. */
export const prepareTemplates = (root: string): Templates =>
  buildTemplates(readTemplates(join(root, 'templates')));

/** The gadgets below a program's folder as they are when it is built, and their templates, compiled. */
export const prepareOwnGadgets = async (root: string) => {
  const { entries } = await declaredGadgets({ gadgets: [] }, root);
  return {
    gadgets: prepareGadgets(entries.map(({ gadget }) => gadget)),
    templates: Object.assign({}, ...entries.map(templatesOf)) as Templates,
  };
};
