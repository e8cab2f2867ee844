import type nunjucks from 'nunjucks';
import { except, grouped, inOrder, list, minus, pluck, take, where } from './lists.js';
import { fragment, json, link, linked, path } from './markup.js';
import { capture, name, plural, snake, text } from './texts.js';
import { timeFilters } from './times.js';

/** `| safe` would print whatever a provider sends; it exists in no template of ours and works in none. */
const refuseSafe = (): never => {
  throw new Error('The filter "safe" is not available: everything a model holds is escaped.');
};

/** Gives an environment the filters that our templates and gadgets' views may use. */
export const addFilters = (environment: nunjucks.Environment): void => {
  const filters = {
    ...timeFilters(),
    list,
    pluck,
    where,
    except,
    minus,
    inOrder,
    grouped,
    take,
    text,
    snake,
    name,
    plural,
    capture,
    link,
    linked,
    path,
    json,
    fragment,
    safe: refuseSafe,
  };
  for (const [filter, run] of Object.entries(filters)) environment.addFilter(filter, run);
};
