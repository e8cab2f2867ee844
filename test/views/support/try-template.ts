import type nunjucks from 'nunjucks';
import { addFilters } from '../../../src/views/filters/all.js';
import { ViewerLocale } from '../../../src/views/filters/times.js';
import type { Steps } from '../../../src/views/step-budget.js';
import { compiledEnvironment } from '../../../src/views/templates.js';

/** What one template makes of a model, with the filters and the guard of the product. */
export const render = (source: string, model: Readonly<Record<string, unknown>> = {}): string => {
  const viewer = new ViewerLocale();
  const equip = (environment: nunjucks.Environment, steps: Steps): void =>
    addFilters(environment, steps, viewer);
  const environment = compiledEnvironment(new Map([['it.njk', source]]), equip);
  return viewer.within(model, () => environment.render('it.njk', model));
};
