import type { z } from 'zod';
import { answering, type CommandLine, group, withFields, withJson } from '../../cli/command.js';
import { LANGUAGES } from '../../hosts/snippets/snippet-facts.js';
import { snippetOptions } from './schema.js';
import { type Snippets, writeSnippets } from './write-snippets.js';

type Options = Omit<z.output<typeof snippetOptions>, 'language'> & { readonly language: string };

const givenIn = (texts: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new Error(`--param takes NAME=VALUE, not “${text}”.`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );

const heading = (words: string): string => `${words}\n${'-'.repeat(words.length)}\n`;

const printed = (snippets: Snippets, language: string): string => {
  const endpoint = snippets.endpoints.find((each) => each.language === language);
  if (endpoint === undefined)
    throw new Error(`There is no snippet in “${language}”. Use one of: ${LANGUAGES.join(', ')}.`);
  const { headers } = snippets;
  return [
    ...snippets.missing.map(({ problem, fix }) => `Not complete yet: ${problem} ${fix}`),
    heading('On the page') + snippets.element,
    heading('The page’s headers') +
      headers.policy
        .map(([directive, source]) => `Content-Security-Policy: ${directive} ${source}\n`)
        .join('') +
      `${headers.opener}\n`,
    heading(`The token endpoint (${endpoint.file})`) +
      (endpoint.install === null ? '' : `Install: ${endpoint.install}\n`) +
      snippets.environment.map(({ name, holds }) => `${name} holds ${holds}\n`).join(''),
    endpoint.code,
  ].join('\n');
};

/** `oriel host snippet` */
export const hostSnippetCommand = ({ oriel, root }: CommandLine): void => {
  withFields(withJson(group(oriel, 'host').command('snippet')), snippetOptions, {
    gadget: 'id',
    language: 'name',
    param: '--param <name=value...>',
  })
    .description('print what a host’s page and server need, ready to copy; it contains no secret')
    .argument('<id>', 'id of the host')
    .action(
      answering<Options>(
        root,
        async ({ deps, settled }, { gadget = null, language, param = [] }, [host = '']) => {
          await settled;
          const snippets = writeSnippets(deps, { host, gadget, given: givenIn(param) });
          return { json: snippets, text: printed(snippets, language) };
        },
      ),
    );
};
