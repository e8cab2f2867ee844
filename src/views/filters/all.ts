import type nunjucks from 'nunjucks';
import { textOf } from '../html.js';
import { replaced, TextPattern } from '../patterns.js';
import { Steps } from '../step-budget.js';
import { type CurrentImages, imageFilters } from './images.js';
import { listFilters } from './lists.js';
import { macroFilters } from './macro-parts.js';
import { markdown } from './markdown.js';
import { numberFilters } from './numbers.js';
import { dayFilters, selectionFilters } from './selections.js';
import {
  capture,
  firstLine,
  json,
  link,
  linked,
  name,
  path,
  plural,
  snake,
  text,
  unescaped,
} from './texts.js';
import { Formatters, timeFilters, ViewerLocale } from './times.js';

/** `| safe` would print whatever a provider sends; it exists in no template of ours and works in none. */
const refuseSafe = (): never => {
  throw new Error('The filter "safe" is not available: everything a model holds is escaped.');
};

/**
 * Gives an environment the filters that our templates and gadgets' views may use; what those of lists go through counts as steps.
 * What depends on a locale is for `viewer`; formats of so many `locales` are kept; pictures are named by `images`.
 */
export const addFilters = (
  environment: nunjucks.Environment,
  steps = new Steps(),
  viewer = new ViewerLocale(),
  locales?: number,
  images: CurrentImages = { namer: null },
): void => {
  const formatters = new Formatters(locales);
  const looked = (count: number): void => steps.take(count);
  const lists = listFilters(looked);
  const numbers = { ...timeFilters(viewer, formatters), ...numberFilters(viewer, formatters) };
  const pictures = imageFilters(images, looked);
  const filters = {
    ...numbers,
    ...lists,
    ...selectionFilters(lists, looked, viewer, formatters),
    ...dayFilters(lists, viewer, formatters),
    ...macroFilters(lists, numbers, looked),
    ...pictures,
    text,
    snake,
    name,
    plural,
    capture,
    link,
    linked,
    path,
    firstLine,
    unescape: unescaped,
    markdown: (value: unknown) => markdown(value, pictures._image),
    json,
    pattern: (text: unknown) => new TextPattern(textOf(text)),
    safe: refuseSafe,
  };
  for (const [filter, run] of Object.entries(filters)) environment.addFilter(filter, run);
  // The library's own would run JavaScript's patterns.
  const plainly = environment.getFilter('replace');
  environment.addFilter('replace', (value: unknown, old: unknown, by: unknown, ...more: unknown[]) =>
    old instanceof RegExp ? replaced(textOf(value), old, String(by)) : plainly(value, old, by, ...more),
  );
};
