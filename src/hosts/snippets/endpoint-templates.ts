import { readFileSync } from 'node:fs';
import { literal } from './literals.js';
import type { Endpoint, Language, SnippetFacts } from './snippet-facts.js';

/*
 * The token address in each language is a template, `templates/snippets/LANGUAGE.txt`. A line that starts with %% is a directive:
 *
 *   %% title T, %% file F     what the language and the file are called
 *   %% install COMMAND        what installs the library it needs, where it needs one
 *   %% origin TEXT            how one origin of the list is written; {{origin}} unless said otherwise
 *   %% if A, B  %% else  %% end      lines for one of these cases: an algorithm, `secret` (HS256), or `kid` (the token names its key);
 *                                    %% if not A, B for none of them
 *
 * {{host}}, {{gadget}}, {{gadgetOrigin}} and {{origins}} are literals of the language, whatever they hold; {{algorithm}} and {{keySet}}
 * are plain words.
 */

const FOLDER = new URL('../../../templates/snippets/', import.meta.url);
const DIRECTIVE = /^%% (title|file|install|origin|if not|if|else|end) ?(.*)$/;

const texts = new Map<Language, readonly string[]>();

const linesOf = (language: Language): readonly string[] => {
  const known = texts.get(language) ?? readFileSync(new URL(`${language}.txt`, FOLDER), 'utf8').split('\n');
  texts.set(language, known);
  return known;
};

/** The open `if`s after a line that opens, turns or closes one. */
const nextOpen = (open: readonly boolean[], directive: string, isOne: boolean): readonly boolean[] => {
  switch (directive) {
    case 'if':
      return [...open, isOne];
    case 'if not':
      return [...open, !isOne];
    case 'else':
      return [...open.slice(0, -1), open.at(-1) === false];
    default:
      return open.slice(0, -1);
  }
};

const FLOW = new Set(['if', 'if not', 'else', 'end']);

/** The lines that are for these cases, and what the directives among them say. */
const select = (lines: readonly string[], cases: readonly string[]) => {
  const said = new Map<string, string>();
  const kept: string[] = [];
  /** For each `if` that is open: whether its lines count, as far as it alone decides. */
  let open: readonly boolean[] = [];
  for (const line of lines) {
    const [, directive = '', words = ''] = DIRECTIVE.exec(line) ?? [];
    if (FLOW.has(directive)) {
      const isOne = words.split(', ').some((word) => cases.includes(word));
      open = nextOpen(open, directive, isOne);
    } else if (!open.includes(false)) {
      if (directive === '') kept.push(line);
      else said.set(directive, words);
    }
  }
  return { said, code: kept.join('\n') };
};

/** The token address in this language, for what is known of a host. */
export const endpointIn = (language: Language, facts: SnippetFacts): Endpoint => {
  const { algorithm, namesKey, origins } = facts;
  const isSecret = algorithm === 'HS256';
  const cases = [algorithm, ...(isSecret ? ['secret'] : []), ...(namesKey && !isSecret ? ['kid'] : [])];
  const { said, code } = select(linesOf(language), cases);
  const quote = literal[language];
  const one = said.get('origin') ?? '{{origin}}';
  const values: Readonly<Record<string, string>> = {
    host: quote(facts.host),
    gadget: quote(facts.gadget),
    gadgetOrigin: quote(facts.gadgetOrigin),
    origins: origins.map((origin) => one.replace('{{origin}}', () => quote(origin))).join(', '),
    algorithm,
    keySet: namesKey ? 'JWKS' : 'record',
  };
  return {
    language,
    title: said.get('title') ?? language,
    file: said.get('file') ?? '',
    install: said.get('install') ?? null,
    code: code.replace(/\{\{(\w+)\}\}/g, (all, name: string) => values[name] ?? all),
  };
};
