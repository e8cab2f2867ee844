import { readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Gadget } from '../domain/gadget.js';
import type { Views } from '../domain/views.js';
import { addFilters } from './filters/all.js';
import { compiledEnvironment, readTemplates } from './templates.js';

/** Where templates come from. A gadget's `view` is the name of the `view.njk` in its folder. */
export interface ViewFolders {
  readonly templates: string;
  readonly gadgets: readonly { readonly gadget: Gadget; readonly folder: string }[];
}

/** Half of all templates are the console's, which few people ever look at: compiling them would be a good part of each start. */
const isOfConsole = (template: string): boolean => template.startsWith('admin/');

/** The view in a gadget's folder. A link may have been laid since the folder was looked at: it leads to no other folder. */
const viewIn = (folder: string): string => {
  const file = realpathSync(join(folder, 'view.njk'));
  if (!file.startsWith(realpathSync(folder) + sep))
    throw new Error(`${join(folder, 'view.njk')} is a link that leads out of its folder.`);
  return readFileSync(file, 'utf8');
};

/**
 * The views, over nunjucks. All templates are read here, once, and but for the console's compiled too; throws when one is missing or
 * cannot be compiled. Everything a model holds is escaped, whoever wrote it.
 */
export const nunjucksViews = (folders: ViewFolders): Views => {
  const sources = new Map(readTemplates(folders.templates));
  for (const { gadget, folder } of folders.gadgets) sources.set(gadget.view, viewIn(folder));
  const environment = compiledEnvironment(sources, addFilters, isOfConsole);
  return {
    content: (model) => environment.render('states/content.njk', model),
    state: (model) => environment.render(`states/${model.obstacle.state}.njk`, model),
    page: (template, model) => environment.render(`${template}.njk`, model),
  };
};
