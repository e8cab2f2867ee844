import { parseUrl } from '../domain/parse-url.js';

const LONGEST = 1024;

/**
 * Where to go on to after signing in: `wanted` when it is a path of the console, else its first page. Never another origin, in
 * whatever way a browser may read one out of it.
 */
export const pathHere = (wanted: string | null | undefined): string => {
  const usual = '/admin';
  if (!wanted || wanted.length > LONGEST || !/^\/admin(?:[/?]|$)/.test(wanted) || /[\\\p{C}]/u.test(wanted))
    return usual;
  const here = 'http://here.invalid';
  const url = parseUrl(wanted, here);
  // What leads out of the console by `..` is not a path of it, nor is the way in a place to go on to.
  if (url?.origin !== here || !/^\/admin(\/|$)/.test(url.pathname) || WAYS_IN.test(url.pathname))
    return usual;
  return url.pathname + url.search;
};

const WAYS_IN = /^\/admin\/(sign-in|sign-out|setup|confirm|oidc)(\/|$)/;
