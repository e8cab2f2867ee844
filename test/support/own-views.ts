import { resolve } from 'node:path';
import { NunjucksViews } from '../../src/views/nunjucks-views.js';

/** The product's templates without a gadget. One for each worker, as one serves a server: they are compiled once, and keep nothing of a page. */
export const ownViews = new NunjucksViews({
  templates: resolve(import.meta.dirname, '../../templates'),
  gadgets: [],
});
