import { addFilters } from '../../../src/views/filters/all.js';
import { compiledEnvironment } from '../../../src/views/templates.js';

/** What one template makes of a model, with the filters and the guard of the product. */
export const render = (source: string, model: Readonly<Record<string, unknown>> = {}): string =>
  compiledEnvironment(new Map([['it.njk', source]]), addFilters).render('it.njk', model);
