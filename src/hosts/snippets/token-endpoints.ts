import { fillTemplate } from './fill-template.js';
import { literal } from './literals.js';
import type { Endpoint, Language, SnippetFacts } from './snippet-facts.js';

/** The token endpoint in this language, for what is known of a host. */
export const endpointIn = (language: Language, facts: SnippetFacts): Endpoint => {
  const { algorithm, namesKey, origins } = facts;
  const isSecret = algorithm === 'HS256';
  const quote = literal[language];
  const { code, title, file, install } = fillTemplate(language, {
    cases: [algorithm, ...(isSecret ? ['secret'] : []), ...(namesKey && !isSecret ? ['kid'] : [])],
    values: {
      host: quote(facts.host),
      gadget: quote(facts.gadget),
      gadgetOrigin: quote(facts.gadgetOrigin),
      algorithm,
      keySet: namesKey ? 'JWKS' : 'record',
    },
    lists: { origins: origins.map((origin) => ({ origin: quote(origin) })) },
  });
  return { language, title: title ?? language, file: file ?? '', install, code };
};
